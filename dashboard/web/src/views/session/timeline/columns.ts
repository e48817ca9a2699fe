/**
 * From buckets of time to columns of pixels.
 *
 * The rule: what is drawn is a rate, and nothing is lost or made up on the way: the columns of a range have together what the
 * buckets have in it, however the two lie to each other. So a picture may be stretched until a finer one comes.
 */
import { lengthOf, type TimeRange } from './range.ts';

/** Where buckets lie: from `from` on, each `step` nanoseconds long. */
export interface Buckets {
  readonly from: number;
  readonly step: number;
}

/** For each of `count` columns of a range: how much comes in it a second. */
export function columnsOf(
  values: ArrayLike<number>,
  { from, step }: Buckets,
  range: TimeRange,
  count: number,
): Float64Array {
  const columns = new Float64Array(count);
  const length = lengthOf(range) / count;
  const last = values.length;
  for (let i = 0; i < last; i++) {
    const value = values[i] ?? 0;
    if (value === 0) continue;
    const start = (from + i * step - range.from) / length;
    const end = start + step / length;
    const perColumn = value / (end - start);
    const first = Math.max(Math.floor(start), 0);
    for (let at = first; at < end && at < count; at++) {
      const share = Math.min(end, at + 1) - Math.max(start, at);
      if (share > 0) columns[at] = columns[at]! + perColumn * share;
    }
  }
  for (let at = 0; at < count; at++) columns[at] = (columns[at]! * 1e9) / length;
  return columns;
}

/** Columns in which anything is: for what has no size, such as losses. */
export function marksOf(
  values: ArrayLike<number>,
  { from, step }: Buckets,
  range: TimeRange,
  count: number,
): readonly number[] {
  const marks: number[] = [];
  for (let i = 0; i < values.length; i++) {
    if ((values[i] ?? 0) === 0) continue;
    const at = Math.floor(((from + (i + 0.5) * step - range.from) / lengthOf(range)) * count);
    if (at >= 0 && at < count && at !== marks.at(-1)) marks.push(at);
  }
  return marks;
}

/**
 * The height of a bar. By the cube root, so that a game's small talk is still seen beside the one moment in which it
 * sends a map; what is there at all has a pixel.
 */
export function barHeight(rate: number, rateMax: number, height: number): number {
  if (rate <= 0 || rateMax <= 0) return 0;
  return Math.max(Math.cbrt(Math.min(rate / rateMax, 1)) * height, 1);
}

/** What came in a stretch of time, by the buckets that lie in it for the most part. */
export function sumAt(values: ArrayLike<number>, { from, step }: Buckets, at: number): number {
  return values[Math.floor((at - from) / step)] ?? 0;
}
