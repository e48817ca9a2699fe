/**
 * The simplest aligners there are, for tests of what stands around them. Frames are a pair as long as the next two
 * are the same. All else is told at the end: what lies between two pairs is changed, missing or extra, and of a
 * stream everything from the first differing byte on is one run.
 */
import type { Aligner, Match, MatchClass, StreamRun } from '../../replay/compare/aligner.ts';
import type { Aligners, FrameAlignerOptions, StreamAlignerOptions } from '../../replay/compare/comparator.ts';
import type { Unit } from '../../replay/types.ts';
import { join } from './bytes.ts';

class PairwiseFrames implements Aligner {
  readonly #options: FrameAlignerOptions;
  readonly #expected: Unit[] = [];
  readonly #actual: Unit[] = [];
  #after: Unit | null = null;

  constructor(options: FrameAlignerOptions) {
    this.#options = options;
  }

  get held(): number {
    return this.#expected.length + this.#actual.length;
  }

  expect(unit: Unit): void {
    this.#expected.push(unit);
    this.#pairHeads();
  }

  came(unit: Unit): void {
    this.#actual.push(unit);
    this.#pairHeads();
  }

  /** Pairs what is the same, in order; what is left between two pairs is changed, missing or extra. */
  end(): void {
    while (this.#expected.length > 0 || this.#actual.length > 0) {
      const [pairedAt, cameAt] = this.#nextPair();
      for (let i = 0; i < Math.max(pairedAt, cameAt); i++)
        this.#tell(
          i < pairedAt ? (i < cameAt ? 'changed' : 'missing') : 'extra',
          i < pairedAt ? (this.#expected.shift() as Unit) : null,
          i < cameAt ? (this.#actual.shift() as Unit) : null,
        );
      this.#pairHeads();
    }
  }

  #pairHeads(): void {
    for (;;) {
      const [expected] = this.#expected;
      const [actual] = this.#actual;
      if (expected === undefined || actual === undefined) return;
      const same = this.#options.same(expected, actual);
      if (same === 'different') return;
      this.#expected.shift();
      this.#actual.shift();
      this.#tell(expected.givenUp ? 'late' : same, expected, actual);
    }
  }

  /** How many of each are to be passed over until two are the same: as few as can be. */
  #nextPair(): [number, number] {
    for (let passed = 0; passed < this.#expected.length + this.#actual.length; passed++)
      for (let i = 0; i <= passed; i++) {
        const expected = this.#expected[i];
        const actual = this.#actual[passed - i];
        if (expected === undefined || actual === undefined) continue;
        if (this.#options.same(expected, actual) !== 'different') return [i, passed - i];
      }
    return [this.#expected.length, this.#actual.length];
  }

  #tell(what: MatchClass, expected: Unit | null, actual: Unit | null): void {
    this.#after = expected ?? this.#after;
    this.#options.tell({
      class: what,
      expected,
      actual,
      after: expected === null ? this.#after : null,
      run: null,
    });
  }
}

class PairwiseStream implements Aligner {
  readonly #options: StreamAlignerOptions;
  readonly #expected: Unit[] = [];
  readonly #actual: Unit[] = [];

  constructor(options: StreamAlignerOptions) {
    this.#options = options;
  }

  get held(): number {
    return this.#expected.length + this.#actual.length;
  }

  expect(unit: Unit): void {
    this.#expected.push(unit);
  }

  came(unit: Unit): void {
    this.#actual.push(unit);
  }

  end(): void {
    const [expected, actual] = [this.#expected, this.#actual].map((units) =>
      join(units.map((unit) => this.#options.payload(unit))),
    ) as [Uint8Array, Uint8Array];
    let at = 0;
    while (at < expected.length && at < actual.length && expected[at] === actual[at]) at++;
    let end = 0;
    let begun: Unit | null = null;
    for (const unit of this.#expected) {
      end += this.#options.payload(unit).length;
      if (end <= at) this.#tell('equal', unit, this.#actual.at(-1) ?? null, null);
      else begun ??= unit;
    }
    const run = { at, expected: expected.slice(at), actual: actual.slice(at) };
    if (run.expected.length + run.actual.length > 0) {
      const what = run.actual.length === 0 ? 'missing' : run.expected.length === 0 ? 'extra' : 'changed';
      this.#tell(what, begun, what === 'missing' ? null : (this.#actual.at(-1) ?? null), run);
    }
    this.#expected.length = this.#actual.length = 0;
  }

  #tell(what: MatchClass, expected: Unit | null, actual: Unit | null, run: StreamRun | null): void {
    const after = expected === null ? (this.#expected.at(-1) ?? null) : null;
    this.#options.tell({ class: what, expected, actual, after, run } satisfies Match);
  }
}

export const pairwise: Aligners = {
  frames: (options) => new PairwiseFrames(options),
  stream: (options) => new PairwiseStream(options),
};
