import { expect, it } from 'vitest';
import { frames, Kind } from '../../../protocol/adhoc-matching/layout.ts';
import { summarize } from '../../../protocol/adhoc-matching/summary.ts';
import { encode } from '../../../protocol/layout.ts';

const ann = '02:aa:bb:cc:dd:01';
const bob = '02:aa:bb:cc:dd:02';

it.each([
  [Kind.ping, {}, 'PING'],
  [Kind.hello, { opt: new Uint8Array(128) }, 'HELLO with 128 bytes'],
  [Kind.join, { opt: new Uint8Array(1) }, 'JOIN with 1 byte'],
  [Kind.accept, { opt: new Uint8Array(4), macs: '' }, 'ACCEPT with 4 bytes and no siblings'],
  [Kind.accept, { opt: new Uint8Array(0), macs: `${ann} ${bob}` }, `ACCEPT with 0 bytes and ${ann} ${bob}`],
  [Kind.cancel, { opt: new Uint8Array(0) }, 'CANCEL with 0 bytes'],
  [Kind.bulk, { data: new Uint8Array(1200) }, 'BULK with 1200 bytes'],
  [Kind.bulkAbort, {}, 'BULK_ABORT'],
  [Kind.birth, { mac: ann }, `BIRTH of ${ann}`],
  [Kind.death, { mac: bob }, `DEATH of ${bob}`],
  [Kind.bye, {}, 'BYE'],
])('%i with %j is told as %j', (kind, values, line) => {
  expect(summarize(kind, encode(frames[kind]!, values))).toBe(line);
});

it('has nothing to say of a kind that it does not know', () => {
  expect(summarize(99, Uint8Array.of(99))).toBe('');
});
