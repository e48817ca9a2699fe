/**
 * What went on when: bytes and frames each way, and losses, of each connection, in bins of time.
 *
 * The rule: memory is bounded whatever the session's length. Bins begin narrow, and become twice as wide whenever they are
 * too many; nothing that was counted is ever lost by that. So any stretch of time is told from what is kept, without
 * the frames, and the sums of stretches that meet are the sum of the whole.
 */
import { Outcome } from '../protocol/outcome.ts';
import type { RecordedFrame } from '../recorder/captures.ts';
import type { SeenFrame } from './observe.ts';

/** Connections that are counted one by one, those that are heard of first; frames of others are only counted in all. */
export const LANES_MAX = 256;
/** Bins of all lanes together: 24 bytes each. */
export const CELLS_MAX = 1 << 19;
/** Bins of each, where there are few lanes. */
export const BINS_MAX = 1 << 15;
/** How wide bins are at first, in nanoseconds. */
export const NARROWEST_NS = 1e6;

const BINS_AT_FIRST = 256;

/** Of one connection. Numbers for each bin. */
class Lane {
  bytesIn: Float64Array;
  bytesOut: Float64Array;
  frames: Uint32Array;
  drops: Uint32Array;

  constructor(bins: number) {
    this.bytesIn = new Float64Array(bins);
    this.bytesOut = new Float64Array(bins);
    this.frames = new Uint32Array(bins);
    this.drops = new Uint32Array(bins);
  }

  resize(bins: number, factor: number): void {
    this.bytesIn = resized(this.bytesIn, new Float64Array(bins), factor);
    this.bytesOut = resized(this.bytesOut, new Float64Array(bins), factor);
    this.frames = resized(this.frames, new Uint32Array(bins), factor);
    this.drops = resized(this.drops, new Uint32Array(bins), factor);
  }
}

/** What a lane did in each bucket of a stretch of time. */
export interface LaneCounts {
  readonly conn: number;
  readonly bytesIn: readonly number[];
  readonly bytesOut: readonly number[];
  readonly frames: readonly number[];
  readonly drops: readonly number[];
}

export interface TimelineCounts {
  /** Those in which something went on. */
  readonly lanes: readonly LaneCounts[];
  /** By outcome: frames that did not arrive. */
  readonly dropped: ReadonlyMap<number, readonly number[]>;
}

