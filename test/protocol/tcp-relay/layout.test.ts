/** The layout of each frame, against bytes that were put together by hand, and what is said of it. */
import { describe, expect, it } from 'vitest';
import { dissect, encode } from '../../../protocol/layout.ts';
import { tcpRelay } from '../../../protocol/tcp-relay/index.ts';
import { frames, Kind } from '../../../protocol/tcp-relay/layout.ts';
import { amidPoison } from '../../kit/bytes.ts';
import { head, named, raw } from '../../kit/tcp-relay-wire.ts';

const odd = Uint8Array.of(0x61, 0x00, 0x5c, 0xff, 0x20, 0x2f, 0x22);

it.each([
  ['name', Kind.name, named('device_a'), { name: 'device_a' }, 'is called "device_a"'],
  ['name', Kind.name, named(odd), { name: 'a\\x00\\\\\\xff /"' }, 'is called "a\\x00\\\\\\xff /\\""'],
  ['message', Kind.message, head('device_b', 5), { dest: 'device_b', size: 5 }, '5 bytes to "device_b"'],
  ['message', Kind.message, head('b', 1), { dest: 'b', size: 1 }, '1 byte to "b"'],
  ['message', Kind.message, head('b', 16_777_216), { dest: 'b', size: 16_777_216 }, '16777216 bytes to "b"'],
  ['body', Kind.body, raw('hello'), { payload: raw('hello') }, '5 bytes of the message'],
  ['delivered', Kind.delivered, raw('h'), { payload: raw('h') }, '1 byte of messages'],
] as const)('%s', (name, kind, bytes, values, summary) => {
  const spec = frames[kind]!;
  expect(spec.name).toBe(name);
  const rows = dissect(spec, bytes);
  expect(Object.fromEntries(rows.map((row) => [row.name, row.value]))).toEqual(values);
  expect(rows.every(({ fault }) => fault === null)).toBe(true);
  expect(encode(spec, values)).toEqual(bytes);
  expect(tcpRelay.summarize({ kind, ...amidPoison(bytes) })).toBe(summary);
});

it('zeros before a size are read, and not written', () => {
  const rows = dissect(frames[Kind.message]!, head('b', '007'));
  expect(rows.map(({ value }) => value)).toEqual(['b', 7]);
});

it('a frame of a kind that this version does not know is at least counted', () => {
  expect(tcpRelay.summarize({ kind: 99, ...amidPoison(raw('1234567')) })).toBe('7 bytes');
});

describe('for whom a frame was', () => {
  const addressee = (kind: number, bytes: Uint8Array) =>
    tcpRelay.addressee?.({ kind, ...amidPoison(bytes) }) ?? null;

  it('is said by a message, as the endpoint that its receiver would have', () => {
    expect(addressee(Kind.message, head('device_b', 5))).toBe('device_b');
    expect(addressee(Kind.message, head('room 1/seat', 5))).toBe('room\\x201\\x2fseat');
  });

  it('is not said by its bytes, nor by a name', () => {
    expect(addressee(Kind.name, named('device_a'))).toBeNull();
    expect(addressee(Kind.body, head('device_b', 5))).toBeNull();
  });
});
