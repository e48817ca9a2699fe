/** Who sent a frame is asked once for each header, and is the same as if it were asked each time. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { span } from '../../protocol/memory.ts';
import { Kind } from '../../protocol/postoffice/layout.ts';
import { protocols } from '../../protocol/registry.ts';
import type { Protocol } from '../../protocol/types.ts';
import { headerBytes, HEADERS_MAX, Senders } from '../../replay/senders.ts';
import { frames } from '../kit/generate.ts';
import { runs } from '../kit/property.ts';

/** It counts how often it is asked. */
function counting(protocol: Protocol): Protocol & { asked: number } {
  return {
    ...protocol,
    asked: 0,
    sender(frame) {
      this.asked++;
      return protocol.sender?.(frame) ?? null;
    },
  };
}

describe.each(protocols.filter(({ sender }) => sender !== undefined))('$name', (protocol) => {
  const kinds = protocol.frames.map((spec, kind) => ({ spec, kind }));

  test('senders are those that the protocol tells, whatever came before', () => {
    const frame = fc
      .constantFrom(...kinds)
      .chain(({ spec, kind }) =>
        frames(spec, { dirty: true, bodyMax: 40 }).map((bytes) => ({ kind, bytes })),
      );
    const senders = new Senders();
    fc.assert(
      fc.property(fc.array(frame), (all) => {
        for (const { kind, bytes } of [...all, ...all]) {
          const told = protocol.sender?.({ ...span(bytes), kind, at: 0, end: bytes.length }) ?? null;
          expect(senders.of(protocol, kind, bytes)).toBe(told);
        }
      }),
      runs(200),
    );
  });

  // Of kinds that begin otherwise the protocol is asked each time.
  test.each(kinds.filter(({ spec }) => headerBytes(spec) > 0))(
    'the sender of kind $kind is told by the fields of fixed size at its start',
    ({ spec, kind }) => {
      const size = headerBytes(spec);
      for (const bytes of fc.sample(frames(spec, { bodyMax: 60 }), { ...runs(40) })) {
        const other = Buffer.from(bytes).fill(0xa5, Math.min(size, bytes.length));
        const [one, two] = [bytes, other].map((each) =>
          protocol.sender?.({ ...span(each), kind, at: 0, end: each.length }),
        );
        expect(two).toBe(one);
      }
    },
  );
});

test('the protocol is asked once for frames with the same header, and again once too many were remembered', () => {
  const protocol = counting(protocols.find(({ name }) => name === 'postoffice') as Protocol);
  const kind = protocol.frames.findIndex((spec) => headerBytes(spec) >= 4 && headerBytes(spec) <= 64);
  const size = headerBytes(protocol.frames[kind]!) + 20;
  const senders = new Senders();
  const bytes = Buffer.alloc(size);
  for (let i = 0; i < 100; i++) senders.of(protocol, kind, bytes);
  expect(protocol.asked).toBe(1);
  for (let i = 1; i <= HEADERS_MAX; i++) {
    bytes.writeUInt32LE(i, 0);
    senders.of(protocol, kind, bytes);
  }
  expect(protocol.asked).toBe(HEADERS_MAX + 1);
  bytes.writeUInt32LE(0, 0);
  senders.of(protocol, kind, bytes);
  expect(protocol.asked).toBe(HEADERS_MAX + 2);
});

test('headers that have the same hash are told apart', () => {
  const protocol = protocols.find(({ name }) => name === 'postoffice') as Protocol;
  const senders = new Senders();
  const colliding = ['840f96efc4000000000014000000', '9587eaf325000000000014000000'].map((header) =>
    Buffer.concat([Buffer.from(header, 'hex'), Buffer.alloc(20)]),
  );
  const [one, other] = colliding.map((bytes) => senders.of(protocol, Kind.pdpDelivered, bytes));
  expect([one, other]).toEqual(['84:0f:96:ef:c4:00/0', '95:87:ea:f3:25:00/0']);
});
