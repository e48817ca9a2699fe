/**
 * What is counted of a session, or of what may become one.
 *
 * The rule: a tally that went into another is that other from then on. Whoever holds one asks for its
 * `root` before it counts, so that a merge moves no reference.
 */
import { Histogram } from '../../common/histogram.ts';
import type { SessionEnd } from './session.ts';

/** Of so many players of a session the nickname is known; whoever comes later has none. */
export const NICKNAMES_MAX = 1 << 14;

const NS_PER_MS = 1e6;

/** Since when a player takes part of whom the file knows it. */
const IN_FILE = Number.MAX_SAFE_INTEGER;

/** A connection that takes part from one sequence number to another. */
export class Span {
  readonly conn: number;
  readonly player: string;
  readonly first: number;
  last: number | null = null;
  /** Stands in a tally's list of what is to be written. */
  isListed = false;
  /** Is in the file, as it once was. */
  isWritten = false;

  constructor(conn: number, player: string, first: number) {
    this.conn = conn;
    this.player = player;
    this.first = first;
  }

  /** It ended before any frame could belong to it. */
  get isEmpty(): boolean {
    return this.last !== null && this.last < this.first;
  }
}

/** In nanoseconds; null if there are none, or not all are known. */
export interface DelayFigures {
  readonly p50: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

const noDelays: DelayFigures = { p50: null, p99: null, max: null };

export interface Nickname {
  readonly text: string;
  /** Of two, the greater one was told later. */
  readonly order: number;
}

export class Tally {
  /** The order in which they were made. */
  readonly born: number;
  /** Which session of the capture it is; 0 while it is none. */
  number = 0;
  /** Its row in the file; 0 while there is none. */
  row = 0;
  /** Into which it went. */
  into: Tally | null = null;
  /** Stands in the finder's list of what has changed. */
  isChanged = false;
  /** Waits for the relay to say which group its one player is in: see `facing`. */
  isPending = false;
  /** Null where it is none of a control server; empty where the asking for it was lost. */
  group: string | null;
  game = '';
  gameName = '';
  started = Infinity;
  lastSeen = 0;
  first = Infinity;
  last = 0;
  frames = 0;
  bytes = 0;
  /** Connections that take part. Without any, `ended` says how it ended, as far as is known. */
  open = 0;
  ended: SessionEnd | null = null;
  /** When the latest of those that do not any more has ended. */
  lastClosed = 0;
  /** What the last end of a connection said about the session's, and when. */
  #cause: SessionEnd | null = null;
  #causeAt = 0;
  /** Made with the first delay: thousands of players may be there and play with nobody. */
  #delays: Histogram | null = null;
  #delayMax = -1;
  /** Of all frames that left, it was told when. */
  #knowsDelays = true;
  /** Of the delays so far; null where one came since. */
  #figures: DelayFigures | null = null;
  /** Frames whose other end counted in that other tally too. */
  #parts: Map<Tally, Tally> | null = null;
  /** By player. They are kept, because when two tallies become one their order counts. */
  #nicknames = new Map<string, Nickname>();
  /** What is not in the file yet; of players, since when they take part. */
  spans: Span[] = [];
  members = new Map<string, number>();

  constructor(born: number, group: string | null) {
    this.born = born;
    this.group = group;
  }

  /** What this is now. */
  get root(): Tally {
    if (this.into === null) return this;
    let root = this.into;
    while (root.into !== null) root = root.into;
    // The way may be thousands long, so it is walked, and all on it are there in one step from now on.
    let next = this.into;
    this.into = root;
    while (next !== root) {
      const after: Tally = next.into as Tally;
      next.into = root;
      next = after;
    }
    return root;
  }

  add(sequence: number, arrived: number, bytes: number, departed: number | null): void {
    this.frames += 1;
    this.bytes += bytes;
    if (sequence > this.last) this.last = sequence;
    if (arrived > this.lastSeen) this.lastSeen = arrived;
    if (departed !== null) this.delay(departed - arrived);
  }

