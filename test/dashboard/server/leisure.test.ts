import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  BUSY_FRAMES_PER_SECOND,
  BUSY_PIECE_MS,
  pause,
  pieceMs,
  relayForwards,
  REST_MS_MAX,
  REST_TIMES,
} from '../../../dashboard/server/leisure.ts';

let now = 0;
const clock = () => now;

/** How long the pause is that follows work of so many milliseconds. */
async function pauseAfter(workedMs: number): Promise<number> {
  const first = pause(clock);
  await vi.advanceTimersByTimeAsync(REST_MS_MAX);
  await first;
  now += workedMs;
  let isOver = false;
  const second = pause(clock).then(() => (isOver = true));
  let waitedMs = 0;
  for (; !isOver && waitedMs <= REST_MS_MAX; waitedMs++) await vi.advanceTimersByTimeAsync(1);
  await second;
  return waitedMs;
}

describe('a pause between two pieces of work', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    relayForwards(null);
    vi.useRealTimers();
  });

  test('is one turn where nobody plays', async () => {
    relayForwards(BUSY_FRAMES_PER_SECOND - 1);
    expect(await pauseAfter(5)).toBeLessThanOrEqual(1);
  });

  test('is many times as long as the piece before it while the relay forwards, and no longer than that', async () => {
    relayForwards(BUSY_FRAMES_PER_SECOND);
    const waitedMs = await pauseAfter(2);
    expect(waitedMs).toBeGreaterThanOrEqual(2 * REST_TIMES);
    expect(waitedMs).toBeLessThanOrEqual(2 * REST_TIMES + 2);
    expect(await pauseAfter(1000)).toBeLessThanOrEqual(REST_MS_MAX + 1);
  });

  test('pieces are short while the relay forwards', () => {
    expect(pieceMs(10)).toBe(10);
    relayForwards(5000);
    expect(pieceMs(10)).toBe(BUSY_PIECE_MS);
    expect(pieceMs(1)).toBe(1);
    relayForwards(null);
    expect(pieceMs(10)).toBe(10);
  });
});
