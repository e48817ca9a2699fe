/**
 * The relay's end of the recorder: copies every hop into shared memory, once, and never waits.
 *
 * The rule: a hop that cannot be kept still takes its sequence number, and is declared. Slabs are
 * handed over when a turn has ended, so that the times of departure are in them; a hop whose target
 * was slow gets its time later, in a record of its own.
 */
import { Outcome } from '../protocol/outcome.ts';
import type { Fault, FrameKind, HopRef, Identity, Millis, Peer, Protocol, Tap } from '../protocol/types.ts';
import { SlabFiller } from './filler.ts';
import type { SlabRing } from './ring.ts';
import {
  encodeEvent,
  type EventRecord,
  FRAME_HEADER_BYTES,
  GAP_BYTES,
  GapReason,
  HALF,
  LATE_BYTES,
  Record,
  recordBytes,
  SLAB_BYTES,
  type SlabMemory,
  WORD,
} from './slab.ts';

export type Policy = 'gap' | 'block';

/** How many hops back a departure finds its record directly; an older one is told by a record of its own. */
const RECENT = 1 << 18;

/** Events that wait for a free slab; more are counted as lost. */
const EVENTS_MAX = 65_536;

/** Below so many free slabs, `block` stops the readers: what is already in hand needs room. */
const RESERVE_SLABS = 4;

/** One that is being written, and one to go on with. */
const QUEUED_ENOUGH = 2;

const NS_PER_MS = 1e6;
const NO_BYTES = new Uint8Array(0);

export class RecordingTap implements Tap {
  readonly policy: Policy;
  readonly #memory: SlabMemory;
  readonly #ring: SlabRing;
  /** What the relay's clock said at nanosecond 0 of the capture. */
  readonly #anchor: Millis;
  #flushMs: number;
  #hold: ((on: boolean) => void) | null = null;
  #sequence = 0;
  /** Where each of the last hops is, as an index of 8-byte words. */
  readonly #recent = new Int32Array(RECENT);

  readonly #filler: SlabFiller;
  /** The first sequence number that is, or will be, in the slab that is being filled. */
  #slabFirst = 1;
  /** The first that has not been handed over. */
  #openFirst = 1;
  #timer: NodeJS.Timeout | null = null;
  #due = false;

  // What could not be kept since there was a free slab.
  #gapFirst = 0;
  #gapFrames = 0;
  #gapEvents = 0;
  #gapAt = 0;
  #gapReason: number = GapReason.full;
  readonly #pendingEvents: Uint8Array[] = [];
  #framesLost = 0;
  #held = false;
  #closed = false;

  constructor(memory: SlabMemory, ring: SlabRing, anchor: Millis, policy: Policy, flushMs: number) {
    this.#memory = memory;
    this.#ring = ring;
    this.#filler = new SlabFiller(ring);
    this.#anchor = anchor;
    this.policy = policy;
    this.#flushMs = flushMs;
  }

  /** Frames that this end could not keep. */
  get framesLost(): number {
    return this.#framesLost;
  }

  /** The last sequence number given. */
  get sequence(): number {
    return this.#sequence;
  }

  get blocked(): boolean {
    return this.#held;
  }

  /** Bytes that are not stored yet. */
  get waitingBytes(): number {
    return this.#filler.waitingBytes;
  }

  /** How old the oldest record is that is not stored yet. */
  lagMs(now: Millis): Millis {
    return this.#filler.lagMs(now);
  }

  set flushMs(ms: number) {
    this.#flushMs = ms;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#startTimer();
  }

  // Tap ---------------------------------------------------------------------------------------------

  attach(hold: (on: boolean) => void): void {
    this.#hold = hold;
  }

  opened(conn: number, protocol: Protocol, peer: Peer, now: Millis): void {
    const texts = peer.transport === undefined ? [peer.address] : [peer.address, peer.transport];
    this.#event(Record.opened, conn, protocol.id, peer.port, now, texts, NO_BYTES);
  }

  identified(conn: number, identity: Identity, stamp: Uint8Array): void {
    const { role, endpoint, toward, nickname, game, gameName } = identity;
    const texts = [role, endpoint, toward, nickname, game, gameName];
    this.#event(Record.identified, conn, 0, 0, this.#anchor, texts, stamp);
  }

  closed(conn: number, fault: Fault, now: Millis): void {
    this.#event(Record.closed, conn, fault, 0, now, [], NO_BYTES);
  }

