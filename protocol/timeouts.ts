/** Things that wait, all for the same length of time: the first to come is the first to be due. */
import type { Millis } from './types.ts';

export class Timeouts<T> {
  readonly duration: Millis;
  readonly #due = new Map<T, Millis>();

  constructor(duration: Millis) {
    this.duration = duration;
  }

  get size(): number {
    return this.#due.size;
  }

  start(waiter: T, now: Millis): void {
    this.#due.delete(waiter);
    this.#due.set(waiter, now + this.duration);
  }

  has(waiter: T): boolean {
    return this.#due.has(waiter);
  }

  cancel(waiter: T): void {
    this.#due.delete(waiter);
  }

  /** All that wait, the next to be due first. They may be cancelled meanwhile. */
  waiters(): IterableIterator<T> {
    return this.#due.keys();
  }

  /** When the next one is due; Infinity if none waits. */
  get deadline(): Millis {
    for (const due of this.#due.values()) return due;
    return Infinity;
  }

  /** Hands over each waiter that is due, and forgets it. */
  expire(now: Millis, onDue: (waiter: T) => void): void {
    for (const [waiter, due] of this.#due) {
      if (due > now) return;
      this.#due.delete(waiter);
      onDue(waiter);
    }
  }
}