/** Equal buckets from one moment to another, in nanoseconds. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly buckets: number;
}

export class TimelineTally {
  /** Where the first bin begins, in nanoseconds. */
  readonly #start: number;
  #width = NARROWEST_NS;
  /** How many bins there is room for, in every lane. */
  #bins = BINS_AT_FIRST;
  /** How many of them have been reached. */
  #used = 0;
  /** When the latest frame came. */
  #latest = -Infinity;
  readonly #lanes = new Map<number, Lane>();
  readonly #dropped = new Map<number, Uint32Array>();
  /** Of all lanes, and of those that found no room. */
  #frames = new Uint32Array(BINS_AT_FIRST);
  /** The least sequence number in each bin; 0 where there is none. */
  #firsts = new Float64Array(BINS_AT_FIRST);

  constructor(start: number) {
    this.#start = start;
  }

  /** How wide a bin is now. */
  get width(): number {
    return this.#width;
  }

  /** How many connections are counted one by one. */
  get lanes(): number {
    return this.#lanes.size;
  }

  add({ frame }: Pick<SeenFrame, 'frame'>): void {
    const { arrived, sequence, from, to, bytes } = frame;
    const bin = this.#bin(arrived);
    if (arrived > this.#latest) this.#latest = arrived;
    this.#frames[bin] = (this.#frames[bin] as number) + 1;
    const first = this.#firsts[bin] as number;
    if (first === 0 || sequence < first) this.#firsts[bin] = sequence;
    const isLost = frame.outcome > Outcome.originated;
    if (isLost) increment(this.#droppedFor(frame.outcome), this.#binAgain(bin, arrived));
    // A new lane may make bins wider.
    const source = from === 0 ? null : this.#lane(from);
    const target = to === 0 || isLost ? null : this.#lane(to);
    const at = this.#binAgain(bin, arrived);
    if (source !== null) {
      source.bytesIn[at] = (source.bytesIn[at] as number) + bytes.length;
      increment(source.frames, at);
      if (isLost) increment(source.drops, at);
    }
    if (target !== null) {
      target.bytesOut[at] = (target.bytesOut[at] as number) + bytes.length;
      if (target !== source) increment(target.frames, at);
    }
  }

  /** How many frames there are in the bins that a stretch touches, and the first of them. */
  extent({ from, to }: Pick<Stretch, 'from' | 'to'>): { readonly frames: number; readonly first: number } {
    let [frames, first] = [0, 0];
    const [begin, end] = [this.#index(from), Math.min(this.#index(to) + 1, this.#used)];
    for (let bin = begin; bin < end; bin++) {
      frames += this.#frames[bin] as number;
      const least = this.#firsts[bin] as number;
      if (least !== 0 && (first === 0 || least < first)) first = least;
    }
    return { frames, first };
  }

  told(stretch: Stretch): TimelineCounts {
    const scale = { start: this.#start, width: this.#width, used: this.#used, latest: this.#latest };
    const cut = new Cut(stretch, scale);
    const lanes: LaneCounts[] = [];
    for (const [conn, lane] of this.#lanes) {
      const frames = cut.told(lane.frames);
      const [bytesIn, bytesOut] = [cut.told(lane.bytesIn), cut.told(lane.bytesOut)];
      const isActive = frames.some(isPositive) || bytesIn.some(isPositive) || bytesOut.some(isPositive);
      if (isActive) lanes.push({ conn, bytesIn, bytesOut, frames, drops: cut.told(lane.drops) });
    }
    const dropped = new Map<number, readonly number[]>();
    for (const [outcome, bins] of this.#dropped) {
      const counts = cut.told(bins);
      if (counts.some(isPositive)) dropped.set(outcome, counts);
    }
    return { lanes, dropped };
  }

  #lane(conn: number): Lane | null {
    const known = this.#lanes.get(conn);
    if (known !== undefined) return known;
    if (this.#lanes.size >= LANES_MAX) return null;
    const made = new Lane(this.#bins);
    this.#lanes.set(conn, made);
    while (this.#bins > this.#binsMax) this.#widen(this.#bins / 2);
    return made;
  }

  #droppedFor(outcome: number): Uint32Array {
    const known = this.#dropped.get(outcome);
    if (known !== undefined) return known;
    const made = new Uint32Array(this.#bins);
    this.#dropped.set(outcome, made);
    return made;
  }

  /** Room for the bin of this moment is made where there is none. */
  #bin(at: number): number {
    let bin = this.#index(at);
    while (bin >= this.#bins) {
      if (this.#bins * 2 <= this.#binsMax) this.#resize(this.#bins * 2, 1);
      else this.#widen(this.#bins);
      bin = this.#index(at);
    }
    if (bin >= this.#used) this.#used = bin + 1;
    return bin;
  }

  /** The same, after there may be fewer bins. */
  #binAgain(bin: number, at: number): number {
    return this.#index(at) === bin ? bin : this.#index(at);
  }

  #index(at: number): number {
    return Math.max(0, Math.floor((at - this.#start) / this.#width));
  }

  get #binsMax(): number {
    const lanes = 1 << (32 - Math.clz32(Math.max(1, this.#lanes.size) - 1));
    return Math.min(BINS_MAX, CELLS_MAX / (this.#lanes.size <= 1 ? 1 : lanes));
  }

  /** Two bins become one. */
  #widen(bins: number): void {
    this.#width *= 2;
    this.#used = Math.ceil(this.#used / 2);
    this.#resize(bins, 2);
  }

  #resize(bins: number, factor: number): void {
    this.#bins = bins;
    for (const lane of this.#lanes.values()) lane.resize(bins, factor);
    for (const [outcome, counts] of this.#dropped)
      this.#dropped.set(outcome, resized(counts, new Uint32Array(bins), factor));
    this.#frames = resized(this.#frames, new Uint32Array(bins), factor);
    const firsts = new Float64Array(bins);
    for (const [bin, first] of this.#firsts.entries()) {
      const to = Math.floor(bin / factor);
      if (first !== 0 && (firsts[to] === 0 || first < (firsts[to] as number))) firsts[to] = first;
    }
    this.#firsts = firsts;
  }
}

/** Where bins are. */
interface Scale {
  readonly start: number;
  readonly width: number;
  readonly used: number;
  readonly latest: number;
}

/** Bins cut into buckets: what is in a bin lies evenly in its time, and of what is counted nothing is left out. */
class Cut {
  readonly #stretch: Stretch;
  readonly #scale: Scale;

  constructor(stretch: Stretch, scale: Scale) {
    this.#stretch = stretch;
    this.#scale = scale;
  }

  told(bins: Float64Array | Uint32Array): number[] {
    const { from, to, buckets } = this.#stretch;
    const { start, width, used, latest } = this.#scale;
    const counts = new Array<number>(buckets).fill(0);
    // Where each bucket ends, as a place among the bins. All that came before is rounded, not each bucket, so that nothing is lost.
    let [bin, before] = [0, 0];
    const until = (at: number): number => {
      // The last bin may have most of its time before it.
      const place = at > latest ? used : Math.min(Math.max((at - start) / width, 0), used);
      for (; bin + 1 <= place; bin++) before += bins[bin] as number;
      return Math.round(before + (place - bin) * (bins[bin] ?? 0));
    };
    let told = until(from);
    for (let i = 0; i < buckets; i++) {
      const all = until(i === buckets - 1 ? to : from + ((to - from) * (i + 1)) / buckets);
      counts[i] = all - told;
      told = all;
    }
    return counts;
  }
}

/** The same counts in another number of bins, `factor` of them as one. */
function resized<T extends Float64Array | Uint32Array>(bins: T, made: T, factor: number): T {
  const most = Math.min(bins.length, made.length * factor);
  for (let i = 0; i < most; i++) {
    const to = factor === 1 ? i : i >> 1;
    made[to] = (made[to] as number) + (bins[i] as number);
  }
  return made;
}

function increment(bins: Uint32Array, at: number): void {
  bins[at] = (bins[at] as number) + 1;
}

function isPositive(count: number): boolean {
  return count > 0;
}

/** All that is counted of a frame. */
export type CountedFrame = Pick<RecordedFrame, 'arrived' | 'from' | 'to' | 'outcome'> & {
  readonly size: number;
};

/** The same of some frames themselves, each at its own time. */
export function exactCounts({ from, to, buckets }: Stretch, frames: Iterable<CountedFrame>): TimelineCounts {
  const lanes = new Map<number, Record<Exclude<keyof LaneCounts, 'conn'>, number[]>>();
  const dropped = new Map<number, number[]>();
  const none = () => new Array<number>(buckets).fill(0);
  const lane = (conn: number) => {
    let made = lanes.get(conn);
    if (made === undefined)
      lanes.set(conn, (made = { bytesIn: none(), bytesOut: none(), frames: none(), drops: none() }));
    return made;
  };
  const raise = (counts: number[], at: number, by = 1) => (counts[at] = (counts[at] as number) + by);
  for (const frame of frames) {
    if (frame.arrived < from || frame.arrived >= to) continue;
    const at = Math.min(Math.floor(((frame.arrived - from) / (to - from)) * buckets), buckets - 1);
    const isLost = frame.outcome > Outcome.originated;
    if (isLost) {
      const counts = dropped.get(frame.outcome) ?? none();
      dropped.set(frame.outcome, counts);
      raise(counts, at);
    }
    if (frame.from !== 0) {
      const source = lane(frame.from);
      raise(source.bytesIn, at, frame.size);
      raise(source.frames, at);
      if (isLost) raise(source.drops, at);
    }
    if (frame.to === 0 || isLost) continue;
    const target = lane(frame.to);
    raise(target.bytesOut, at, frame.size);
    if (frame.to !== frame.from) raise(target.frames, at);
  }
  return { lanes: [...lanes].map(([conn, counts]) => ({ conn, ...counts })), dropped };
}
