/**
 * What waits to be written to one connection.
 *
 * The rule: all that is appended in one turn leaves in one write. While the socket has not yet taken
 * an earlier write, later bytes gather behind it, up to the limit that the protocol names.
 */
import type { Socket } from 'node:net';
import { monotonic } from '../common/clock.ts';
import type { HopRef, Millis, Span, Tap } from '../protocol/types.ts';
import { OUTBOX_EARLY_BYTES } from './limits.ts';
import type { RelayMetrics } from './metrics.ts';
import type { BufferPool } from './pool.ts';

/** What an outbox shares with all others of its relay. */
export interface OutboxContext {
  readonly pool: BufferPool;
  readonly metrics: RelayMetrics;
  readonly tap: Tap | null;
  /** Sees to it that `flush` is called at the end of the turn. */
  dirty(outbox: Outbox): void;
}

/** Who is told how its outbox fares. */
export interface OutboxOwner {
  /** More waits than the limit allows. */
  overfull(): void;
  /** The socket has taken all that was written to it. */
  drained(): void;
}

const NONE: HopRef[] = [];

export class Outbox {
  readonly #context: OutboxContext;
  readonly #owner: OutboxOwner;
  readonly #socket: Socket;
  readonly #bytesMax: number;
  /** Gathers what is appended. */
  #filling: Span | null = null;
  #filled = 0;
  #fillingHops: HopRef[] = NONE;
  /** When the oldest frame in `filling` arrived. */
  #since: Millis = 0;
  /** What the socket has not taken yet. */
  #writing: Span | null = null;
  #writingBytes = 0;
  #writingHops: HopRef[] = NONE;
  #writes = 0;
  #written = 0;
  #isDirty = false;
  readonly #onWritten = (error?: Error | null): void => {
    this.#written++;
    // A broken socket ends the connection, which says what became of the bytes.
    if (error) return;
    // Callbacks of writes that ended at once come late; only the last one can be the one awaited.
    if (this.#writing === null || this.#written !== this.#writes) return;
    this.#wrote(monotonic());
    this.#write();
    this.#owner.drained();
  };

  constructor(context: OutboxContext, owner: OutboxOwner, socket: Socket, bytesMax: number) {
    this.#context = context;
    this.#owner = owner;
    this.#socket = socket;
    this.#bytesMax = bytesMax;
  }

  get waitingBytes(): number {
    return this.#filled + this.#writingBytes;
  }

  /** Copies `bytes[at, end)`, which arrived at `arrived`. */
  append(bytes: Uint8Array, at: number, end: number, arrived: Millis): void {
    const size = end - at;
    const filled = this.#filled;
    let filling = this.#filling;
    if (filling === null) {
      filling = this.#filling = this.#context.pool.take(size);
    } else if (filling.bytes.length < filled + size) {
      filling = this.#grow(filling, filled + size);
    }
    if (filled === 0) this.#since = arrived;
    filling.bytes.set(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end), filled);
    this.#filled = filled + size;
    if (!this.#isDirty) {
      this.#isDirty = true;
      this.#context.dirty(this);
    }
    if (this.#filled >= OUTBOX_EARLY_BYTES) {
      if (this.#writing === null) this.#write();
      else if (this.waitingBytes > this.#bytesMax) this.#owner.overfull();
    } else if (this.waitingBytes > this.#bytesMax) {
      this.#owner.overfull();
    }
  }

  /** The frame that is appended next is this hop. */
  track(hop: HopRef): void {
    if (hop < 0) return;
    if (this.#fillingHops === NONE) this.#fillingHops = [];
    this.#fillingHops.push(hop);
  }

  /** The last byte that was appended is the last of this hop. */
  trackLast(hop: HopRef): void {
    if (hop < 0) return;
    if (this.#filled > 0) this.track(hop);
    else if (this.#writing === null) this.#context.tap?.departed(hop, monotonic());
    else this.#writingHops.push(hop);
  }

  /** Writes what has gathered, unless an earlier write still waits. */
  flush(): void {
    if (this.#write()) this.#owner.drained();
  }

  /** Answers whether all has been written, and taken at once. */
  #write(): boolean {
    this.#isDirty = false;
    const filling = this.#filling;
    if (filling === null || this.#writing !== null || this.#filled === 0) return false;
    this.#writing = filling;
    this.#writingBytes = this.#filled;
    this.#filling = null;
    this.#filled = 0;
    // The two lists change places, so that neither is made anew each turn.
    const hops = this.#writingHops;
    this.#writingHops = this.#fillingHops;
    this.#fillingHops = hops;
    this.#writes++;
    const { buffer, byteOffset } = filling.bytes;
    this.#socket.write(Buffer.from(buffer, byteOffset, this.#writingBytes), this.#onWritten);
    const now = monotonic();
    this.#context.metrics.delay.add(now - this.#since);
    this.#context.metrics.bytesOut += this.#writingBytes;
    // A socket that broke in this very call has an empty queue too; its end says what became of the bytes.
    if (this.#socket.writableLength > 0 || this.#socket.errored !== null) return false;
    // Nothing left in the socket's own queue: the system has taken it all in the call above.
    this.#wrote(now);
    return true;
  }

  /** Forgets what waits, for a connection that is no more. */
  discard(): void {
    const tap = this.#context.tap;
    if (tap !== null) {
      for (const hop of this.#writingHops) tap.undelivered(hop);
      for (const hop of this.#fillingHops) tap.undelivered(hop);
    }
    this.#writingHops = this.#fillingHops = NONE;
    // A buffer that the socket still holds is left to the garbage collector.
    if (this.#filling !== null) this.#context.pool.give(this.#filling);
    this.#filling = this.#writing = null;
    this.#filled = this.#writingBytes = 0;
  }

  #wrote(now: Millis): void {
    const hops = this.#writingHops;
    const tap = this.#context.tap;
    if (hops.length > 0 && tap !== null) {
      for (const hop of hops) tap.departed(hop, now);
      hops.length = 0;
    }
    this.#context.pool.give(this.#writing as Span);
    this.#writing = null;
    this.#writingBytes = 0;
  }

  #grow(filling: Span, needs: number): Span {
    const larger = this.#context.pool.take(Math.max(needs, 2 * filling.bytes.length));
    larger.bytes.set(filling.bytes.subarray(0, this.#filled));
    this.#context.pool.give(filling);
    this.#filling = larger;
    return larger;
  }
}
