/**
 * One stream of a session: what waits to be sent on it, what may be sent, and what the peer may send.
 *
 * The rule: nothing is sent beyond the peer's window, and nothing is taken beyond our own. Either end of it ends by itself;
 * a reset ends both, and what waits goes with it.
 */
import { FrameType, type Refusal } from './frames.ts';
import { CREDIT_MAX, DATA_BYTES_MAX, DATA_COST_MIN, type MuxLimits } from './limits.ts';
import type { Violation } from './violations.ts';

/**
 * How a stream ended: both sides had said all; somebody broke it off; relay or peer were lost; nobody answered in time; or the
 * number of a refusal, which need not be one that we know.
 */
export type Ending = 'done' | 'reset' | 'lost' | 'late' | number;

/** Whoever holds the local connection. */
export interface StreamEvents {
  /** Lent for the call. `consumed` is to be called for it once, when it has been passed on. */
  data(bytes: Uint8Array): void;
  /** The peer has said all. */
  ended(): void;
  /** `write` has refused more; now there is room again. */
  drained(): void;
  /** Nothing comes after it, and nothing is heard any more. */
  closed(why: Ending): void;
}

/** What a stream needs of its session. */
export interface StreamHost {
  readonly limits: MuxLimits;
  /** Something of it could be sent. */
  ready(stream: MuxStream): void;
  /** It has credit to grant. */
  owes(stream: MuxStream): void;
  /** A frame without payload, or with a number. */
  tell(type: FrameType, stream: number, value?: number): void;
  /** Enlarges a window by as much of this as there is memory for; how much that was. */
  widen(bytes: number): number;
  /** It is over; its window was so large. */
  forget(stream: MuxStream, windowBytes: number): void;
}

/** What a frame takes from a window. */
export function costOf(bytes: number): number {
  return Math.max(bytes, DATA_COST_MIN);
}

export class MuxStream {
  readonly id: number;
  /** We have asked for it, not the peer. */
  readonly isOwn: boolean;
  readonly openedAt: number;
  readonly #host: StreamHost;
  #events: StreamEvents;
  #isAccepted = false;
  #isClosed = false;

  readonly #queue: Uint8Array[] = [];
  /** Of the first of them, so many bytes have been sent. */
  #sentOfFirst = 0;
  #queuedBytes = 0;
  #credit: number;
  #isFull = false;
  #isEnding = false;
  #isEndSent = false;

  #window: number;
  /** What the peer may still send. */
  #granted: number;
  /** What was passed on and not yet consumed. */
  #heldCost = 0;
  #owed = 0;
  #hasEnded = false;

  constructor(
    id: number,
    isOwn: boolean,
    credit: number,
    host: StreamHost,
    events: StreamEvents,
    now: number,
  ) {
    this.id = id;
    this.isOwn = isOwn;
    this.openedAt = now;
    this.#host = host;
    this.#events = events;
    this.#credit = credit;
    this.#window = this.#granted = host.limits.windowBytesMin;
  }

