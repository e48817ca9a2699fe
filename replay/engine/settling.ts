/**
 * Steps whose effect nobody acknowledges are given time.
 *
 * The rule: time in which this program stood still is time in which the target may have stood still as well, so it
 * does not count: a step is given ticks of a clock that misses those it was too late for.
 */
import type { Millis } from '../../protocol/types.ts';
import { Ring } from '../ring.ts';
import type { Step } from '../script/steps.ts';

const SETTLE_TICKS = 5;

interface Settling {
  readonly tick: number;
  readonly step: Step;
}

export class SettlingSteps {
  readonly #settleMs: Millis;
  readonly #settled: (step: Step) => void;
  readonly #steps = new Ring<Settling>();
  #ticks = 0;
  #ticker: NodeJS.Timeout | undefined;

  constructor(settleMs: Millis, settled: (step: Step) => void) {
    this.#settleMs = settleMs;
    this.#settled = settled;
  }

  add(step: Step): void {
    this.#steps.push({ tick: this.#ticks + SETTLE_TICKS, step });
    this.#ticker ??= setInterval(() => this.#tick(), this.#settleMs / SETTLE_TICKS);
  }

  stop(): void {
    clearInterval(this.#ticker);
    this.#ticker = undefined;
  }

  #tick(): void {
    this.#ticks++;
    for (let next = this.#steps.head; next !== undefined; next = this.#steps.head) {
      if (next.tick > this.#ticks) return;
      this.#steps.shift();
      this.#settled(next.step);
    }
    this.stop();
  }
}