  hop(
    from: number,
    to: number,
    kind: FrameKind,
    outcome: Outcome,
    bytes: Uint8Array,
    at: number,
    end: number,
    arrived: Millis,
  ): HopRef {
    const size = end - at;
    const sequence = ++this.#sequence;
    const needs = recordBytes(FRAME_HEADER_BYTES, size);
    if (this.#filler.at + needs > this.#filler.limit && !this.#makeRoom(needs, sequence)) {
      this.#lose(sequence, arrived, needs);
      return -1;
    }
    const start = this.#filler.at;
    this.#filler.at = start + needs;
    const { halves, words } = this.#memory;
    const half = start >>> 2;
    const word = start >>> 3;
    halves[half + HALF.type] = Record.frame;
    halves[half + HALF.size] = size;
    words[word + WORD.sequence] = sequence;
    words[word + WORD.arrived] = this.#ns(arrived);
    words[word + WORD.departed] = NaN;
    halves[half + HALF.from] = from;
    halves[half + HALF.to] = to;
    halves[half + HALF.kind] = kind;
    halves[half + HALF.outcome] = outcome;
    this.#memory.bytes.set(
      at === 0 && size === bytes.length ? bytes : bytes.subarray(at, end),
      start + FRAME_HEADER_BYTES,
    );
    this.#recent[sequence & (RECENT - 1)] = word;
    return sequence;
  }

  amend(hop: HopRef, outcome: Outcome): void {
    const word = this.#open(hop);
    if (word >= 0) this.#memory.halves[2 * word + HALF.outcome] = outcome;
  }

  departed(hop: HopRef, now: Millis): void {
    const word = this.#open(hop);
    if (word >= 0) this.#memory.words[word + WORD.departed] = this.#ns(now);
    else this.#late(Record.departed, hop, this.#ns(now));
  }

  undelivered(hop: HopRef): void {
    const word = this.#open(hop);
    if (word >= 0) this.#memory.halves[2 * word + HALF.outcome] = Outcome.undelivered;
    else this.#late(Record.undelivered, hop, 0);
  }

  turned(): void {
    this.#filler.queueParked();
    this.#openFirst = this.#slabFirst;
    if (this.#due) this.handOver();
  }

  // Handing over ------------------------------------------------------------------------------------

  /** Gives the writer what there is. Only between turns. */
  handOver(): void {
    if (this.#closed) return;
    this.#due = false;
    if (!this.#filler.hasSlab && this.#owes) this.#takeSlab();
    if (!this.#filler.queueSlab()) return;
    this.#openFirst = this.#slabFirst = this.#sequence + 1;
  }

  /**
   * Hands over the rest; nothing may be recorded after. Answers whether all is handed over: where no
   * slab was free for what is owed, call again a little later.
   */
  close(): boolean {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.turned();
    this.handOver();
    this.#closed = !this.#owes;
    return this.#closed;
  }

  /** Something waits for a free slab. */
  get #owes(): boolean {
    return this.#gapFrames > 0 || this.#gapEvents > 0 || this.#pendingEvents.length > 0;
  }

  /** The writer is gone for good: from now on everything is lost, and counted. */
  abandon(): void {
    this.close();
    this.#closed = true;
    if (this.#held) this.#hold?.(false);
    this.#held = false;
  }

  /** The writer has freed a slab. */
  relieved(): void {
    if (!this.#held) return;
    if (this.#filler.spare <= 2 * RESERVE_SLABS) {
      this.#ring.starved = true;
      return;
    }
    this.#held = false;
    this.#hold?.(false);
  }

  /** A slab with room for `needs` more bytes, which starts with the sequence number `first`; or not. */
  #makeRoom(needs: number, first: number): boolean {
    if (needs > SLAB_BYTES || this.#closed) return false;
    if (this.#filler.hasSlab) {
      this.#filler.park();
      this.#slabFirst = first;
    }
    return this.#takeSlab() && this.#filler.at + needs <= this.#filler.limit;
  }

  #takeSlab(): boolean {
    if (this.#closed) return false;
    const isTaken = this.#filler.take();
    if (this.policy === 'block' && !this.#held && this.#filler.spare <= RESERVE_SLABS) {
      this.#held = true;
      this.#ring.starved = true;
      this.#hold?.(true);
    }
    if (!isTaken) return false;
    this.#startTimer();
    this.#settle();
    return true;
  }

  /** Half of what may be lost: the writer needs some time too. */
  #startTimer(): void {
    if (this.#closed) return;
    if (this.#timer === null) this.#timer = setTimeout(() => this.#tick(), this.#flushMs / 2);
    else this.#timer.refresh();
  }

  #tick(): void {
    // A writer that is behind gets no more slabs before they are full: half-empty ones would be used up
    // by a disk that stands still for a second, however little there is to record.
    const isBehind = this.#ring.waiting >= QUEUED_ENOUGH;
    // In the middle of a turn the departures are still to come; then its end sees to it.
    if (this.#filler.hasParked) this.#due = true;
    else if (!isBehind) this.handOver();
    if (isBehind || this.#owes) this.#startTimer();
  }

  // What could not be kept --------------------------------------------------------------------------

  #lose(sequence: number, arrived: Millis, needs: number): void {
    if (this.#gapFrames === 0) {
      this.#gapFirst = sequence;
      this.#gapAt = this.#ns(arrived);
      this.#gapReason = needs > SLAB_BYTES ? GapReason.tooLarge : GapReason.full;
    }
    this.#gapFrames++;
    this.#framesLost++;
    // Declared before any other frame can be recorded: here, or at the start of the next slab.
    if (this.#filler.at + GAP_BYTES <= this.#filler.limit) this.#writeGap();
    else this.#startTimer();
  }

  /** Writes what waited for a slab at the start of a new one. */
  #settle(): void {
    if (this.#gapFrames > 0 || this.#gapEvents > 0) this.#writeGap();
    let written = 0;
    for (const event of this.#pendingEvents) {
      if (this.#filler.at + event.length > this.#filler.limit) break;
      this.#memory.bytes.set(event, this.#filler.at);
      this.#filler.at += event.length;
      written++;
    }
    this.#pendingEvents.splice(0, written);
  }

  #writeGap(): void {
    const word = this.#filler.at >>> 3;
    this.#memory.halves[2 * word] = Record.gap;
    this.#memory.halves[2 * word + 1] = GAP_BYTES;
    this.#memory.words[word + 1] = this.#gapFirst;
    this.#memory.words[word + 2] = this.#gapFrames;
    this.#memory.words[word + 3] = this.#gapEvents;
    this.#memory.words[word + 4] = this.#gapAt;
    this.#memory.words[word + 5] = this.#gapReason;
    this.#filler.at += GAP_BYTES;
    this.#gapFrames = this.#gapEvents = 0;
  }

  #event(
    type: number,
    conn: number,
    code: number,
    port: number,
    now: Millis,
    texts: EventRecord['texts'],
    stamp: Uint8Array,
  ): void {
    const record = encodeEvent({ type, conn, code, port, at: this.#ns(now), texts, stamp });
    if (
      this.#pendingEvents.length === 0 &&
      (this.#filler.at + record.length <= this.#filler.limit ||
        this.#makeRoom(record.length, this.#sequence + 1))
    ) {
      this.#memory.bytes.set(record, this.#filler.at);
      this.#filler.at += record.length;
    } else if (this.#pendingEvents.length < EVENTS_MAX) {
      this.#pendingEvents.push(record);
      this.#startTimer();
    } else {
      this.#gapEvents++;
    }
  }

  /** Where the hop's record is, as long as it has not been handed over; else -1. */
  #open(hop: HopRef): number {
    if (hop < this.#openFirst || this.#sequence - hop >= RECENT) return -1;
    return this.#recent[hop & (RECENT - 1)] as number;
  }

  #late(type: number, hop: HopRef, at: number): void {
    if (
      this.#filler.at + LATE_BYTES > this.#filler.limit &&
      !this.#makeRoom(LATE_BYTES, this.#sequence + 1)
    ) {
      // The frame itself is kept; that its departure is not known shows as "never left".
      this.#gapEvents++;
      return;
    }
    const word = this.#filler.at >>> 3;
    this.#memory.halves[2 * word] = type;
    this.#memory.halves[2 * word + 1] = LATE_BYTES;
    this.#memory.words[word + 1] = hop;
    this.#memory.words[word + 2] = at;
    this.#filler.at += LATE_BYTES;
  }

  #ns(now: Millis): number {
    return Math.round((now - this.#anchor) * NS_PER_MS);
  }
}