  get isAccepted(): boolean {
    return this.#isAccepted;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** What the peer's unread bytes may come to. */
  get windowBytes(): number {
    return this.#window;
  }

  get heldCost(): number {
    return this.#heldCost;
  }

  // What the local connection does.

  /** Of a stream that the peer has opened. */
  accept(): void {
    if (this.#isClosed || this.isOwn || this.#isAccepted) return;
    this.#isAccepted = true;
    this.#host.tell(FrameType.accept, this.id);
    this.#offer();
  }

  /** In place of `accept`. */
  refuse(why: Refusal): void {
    if (this.#isClosed || this.isOwn || this.#isAccepted) return;
    this.#host.tell(FrameType.refuse, this.id, why);
    this.close(why);
  }

  /** Keeps the bytes. False if no more should come until `drained`. */
  write(bytes: Uint8Array): boolean {
    if (this.#isClosed || this.#isEnding || bytes.length === 0) return true;
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
    this.#isFull = this.#queuedBytes >= this.#host.limits.queueBytesMax;
    this.#offer();
    return !this.#isFull;
  }

  /** The local connection has said all. */
  end(): void {
    if (this.#isClosed || this.#isEnding) return;
    this.#isEnding = true;
    this.#offer();
  }

  /** The local connection broke. */
  reset(why: 'reset' | 'late' = 'reset'): void {
    if (this.#isClosed) return;
    this.#host.tell(FrameType.reset, this.id);
    this.close(why);
  }

  /** Once for each piece that `data` was called with. */
  consumed(bytes: number): void {
    if (this.#isClosed) return;
    const cost = costOf(bytes);
    this.#heldCost -= cost;
    this.#owed += cost;
    if (!this.#hasEnded && this.#owed * 2 >= this.#window) this.#host.owes(this);
    this.#finish();
  }

  // What the session does.

  get canSend(): boolean {
    if (this.#isClosed || !(this.isOwn || this.#isAccepted)) return false;
    if (this.#queuedBytes > 0) return this.#credit >= DATA_COST_MIN;
    return this.#isEnding && !this.#isEndSent;
  }

  /** The bytes of the next frame; null where it is the end. Only where it can send. */
  next(): Uint8Array | null {
    const [first] = this.#queue;
    if (first === undefined) {
      this.#isEndSent = true;
      this.#finish();
      return null;
    }
    const length = Math.min(first.length - this.#sentOfFirst, DATA_BYTES_MAX, this.#credit);
    const bytes = first.subarray(this.#sentOfFirst, this.#sentOfFirst + length);
    this.#sentOfFirst += length;
    if (this.#sentOfFirst === first.length) {
      this.#queue.shift();
      this.#sentOfFirst = 0;
    }
    this.#queuedBytes -= length;
    this.#credit -= costOf(length);
    return bytes;
  }

  /** To be called when a message is made, so that whoever writes more in answer does not change it. */
  relieve(): void {
    if (!this.#isFull || this.#queuedBytes * 2 > this.#host.limits.queueBytesMax) return;
    this.#isFull = false;
    this.#events.drained();
  }

  /** What is to be granted now. The window of a reader that keeps up is doubled. */
  takeOwed(): number {
    const { windowBytesMax } = this.#host.limits;
    const more =
      this.#heldCost > 0 ? 0 : this.#host.widen(Math.min(this.#window, windowBytesMax - this.#window));
    const grant = this.#owed + more;
    this.#window += more;
    this.#owed = 0;
    this.#granted += grant;
    return grant;
  }

  takeAccept(): Violation | null {
    if (!this.isOwn || this.#isAccepted) return 'bad-answer';
    this.#isAccepted = true;
    return null;
  }

  takeRefusal(why: number): Violation | null {
    if (!this.isOwn || this.#isAccepted) return 'bad-answer';
    this.close(why);
    return null;
  }

  takeData(bytes: Uint8Array): Violation | null {
    if (this.isOwn && !this.#isAccepted) return 'before-accept';
    if (this.#hasEnded) return 'after-end';
    const cost = costOf(bytes.length);
    if (cost > this.#granted) return 'beyond-window';
    this.#granted -= cost;
    this.#heldCost += cost;
    this.#events.data(bytes);
    return null;
  }

  takeCredit(bytes: number): Violation | null {
    if (this.#credit + bytes > CREDIT_MAX) return 'credit-overflow';
    this.#credit += bytes;
    this.#offer();
    return null;
  }

  takeEnd(): Violation | null {
    if (this.isOwn && !this.#isAccepted) return 'before-accept';
    if (this.#hasEnded) return 'after-end';
    this.#hasEnded = true;
    this.#events.ended();
    this.#finish();
    return null;
  }

  /** Without telling the peer. */
  close(why: Ending): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#queue.length = 0;
    this.#queuedBytes = 0;
    this.#host.forget(this, this.#window);
    this.#events.closed(why);
  }

  /** Whoever opens for the peer is known only after the stream is. */
  heardBy(events: StreamEvents): void {
    this.#events = events;
  }

  #offer(): void {
    if (this.canSend) this.#host.ready(this);
  }

  #finish(): void {
    if (this.#isEndSent && this.#hasEnded && this.#heldCost === 0) this.close('done');
  }
}

/** For a stream that nobody holds, or not yet. */
export const deaf: StreamEvents = {
  data: () => undefined,
  ended: () => undefined,
  drained: () => undefined,
  closed: () => undefined,
};
