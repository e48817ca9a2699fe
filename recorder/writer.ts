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

interface Gap {
  first: number;
  frames: number;
  events: number;
  at: number;
  reason: string;
}

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
  /** What the file lacks, while it cannot be written to. */
  #owedEvents: EventRecord[] = [];
  #owedGap: Gap | null = null;
  #failing = false;
  #retryAt = 0;
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
      if (this.#owes && this.#now() >= this.#retryAt) this.#settle();
      return !closing;
    }
    const at = next.slab * SLAB_BYTES;
    const number = this.#ring.number;
    // A writer that was restarted may find that the one before had stored this slab, and no more than that.
    if (number > this.#store.lastSlab) {
      if (this.#failing && this.#now() < this.#retryAt) this.#giveUp(at, at + next.bytes);
      else this.#storeSlab(at, at + next.bytes, number);
    }
    this.#ring.finish(next.slab);
    this.#look();
    if (this.#ring.starved) {
      this.#ring.starved = false;
      this.#news.relieved();
    }
    return true;
  }

  /** Looks now and then whether the file that is written to can still be found. */
  #look(): void {
    if (this.#isMissing || this.#now() < this.#lookAt) return;
    this.#lookAt = this.#now() + LOOK_MS;
    if (this.#store.isInPlace()) return;
    this.#isMissing = true;
    this.#news.trouble('the capture file was removed or replaced: what is recorded now is lost with it');
  }

  /** Marks the end of the capture; throws what SQLite throws. */
  finish(at: number): void {
    if (this.#owes) this.#settle();
    this.#store.finish(at);
  }

  get #owes(): boolean {
    return this.#owedGap !== null || this.#owedEvents.length > 0;
  }

  #storeSlab(at: number, end: number, number: number): void {
    this.#frames = 0;
    if (!this.#transaction(number, () => this.#replay(at, end))) {
      this.#giveUp(at, end);
      // Far smaller than the slab, so it often fits where the slab did not.
      this.#settle();
      return;
    }
    const stats = this.#ring.stats;
    stats[Stat.framesStored] = (stats[Stat.framesStored] as number) + this.#frames;
    if (!this.#failing) return;
    this.#failing = false;
    this.#news.recovered('the capture can be written to again; what it lacks is declared in it');
  }

  /** Tries to tell the file what it lacks. */
  #settle(): void {
    this.#transaction(null, () => undefined);
  }

  /** All of it or nothing, and before it what is owed; answers whether it was stored. */
  #transaction(number: number | null, body: () => void): boolean {
    try {
      this.#store.begin();
      this.#payOwed();
      body();
      this.#store.commit(number);
    } catch (error) {
      this.#fail(error);
      return false;
    }
    this.#owedEvents = [];
    this.#owedGap = null;
    return true;
  }

  #fail(error: unknown): void {
    this.#store.rollback();
    this.#retryAt = this.#now() + RETRY_MS;
    if (this.#failing) return;
    this.#failing = true;
    const text = explain(error);
    this.#store.trouble(text);
    this.#news.trouble(text);
  }

  #payOwed(): void {
    for (const event of this.#owedEvents) this.#event(event);
    const gap = this.#owedGap;
    if (gap !== null) this.#store.gap(gap.first, gap.frames, gap.events, gap.at, gap.reason);
  }

  /** Stores the records of one slab. */
  #replay(at: number, end: number): void {
    const { halves, words, bytes, shared } = this.#memory;
    const store = this.#store;
    while (at < end) {
      const half = at >>> 2;
      const word = at >>> 3;
      const type = halves[half + HALF.type] as number;
      const size = halves[half + HALF.size] as number;
      switch (type) {
        case Record.frame: {
          const arrived = words[word + WORD.arrived] as number;
          const departed = words[word + WORD.departed] as number;
          store.frame(
            words[word + WORD.sequence] as number,
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
        case Record.departed:
          store.departed(words[word + 1] as number, words[word + 2] as number);
          break;
        case Record.undelivered:
          store.undelivered(words[word + 1] as number);
          break;
        case Record.gap: {
          const reason = gapReasons[words[word + 5] as number] as string;
          store.gap(
            words[word + 1] as number,
            words[word + 2] as number,
            words[word + 3] as number,
            words[word + 4] as number,
            reason,
          );
          break;
        }
        default:
          this.#event(decodeEvent(bytes, at));
      }
      at += size;
    }
  }

  #event({ type, conn, code, port, at, texts, stamp }: EventRecord): void {
    const [first = '', second = '', third = ''] = texts;
    if (type === Record.opened) this.#store.opened(conn, code, first, port, at);
    else if (type === Record.identified) this.#store.identified(conn, first, second, third, stamp);
    else this.#store.closed(conn, code, at);
  }

  /** Reads a slab that cannot be stored, and keeps what must be told about it. */
  #giveUp(at: number, end: number): void {
    const { halves, words, bytes } = this.#memory;
    const stats = this.#ring.stats;
    while (at < end) {
      const word = at >>> 3;
      const type = halves[2 * word + HALF.type] as number;
      const size = halves[2 * word + HALF.size] as number;
      if (type === Record.frame) {
        this.#owe(words[word + WORD.sequence] as number, 1, 0, words[word + WORD.arrived] as number);
        stats[Stat.framesLost] = (stats[Stat.framesLost] as number) + 1;
        at += recordBytes(FRAME_HEADER_BYTES, size);
        continue;
      }
      // Frames that the relay's end lost are in its own count already.
      if (type === Record.gap) {
        this.#owe(
          words[word + 1] as number,
          words[word + 2] as number,
          words[word + 3] as number,
          words[word + 4] as number,
        );
      } else if (type >= Record.opened) {
        if (this.#owedEvents.length < OWED_EVENTS_MAX) this.#owedEvents.push(decodeEvent(bytes, at));
        else this.#owe(0, 0, 1, 0);
      }
      at += size;
    }
  }

  /** Sequence numbers come in order and without holes, so that all that is owed is one gap. */
  #owe(first: number, frames: number, events: number, at: number): void {
    this.#owedGap ??= {
      first,
      frames: 0,
      events: 0,
      at,
      reason: gapReasons[GapReason.writeFailed] as string,
    };
    if (this.#owedGap.frames === 0 && frames > 0) this.#owedGap.first = first;
    this.#owedGap.frames += frames;
    this.#owedGap.events += events;
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
