/**
 * Puts the frames of two recordings of one conversation side by side, in order.
 *
 * The rule: frames are a pair if nothing that is near makes a better one. As long as they differ no more than they
 * usually do, no one looks further; where they differ more, one of them may have been lost, and the shift after
 * which the frames that follow are most alike is taken. What is held is bounded.
 */
import type { FrameKind } from '../../protocol/types.ts';

/** How many lost in a row are made up for. */
export const SHIFT_MAX = 16;
/** Frames, each side, that wait for their counterparts; of more, the oldest have none. */
export const HELD_FRAMES_MAX = 2048;

/** So many pairs say how good a shift is; fewer, at the end, or before a frame of another kind. */
const PAIRS_JUDGED = 6;
/** Bytes by which frames must be more alike after a shift: for it, and for each frame that it gives up. */
const SHIFT_COST = 0.75;
const LOST_COST = 0.02;
/** As long as it is not known what is usual: counters that began elsewhere should not be made equal. */
const LOST_COST_AT_FIRST = 0.5;
/** What a pair of another kind or length counts for, in differing bytes. */
const NO_PAIR_BYTES = 4;
/** What is usual is remembered for so many lengths, follows what is so slowly, and is known after as many pairs. */
const LENGTHS_MAX = 1024;
const USUAL_INERTIA = 8;

export interface Sample {
  readonly kind: FrameKind;
  readonly bytes: Uint8Array;
}

/** Bytes that all aligners hold together. */
export interface Budget {
  bytes: number;
  readonly bytesMax: number;
}

export class PairAligner {
  readonly #paired: (one: Sample, other: Sample) => void;
  readonly #lost: (side: 0 | 1) => void;
  readonly #budget: Budget;
  readonly #sides: readonly [Sample[], Sample[]] = [[], []];
  /** How many bytes differ in frames of a kind and length, and in how many pairs that was seen. */
  readonly #usual = new Map<number, { readonly bytes: number; readonly pairs: number }>();

  constructor(budget: Budget, paired: (one: Sample, other: Sample) => void, lost: (side: 0 | 1) => void) {
    this.#budget = budget;
    this.#paired = paired;
    this.#lost = lost;
  }

  get held(): number {
    return this.#sides[0].length + this.#sides[1].length;
  }

  came(side: 0 | 1, sample: Sample): void {
    const line = this.#sides[side];
    line.push(sample);
    this.#budget.bytes += sample.bytes.length;
    this.#settle(false);
    while (line.length > HELD_FRAMES_MAX || (this.#budget.bytes > this.#budget.bytesMax && line.length > 0))
      this.#drop(side);
  }

  end(): void {
    this.#settle(true);
    for (const side of [0, 1] as const) while (this.#sides[side].length > 0) this.#drop(side);
  }

  #settle(isEnd: boolean): void {
    const [ones, others] = this.#sides;
    for (let one = ones[0], other = others[0]; one !== undefined && other !== undefined;) {
      const differing = differingBytes(one, other);
      if (differing === null || differing > this.#usualOf(one).bytes + 0.5) {
        const ahead = SHIFT_MAX + PAIRS_JUDGED;
        if (!isEnd && (ones.length < ahead || others.length < ahead)) return;
        const [skipOnes, skipOthers] = this.#bestShift(one, differing === null);
        for (let i = 0; i < skipOnes; i++) this.#drop(0);
        for (let i = 0; i < skipOthers; i++) this.#drop(1);
        if (skipOnes + skipOthers === 0) this.#pair(one, other, differing ?? 0);
      } else {
        this.#pair(one, other, differing);
      }
      one = ones[0];
      other = others[0];
    }
  }

  /** How many to leave out of each side: none, where they are a pair and no shift is better by enough. */
  #bestShift(one: Sample, isNoPair: boolean): readonly [number, number] {
    const lost = this.#usualOf(one).pairs < USUAL_INERTIA ? LOST_COST_AT_FIRST : LOST_COST;
    let best: readonly [number, number] = isNoPair ? [1, 1] : [0, 0];
    let least = (isNoPair ? null : this.#costOf(0, 0)) ?? NO_PAIR_BYTES + SHIFT_MAX;
    for (let shift = 1; shift <= SHIFT_MAX; shift++) {
      for (const each of [[shift, 0] as const, [0, shift] as const]) {
        // What is lost further on is no reason to give up frames that go together here.
        if (!isNoPair && this.#headOf(each[0], each[1]) >= this.#headOf(0, 0)) continue;
        const cost = this.#costOf(each[0], each[1]);
        if (cost === null || cost + SHIFT_COST + shift * lost >= least) continue;
        best = each;
        least = cost + SHIFT_COST + shift * lost;
      }
    }
    return best;
  }

  /** In how many bytes the very next pair would differ; infinitely many, where it is none. */
  #headOf(skipOnes: number, skipOthers: number): number {
    const [one, other] = [this.#sides[0][skipOnes], this.#sides[1][skipOthers]];
    return (one === undefined || other === undefined ? null : differingBytes(one, other)) ?? Infinity;
  }

  /** In how many bytes the next pairs would differ, as a mean. Null where the very next are none. */
  #costOf(skipOnes: number, skipOthers: number): number | null {
    const [ones, others] = this.#sides;
    let sum = 0;
    let pairs = 0;
    for (; pairs < PAIRS_JUDGED; pairs++) {
      const one = ones[skipOnes + pairs];
      const other = others[skipOthers + pairs];
      const differing = one === undefined || other === undefined ? null : differingBytes(one, other);
      if (one === undefined || differing === null) break;
      // Frames that are more alike than usual are no better a pair: what was lost does not change what is noise.
      sum += Math.max(differing, this.#usualOf(one).bytes);
    }
    if (pairs === 0) return null;
    return (sum + (PAIRS_JUDGED - pairs) * NO_PAIR_BYTES) / PAIRS_JUDGED;
  }

  #pair(one: Sample, other: Sample, differing: number): void {
    const { bytes, pairs } = this.#usualOf(one);
    if (this.#usual.size >= LENGTHS_MAX) this.#usual.clear();
    this.#usual.set(keyOf(one), { bytes: bytes + (differing - bytes) / USUAL_INERTIA, pairs: pairs + 1 });
    this.#take(0);
    this.#take(1);
    this.#paired(one, other);
  }

  #usualOf(sample: Sample): { readonly bytes: number; readonly pairs: number } {
    return this.#usual.get(keyOf(sample)) ?? NEVER_SEEN;
  }

  #drop(side: 0 | 1): void {
    this.#take(side);
    this.#lost(side);
  }

  #take(side: 0 | 1): void {
    this.#budget.bytes -= this.#sides[side].shift()?.bytes.length ?? 0;
  }
}

const NEVER_SEEN = { bytes: 0, pairs: 0 } as const;

function keyOf({ kind, bytes }: Sample): number {
  return bytes.length * 256 + kind;
}

/** Null where two can be no pair. */
function differingBytes(one: Sample, other: Sample): number | null {
  const { length } = one.bytes;
  if (one.kind !== other.kind || length !== other.bytes.length) return null;
  let differing = 0;
  for (let i = 0; i < length; i++) if (one.bytes[i] !== other.bytes[i]) differing++;
  return differing;
}
