/** One timer for the earliest of many times. */
import type { Millis } from '../../protocol/types.ts';

/** setTimeout takes no more. */
const TIMEOUT_MAX_MS = 2 ** 31 - 1;

export class Alarm {
  readonly #now: () => Millis;
  readonly #ring: () => void;
  #timer: NodeJS.Timeout | null = null;
  #at: Millis = Infinity;

  constructor(now: () => Millis, ring: () => void) {
    this.#now = now;
    this.#ring = ring;
  }

  /** Rings at `at`, or earlier if it was set so. Once it has rung it is not set. */
  set(at: Millis): void {
    if (at >= this.#at) return;
    this.stop();
    this.#at = at;
    const wait = Math.min(Math.max(Math.ceil(at - this.#now()), 0), TIMEOUT_MAX_MS);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#at = Infinity;
      this.#ring();
    }, wait);
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#at = Infinity;
  }
}
