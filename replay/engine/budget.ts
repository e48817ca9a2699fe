/**
 * How many requests a client makes of the target in a while. Recorded clients asked at the pace of people and of
 * their own clocks; relays close those who ask faster than any of these.
 */
import type { Millis } from '../../protocol/types.ts';

export const REQUESTS_BURST = 100;
export const REQUESTS_PER_SECOND = 40;

const MS_PER_REQUEST = 1000 / REQUESTS_PER_SECOND;

export class RequestBudget {
  #left = REQUESTS_BURST;
  #at: Millis = 0;

  /** When the next request may be made; `now` or earlier for at once. */
  due(now: Millis): Millis {
    const left = this.#grown(now);
    return left >= 1 ? now : now + (1 - left) * MS_PER_REQUEST;
  }

  spend(now: Millis): void {
    this.#left = this.#grown(now) - 1;
    this.#at = now;
  }

  #grown(now: Millis): number {
    return Math.min(this.#left + (now - this.#at) / MS_PER_REQUEST, REQUESTS_BURST);
  }
}
