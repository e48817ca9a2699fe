/**
 * Things of the relay's own that are given so long by the clock, all of a kind the same: one timer for all of them.
 *
 * The rule: a timer that fires early finds nothing due, and is set again, which is cheaper than moving it each time.
 */
import { monotonic } from '../common/clock.ts';
import { Timeouts } from '../protocol/timeouts.ts';
import type { Millis } from '../protocol/types.ts';

export class Alarm<T> {
  readonly #waiting: Timeouts<T>;
  readonly #onDue: (waiter: T, now: Millis) => void;
  #timer: NodeJS.Timeout | null = null;

  constructor(duration: Millis, onDue: (waiter: T, now: Millis) => void) {
    this.#waiting = new Timeouts(duration);
    this.#onDue = onDue;
  }

  /** From now on, also for one that waits already. */
  start(waiter: T, now: Millis): void {
    this.#waiting.start(waiter, now);
    this.#timer ??= setTimeout(() => this.#ring(), this.#waiting.duration);
  }

  has(waiter: T): boolean {
    return this.#waiting.has(waiter);
  }

  cancel(waiter: T): void {
    this.#waiting.cancel(waiter);
  }

  /** Who was started before all others, where that was no later than `since`. */
  oldest(since: Millis): T | undefined {
    if (this.#waiting.deadline - this.#waiting.duration > since) return undefined;
    for (const first of this.#waiting.waiters()) return first;
    return undefined;
  }

  /** Nothing is due any more. */
  stop(): void {
    for (const waiter of this.#waiting.waiters()) this.#waiting.cancel(waiter);
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #ring(): void {
    const now = monotonic();
    this.#timer = null;
    this.#waiting.expire(now, (waiter) => this.#onDue(waiter, now));
    const due = this.#waiting.deadline;
    if (due !== Infinity) this.#timer ??= setTimeout(() => this.#ring(), Math.max(Math.ceil(due - now), 1));
  }
}
