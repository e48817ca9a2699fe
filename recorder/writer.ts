/**
 * The writer's end of the recorder: takes slabs in order and stores each in one transaction.
 *
 * The rule: what cannot be stored is declared. While the file cannot be written to, slabs are read all
 * the same, so that the relay goes on; what they held is counted, and told in the first transaction
 * that works again.
 */
import { Failure } from '../common/failure.ts';
import { type SlabRing, Stat } from './ring.ts';
import {
  decodeEvent,
  type EventRecord,
  FRAME_HEADER_BYTES,
  GapReason,
  gapReasons,
  HALF,
  Record,
  recordBytes,
  SLAB_BYTES,
  type SlabMemory,
  WORD,
} from './slab.ts';
import type { CaptureStore } from './store.ts';

/** How often a file that could not be written to is tried again. */
const RETRY_MS = 1_000;

/** How long to wait for work before looking whether the end has come. */
const IDLE_MS = 250;

/** How often to look whether the file is still there. */
const LOOK_MS = 1_000;

/** Events kept for a file that cannot be written to. */
const OWED_EVENTS_MAX = 65_536;

/** How often a file that another program keeps to itself is tried once the end has come. */
const BUSY_TRIES_AT_END = 5;

/** A departure, or an undelivered hop, told after its frame. */
interface LateRecord {
  readonly type: number;
  readonly sequence: number;
  readonly at: number;
}

type Stored = 'stored' | 'busy' | 'failed';

/** What the writer tells the relay's thread. */
export interface WriterNews {
  trouble(text: string): void;
  recovered(text: string): void;
  /** A slab is free, which was asked for. */
  relieved(): void;
}

export class Writer {
  readonly #memory: SlabMemory;
  readonly #ring: SlabRing;
  readonly #store: CaptureStore;
  readonly #news: WriterNews;
  readonly #now: () => number;
  /** What is to be told the file, while it cannot be written to. */
  #owedEvents: (EventRecord | LateRecord)[] = [];
  /** Events that could not even be kept. */
  #lostEvents = 0;
  /** The last sequence number that has come, stored or not: what is missing up to it is a gap. */
  #seen: number;
  #failing = false;
  #retryAt = 0;
  #isBusy = false;
  #busyTriesAtEnd = 0;
  #lookAt = 0;
  #isMissing = false;
  /** Of the transaction in hand. */
  #frames = 0;

  constructor(memory: SlabMemory, ring: SlabRing, store: CaptureStore, news: WriterNews, now: () => number) {
    this.#memory = memory;
    this.#ring = ring;
    this.#store = store;
    this.#news = news;
    this.#now = now;
    this.#seen = store.lastSequence;
    // Of a writer that died before it could store them.
    this.#lostEvents = ring.stats[Stat.owedEvents] as number;
  }

  /** Works until the relay's thread has closed the ring and all is stored. */
  run(): void {
    while (this.step(IDLE_MS));
  }

