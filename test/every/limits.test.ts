/** Limits that depend on each other. */
import { describe, expect, test } from 'vitest';
import { protocols } from '../../protocol/registry.ts';
import {
  BACKPRESSURE_OFF_BYTES,
  BACKPRESSURE_ON_BYTES,
  CHUNK_BYTES,
  OUTBOX_EARLY_BYTES,
} from '../../relay/limits.ts';

describe.each(protocols)('$name', ({ frames, outboxBytesMax }) => {
  test('slows a lossless sender before its target could count as too slow', () => {
    const largest = Math.max(
      0,
      // A piece is no larger than what is read at once.
      ...frames
        .filter((spec) => spec.lossless === true)
        .map(({ pieces, bytesMax }) => (pieces === true ? Math.min(bytesMax, CHUNK_BYTES) : bytesMax)),
    );
    // When the hold takes effect, one frame from the stash and all of one read may have been added.
    expect(BACKPRESSURE_ON_BYTES + largest + CHUNK_BYTES).toBeLessThan(outboxBytesMax);
  });

  test('has room for a whole early write', () => {
    expect(OUTBOX_EARLY_BYTES).toBeLessThan(outboxBytesMax);
  });
});

test('a sender that was slowed goes on well before its target has nothing left to read', () => {
  expect(BACKPRESSURE_OFF_BYTES).toBeGreaterThan(0);
  expect(BACKPRESSURE_OFF_BYTES).toBeLessThan(BACKPRESSURE_ON_BYTES);
});
