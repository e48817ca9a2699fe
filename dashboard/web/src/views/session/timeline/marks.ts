/**
 * Marks on a timeline that stand too close to be told apart are one mark with a count.
 *
 * The rule: a cluster never reaches further than `apartPx` from its first mark, so that it is where what it stands for is.
 */
import { lengthOf, xOf, type TimeRange } from './range.ts';

export interface Cluster<T> {
  /** Of the first. */
  readonly x: number;
  readonly at: number;
  /** In order of time. */
  readonly items: readonly T[];
}

export function clustersOf<T>(
  items: readonly T[],
  atOf: (item: T) => number,
  range: TimeRange,
  width: number,
  apartPx: number,
): readonly Cluster<T>[] {
  const apart = (apartPx / Math.max(width, 1)) * lengthOf(range);
  const clusters: { x: number; at: number; items: T[] }[] = [];
  for (const item of [...items].sort((a, b) => atOf(a) - atOf(b))) {
    const at = atOf(item);
    if (at < range.from || at > range.to) continue;
    const last = clusters.at(-1);
    if (last !== undefined && at - last.at < apart) last.items.push(item);
    else clusters.push({ x: xOf(at, range, width), at, items: [item] });
  }
  return clusters;
}

/** The one that is nearest to `x`, no further than `withinPx`. */
export function nearestTo<T>(
  items: readonly T[],
  xOfItem: (item: T) => number,
  x: number,
  withinPx: number,
): T | null {
  let nearest: T | null = null;
  let distance = withinPx;
  for (const item of items) {
    const away = Math.abs(xOfItem(item) - x);
    if (away > distance) continue;
    nearest = item;
    distance = away;
  }
  return nearest;
}