  /** Stores the next slab, if one comes within `waitMs`; answers whether there is more to do. */
  step(waitMs: number): boolean {
    const closing = this.#ring.closing;
    const next = this.#ring.next(waitMs);
    if (next === null) {
      if (this.#owes && this.#now() >= this.#retryAt) this.#transaction(null, () => undefined);
      this.#relieve();
      return !closing;
    }
    const at = next.slab * SLAB_BYTES;
    const number = this.#ring.number;
    // A writer that was restarted may find that the one before had stored this slab, and no more than that.
    if (number > this.#store.lastSlab) {
      if (this.#failing && this.#now() < this.#retryAt) this.#giveUp(at, at + next.bytes);
      // Memory is not used up by waiting for a file that is only busy; what then has no room, the tap declares.
      else if (this.#storeSlab(at, at + next.bytes, number) === 'busy') return true;
    }
    this.#ring.finish(next.slab);
    this.#relieve();
    this.#look();
    return true;
  }

  #relieve(): void {
    if (!this.#ring.starved) return;
    this.#ring.starved = false;
    this.#news.relieved();
  }

  /** Looks now and then whether the file that is written to can still be found. */
  #look(): void {
    if (this.#isMissing || this.#now() < this.#lookAt) return;
    this.#lookAt = this.#now() + LOOK_MS;
    if (this.#store.isInPlace()) return;
    this.#isMissing = true;
    this.#news.trouble('the capture file was removed or replaced: what is recorded now is lost with it');
  }

  /** Marks the end of the capture, and with it whatever it lacks up to `sequence`; else it stays unclean. */
  finish(at: number, sequence: number): void {
    this.#seen = Math.max(this.#seen, sequence);
    try {
      if (this.#end(at)) return;
      // One row instead of all that is owed: on a full disk it may be all that fits.
      this.#lostEvents += this.#owedEvents.length;
      this.#owedEvents = [];
      if (this.#end(at)) return;
      throw new Failure('outside', 'not-finished', 'the end of the capture could not be written');
    } finally {
      this.#store.abandon();
    }
  }

  #end(at: number): boolean {
    for (;;) {
      const stored = this.#transaction(null, () => this.#store.end(at));
      if (stored !== 'busy') return stored === 'stored';
    }
  }

  get #owes(): boolean {
    return this.#seen > this.#store.lastSequence || this.#owedEvents.length > 0 || this.#lostEvents > 0;
  }

  #storeSlab(at: number, end: number, number: number): Stored {
    this.#frames = 0;
    const stored = this.#transaction(number, () => this.#replay(at, end));
    if (stored === 'failed') {
      this.#giveUp(at, end);
      // Far smaller than the slab, so it often fits where the slab did not.
      this.#transaction(null, () => undefined);
    } else if (stored === 'stored') {
      this.#seen = this.#store.lastSequence;
      const stats = this.#ring.stats;
      stats[Stat.framesStored] = (stats[Stat.framesStored] as number) + this.#frames;
      if (this.#failing || this.#isBusy) this.#news.recovered('the capture can be written to again');
      this.#failing = this.#isBusy = false;
    }
    return stored;
  }

  /** All of it or nothing, and before it what is owed. */
  #transaction(number: number | null, body: () => void): Stored {
    try {
      this.#store.begin();
      this.#payOwed();
      body();
      this.#store.commit(number);
    } catch (error) {
      this.#store.rollback();
      return this.#fail(error);
    }
    this.#owedEvents = [];
    this.#lostEvents = 0;
    this.#tellOwed();
    return 'stored';
  }

  #fail(error: unknown): Stored {
    const isBusy = (error as { code?: string }).code?.startsWith('SQLITE_BUSY') === true;
    if (isBusy && (!this.#ring.closing || ++this.#busyTriesAtEnd < BUSY_TRIES_AT_END)) {
      if (!this.#isBusy)
        this.#news.trouble('another program keeps the capture locked: frames wait in memory');
      this.#isBusy = true;
      return 'busy';
    }
    this.#retryAt = this.#now() + RETRY_MS;
    if (!this.#failing) {
      const text = explain(error);
      this.#store.trouble(text);
      this.#news.trouble(text);
    }
    this.#failing = true;
    return 'failed';
  }

  #payOwed(): void {
    for (const event of this.#owedEvents) this.#apply(event);
    this.#declareUpTo(this.#seen, this.#lostEvents);
  }

  /** A gap for whatever is missing up to `sequence`, if anything is. */
  #declareUpTo(sequence: number, events: number, at = 0): void {
    const store = this.#store;
    const last = store.lastSequence;
    if (sequence <= last && events === 0) return;
    const reason = gapReasons[this.#failing ? GapReason.writeFailed : GapReason.writerLost] as string;
    store.gap(last + 1, Math.max(sequence - last, 0), events, at, reason);
  }

  /** Stores the records of one slab. */
  #replay(at: number, end: number): void {
    const { halves, words, shared } = this.#memory;
    const store = this.#store;
    while (at < end) {
      const half = at >>> 2;
      const word = at >>> 3;
      const type = halves[half + HALF.type] as number;
      const size = halves[half + HALF.size] as number;
      switch (type) {
        case Record.frame: {
          const arrived = words[word + WORD.arrived] as number;
          const sequence = words[word + WORD.sequence] as number;
          // Whatever happened to the ones before: each number is stored or declared.
          if (sequence !== store.lastSequence + 1) this.#declareUpTo(sequence - 1, 0, arrived);
          const departed = words[word + WORD.departed] as number;
          store.frame(
            sequence,
            arrived,
            Number.isNaN(departed) ? null : departed - arrived,
            halves[half + HALF.from] as number,
            halves[half + HALF.to] as number,
            halves[half + HALF.kind] as number,
            halves[half + HALF.outcome] as number,
            Buffer.from(shared, at + FRAME_HEADER_BYTES, size),
          );
          this.#frames++;
          at += recordBytes(FRAME_HEADER_BYTES, size);
          continue;
        }
        case Record.gap: {
          const first = words[word + 1] as number;
          const noticed = words[word + 4] as number;
          const reason = gapReasons[words[word + 5] as number] as string;
          this.#declareUpTo(first - 1, 0, noticed);
          store.gap(first, words[word + 2] as number, words[word + 3] as number, noticed, reason);
          break;
        }
        default:
          this.#apply(this.#eventAt(at));
      }
      at += size;
    }
  }

  /** The record at `at`, if it is neither a frame nor a gap; a copy. */
  #eventAt(at: number): EventRecord | LateRecord {
    const { halves, words, bytes } = this.#memory;
    const type = halves[(at >>> 2) + HALF.type] as number;
    if (type >= Record.opened) return decodeEvent(bytes, at);
    const word = at >>> 3;
    return { type, sequence: words[word + 1] as number, at: words[word + 2] as number };
  }

  #apply(event: EventRecord | LateRecord): void {
    const store = this.#store;
    if ('sequence' in event) {
      if (event.type === Record.departed) store.departed(event.sequence, event.at);
      else store.undelivered(event.sequence);
      return;
    }
    const { type, conn, code, port, at, texts, stamp } = event;
    const [first = '', second = '', third = '', ...others] = texts;
    if (type === Record.opened) store.opened(conn, code, first, port, at, second === 'udp' ? second : null);
    else if (type === Record.identified) store.identified(conn, first, second, third, stamp, ...others);
    else store.closed(conn, code, at);
  }

  /** Reads a slab that cannot be stored, and keeps what must be told about it. */
  #giveUp(at: number, end: number): void {
    const { halves, words } = this.#memory;
    const stats = this.#ring.stats;
    while (at < end) {
      const word = at >>> 3;
      const type = halves[2 * word + HALF.type] as number;
      const size = halves[2 * word + HALF.size] as number;
      if (type === Record.frame) {
        this.#seen = words[word + WORD.sequence] as number;
        stats[Stat.framesLost] = (stats[Stat.framesLost] as number) + 1;
        at += recordBytes(FRAME_HEADER_BYTES, size);
        continue;
      }
      if (type === Record.gap) {
        // These frames are in the count of the relay's end already.
        this.#seen = Math.max(this.#seen, (words[word + 1] as number) + (words[word + 2] as number) - 1);
        this.#lostEvents += words[word + 3] as number;
      } else if (this.#owedEvents.length < OWED_EVENTS_MAX) this.#owedEvents.push(this.#eventAt(at));
      else this.#lostEvents++;
      at += size;
    }
    this.#tellOwed();
  }

  /** Outlives this thread. */
  #tellOwed(): void {
    this.#ring.stats[Stat.owedEvents] = this.#owedEvents.length + this.#lostEvents;
  }
}

function explain(error: unknown): string {
  const { code, message } = error as { code?: string; message: string };
  if (code === 'SQLITE_FULL') return 'the disk is full: nothing is recorded until there is room';
  if (code?.startsWith('SQLITE_IOERR') === true)
    return `the capture cannot be written to (${message}): nothing is recorded`;
  if (code?.startsWith('SQLITE_CORRUPT') === true)
    return `the capture is damaged (${message}): nothing is recorded`;
  if (error instanceof Failure) return error.message;
  return `the capture cannot be written to (${message}): nothing is recorded`;
}
