/**
 * The fewest differences between two short sequences: what was left out, put in, or replaced.
 *
 * The rule: it walks in levels, one more difference in each, and keeps of every diagonal only how far it got.
 * So sequences that are nearly the same cost about as many comparisons as they have items; wholly different
 * ones, each item with each.
 *
 * A diagonal is how many more of the expected than of the actual items have been passed. What lies beyond the end of a
 * sequence that goes on is not known, so it weighs little when ends are chosen; beyond one that is whole, it is a
 * difference like any other.
 */
export type SameItems = (expected: number, actual: number) => boolean;

/** How much of a sequence is looked at, and whether that is all there will ever be. */
export interface Extent {
  readonly size: number;
  readonly isWhole: boolean;
}

/** A place at which one of the sequences is used up. */
export interface GraphEnd {
  /** Of the differences, and of what is beyond it. */
  readonly weight: number;
  readonly differences: number;
  readonly replaced: number;
  readonly expected: number;
  readonly actual: number;
}

/** Items that are the same in both sequences, from these places on. */
export interface Stretch {
  readonly expected: number;
  readonly actual: number;
  readonly size: number;
}

const DIFFERENCE_WEIGHT = 4;
const UNKNOWN_WEIGHT = 1;
const NOWHERE = -1;
const Step = { replaced: 0, missing: 1, extra: 2 } as const;

export class EditGraph {
  readonly #sizeMax: number;
  readonly #width: number;
  /** By level and diagonal: how many expected items are passed, how many of them were replaced, and by which step. */
  readonly #reach: Int16Array;
  readonly #replaced: Int16Array;
  readonly #step: Int8Array;
  #expectedSize = 0;
  #actualSize = 0;

  /** Of a sequence. The memory that it takes grows with its square. */
  constructor(sizeMax: number) {
    this.#sizeMax = sizeMax;
    this.#width = 2 * sizeMax + 3; // a diagonal more at both ends, so that neighbours are always there
    const cells = (sizeMax + 1) * this.#width;
    this.#reach = new Int16Array(cells);
    this.#replaced = new Int16Array(cells);
    this.#step = new Int8Array(cells);
  }

  /** The best end first, and then others with as many differences: which is right may be seen only further on. */
  explore(expected: Extent, actual: Extent, isSame: SameItems): readonly GraphEnd[] {
    this.#expectedSize = expected.size;
    this.#actualSize = actual.size;
    const ends: GraphEnd[] = [];
    let best = Infinity;
    const levels = Math.max(expected.size, actual.size);
    for (let level = 0; level <= levels && level * DIFFERENCE_WEIGHT <= best; level++) {
      const row = this.#cell(level, 0);
      this.#reach.fill(NOWHERE, row - this.#sizeMax - 1, row + this.#sizeMax + 2);
      const last = -Math.min(level, actual.size);
      for (let diagonal = Math.min(level, expected.size); diagonal >= last; diagonal--) {
        if (!this.#enter(level, diagonal)) continue;
        const passed = this.#follow(row + diagonal, diagonal, isSame);
        const expectedLeft = expected.size - passed;
        const actualLeft = actual.size - (passed - diagonal);
        if (expectedLeft > 0 && actualLeft > 0) continue;
        const weight =
          level * DIFFERENCE_WEIGHT +
          expectedLeft * (actual.isWhole ? DIFFERENCE_WEIGHT : UNKNOWN_WEIGHT) +
          actualLeft * (expected.isWhole ? DIFFERENCE_WEIGHT : UNKNOWN_WEIGHT);
        best = Math.min(best, weight);
        ends.push({
          weight,
          differences: level,
          replaced: this.#replaced[row + diagonal]!,
          expected: passed,
          actual: passed - diagonal,
        });
      }
    }
    ends.sort((a, b) => a.weight - b.weight || a.replaced - b.replaced);
    return ends.filter(({ differences }) => differences === ends[0]!.differences);
  }

  /** What is the same on the way to an end of the last exploration, in order. */
  stretches(end: GraphEnd): Stretch[] {
    const found: Stretch[] = [];
    let diagonal = end.expected - end.actual;
    for (let level = end.differences; level >= 0; level--) {
      const cell = this.#cell(level, diagonal);
      const from = level === 0 ? 0 : this.#entry(cell, this.#step[cell]!);
      const size = this.#reach[cell]! - from;
      if (size > 0) found.push({ expected: from, actual: from - diagonal, size });
      if (level > 0) diagonal += neighbour[this.#step[cell]!]!;
    }
    return found.reverse();
  }

  #cell(level: number, diagonal: number): number {
    return level * this.#width + this.#sizeMax + 1 + diagonal;
  }

  /** Makes the step to this diagonal that gets furthest; of those, the one that keeps most items; of those, what is missing first. */
  #enter(level: number, diagonal: number): boolean {
    const cell = this.#cell(level, diagonal);
    if (level === 0) {
      this.#reach[cell] = 0;
      this.#replaced[cell] = 0;
      return true;
    }
    let best = NOWHERE;
    let bestReplaced = 0;
    for (const step of stepsByPreference) {
      const origin = cell - this.#width + neighbour[step];
      if (!this.#isInside(this.#reach[origin]!, diagonal + neighbour[step])) continue;
      const reach = this.#entry(cell, step);
      const replaced = this.#replaced[origin]! + (step === Step.replaced ? 1 : 0);
      if (reach < best || (reach === best && replaced >= bestReplaced)) continue;
      best = reach;
      bestReplaced = replaced;
      this.#step[cell] = step;
    }
    this.#reach[cell] = best;
    this.#replaced[cell] = bestReplaced;
    return best !== NOWHERE;
  }

  /** How many expected items are passed when this step has been made from the level before. */
  #entry(cell: number, step: number): number {
    return this.#reach[cell - this.#width + neighbour[step]!]! + (step === Step.extra ? 0 : 1);
  }

  /** There is something left of both sequences. */
  #isInside(passed: number, diagonal: number): boolean {
    return passed !== NOWHERE && passed < this.#expectedSize && passed - diagonal < this.#actualSize;
  }

  #follow(cell: number, diagonal: number, isSame: SameItems): number {
    let passed = this.#reach[cell]!;
    while (this.#isInside(passed, diagonal) && isSame(passed, passed - diagonal)) passed++;
    this.#reach[cell] = passed;
    return passed;
  }
}

/** From which diagonal a step comes, by step. */
const neighbour = [0, -1, 1] as const;
const stepsByPreference = [Step.extra, Step.missing, Step.replaced] as const;
