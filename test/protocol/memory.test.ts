import { expect, it } from 'vitest';
import { heap, span } from '../../protocol/memory.ts';

it('a span is one stretch of memory, seen in two ways', () => {
  const whole = new Uint8Array(16);
  const { bytes, view } = span(whole.subarray(4, 12));
  view.setUint16(0, 0x1234);
  expect([...whole.subarray(4, 6)]).toEqual([0x12, 0x34]);
  expect([bytes.length, view.byteLength]).toEqual([8, 8]);
});

it("a span of Node's buffers copies where a plain array copies", () => {
  const { bytes } = span(Buffer.from('abc'));
  bytes.slice(0, 1)[0] = 0;
  expect(bytes[0]).toBe('a'.charCodeAt(0));
});

it('the heap gives what is asked for', () => {
  expect(heap.take(7).bytes.length).toBeGreaterThanOrEqual(7);
});
