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

/** So many pairs say how good a shift is. */
const PAIRS_JUDGED = 4;
/** With fewer, at the end, nothing is said. */
const PAIRS_JUDGED_MIN = 2;
/** What a lost frame costs, as a share of bytes: a shift must be better by more. */
const SHIFT_COST = 0.02;
/** How different frames are that can be no pair. */
const NO_PAIR = 2;
/** What is usual is remembered for so many lengths. */
const LENGTHS_MAX = 1024;
/** How slowly what is usual follows what is. */
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
  readonly #usual = new Map<number, number>();

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
      const difference = differenceOf(one, other);
      if (difference > this.#usualOf(one)) {
        const ahead = SHIFT_MAX + PAIRS_JUDGED;
        if (!isEnd && (ones.length < ahead || others.length < ahead)) return;
        const [skipOnes, skipOthers] = this.#bestShift(difference);
        for (let i = 0; i < skipOnes; i++) this.#drop(0);
        for (let i = 0; i < skipOthers; i++) this.#drop(1);
        if (skipOnes + skipOthers === 0) this.#pair(one, other, difference);
      } else {
        this.#pair(one, other, difference);
      }
      one = ones[0];
      other = others[0];
    }
  }

  /** How many to leave out of each side. */
  #bestShift(difference: number): readonly [number, number] {
    const none = difference === NO_PAIR ? 1 : 0;
    let best: readonly [number, number] = [none, none];
    let least = this.#costOf(none, none) ?? NO_PAIR;
    for (let shift = 1; shift <= SHIFT_MAX; shift++) {
      for (const each of [[shift, 0] as const, [0, shift] as const]) {
        const cost = this.#costOf(each[0], each[1]);
        if (cost === null || cost >= least) continue;
        best = each;
        least = cost;
      }
    }
    return best;
  }

  /** The share of bytes in which the next pairs would differ, and what is lost. Null where there are too few. */
  #costOf(skipOnes: number, skipOthers: number): number | null {
    const [ones, others] = this.#sides;
    let sum = 0;
    let pairs = 0;
    for (; pairs < PAIRS_JUDGED; pairs++) {
      const one = ones[skipOnes + pairs];
      const other = others[skipOthers + pairs];
      if (one === undefined || other === undefined) break;
      sum += differenceOf(one, other);
    }
    if (pairs < PAIRS_JUDGED_MIN && skipOnes + skipOthers > 0 && sum > 0) return null;
    return pairs === 0 ? null : sum / pairs + (skipOnes + skipOthers) * SHIFT_COST;
  }

  #pair(one: Sample, other: Sample, difference: number): void {
    const key = keyOf(one);
    const usual = this.#usual.get(key) ?? 0;
    if (this.#usual.size >= LENGTHS_MAX) this.#usual.clear();
    this.#usual.set(key, usual + (difference - usual) / USUAL_INERTIA);
    this.#take(0);
    this.#take(1);
    this.#paired(one, other);
  }

  /** The most in which frames like it differ without that anybody looks for a better pair. */
  #usualOf(sample: Sample): number {
    return (this.#usual.get(keyOf(sample)) ?? 0) + 0.5 / Math.max(sample.bytes.length, 1);
  }

  #drop(side: 0 | 1): void {
    this.#take(side);
    this.#lost(side);
  }

  #take(side: 0 | 1): void {
    this.#budget.bytes -= this.#sides[side].shift()?.bytes.length ?? 0;
  }
}

function keyOf({ kind, bytes }: Sample): number {
  return bytes.length * 256 + kind;
}

/** The share of bytes in which two differ. */
function differenceOf(one: Sample, other: Sample): number {
  const { length } = one.bytes;
  if (one.kind !== other.kind || length !== other.bytes.length) return NO_PAIR;
  let differing = 0;
  for (let i = 0; i < length; i++) if (one.bytes[i] !== other.bytes[i]) differing++;
  return length === 0 ? 0 : differing / length;
}
