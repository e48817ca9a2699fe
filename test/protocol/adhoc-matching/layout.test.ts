import { expect, it } from 'vitest';
import { frames, Kind } from '../../../protocol/adhoc-matching/layout.ts';
import { dissect } from '../../../protocol/layout.ts';

it('has the ten opcodes in the order of the wire', () => {
  expect(frames.map(({ name }) => name)).toEqual([
    'PING',
    'HELLO',
    'JOIN',
    'ACCEPT',
    'CANCEL',
    'BULK',
    'BULK_ABORT',
    'BIRTH',
    'DEATH',
    'BYE',
  ]);
  expect(Object.values(Kind)).toEqual(frames.map((_, kind) => kind));
});

it('shows an acceptance field by field', () => {
  const bytes = Uint8Array.of(3, 2, 0, 0, 0, 1, 0, 0, 0, 0xbe, 0xef, 2, 0xaa, 0xbb, 0xcc, 0xdd, 1);
  expect(dissect(frames[Kind.accept]!, bytes).map(({ name, at, text }) => `${at} ${name}: ${text}`)).toEqual([
    '0 opcode: ACCEPT (3)',
    '1 optlen: 2',
    '5 siblings: 1',
    '9 opt: beef',
    '11 macs: 02:aa:bb:cc:dd:01',
  ]);
});