  delay(nanos: number): void {
    if (!this.#knowsDelays) return;
    this.#delays ??= new Histogram();
    this.#delays.add(nanos / NS_PER_MS);
    if (nanos > this.#delayMax) this.#delayMax = nanos;
    this.#figures = null;
  }

  /** There is a frame of which it will not be told when it left: its delays are not known any more. */
  loseDelays(): void {
    this.#knowsDelays = false;
    this.#delays = null;
    this.#figures = null;
  }

  get delays(): DelayFigures {
    if (this.#delays === null) return noDelays;
    this.#figures ??= { p50: this.#quantile(0.5), p99: this.#quantile(0.99), max: this.#delayMax };
    return this.#figures;
  }

  #quantile(q: number): number {
    // A histogram knows the middle of a step, which may lie beyond all that is in it.
    return Math.min(Math.round((this.#delays as Histogram).quantile(q) * NS_PER_MS), this.#delayMax);
  }

  /**
   * Where to count a frame whose other end counts in `other`: if this goes into `other` later, the
   * frame must not have been counted twice.
   */
  facing(other: Tally): Tally {
    if (!this.isPending) return this;
    this.#parts ??= new Map();
    const known = this.#parts.get(other);
    if (known !== undefined) return known;
    const part = new Tally(this.born, this.group);
    this.#parts.set(other, part);
    return part;
  }

  /** It is a session of its own, or a part of another: then what both counted goes to `sink`. */
  settle(target: Tally, sink: Tally): void {
    this.isPending = false;
    for (const [other, part] of this.#parts ?? []) {
      if (other.root === target && target !== this) part.into = sink;
      else this.#take(part);
    }
    this.#parts = null;
  }

  /** Takes over all that the other is. */
  absorb(other: Tally): void {
    this.#take(other);
    this.started = Math.min(this.started, other.started);
    this.first = Math.min(this.first, other.first);
    this.open += other.open;
    if (this.open > 0) this.ended = null;
    this.lastClosed = Math.max(this.lastClosed, other.lastClosed);
    if (other.#causeAt > this.#causeAt) {
      this.#cause = other.#cause;
      this.#causeAt = other.#causeAt;
    }
    if (this.group === '') this.group = other.group;
    if (this.game === '') {
      this.game = other.game;
      this.gameName = other.gameName;
    }
    this.#takeUnwritten(other);
  }

  #take(other: Tally): void {
    other.into = this;
    this.frames += other.frames;
    this.bytes += other.bytes;
    this.last = Math.max(this.last, other.last);
    this.lastSeen = Math.max(this.lastSeen, other.lastSeen);
    this.#delayMax = Math.max(this.#delayMax, other.#delayMax);
    this.#figures = null;
    if (!this.#knowsDelays || !other.#knowsDelays) this.loseDelays();
    else if (other.#delays === null) return;
    else if (this.#delays === null) this.#delays = other.#delays;
    else this.#delays.addAll(other.#delays);
  }

  /** Moves the smaller of two lists: else thousands of merges in a row would each move all that gathered before. */
  #takeUnwritten(other: Tally): void {
    const spans = [this.spans, other.spans].sort((one, two) => two.length - one.length) as [Span[], Span[]];
    for (const span of spans[1]) spans[0].push(span);
    this.spans = spans[0];
    other.spans = [];
    this.#takeMembers(other);
    this.#takeNicknames(other);
  }

  #takeMembers(other: Tally): void {
    const [more, less] = inOrderOfSize(this.members, other.members);
    for (const [player, first] of less) more.set(player, Math.min(first, more.get(player) ?? Infinity));
    this.members = more;
    other.members = new Map();
  }

  #takeNicknames(other: Tally): void {
    const [more, less] = inOrderOfSize(this.#nicknames, other.#nicknames);
    this.#nicknames = more;
    other.#nicknames = new Map();
    for (const [player, nickname] of less) {
      const isNew = !more.has(player);
      // What is in the file of both may be wrong now.
      if (!this.#learn(player, nickname) || !isNew) {
        this.members.set(player, this.members.get(player) ?? IN_FILE);
      }
    }
  }

  join(player: string, nickname: Nickname | null, first: number): void {
    this.members.set(player, Math.min(first, this.members.get(player) ?? Infinity));
    if (nickname !== null) this.#learn(player, nickname);
  }

  /** False where there is no room for it. */
  #learn(player: string, nickname: Nickname): boolean {
    const known = this.#nicknames.get(player);
    if (known === undefined && this.#nicknames.size >= NICKNAMES_MAX) return false;
    if (known === undefined || known.order < nickname.order) this.#nicknames.set(player, nickname);
    return true;
  }

  /** The one that was told last, of those that the player had in here; empty where none is known. */
  nicknameOf(player: string): string {
    return this.#nicknames.get(player)?.text ?? '';
  }

  openSpan(span: Span, since: number): void {
    this.open += 1;
    this.ended = null;
    this.started = Math.min(this.started, since);
    this.lastSeen = Math.max(this.lastSeen, since);
    this.first = Math.min(this.first, span.first);
    this.list(span);
  }

  /** `cause` is null where the connection ended because another did. */
  closeSpan(span: Span, last: number, cause: SessionEnd | null, at: number): void {
    span.last = last;
    this.list(span);
    this.open -= 1;
    this.last = Math.max(this.last, last);
    this.lastSeen = Math.max(this.lastSeen, at);
    this.lastClosed = Math.max(this.lastClosed, at);
    if (cause !== null) {
      this.#cause = cause;
      this.#causeAt = at;
    }
    if (this.open === 0) this.ended = this.#cause ?? 'left';
  }

  list(span: Span): void {
    if (span.isListed) return;
    span.isListed = true;
    this.spans.push(span);
  }
}

function inOrderOfSize<K, V>(one: Map<K, V>, two: Map<K, V>): readonly [more: Map<K, V>, less: Map<K, V>] {
  return one.size >= two.size ? [one, two] : [two, one];
}
