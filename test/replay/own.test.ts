/** Bytes that are kept keep little else alive. */
import { expect, test } from 'vitest';
import { BLOCK_BYTES, own } from '../../replay/own.ts';

test.each([0, 1, 200, 512, 513, 2048, 70_000])('%d bytes are copied', (size) => {
  const borrowed = Buffer.alloc(size, 1);
  const copy = own(borrowed);
  borrowed.fill(2);
  expect(copy).toEqual(Buffer.alloc(size, 1));
  expect(copy.buffer.byteLength).toBeLessThanOrEqual(Math.max(size, BLOCK_BYTES));
});

test('copies do not overlap', () => {
  const copies = Array.from({ length: 500 }, (_, i) => own(Buffer.alloc(i % 60, i)));
  for (const [i, copy] of copies.entries()) expect(copy).toEqual(Buffer.alloc(i % 60, i));
});
