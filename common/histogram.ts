/** Durations by size: 32 steps for each doubling, so that a quantile is right to about 3 %. */
import type { Millis } from '../protocol/types.ts';

const TICKS_PER_MS = 4_000; // a quarter of a microsecond
const STEPS_LOG = 5;
const STEPS = 1 << STEPS_LOG;
const DOUBLINGS = 28;
const NONE = new Float64Array(0);

/** So many are kept one by one: most of thousands of histograms never see more, and the counts take 7 kB. */
const FEW = 32;

export class Histogram {
  /** The steps of the first few; null once they are counted. */
  #few: number[] | null = [];
  #counts = NONE;
  /** Of each doubling, so that a quantile need not look at every step. */
  #sums = NONE;
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
    if (this.#few !== null) {
      const sorted = [...this.#few].sort((a, b) => a - b);
      return durationOf(sorted[Math.max(Math.ceil(q * sorted.length) - 1, 0)] as number);
    }
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
      if (left <= 0 && count > 0) return durationOf(step);
    }
    return 0;
  }

  /** How many there are of each size, as a copy: what `between` takes two of. */
  counts(): Float64Array {
    if (this.#few === null) return this.#counts.slice();
    const counts = new Float64Array(STEPS * DOUBLINGS);
    for (const step of this.#few) counts[step] = (counts[step] as number) + 1;
    return counts;
  }

  /** What was counted between two looks at `counts`. So whoever wants a window of time disturbs no other who does. */
  static between(before: Float64Array, now: Float64Array): Histogram {
    const window = new Histogram();
    for (const [step, count] of now.entries()) {
      const more = count - (before[step] as number);
      if (more > 0) window.#put(step, more);
    }
    return window;
  }

  /** Counts all that the other has counted. */
  addAll(other: Histogram): void {
    for (const step of other.#few ?? []) this.#put(step, 1);
    for (const [step, count] of other.#counts.entries()) if (count > 0) this.#put(step, count);
  }

  reset(): void {
    if (this.#few !== null) this.#few = [];
    this.#counts.fill(0);
    this.#sums.fill(0);
    this.#count = 0;
  }

  #put(step: number, count: number): void {
    this.#count += count;
    if (this.#few !== null) {
      if (count === 1 && this.#few.length < FEW) {
        this.#few.push(step);
        return;
      }
      this.#countThem(this.#few);
    }
    const part = step >> STEPS_LOG;
    this.#counts[step] = (this.#counts[step] as number) + count;
    this.#sums[part] = (this.#sums[part] as number) + count;
  }

  /** From now on by counts. */
  #countThem(few: readonly number[]): void {
    this.#few = null;
    this.#count -= few.length;
    this.#counts = new Float64Array(STEPS * DOUBLINGS);
    this.#sums = new Float64Array(DOUBLINGS);
    for (const step of few) this.#put(step, 1);
  }
}

/** The middle of a step. */
function durationOf(step: number): Millis {
  const doubling = Math.max((step >> STEPS_LOG) - 1, 0);
  return ((step - (doubling << STEPS_LOG) + 0.5) * 2 ** doubling) / TICKS_PER_MS;
}
