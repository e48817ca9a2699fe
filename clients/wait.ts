/** How long somebody waits, and when they stop waiting: for everything that may never come. */
import { Failure } from '../common/failure.ts';

export interface Wait {
  /** Without it, as long as it takes. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** Timers know no longer times: as long as it takes, then. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/** What is awaited; or, where it takes too long, `Failure` `timed-out`, or the reason of the signal. */
export async function within<T>(
  awaited: Promise<T>,
  { timeoutMs, signal }: Wait,
  late: string,
  givenUp: () => void = () => undefined,
): Promise<T> {
  if (timeoutMs === undefined && signal === undefined) return awaited;
  let isSettled = false;
  let stop = (): void => undefined;
  const ended = new Promise<never>((_resolve, reject) => {
    const giveUp = (why: unknown): void => {
      if (isSettled) return;
      isSettled = true;
      givenUp();
      reject(why instanceof Error ? why : new Failure('outside', 'aborted', `given up: ${String(why)}`));
    };
    const onAbort = (): void => giveUp(signal?.reason);
    const timer =
      timeoutMs === undefined || timeoutMs > TIMER_MAX_MS
        ? undefined
        : setTimeout(() => giveUp(new Failure('outside', 'timed-out', late)), timeoutMs);
    signal?.addEventListener('abort', onAbort);
    stop = () => {
      isSettled = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    if (signal?.aborted === true) onAbort();
  });
  // Whoever has given up hears no more of it.
  awaited.catch(() => undefined);
  try {
    return await Promise.race([ended, awaited]);
  } finally {
    stop();
  }
}
