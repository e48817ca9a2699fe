/**
 * Pauses between the pieces of long work: surveys, searches, downloads.
 *
 * The rule: players come first. While the relay of this process has something to do, work on the side takes a
 * tenth of a core, in pieces too short to be felt. The lowest priority would not do: a thread keeps the core that it has until its slice ends,
 * and a frame that comes meanwhile waits for it.
 */
import { monotonic } from '../../common/clock.ts';
import type { Millis } from '../../protocol/types.ts';

/** From so many frames a second on, the relay has something to do: two who play make more. */
export const BUSY_FRAMES_PER_SECOND = 20;
/** How long a pause is, measured by the piece before it. */
export const REST_TIMES = 9;
/** However long a piece took. */
export const REST_MS_MAX = 200;
/** How long a piece may be meanwhile. */
export const BUSY_PIECE_MS = 2;

let isBusy = false;
let resumedAt: Millis = 0;

/** Told once a second by whoever hears of the relay; never told where there is none. Null where nothing is known. */
export function relayForwards(framesPerSecond: number | null): void {
  isBusy = (framesPerSecond ?? 0) >= BUSY_FRAMES_PER_SECOND;
}

/** How long the next piece may take, where it usually takes so long. */
export function pieceMs(usualMs: Millis): Millis {
  return isBusy ? Math.min(BUSY_PIECE_MS, usualMs) : usualMs;
}

/** Until the next piece may be done. `now` is a clock that never jumps, in milliseconds. */
export async function pause(now: () => Millis = monotonic): Promise<void> {
  const restMs = isBusy ? restAfter(now() - resumedAt) : 0;
  await new Promise<void>((resolve) => {
    if (restMs === 0) setImmediate(resolve);
    else setTimeout(resolve, restMs);
  });
  resumedAt = now();
}

function restAfter(workedMs: Millis): Millis {
  return Math.min(Math.max(1, workedMs * REST_TIMES), REST_MS_MAX);
}
