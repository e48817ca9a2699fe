import { expect, it } from 'vitest';
import { dpea } from '../../../protocol/dpea/index.ts';
import { Kind, PAYLOAD_MAX } from '../../../protocol/dpea/layout.ts';
import { span } from '../../../protocol/memory.ts';
import { UNFRAMED } from '../../../protocol/kind.ts';

function summary(kind: number, type: number, length: number, more = 0): string {
  const bytes = new Uint8Array(8 + more);
  const lent = span(bytes);
  lent.view.setUint32(0, type, true);
  lent.view.setUint32(4, length, true);
  return dpea.summarize({ ...lent, kind, at: 0, end: bytes.length });
}

it('says type and length, and what is not dpea', () => {
  for (const delivered of [0, Kind.packetDelivered]) {
    expect(summary(Kind.packet + delivered, 7, 1, 1)).toBe('type 7, 1 byte');
    expect(summary(Kind.packetStart + delivered, 2 ** 32 - 1, 300_000)).toBe(
      'type 4294967295, 300000 bytes in parts',
    );
    expect(summary(Kind.packetPart + delivered, 0, 0, 92)).toBe('100 bytes of a long packet');
    expect(summary(Kind.rawStart + delivered, 0, PAYLOAD_MAX + 1)).toBe(
      'not dpea: no packet has 67108865 bytes; raw from here on',
    );
    expect(summary(Kind.raw + delivered, 0, 0)).toBe('8 bytes, raw');
  }
  expect(summary(UNFRAMED, 0, 0)).toBe('8 bytes');
});
