/**
 * Puts frames side by side: what came with what was expected, so that one fault is one difference.
 *
 * The rule: what is told depends on the two sequences alone, and not on which unit was heard of when; only where a
 * limit is reached is decided what could have waited. While the next of both are the same, nothing is held. Where they
 * are not, nothing is said until enough of both is there to see how they go on; then the fewest differences are told
 * up to where both are surely side by side again, and so on from there.
 */
import type { Unit } from '../types.ts';
import type { Aligner, Match, MatchClass, Sameness } from './aligner.ts';
import { Budget } from './budget.ts';
import { EditGraph, type GraphEnd } from './edit-graph.ts';
import { findMove, type Hunk, hunksBetween, type Move } from './hunks.ts';
import { pair, unlikeness } from './pairing.ts';
import { UnitQueue } from './unit-queue.ts';

export interface FrameAlignerOptions {
  readonly same: (expected: Unit, actual: Unit) => Sameness;
  readonly tell: (match: Match) => void;
  readonly limits?: Partial<FrameLimits>;
  /** What all aligners hold together. */
  readonly budget?: Budget;
}

/** What may wait on each side. Of more, something is decided, as well as it can be. */
export interface FrameLimits {
  readonly heldUnitsMax: number;
  readonly heldBytesMax: number;
}

export const frameLimits: FrameLimits = { heldUnitsMax: 16_384, heldBytesMax: 8 * 1024 * 1024 };

/** Units of both sides that are looked at after a difference. One that moved less far is found. */
export const LOOK_AHEAD_UNITS = 64;
/** As far is looked to tell two equally good ways apart, as in frames that take turns. */
export const LOOK_AHEAD_UNITS_MAX = 1024;
/** With more differences between so few it is not worth while to look further to tell two ways apart. */
const LIKELY_DIFFERENCES_MAX = 16;
/** So many of both are the same in a row, and they are surely side by side. */
export const ANCHOR_UNITS = 8;

type PairClass = Extract<MatchClass, 'equal' | 'masked' | 'changed'>;

/** For all aligners, because nothing in it outlasts a call. */
const graph = new EditGraph(LOOK_AHEAD_UNITS);

export class FrameAligner implements Aligner {
  readonly #same: (expected: Unit, actual: Unit) => Sameness;
  readonly #tell: (match: Match) => void;
  readonly #expected: UnitQueue;
  readonly #actual: UnitQueue;
  /** The last expected unit of which was decided in its turn. */
  #last: Unit | null = null;
  /** Both have a next unit, and they are not the same. */
  #differs = false;
  #lookAhead = LOOK_AHEAD_UNITS;
  #isEnding = false;

  constructor({ same, tell, limits, budget = new Budget() }: FrameAlignerOptions) {
    this.#same = same;
    this.#tell = tell;
    const { heldUnitsMax, heldBytesMax } = { ...frameLimits, ...limits };
    this.#expected = new UnitQueue(heldUnitsMax, heldBytesMax, budget);
    this.#actual = new UnitQueue(heldUnitsMax, heldBytesMax, budget);
  }

  get held(): number {
    return this.#expected.length + this.#actual.length;
  }

  expect(unit: Unit): void {
    this.#expected.push(unit);
    this.#go();
  }

  came(unit: Unit): void {
    this.#actual.push(unit);
    this.#go();
  }

  end(): void {
    this.#isEnding = true;
    this.#go();
  }

  #go(): void {
    do this.#matchNext();
    while (this.#decide());
  }

