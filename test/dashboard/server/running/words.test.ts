/** A request as a command line: no word of it can become an option, and a shell reads it as it is meant. */
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { replayWords, shellLine } from '../../../../dashboard/server/running/words.ts';
import { runs } from '../../../kit/property.ts';

const asked = { session: 3, against: '127.0.0.1:27312', pace: 'causal' } as const;

it('names what was asked, and nothing that was not', () => {
  expect(replayWords('/tmp/a b.db', asked, null)).toEqual([
    'replay',
    '/tmp/a b.db',
    '--session=3',
    '--against=127.0.0.1:27312',
    '--pace=causal',
  ]);
});

it('names all that may be asked', () => {
  const targets = { adhocctl: '[::1]:27313' };
  const words = replayWords(
    '/a.db',
    { ...asked, targets, pace: 'recorded', speed: 2.5, patience: 0.5 },
    'masks.json',
  );
  expect(words.slice(3)).toEqual([
    '--against=127.0.0.1:27312',
    '--against-adhocctl=[::1]:27313',
    '--pace=recorded',
    '--speed=2.5',
    '--patience=0.5',
    '--masks=masks.json',
  ]);
});

it.each([
  'localhost',
  '--allow-remote',
  'a:1 --allow-remote',
  'a:1\n:2',
  'a:1\0',
  ':',
  'a:123456',
  '$(id):1',
])('refuses %j as a target', (against) => {
  const refusal = expect.objectContaining({ kind: 'input', code: 'bad-target' }) as Error;
  expect(() => replayWords('/a.db', { ...asked, against }, null)).toThrow(refusal);
  expect(() => replayWords('/a.db', { ...asked, targets: { postoffice: against } }, null)).toThrow(refusal);
});

it('refuses a protocol that there is not', () => {
  const targets = { 'adhocctl=x --allow-remote': '127.0.0.1:1' };
  expect(() => replayWords('/a.db', { ...asked, targets }, null)).toThrow(
    expect.objectContaining({ kind: 'input', code: 'no-such-protocol' }) as Error,
  );
});

it('is read by a shell as these words, whatever is in them', () => {
  const word = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !text.includes('\0'));
  const odd = fc.constantFrom("it's", '$HOME', '`id`', 'a\nb', '"', '\\', '*', '!x', '~', '#', '');
  fc.assert(
    fc.property(fc.array(fc.oneof(word, odd), { minLength: 1, maxLength: 6 }), (words) => {
      const line = shellLine(words);
      const read = execFileSync('/bin/sh', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' });
      expect(read.split('\0').slice(0, -1)).toEqual(words);
    }),
    runs(40),
  );
});
