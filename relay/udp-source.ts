/**
 * One address and port from which datagrams come: a connection like those by TCP, as long as something comes.
 *
 *   open --close()--> deaf (its session is gone; what still comes is dropped) --quiet for a while--> forgotten
 *
 * The rules: each datagram is read for itself, and one that is no frame ends nothing. Whoever sends may say that he is
 * somebody else, so nobody is ever sent more bytes in all than came from there.
 */
import { monotonic } from '../common/clock.ts';
import { CommonFault } from '../protocol/fault.ts';
import { UNFRAMED } from '../protocol/kind.ts';
import { span } from '../protocol/memory.ts';
import { Outcome } from '../protocol/outcome.ts';
import { type FrameSink, Reader } from '../protocol/reader.ts';
import {
  Direction,
  type Fault,
  type FrameKind,
  type FrameView,
  type HopRef,
  type Identity,
  type Millis,
  type Mode,
  type Outlet,
  type Peer,
  type Protocol,
  RELAY,
  type Session,
} from '../protocol/types.ts';
import { type Connected, Hold } from './connected.ts';
import { DATAGRAMS_WAITING_MAX } from './limits.ts';
import type { ListenerContext } from './listener.ts';
import { Requests } from './requests.ts';

/** Hands a datagram to the system, and says afterwards whether that took it. */
export type SendDatagram = (bytes: Uint8Array, onSent: (error: Error | null) => void) => void;

interface Datagram {
  readonly bytes: Uint8Array;
  readonly arrived: Millis;
}

const NO_STAMP = new Uint8Array(0);

export class UdpSource implements Connected, Outlet, FrameSink {
  readonly id: number;
  readonly protocol: Protocol;
  readonly peer: Peer;
  readonly #context: ListenerContext;
  readonly #sendDatagram: SendDatagram;
  readonly #requests = new Requests();
  #session!: Session;
  stamp: Uint8Array = NO_STAMP;
  #identity: Identity | null = null;
  #isOpen = true;
  #holds = 0;
  /** Reads the datagram in hand; between datagrams only where a hold came in the middle of one. */
  #reader: Reader | null = null;
  #isReading = false;
  #arrived: Millis = 0;
  readonly #waiting: Datagram[] = [];
  /** How many bytes it may still be sent. */
  #dueBytes = 0;
  #sendingBytes = 0;

  constructor(id: number, peer: Peer, context: ListenerContext, sendDatagram: SendDatagram) {
    this.id = id;
    this.peer = peer;
    this.protocol = context.protocol;
    this.#context = context;
    this.#sendDatagram = sendDatagram;
  }

  start(session: () => Session): void {
    this.#session = session();
  }

  get session(): Session {
    return this.#session;
  }

  get identity(): Identity | null {
    return this.#identity;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get waitingBytes(): number {
    return this.#sendingBytes;
  }

  get isHeld(): boolean {
    return this.#holds !== 0;
  }

  awaitRoom(target: Outlet): void {
    (target as Outlet & Connected).slowIfFull(this);
  }

  slowIfFull(): void {
    // What has no room in it is dropped: nobody waits for a datagram.
  }

  // What comes --------------------------------------------------------------------------------------

  received(bytes: Uint8Array, arrived: Millis): void {
    const { metrics } = this.#context;
    metrics.bytesIn += bytes.length;
    const isFull = this.#waiting.length >= DATAGRAMS_WAITING_MAX;
    if (!this.#isOpen || isFull) {
      metrics.datagramsDropped++;
      return;
    }
    this.#dueBytes += bytes.length;
    this.#waiting.push({ bytes, arrived });
    this.#readOn();
  }

  /** Reads what waits, as long as nothing holds it. */
  #readOn(): void {
    // Whoever lent the frame in hand reads on.
    if (this.#isReading) return;
    this.#isReading = true;
    const { turn } = this.#context;
    const before = turn.arrived;
    while (this.#isOpen && this.#holds === 0 && this.#readNext());
    turn.arrived = before;
    this.#isReading = false;
  }

  /** Answers whether there was anything. */
  #readNext(): boolean {
    const { turn, pool } = this.#context;
    if (this.#reader === null) {
      const next = this.#waiting.shift();
      if (next === undefined) return false;
      turn.arrived = this.#arrived = next.arrived;
      this.#reader = new Reader(this.protocol, Direction.toRelay, pool, this);
      this.#reader.mode = this.protocol.framing.datagram as Mode;
      this.#reader.push(span(next.bytes), 0, next.bytes.length);
    } else {
      // A hold came in the middle of this one.
      turn.arrived = this.#arrived;
      this.#reader.release();
    }
    const reader = this.#reader as Reader | null;
    // What is left of a datagram is no frame; under a hold it may still be one.
    if (reader === null || (this.#holds !== 0 && reader.waitingBytes > 0)) return true;
    this.#reader = null;
    reader.stop();
    return true;
  }

  frame(frame: FrameView): void {
    const { forRelay, tap, turn } = this.#context;
    const isForRelay = forRelay[frame.kind] as boolean;
    if (isForRelay && !this.#requests.mayAsk(turn.arrived)) {
      this.#count(Outcome.ignored);
      this.#record(frame, Outcome.ignored);
      this.close(CommonFault.flood);
      return;
    }
    const hop = isForRelay ? this.#record(frame, Outcome.consumed) : -1;
    const outcome = this.#session.frame(frame, turn.arrived);
    this.#count(outcome);
    if (outcome === Outcome.forwarded) return;
    if (!isForRelay) {
      this.#record(frame, outcome);
      return;
    }
    if (hop >= 0 && outcome !== Outcome.consumed) tap?.amend(hop, outcome);
    this.#context.hubMoved();
  }

  #count(outcome: Outcome): void {
    const { metrics } = this.#context;
    metrics.framesIn++;
    (metrics.outcomes[outcome] as number)++;
  }

  #record({ kind, bytes, at, end }: FrameView, outcome: Outcome): HopRef {
    const { tap, turn } = this.#context;
    if (tap === null) return -1;
    turn.schedule();
    return tap.hop(this.id, RELAY, kind, outcome, bytes, at, end, turn.arrived);
  }

