/**
 * One end of a joined pair: what it gets goes to the other end as it came, and is cut into frames on the side.
 *
 * The rule: an observer never breaks what it observes. No byte waits for the frame that it belongs to, what is no
 * frame goes on all the same, nobody is too slow, and an end goes on after all that came before it. Of one direction it
 * goes on as an end of one direction, and a break as a break.
 */
import { CommonFault } from '../protocol/fault.ts';
import { UNFRAMED } from '../protocol/kind.ts';
import { Outcome } from '../protocol/outcome.ts';
import { type FrameSink, Reader } from '../protocol/reader.ts';
import { Direction, type Fault, type FrameKind, type FrameView, type Span } from '../protocol/types.ts';
import type { Connection } from './connection.ts';
import type { ListenerContext } from './listener.ts';
import type { Outbox } from './outbox.ts';

export class Joined implements FrameSink {
  readonly other: Connection;
  readonly #own: Connection;
  /** Of the other end. */
  readonly #outbox: Outbox;
  readonly #context: ListenerContext;
  readonly #reader: Reader;
  /** What comes can be no frames any more. */
  #isUnframed = false;
  /** Whoever is at this end has said the last word. */
  #hasEnded = false;
  /** The other end has been told so. */
  #hasToldEnd = false;

  constructor(own: Connection, other: Connection, outbox: Outbox, context: ListenerContext) {
    this.#own = own;
    this.other = other;
    this.#outbox = outbox;
    this.#context = context;
    this.#reader = new Reader(context.protocol, Direction.toRelay, context.pool, this);
  }

  received(chunk: Span, end: number): void {
    // What has been recorded is on its way: each frame with the bytes that made it whole.
    if (this.#isUnframed) this.#outbox.track(this.#hop(UNFRAMED, chunk.bytes, 0, end));
    else this.#reader.push(chunk, 0, end);
    this.other.append(chunk.bytes, 0, end, this.#own);
  }

  frame(frame: FrameView): void {
    const { metrics, turn } = this.#context;
    this.#own.session.frame(frame, turn.arrived);
    metrics.framesIn++;
    metrics.framesOut++;
    (metrics.outcomes[Outcome.forwarded] as number)++;
    this.#outbox.track(this.#hop(frame.kind, frame.bytes, frame.at, frame.end));
  }

  fault(): void {
    this.#isUnframed = true;
  }

  /** What had come of a frame went on when it came. */
  leftover(bytes: Uint8Array): void {
    const hop = this.#hop(UNFRAMED, bytes, 0, bytes.length);
    if (this.#isUnframed) this.#outbox.track(hop);
    else this.#outbox.trackLast(hop);
  }

  #hop(kind: FrameKind, bytes: Uint8Array, at: number, end: number): number {
    const { tap, turn } = this.#context;
    if (tap === null) return -1;
    turn.schedule();
    return tap.hop(this.#own.id, this.other.id, kind, Outcome.forwarded, bytes, at, end, turn.arrived);
  }

  // Ends --------------------------------------------------------------------------------------------

  ended(): void {
    this.#reader.stop();
    this.#hasEnded = true;
    this.delivered();
  }

  /** All that waited for the other end is with the system: the end goes after it. */
  delivered(): void {
    if (!this.#hasEnded || this.#hasToldEnd || this.#outbox.waitingBytes > 0) return;
    this.#hasToldEnd = true;
    this.other.endSending();
    if (this.other.joined?.isOver === true) this.#own.close(CommonFault.none);
  }

  /** This end has said its last word, and the other one has heard it. */
  get isOver(): boolean {
    return this.#hasToldEnd;
  }

  /** This end is over; so is the other, and in the same way. */
  left(fault: Fault): void {
    this.#reader.stop();
    if (fault === CommonFault.lost) this.other.reset(CommonFault.partnerGone);
    else this.other.close(fault);
  }
}
