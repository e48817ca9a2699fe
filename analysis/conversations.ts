/**
 * Who exchanged what with whom: frames, bytes, rhythm, sizes, silences and losses of each pair of endpoints.
 *
 * The rule: memory is bounded by the limits below, whatever the session holds. Of what goes beyond them it
 * is told that it is there.
 */
import { Histogram } from '../common/histogram.ts';
import { Outcome, outcomes } from '../protocol/outcome.ts';
import { Direction, type Protocol } from '../protocol/types.ts';
import { ConversationFilter } from './conversation-filter.ts';
import { endpointOf, targetOf } from './ends.ts';
import type { Observer, SeenFrame, SessionView } from './observe.ts';
import { type Carriage, carriageOf } from './payloads.ts';

/** Of more, only frames and bytes are counted, all together. */
export const CONVERSATIONS_MAX = 500;
/** Different sizes that are counted each way; others are counted as the next lower multiple of `SIZE_CLASS_BYTES`. */
export const SIZES_MAX = 256;
export const SIZE_CLASS_BYTES = 256;
/** The longest are kept, each way. */
export const SILENCES_MAX = 8;

/** A pause is silence where it is so many times as long as nine in ten are, and no shorter than this. */
const SILENCE_TIMES = 10;
const SILENCE_MIN_NS = 200e6;
/** Longer pauses are no part of the time in which a conversation was active. */
const ACTIVE_PAUSE_NS = 3e9;
const NANOS_PER_MILLI = 1e6;

/** All times in nanoseconds. */
export interface Silence {
  /** Sequence numbers of the frames before and behind it. */
  readonly after: number;
  readonly until: number;
  /** Since the capture's start. */
  readonly at: number;
  readonly lasted: number;
}

export interface Sizes {
  readonly min: number;
  readonly median: number;
  readonly max: number;
  /** The most common one. */
  readonly common: number;
  readonly commonFrames: number;
  /** Not so where there were more than `SIZES_MAX` of them: median and most common one are then classes. */
  readonly exact: boolean;
}

/** One direction. */
export interface Way {
  readonly from: string;
  readonly to: string;
  readonly frames: number;
  /** Of payload. */
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
  readonly firstSequence: number;
  readonly lastSequence: number;
  /** The median of the time between two of the game's own; null where there are no two in a row. */
  readonly interval: number | null;
  /** Of the game's own, frames a second while it was active. */
  readonly perSecond: number | null;
  readonly sizes: Sizes;
  /** In order of time. */
  readonly silences: readonly Silence[];
}

export interface Conversation {
  readonly protocol: string | null;
  readonly carries: Carriage;
  /** In the order in which they began; one, where nobody answered. */
  readonly ways: readonly Way[];
  /** Frames that did not arrive, by outcome. */
  readonly dropped: Readonly<Record<string, number>>;
  /** In the relay; null where nothing left it. */
  readonly delayP50: number | null;
  readonly delayP99: number | null;
  /** The protocol inside its payloads, and how many are of it. */
  readonly inner: { readonly protocol: string; readonly frames: number } | null;
  /** A filter that lets exactly its frames through. */
  readonly filter: string;
}

export interface Conversations {
  /** In the order in which they began. */
  readonly list: readonly Conversation[];
  /** What belongs to conversations beyond `CONVERSATIONS_MAX`. */
  readonly beyond: { readonly frames: number; readonly bytes: number };
}

export class ConversationObserver implements Observer<Conversations> {
  readonly #gaps: SessionView['gaps'];
  #gapsPassed = 0;
  readonly #talks = new Map<string, Talk>();
  #framesBeyond = 0;
  #bytesBeyond = 0;

  constructor({ gaps }: Pick<SessionView, 'gaps'>) {
    this.#gaps = gaps;
  }