  fault(): void {
    // The bytes are told next. Somebody else may have sent them, so nobody is to suffer for them.
  }

  leftover(bytes: Uint8Array): void {
    const { tap, turn } = this.#context;
    if (tap === null) return;
    tap.hop(this.id, RELAY, UNFRAMED, Outcome.unframed, bytes, 0, bytes.length, this.#arrived);
    turn.schedule();
  }

  // What the session asks for -----------------------------------------------------------------------

  become(session: Session): void {
    this.#session = session;
  }

  identify(identity: Identity, stamp: Uint8Array): void {
    this.#identity = identity;
    this.stamp = stamp;
    this.#context.tap?.identified(this.id, identity, stamp);
    this.#context.onIdentified(this);
  }

  forward(frame: FrameView, from: Outlet): void {
    const source = from as Outlet & Connected;
    const { kind, at, end } = frame;
    this.#context.turn.inHand = null;
    const bytes = frame.bytes.slice(at, end);
    const hop = this.#hop(source.id, kind, Outcome.forwarded, bytes);
    bytes.set(source.stamp);
    this.#sendOut(bytes, hop);
  }

  send(kind: FrameKind, bytes: Uint8Array): void {
    this.#context.turn.inHand?.recordInHand();
    const hop = this.#hop(RELAY, kind, Outcome.originated, bytes);
    if (this.#sendOut(bytes.slice(), hop)) (this.#context.metrics.outcomes[Outcome.originated] as number)++;
  }

  #hop(from: number, kind: FrameKind, outcome: Outcome, bytes: Uint8Array): HopRef {
    const { tap, turn } = this.#context;
    turn.endRun();
    turn.schedule();
    return tap?.hop(from, this.id, kind, outcome, bytes, 0, bytes.length, turn.arrived) ?? -1;
  }

  /** Answers whether it was sent. */
  #sendOut(bytes: Uint8Array, hop: HopRef): boolean {
    const { metrics, tap, turn } = this.#context;
    const isTooMuch = bytes.length > this.#dueBytes;
    if (!this.#isOpen || isTooMuch) {
      if (isTooMuch) metrics.datagramsDropped++;
      if (hop >= 0) tap?.undelivered(hop);
      return false;
    }
    const since = turn.arrived;
    this.#dueBytes -= bytes.length;
    this.#sendingBytes += bytes.length;
    metrics.framesOut++;
    this.#sendDatagram(bytes, (error) => {
      const now = monotonic();
      this.#sendingBytes -= bytes.length;
      if (error === null) {
        metrics.bytesOut += bytes.length;
        metrics.delay.add(now - since);
      }
      if (hop < 0) return;
      if (error === null) tap?.departed(hop, now);
      else tap?.undelivered(hop);
      turn.schedule();
    });
    return true;
  }

  join(): void {
    throw new Error('datagrams are no stream that could be joined to another');
  }

  hold(on: boolean): void {
    this.setHold(Hold.session, on);
  }

  setHold(hold: number, on: boolean): void {
    if (!this.#isOpen) return;
    const before = this.#holds;
    this.#holds = on ? before | hold : before & ~hold;
    if (before === 0 && this.#holds !== 0) this.#reader?.hold();
    if (before === 0 || this.#holds !== 0) return;
    if (this.#isReading) this.#reader?.release();
    else this.#readOn();
  }

  // The end -----------------------------------------------------------------------------------------

  close(fault: Fault): void {
    if (!this.#isOpen) return;
    this.#context.turn.endRun();
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#reader?.stop();
    this.#reader = null;
    for (const { bytes } of this.#waiting.splice(0)) this.leftover(bytes);
    this.#context.hubMoved();
    this.#context.onLeft(this, fault);
    const now = monotonic();
    this.#context.tap?.closed(this.id, fault, now);
    this.#session.gone(now);
    this.#context.turn.schedule();
    this.#context.onOver(this, fault);
  }

  destroy(): void {
    this.close(CommonFault.lost);
  }
}
