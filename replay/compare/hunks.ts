/** Where two sequences part and meet again, and what moved from one such place to another. */
import type { GraphEnd, SameItems, Stretch } from './edit-graph.ts';

/** How many items both have before they are the same again, and for how many. */
export interface Hunk {
  readonly expected: number;
  readonly actual: number;
  readonly sameAfter: number;
}

/** An item that came in another place. Indexes count from the start of the first hunk. */
export interface Move {
  readonly expected: number;
  readonly actual: number;
  /** What came in its place, and belongs where it came; -1 where nothing did. */
  readonly instead: number;
}

/** Up to the given end, which may lie beyond the last stretch. The first starts where the sequences start. */
export function hunksBetween(
  stretches: readonly Stretch[],
  end: Pick<GraphEnd, 'expected' | 'actual'>,
): Hunk[] {
  let expected = 0;
  let actual = 0;
  return [...stretches, { ...end, size: 0 }].map((stretch) => {
    const hunk = {
      expected: stretch.expected - expected,
      actual: stretch.actual - actual,
      sameAfter: stretch.size,
    };
    expected = stretch.expected + stretch.size;
    actual = stretch.actual + stretch.size;
    return hunk;
  });
}

/**
 * An item that belongs to the first hunk at one end, and to a later one at the other. Only where saying so explains two
 * differences at once: one too few here and too many there, or two in each other's place.
 */
export function findMove(hunks: readonly Hunk[], isSame: SameItems): Move | null {
  const [here, ...later] = hunks;
  if (here === undefined) return null;
  let expected = here.expected + here.sameAfter;
  let actual = here.actual + here.sameAfter;
  for (const there of later) {
    const away = { expected, actual };
    const gone = hasMissing(here) && hasExtra(there);
    const early = hasExtra(here) && hasMissing(there);
    const found =
      (gone ? findSame(0, here.expected, actual, there.actual, isSame) : null) ??
      (early ? findSame(expected, there.expected, 0, here.actual, isSame) : null) ??
      findSwap(here, there, away, isSame);
    if (found) return found;
    expected += there.expected + there.sameAfter;
    actual += there.actual + there.sameAfter;
  }
  return null;
}

function hasMissing({ expected, actual }: Hunk): boolean {
  return expected > actual;
}

function hasExtra({ expected, actual }: Hunk): boolean {
  return actual > expected;
}

function findSwap(
  here: Hunk,
  there: Hunk,
  away: Pick<GraphEnd, 'expected' | 'actual'>,
  isSame: SameItems,
): Move | null {
  const gone = findSame(0, here.expected, away.actual, there.actual, isSame);
  const come = gone && findSame(away.expected, there.expected, 0, here.actual, isSame);
  return come && { ...gone, instead: come.actual };
}

function findSame(
  expected: number,
  expectedSize: number,
  actual: number,
  actualSize: number,
  isSame: SameItems,
): Move | null {
  for (let i = expected; i < expected + expectedSize; i++) {
    for (let j = actual; j < actual + actualSize; j++) {
      if (isSame(i, j)) return { expected: i, actual: j, instead: -1 };
    }
  }
  return null;
}
