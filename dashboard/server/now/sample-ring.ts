/**
 * The last fifteen minutes, a sample a second, in columns as charts take them.
 *
 * The rule: it holds `SAMPLES_MAX` of them and never more; the oldest makes room for the newest.
 */
import { type Samples, SAMPLES_MAX } from '../../api/now.ts';

/** Null where nothing was measured. */
export type Sample = { readonly [column in keyof Samples]: column extends 'at' ? number : number | null };

const columns = [
  'at',
  'players',
  'framesPerSecond',
  'bytesPerSecond',
  'delayP50Ms',
  'delayP99Ms',
  'dropsPerSecond',
  'lagMs',
] as const satisfies readonly (keyof Samples)[];

export class SampleRing {
  /** Each sample is a row: all columns side by side, NaN for null. */
  readonly #rows = new Float64Array(SAMPLES_MAX * columns.length);
  #count = 0;

  /** How many there have ever been. */
  get count(): number {
    return this.#count;
  }

  add(sample: Sample): void {
    const at = (this.#count++ % SAMPLES_MAX) * columns.length;
    for (const [i, column] of columns.entries()) this.#rows[at + i] = sample[column] ?? Number.NaN;
  }

  /** The newest ones, oldest first. */
  last(most: number = SAMPLES_MAX): Samples {
    const count = Math.min(this.#count, SAMPLES_MAX, most);
    const first = this.#count - count;
    const column = (i: number) =>
      Array.from({ length: count }, (_, n) => {
        const value = this.#rows[((first + n) % SAMPLES_MAX) * columns.length + i] as number;
        return Number.isNaN(value) ? null : value;
      });
    return Object.fromEntries(columns.map((name, i) => [name, column(i)])) as Samples;
  }
}
