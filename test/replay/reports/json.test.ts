import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { verdictJson } from '../../../replay/reports/json.ts';
import { differenceClasses, type Verdict } from '../../../replay/types.ts';
import {
  changed,
  changedStream,
  closedEarly,
  datagram,
  fullVerdict,
  madeVerdict,
} from '../../kit/verdicts.ts';

const read = (verdict: Verdict, replay: number | null = null) =>
  JSON.parse(verdictJson(verdict, replay)) as Record<string, unknown> & {
    differences: Record<string, unknown>[];
  };

it('is an object with exactly the fields that scripts rely on', () => {
  const verdict = madeVerdict([changed()], { notes: ['One.'], partial: 'stopped' });
  expect(read(verdict, 7)).toEqual({
    format: 1,
    replay: 7,
    outcome: 'differs',
    partial: 'stopped',
    subject: { mode: 'relay', target: '127.0.0.1:27313', pace: 'causal' },
    file: 'evening.db',
    capture: 1,
    session: 1,
    startedAt: '2023-11-14T22:13:20.123Z',
    lasted: 12_345.5,
    notes: ['One.'],
    roles: [
      { name: 'P1', player: '02:aa:bb:cc:dd:01', nickname: 'Ann' },
      { name: 'P2', player: '02:aa:bb:cc:dd:02', nickname: 'Bob' },
    ],
    counts: {
      sent: 1500,
      expected: 1200,
      came: 1199,
      equal: 1190,
      differences: {
        ...Object.fromEntries(Object.keys(differenceClasses).map((name) => [name, 0])),
        changed: 1,
      },
    },
    holds: [
      { by: 'nothing', sends: 1000, total: 0, longest: 0 },
      { by: 'answer', sends: 500, total: 4250.25, longest: 81.5 },
    ],
    first: 0,
    differences: [
      {
        class: 'changed',
        fails: true,
        follows: null,
        sequence: 12,
        at: 1234.5,
        expectedKind: 'pdp-delivered',
        expected: Buffer.from(datagram('hello, Bob')).toString('hex'),
        actualKind: 'pdp-delivered',
        actual: Buffer.from(datagram('hello, Bob', 101)).toString('hex'),
        offset: 8,
        field: 'port',
        streamOffset: null,
        text: 'Bob got a datagram from Ann with port 101 where it was 100',
        conversation: {
          protocol: 'postoffice',
          from: { role: 'P1', endpoint: '02:aa:bb:cc:dd:01/100' },
          to: { role: 'P2', endpoint: '02:aa:bb:cc:dd:02/200' },
          kind: 'pdp-delivered',
          isStream: false,
        },
      },
    ],
  });
});

it('names what there is none of', () => {
  const { differences } = read(madeVerdict([closedEarly(), changedStream({ expectedKind: 99 })]));
  expect(differences[0]).toMatchObject({
    expectedKind: null,
    expected: null,
    conversation: { from: { role: 'relay', endpoint: '' }, kind: null },
  });
  expect(differences[1]).toMatchObject({ expectedKind: 'kind-99', conversation: { isStream: true } });
});

it('has every field of a verdict and of its differences', () => {
  const verdict = fullVerdict();
  const told = read(verdict);
  expect(Object.keys(told)).toEqual(expect.arrayContaining(Object.keys(verdict)));
  verdict.differences.forEach((difference, i) => {
    expect(Object.keys(told.differences[i]!).sort()).toEqual(Object.keys(difference).sort());
  });
});

it('is explained field by field in docs/verdict.md', () => {
  const page = readFileSync(new URL('../../../docs/verdict.md', import.meta.url), 'utf8');
  const verdict = read(fullVerdict());
  const [difference] = verdict.differences;
  const names = [
    verdict,
    difference,
    verdict['counts'],
    (verdict['holds'] as object[])[0],
    difference!['conversation'],
  ];
  for (const name of names.flatMap((each) => Object.keys(each as object)))
    expect(page).toContain(`\`${name}\``);
  for (const name of Object.keys(differenceClasses)) expect(page).toContain(`\`${name}\``);
});