  #matchNext(): void {
    while (!this.#differs && this.#expected.length > 0 && this.#actual.length > 0) {
      const sameness = this.#same(this.#expected.at(0), this.#actual.at(0));
      if (sameness === 'different') this.#differs = true;
      else this.#tellPair(sameness);
    }
  }

  /** Decides what became of some units, or that more of them must be seen. False where there is nothing to decide yet. */
  #decide(): boolean {
    const expected = this.#expected.length;
    const actual = this.#actual.length;
    const fewer = Math.min(expected, actual);
    const isFull = this.#expected.isOver || this.#actual.isOver;
    const isSeen = this.#isEnding || fewer >= this.#lookAhead;
    if (expected + actual === 0 || !(isSeen || isFull)) return false;
    if (expected === 0) this.#tellExtra();
    else if (actual === 0) this.#tellMissing();
    else this.#align(isSeen ? LOOK_AHEAD_UNITS : Math.min(fewer, LOOK_AHEAD_UNITS), !isFull);
    return true;
  }

  #align(size: number, mayWait: boolean): void {
    const expected = this.#extent(this.#expected, size);
    const actual = this.#extent(this.#actual, size);
    const ends = graph.explore(expected, actual, this.#isSame);
    const isClear = ends.length === 1 || ends[0]!.differences > LIKELY_DIFFERENCES_MAX;
    const end = isClear ? ends[0]! : this.#furthest(ends, mayWait);
    if (end === null) {
      this.#lookAhead *= 2;
      return;
    }
    const isAll = expected.isWhole && actual.isWhole;
    const until = isAll ? { expected: expected.size, actual: actual.size } : end;
    this.#tellHunks(hunksBetween(graph.stretches(end), until), size / 2);
    this.#differs = false;
    this.#lookAhead = LOOK_AHEAD_UNITS;
  }

  #extent({ length }: UnitQueue, size: number) {
    return { size: Math.min(size, length), isWhole: this.#isEnding && length < size };
  }

  readonly #isSame = (expected: number, actual: number): boolean =>
    this.#same(this.#expected.at(expected), this.#actual.at(actual)) !== 'different';

  /** Of ends, best first, the one after which most is the same; null where more must be seen to know. */
  #furthest(ends: readonly GraphEnd[], mayWait: boolean): GraphEnd | null {
    const expected = Math.min(this.#lookAhead, this.#expected.length);
    const actual = Math.min(this.#lookAhead, this.#actual.length);
    const runs = ends.map((end) => {
      let size = 0;
      const isWithin = () => end.expected + size < expected && end.actual + size < actual;
      while (isWithin() && this.#isSame(end.expected + size, end.actual + size)) size++;
      return { end, size, isOpen: !isWithin() };
    });
    const size = Math.max(...runs.map((run) => run.size));
    const best = runs.filter((run) => run.size === size);
    const isMore = !this.#isEnding || this.held > expected + actual;
    const mayBeSeen = mayWait && isMore && this.#lookAhead < LOOK_AHEAD_UNITS_MAX;
    if (best.length > 1 && mayBeSeen && best.every(({ isOpen }) => isOpen)) return null;
    return best[0]!.end;
  }

  /** Tells of hunks until both are surely side by side, or until enough of one is told. */
  #tellHunks(hunks: readonly Hunk[], enough: number): void {
    let expected = 0;
    let actual = 0;
    for (const [index, hunk] of hunks.entries()) {
      const move = findMove(hunks.slice(index), this.#isSame);
      // What is left is aligned anew without the one that moved, which may be the simpler for it.
      if (move !== null && index === 0) this.#tellMove(move);
      if (move !== null) return;

      const isSure = hunk.sameAfter >= ANCHOR_UNITS;
      for (const step of this.#steps(hunk)) {
        this.#tellStep(step);
        if (step !== 'extra') expected++;
        if (step !== 'missing') actual++;
        if (!isSure && Math.max(expected, actual) >= enough) return;
      }
      if (isSure) return;
      for (let i = 0; i < hunk.sameAfter; i++) {
        this.#tellPair(this.#same(this.#expected.at(0), this.#actual.at(0)) as PairClass);
      }
      expected += hunk.sameAfter;
      actual += hunk.sameAfter;
      if (Math.max(expected, actual) >= enough) return;
    }
  }

  /** What to tell, in order, of a hunk with which both queues begin. */
  #steps({ expected, actual }: Hunk): ('missing' | 'extra' | 'changed')[] {
    const cost = (i: number, j: number) => unlikeness(this.#expected.at(i), this.#actual.at(j));
    const isShort = expected < actual;
    const pairs = isShort ? pair(expected, actual, cost) : pair(actual, expected, (j, i) => cost(i, j));
    const spare = isShort ? ('extra' as const) : ('missing' as const);
    const isPaired = new Set(pairs);
    return Array.from({ length: Math.max(expected, actual) }, (_, i) =>
      isPaired.has(i) ? 'changed' : spare,
    );
  }

  #tellStep(step: 'missing' | 'extra' | 'changed'): void {
    if (step === 'missing') this.#tellMissing();
    else if (step === 'extra') this.#tellExtra();
    else this.#tellPair('changed');
  }

  #tellPair(what: PairClass): void {
    const expected = (this.#last = this.#expected.shift());
    const isLate = expected.givenUp && what !== 'changed';
    this.#tellOf(isLate ? 'late' : what, expected, this.#actual.shift());
  }

  #tellMissing(): void {
    const expected = (this.#last = this.#expected.shift());
    if (!expected.isOptional) this.#tellOf('missing', expected, null);
  }

  #tellExtra(): void {
    this.#tellOf('extra', null, this.#actual.shift());
  }

  #tellMove({ expected, actual, instead }: Move): void {
    const came = instead < 0 ? this.#actual.remove(actual) : this.#actual.replace(actual, instead);
    this.#tellOf('reordered', this.#expected.remove(expected), came);
  }

  #tellOf(what: MatchClass, expected: Unit | null, actual: Unit | null): void {
    this.#tell({ class: what, expected, actual, after: what === 'extra' ? this.#last : null, run: null });
  }
}
