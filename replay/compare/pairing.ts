/**
 * Which of several units that nobody matched were meant to be each other.
 *
 * The rule: where as many came as were expected, each for each in order. Where not, the order is kept, and those are
 * paired that are most alike; of equally good ways, the one that pairs earlier ones.
 */
import type { Unit } from '../types.ts';

/** Of what is compared to tell how alike two frames are, at each end. */
export const LIKENESS_BYTES_MAX = 256;

const Unlikeness = { alike: 0, asLong: 2, other: 4, optional: 1 } as const;

/** For each of the fewer, in order, which of the more it is paired with. */
export function pair(
  fewer: number,
  more: number,
  unlikeness: (fewer: number, more: number) => number,
): number[] {
  const spare = more - fewer;
  if (spare === 0) return Array.from({ length: fewer }, (_, i) => i);
  // Costs are of pairing those from `i` on, by how many of the others have been left out before.
  const isPaired: boolean[][] = [];
  let next = new Array<number>(spare + 1).fill(0);
  for (let i = fewer - 1; i >= 0; i--) {
    const row = new Array<number>(spare + 1);
    isPaired[i] = new Array<boolean>(spare + 1);
    for (let skipped = spare; skipped >= 0; skipped--) {
      const paired = unlikeness(i, i + skipped) + next[skipped]!;
      const left = skipped < spare ? row[skipped + 1]! : Infinity;
      isPaired[i]![skipped] = paired <= left;
      row[skipped] = Math.min(paired, left);
    }
    next = row;
  }
  const pairs: number[] = [];
  for (let i = 0, skipped = 0; i < fewer;) {
    if (isPaired[i]![skipped]!) pairs.push(i++ + skipped);
    else skipped++;
  }
  return pairs;
}

/** Low for frames of which one may well be what became of the other; a little less so for one that need not come. */
export function unlikeness(expected: Unit, actual: Unit): number {
  return byteUnlikeness(expected, actual) + (expected.isOptional ? Unlikeness.optional : 0);
}

function byteUnlikeness(expected: Unit, actual: Unit): number {
  if (expected.kind !== actual.kind) return Unlikeness.other;
  const a = expected.bytes;
  const b = actual.bytes;
  const size = Math.min(a.length, b.length, LIKENESS_BYTES_MAX);
  let fromStart = 0;
  let fromEnd = 0;
  for (let i = 0; i < size; i++) {
    if (a[i] === b[i]) fromStart++;
    if (a[a.length - 1 - i] === b[b.length - 1 - i]) fromEnd++;
  }
  if (2 * Math.max(fromStart, fromEnd) >= size) return Unlikeness.alike;
  return a.length === b.length ? Unlikeness.asLong : Unlikeness.other;
}