  frame(seen: SeenFrame): void {
    const { frame, from, spec, payload } = seen;
    while ((this.#gaps[this.#gapsPassed]?.firstSequence ?? Infinity) <= frame.sequence) this.#gapsPassed++;
    if (payload === null || spec?.direction !== Direction.toRelay || frame.from === 0) return;
    const source = endpointOf(from, frame.from);
    const target = targetOf(seen);
    const carries = carriageOf(spec);
    const key = [from?.protocolId, carries, ...[source, target].sort()].join(' ');
    const talk = this.#talks.get(key) ?? this.#begin(key, seen, carries);
    if (talk === null) {
      this.#framesBeyond++;
      this.#bytesBeyond += payload.length;
    } else {
      talk.add(seen, source, target, payload.length, this.#gapsPassed);
    }
  }

  end(): Conversations {
    return {
      list: [...this.#talks.values()].map((talk) => talk.told()),
      beyond: { frames: this.#framesBeyond, bytes: this.#bytesBeyond },
    };
  }

  #begin(key: string, { from, to }: SeenFrame, carries: Conversation['carries']): Talk | null {
    if (this.#talks.size >= CONVERSATIONS_MAX) return null;
    const talk = new Talk((from ?? to)?.protocol ?? null, carries);
    this.#talks.set(key, talk);
    return talk;
  }
}

class Talk {
  readonly #protocol: Protocol | null;
  readonly #carries: Conversation['carries'];
  readonly #filter: ConversationFilter;
  readonly #ways: OneWay[] = [];
  readonly #dropped = new Map<string, number>();
  readonly #delays = new Histogram();
  #inner: string | null = null;
  #innerFrames = 0;

  constructor(protocol: Protocol | null, carries: Conversation['carries']) {
    this.#protocol = protocol;
    this.#carries = carries;
    this.#filter = new ConversationFilter(protocol);
  }

  add(seen: SeenFrame, source: string, target: string, size: number, gapsPassed: number): void {
    const { frame, inner } = seen;
    this.#filter.add(seen, source, target);
    let way = this.#ways.find(({ from }) => from === source);
    if (way === undefined) this.#ways.push((way = new OneWay(source, target, frame.sequence, frame.arrived)));
    way.add(frame.sequence, frame.arrived, size);
    // What is said in match-making has a rhythm of its own, beside the game's.
    if (inner === null) way.beat(frame.sequence, frame.arrived, frame.from, gapsPassed);
    if (frame.departed !== null) this.#delays.add((frame.departed - frame.arrived) / NANOS_PER_MILLI);
    // Whatever was not passed on was lost to the one it was for.
    if (frame.outcome > Outcome.originated) {
      const outcome = outcomes[frame.outcome]?.name ?? `outcome-${frame.outcome}`;
      this.#dropped.set(outcome, (this.#dropped.get(outcome) ?? 0) + 1);
    }
    if (inner === null) return;
    this.#inner = inner.protocol.name;
    this.#innerFrames++;
  }

  told(): Conversation {
    const quantile = (q: number) =>
      this.#delays.count === 0 ? null : Math.round(this.#delays.quantile(q) * NANOS_PER_MILLI);
    return {
      protocol: this.#protocol?.name ?? null,
      carries: this.#carries,
      ways: this.#ways.map((way) => way.told()),
      dropped: Object.fromEntries(this.#dropped),
      delayP50: quantile(0.5),
      delayP99: quantile(0.99),
      inner: this.#inner === null ? null : { protocol: this.#inner, frames: this.#innerFrames },
      filter: this.#filter.text,
    };
  }
}

class OneWay {
  readonly from: string;
  readonly #to: string;
  readonly #first: number;
  readonly #firstSequence: number;
  #last: number;
  #lastSequence: number;
  #frames = 0;
  #bytes = 0;
  #conn = 0;
  #gapsPassed = 0;
  #lastBeat = 0;
  #lastBeatSequence = 0;
  readonly #intervals = new Histogram();
  #pausesNs = 0;
  #activeNs = 0;
  #activeFrames = 0;
  readonly #sizes = new SizeCounts();
  /** Longest first. */
  readonly #pauses: Silence[] = [];

  constructor(from: string, to: string, sequence: number, arrived: number) {
    this.from = from;
    this.#to = to;
    this.#first = this.#last = arrived;
    this.#firstSequence = this.#lastSequence = sequence;
  }

  add(sequence: number, arrived: number, size: number): void {
    this.#last = arrived;
    this.#lastSequence = sequence;
    this.#frames++;
    this.#bytes += size;
    this.#sizes.add(size);
  }

  /** One frame of those that have a rhythm. */
  beat(sequence: number, arrived: number, conn: number, gapsPassed: number): void {
    // A pause says nothing where the recording lacks frames, or where the sender came anew.
    if (conn === this.#conn && gapsPassed === this.#gapsPassed) this.#pause(sequence, arrived);
    this.#conn = conn;
    this.#gapsPassed = gapsPassed;
    this.#lastBeat = arrived;
    this.#lastBeatSequence = sequence;
  }

  #pause(until: number, arrived: number): void {
    const lasted = arrived - this.#lastBeat;
    this.#intervals.add(lasted / NANOS_PER_MILLI);
    this.#pausesNs += lasted;
    if (lasted <= ACTIVE_PAUSE_NS) {
      this.#activeNs += lasted;
      this.#activeFrames++;
    }
    if (lasted < SILENCE_MIN_NS) return;
    const pauses = this.#pauses;
    if (pauses.length === SILENCES_MAX && lasted <= (pauses.at(-1) as Silence).lasted) return;
    pauses.push({ after: this.#lastBeatSequence, until, at: this.#lastBeat, lasted });
    pauses.sort((one, other) => other.lasted - one.lasted);
    if (pauses.length > SILENCES_MAX) pauses.pop();
  }

  told(): Way {
    const usual = this.#intervals.quantile(0.9) * NANOS_PER_MILLI;
    const silences = this.#pauses.filter(({ lasted }) => lasted >= usual * SILENCE_TIMES);
    const hasRhythm = this.#intervals.count > 0;
    return {
      from: this.from,
      to: this.#to,
      frames: this.#frames,
      bytes: this.#bytes,
      first: this.#first,
      last: this.#last,
      firstSequence: this.#firstSequence,
      lastSequence: this.#lastSequence,
      interval: hasRhythm ? Math.round(this.#intervals.quantile(0.5) * NANOS_PER_MILLI) : null,
      perSecond: this.#perSecond(),
      sizes: this.#sizes.told(),
      silences: silences.sort((one, other) => one.at - other.at),
    };
  }

  /** What is never quicker than the longest pause has no active time, but it has a rate all the same. */
  #perSecond(): number | null {
    const [frames, ns] =
      this.#activeFrames > 0 ? [this.#activeFrames, this.#activeNs] : [this.#intervals.count, this.#pausesNs];
    return frames === 0 || ns === 0 ? null : Number(((frames / ns) * 1e9).toPrecision(4));
  }
}

class SizeCounts {
  readonly #counts = new Map<number, number>();
  #min = Infinity;
  #max = 0;
  #exact = true;

  add(size: number): void {
    this.#min = Math.min(this.#min, size);
    this.#max = Math.max(this.#max, size);
    let counted = size;
    if (this.#counts.size >= SIZES_MAX && !this.#counts.has(size)) {
      this.#exact = false;
      counted = size - (size % SIZE_CLASS_BYTES);
    }
    this.#counts.set(counted, (this.#counts.get(counted) ?? 0) + 1);
  }

  told(): Sizes {
    const sorted = [...this.#counts].sort(([one], [other]) => one - other);
    let left = sorted.reduce((sum, [, frames]) => sum + frames, 0) / 2;
    const median = sorted.find(([, frames]) => (left -= frames) <= 0)?.[0] ?? 0;
    const [common, commonFrames] = sorted.reduce((most, each) => (each[1] > most[1] ? each : most), [0, 0]);
    return { min: this.#min, median, max: this.#max, common, commonFrames, exact: this.#exact };
  }
}
