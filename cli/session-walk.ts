/** Walks through a session's frames so that the program hears of signals meanwhile, and can say how far it is. */
import { setImmediate as turn } from 'node:timers/promises';
import { see, type Observer, type SessionView } from '../analysis/observe.ts';
import { PayloadReader } from '../protocol/payload.ts';
import type { RecordedFrame } from '../recorder/captures.ts';

/** Between two looks at what else there is to do. */
export const FRAMES_PER_TURN = 5_000;

export interface SessionWalk {
  readonly signal: AbortSignal;
  /** Told of the frames so far, once a turn. */
  readonly progress?: ((done: number) => void) | undefined;
}

/** Feeds every frame to the observer. Null if it was told to stop before the last. */
export async function walkSession<T>(
  { connections }: Pick<SessionView, 'connections'>,
  frames: Iterable<RecordedFrame>,
  observer: Observer<T>,
  { signal, progress }: SessionWalk,
): Promise<T | null> {
  const inner = new PayloadReader();
  let done = 0;
  for (const frame of frames) {
    observer.frame(see(connections, frame, inner));
    if (++done % FRAMES_PER_TURN !== 0) continue;
    progress?.(done);
    await turn();
    if (signal.aborted) return null;
  }
  return observer.end();
}
