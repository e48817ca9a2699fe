/**
 * How long to wait before something is tried again: longer each time, and never quite as long as the others wait, so that all who
 * lost one relay do not come back to it at one moment.
 */
import { BACK_OFF_MS_MAX, BACK_OFF_MS_MIN } from './limits.ts';

export class BackOff {
  readonly #random: () => number;
  #nextMs = BACK_OFF_MS_MIN;

  /** `random` draws from 0 to 1. */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** Between half of a bound that doubles each time, and the whole. */
  next(): number {
    const boundMs = this.#nextMs;
    this.#nextMs = Math.min(boundMs * 2, BACK_OFF_MS_MAX);
    return (boundMs * (1 + this.#random())) / 2;
  }

  reset(): void {
    this.#nextMs = BACK_OFF_MS_MIN;
  }
}
