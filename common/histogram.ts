/** Durations by size: 32 steps for each doubling, so that a quantile is right to about 3 %. */
import type { Millis } from '../protocol/types.ts';

const TICKS_PER_MS = 4_000; // a quarter of a microsecond
const STEPS_LOG = 5;
const STEPS = 1 << STEPS_LOG;
const DOUBLINGS = 28;

export class Histogram {
  readonly #counts = new Float64Array(STEPS * DOUBLINGS);
  /** Of each doubling, so that a quantile need not look at every step. */
  readonly #sums = new Float64Array(DOUBLINGS);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(duration: Millis): void {
    // Anything over nine minutes counts as nine minutes.
    const ticks = Math.min(Math.max(duration * TICKS_PER_MS, 0), 0x7fff_ffff) | 0;
    const doubling = Math.max(31 - Math.clz32(ticks) - STEPS_LOG, 0);
    const step = (doubling << STEPS_LOG) + (ticks >>> doubling);
    this.#put(step, 1);
  }

  /** The duration below which the share `q` of all lies, in milliseconds; 0 if there is none. */
  quantile(q: number): Millis {
    if (this.#count === 0) return 0;
    let left = q * this.#count;
    let part = 0;
    for (; part < DOUBLINGS - 1; part++) {
      const sum = this.#sums[part] as number;
      if (sum > 0 && left <= sum) break;
      left -= sum;
    }
    for (let step = part << STEPS_LOG; step < this.#counts.length; step++) {
      const count = this.#counts[step] as number;
      left -= count;
      if (left > 0 || count === 0) continue;
      const doubling = Math.max((step >> STEPS_LOG) - 1, 0);
      return ((step - (doubling << STEPS_LOG) + 0.5) * 2 ** doubling) / TICKS_PER_MS;
    }
    return 0;
  }

  /** Counts all that the other has counted. */
  addAll(other: Histogram): void {
    for (const [step, count] of other.#counts.entries()) {
      if (count > 0) this.#put(step, count);
    }
  }

  reset(): void {
    this.#counts.fill(0);
    this.#sums.fill(0);
    this.#count = 0;
  }

  #put(step: number, count: number): void {
    const part = step >> STEPS_LOG;
    this.#counts[step] = (this.#counts[step] as number) + count;
    this.#sums[part] = (this.#sums[part] as number) + count;
    this.#count += count;
  }
}
