/** How many requests one client may make of the relay: so many at once, and so many a second after that. */
import type { Millis } from '../protocol/types.ts';
import { REQUESTS_BURST, REQUESTS_PER_SECOND } from './limits.ts';

export class Requests {
  #left = REQUESTS_BURST;
  #at: Millis = 0;

  /** Whether one more is within what it may make. */
  mayAsk(now: Millis): boolean {
    const earned = ((now - this.#at) * REQUESTS_PER_SECOND) / 1000;
    this.#left = Math.min(this.#left + earned, REQUESTS_BURST);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
