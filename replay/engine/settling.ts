/**
 * Steps whose effect nobody acknowledges are given time.
 *
 * The rule: time in which this program stood still is time in which the target may have stood still as well, so it
 * does not count: a step is given ticks of a clock that misses those it was too late for. A target in this very
 * process takes one connection in each turn of the loop, so that a tick has as many turns as all of them need.
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
  /** Set as long as anything settles. */
  #timer: NodeJS.Timeout | null = null;
  #turn: NodeJS.Immediate | null = null;

  constructor(settleMs: Millis, settled: (step: Step) => void) {
    this.#settleMs = settleMs;
    this.#settled = settled;
  }

  add(step: Step): void {
    this.#steps.push({ tick: this.#ticks + SETTLE_TICKS, step });
    if (this.#timer === null) this.#next();
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#turn !== null) clearImmediate(this.#turn);
    this.#timer = this.#turn = null;
  }

  #next(): void {
    this.#timer = setTimeout(
      () => this.#afterTurns(Math.ceil(this.#steps.length / SETTLE_TICKS)),
      this.#settleMs / SETTLE_TICKS,
    );
  }

  #afterTurns(turns: number): void {
    this.#turn = setImmediate(() => (turns > 1 ? this.#afterTurns(turns - 1) : this.#tick()));
  }

  #tick(): void {
    this.#turn = null;
    this.#ticks++;
    for (let next = this.#steps.head; next !== undefined; next = this.#steps.head) {
      if (next.tick > this.#ticks) {
        this.#next();
        return;
      }
      this.#steps.shift();
      this.#settled(next.step);
    }
    this.#timer = null;
  }
}
