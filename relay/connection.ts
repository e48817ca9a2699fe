/**
 * One client: its socket, what it sends cut into frames for its session, and what is sent to it.
 *
 *   open --close()--> closing (its session is gone, its outbox empties) --> over
 *
 * The rule: a session is told that it is gone at the very moment at which its connection stops being
 * open, so that no table ever holds somebody who cannot be sent to.
 */
import { monotonic } from '../common/clock.ts';
import { CommonFault } from '../protocol/fault.ts';
import { UNFRAMED } from '../protocol/kind.ts';
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
  type Outlet,
  type Peer,
  type Protocol,
  RELAY,
  type Session,
  type Span,
} from '../protocol/types.ts';
import type { Alarm } from './alarm.ts';
import { type Connected, Hold } from './connected.ts';
import {
  BACKPRESSURE_OFF_BYTES,
  BACKPRESSURE_ON_BYTES,
  HEARD_AGAIN_MS,
  LINGER_MS,
  STALL_MS,
} from './limits.ts';
import type { ClientSocket, SocketOwner } from './intake.ts';
import { Joined } from './joined.ts';
import type { ListenerContext } from './listener.ts';
import { Outbox, type OutboxOwner } from './outbox.ts';
import { Requests } from './requests.ts';

const Stage = { open: 0, closing: 1, over: 2 } as const;

/** Ends after which nothing is owed to the client. */
const endsAtOnce: ReadonlySet<Fault> = new Set([
  CommonFault.tooSlow,
  CommonFault.lost,
  CommonFault.overLimit,
]);

const NO_STAMP = new Uint8Array(0);

export class Connection implements Connected, Outlet, FrameSink, OutboxOwner, SocketOwner {
  readonly id: number;
  readonly protocol: Protocol;
  readonly peer: Peer;
  readonly #context: ListenerContext;
  readonly #reader: Reader;
  #socket!: ClientSocket;
  #outbox!: Outbox;
  #session!: Session;
  stamp: Uint8Array = NO_STAMP;
  #identity: Identity | null = null;
  #stage: number = Stage.open;
  #fault: Fault = CommonFault.none;
  /** What is wrong with the bytes that came; null as long as nothing is. */
  #broken: Fault | null = null;
  #holds = 0;
  /** How many there are for whom it waits, because they read too slowly. */
  #slowTargets = 0;
  /** When it was last let go. */
  #releasedAt: Millis = -Infinity;
  /** When the last bytes came. */
  #arrived: Millis = 0;
  /** Whom this one keeps waiting, by reading too slowly. */
  #slowed: Set<Connected> | null = null;
  #stall: NodeJS.Timeout | null = null;
  #linger: NodeJS.Timeout | null = null;
  #peerEnded = false;
  #joined: Joined | null = null;
  #frameInHand: FrameView | null = null;
  #hopInHand: HopRef = -1;
  readonly #requests = new Requests();

  constructor(id: number, peer: Peer, context: ListenerContext) {
    this.id = id;
    this.peer = peer;
    this.protocol = context.protocol;
    this.#context = context;
    this.#reader = new Reader(context.protocol, Direction.toRelay, context.pool, this);
  }

  get session(): Session {
    return this.#session;
  }

  get identity(): Identity | null {
    return this.#identity;
  }

  /** Whether it still takes part; one that only says goodbye does not. */
  get isOpen(): boolean {
    return this.#stage === Stage.open;
  }

  /** Bytes that wait for this client. */
  get waitingBytes(): number {
    return this.#outbox.waitingBytes;
  }

  get joined(): Joined | null {
    return this.#joined;
  }

  /** From here on the socket is this connection's. */
  start(socket: ClientSocket, session: () => Session): void {
    this.#socket = socket;
    socket.owner = this;
    this.#outbox = new Outbox(this.#context, this, socket, this.protocol.outboxBytesMax);
    // A session may already replace itself while it is being made.
    this.#session = session();
  }

  // What the socket tells ---------------------------------------------------------------------------

  received(chunk: Span, end: number): boolean {
    const turn = this.#context.turn;
    turn.arrived = this.#arrived = monotonic();
    this.#context.metrics.bytesIn += end;
    if (this.#stage !== Stage.open) {
      this.leftover(chunk.bytes.subarray(0, end));
      return true;
    }
    if (this.#joined !== null) {
      this.#joined.received(chunk, end);
      return this.#holds === 0;
    }
    const { unfinished } = this.#context;
    const waited = unfinished === null ? 0 : this.#reader.waitingBytes;
    this.#reader.push(chunk, 0, end);
    this.#endIfBroken();
    if (unfinished !== null) this.#judge(unfinished, waited + end);
    // The chunk is about to be used for somebody else's bytes.
    turn.endRun();
    return this.#holds === 0;
  }

  /** A frame that has begun is given its time; `allBytes` would wait now if none had become whole. */
  #judge(unfinished: Alarm<Connected>, allBytes: number): void {
    if (this.#stage !== Stage.open || this.#holds !== 0) return;
    const { waitingBytes } = this.#reader;
    if (waitingBytes === 0) unfinished.cancel(this);
    else if (waitingBytes < allBytes || !unfinished.has(this)) unfinished.start(this, this.#arrived);
  }

  ended(): void {
    this.#happens();
    this.#peerEnded = true;
    if (this.#stage !== Stage.open) this.#goodbye();
    else if (this.#joined !== null) this.#joined.ended();
    else this.close(CommonFault.none);
  }

  /** The connection that was dialled stands. */
  connected(): void {
    if (this.#stage !== Stage.open) return;
    this.#happens();
    this.#session.connected?.(this.#context.turn.arrived);
    this.#context.hubMoved();
  }

  /** What others are sent on account of an end begins its way now, and not when the last bytes came. */
  #happens(): void {
    this.#context.turn.arrived = monotonic();
  }

  failed(error: Error): void {
    this.#context.onSocketError(this, error);
  }

  closed(): void {
    this.#happens();
    // A socket that closes without having ended was broken.
    if (this.#stage === Stage.open) this.#leave(CommonFault.lost);
    this.#over();
  }

  // What the reader finds ---------------------------------------------------------------------------

  frame(frame: FrameView): void {
    const context = this.#context;
    const forRelay = context.forRelay[frame.kind] as boolean;
    if (forRelay && !this.#requests.mayAsk(context.turn.arrived)) {
      this.#count(Outcome.ignored);
      this.#record(frame, Outcome.ignored);
      this.close(CommonFault.flood);
      return;
    }
    if (!forRelay) {
      this.#passing(frame);
      return;
    }
    // What a frame sets off must not come before the frame itself in the record.
    const hop = this.#record(frame, Outcome.consumed);
    const outcome = this.#session.frame(frame, context.turn.arrived);
    this.#count(outcome);
    if (outcome === Outcome.forwarded) return;
    if (hop >= 0 && outcome !== Outcome.consumed) context.tap?.amend(hop, outcome);
    context.hubMoved();
  }

  /** A frame that is likely to be passed on, and recorded then; or as soon as it sets something else off, or after all. */
  #passing(frame: FrameView): void {
    const { turn, tap } = this.#context;
    // What this one sets free may be read within it.
    const outer = turn.inHand;
    turn.inHand = this;
    this.#frameInHand = frame;
    const outcome = this.#session.frame(frame, turn.arrived);
    const isRecorded = turn.inHand !== this;
    turn.inHand = outer;
    this.#frameInHand = null;
    this.#count(outcome);
    if (outcome === Outcome.forwarded) return;
    if (!isRecorded) this.#record(frame, outcome);
    else if (this.#hopInHand >= 0 && outcome !== Outcome.consumed) tap?.amend(this.#hopInHand, outcome);
  }

  /** Something is about to be set off by the frame in hand. */
  recordInHand(): void {
    this.#context.turn.inHand = null;
    this.#hopInHand = this.#frameInHand === null ? -1 : this.#record(this.#frameInHand, Outcome.consumed);
  }

  #count(outcome: Outcome): void {
    const { metrics } = this.#context;
    metrics.framesIn++;
    (metrics.outcomes[outcome] as number)++;
  }

  /** A frame that goes no further. */
  #record(frame: FrameView, outcome: Outcome): HopRef {
    const { tap, turn } = this.#context;
    if (tap === null) return -1;
    turn.schedule();
    return tap.hop(this.id, RELAY, frame.kind, outcome, frame.bytes, frame.at, frame.end, turn.arrived);
  }

  /** The bytes that ended it are told next, and stand before the end in the record. */
  fault(fault: Fault): void {
    this.#broken = fault;
  }

  #endIfBroken(): void {
    if (this.#broken !== null) this.close(this.#broken);
  }

  /** What ended a connection is what people want to see. */
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
    const { turn, tap, metrics, lossless } = this.#context;
    const { bytes, at, end } = frame;
    turn.inHand = null;
    const continues = turn.continuesRun(this, bytes, at);
    // This may show that this very connection reads too slowly, and end it.
    if (!continues) turn.endRun();
    let hop: HopRef = -1;
    if (tap !== null)
      hop = tap.hop(source.id, this.id, frame.kind, Outcome.forwarded, bytes, at, end, turn.arrived);
    if (!this.#mayTake(hop)) return;
    const stamp = source.stamp;
    for (let i = 0; i < stamp.length; i++) bytes[at + i] = stamp[i] as number;
    metrics.framesOut++;
    const slowed = lossless[frame.kind] ? source : null;
    if (continues) turn.extendRun(end);
    // Many may send to one at a time: of each who comes when it is full already, it takes one frame.
    else if (slowed !== null && this.#isFull) this.append(bytes, at, end, slowed);
    else turn.beginRun(this, slowed, bytes, at, end);
  }

  send(kind: FrameKind, bytes: Uint8Array): void {
    const { turn, tap, metrics } = this.#context;
    turn.inHand?.recordInHand();
    turn.endRun();
    let hop: HopRef = -1;
    if (tap !== null)
      hop = tap.hop(RELAY, this.id, kind, Outcome.originated, bytes, 0, bytes.length, turn.arrived);
    if (!this.#mayTake(hop)) return;
    metrics.framesOut++;
    (metrics.outcomes[Outcome.originated] as number)++;
    this.append(bytes, 0, bytes.length, null);
  }

  /** Whether a frame may still be appended; its hop is tracked first, because appending may write. */
  #mayTake(hop: HopRef): boolean {
    if (this.#stage === Stage.open) {
      this.#outbox.track(hop);
      return true;
    }
    if (hop >= 0) this.#context.tap?.undelivered(hop);
    return false;
  }

  hold(on: boolean): void {
    this.setHold(Hold.session, on);
  }

  join(other: Outlet): void {
    const partner = other as Connection;
    if (this.#arrived !== 0 || partner.#arrived !== 0)
      throw new Error('connections are joined before anything of either is read');
    this.#joined = new Joined(this, partner, partner.#outbox, this.#context);
    partner.#joined = new Joined(partner, this, this.#outbox, this.#context);
  }

  close(fault: Fault): void {
    if (this.#stage !== Stage.open) return;
    // Frames of this turn that are still only in the read buffer were sent before this.
    this.#context.turn.endRun();
    if (this.#stage !== Stage.open) return;
    this.#leave(fault);
    if (this.#isOver) return;
    // Read on, and drop what comes: unread bytes would turn the goodbye into a reset, which can take
    // away what the client has not read yet.
    this.#holds = 0;
    this.#socket.resume();
    if (this.#outbox.waitingBytes === 0) this.#goodbye();
    else this.#waitAtMost(STALL_MS);
  }

  get #isOver(): boolean {
    return this.#stage === Stage.over;
  }

  // Back-pressure -----------------------------------------------------------------------------------

  get isHeld(): boolean {
    return this.#holds !== 0 || monotonic() - this.#releasedAt < HEARD_AGAIN_MS;
  }

  awaitRoom(target: Outlet): void {
    (target as Outlet & Connected).slowIfFull(this);
  }

  setHold(hold: number, on: boolean): void {
    if (this.#stage !== Stage.open) return;
    if (hold === Hold.slowTarget) {
      this.#slowTargets += on ? 1 : -1;
      // The others still have no room.
      if (!on && this.#slowTargets > 0) return;
    }
    const before = this.#holds;
    this.#holds = on ? before | hold : before & ~hold;
    if (before === 0 && this.#holds !== 0) {
      this.#reader.hold();
      this.#socket.pause();
      // Who is not heard cannot finish anything.
      this.#context.unfinished?.cancel(this);
    } else if (before !== 0 && this.#holds === 0) {
      this.#releasedAt = monotonic();
      this.#release();
      // What waited may have brought a new hold, or the end.
      if (this.#holds === 0 && this.#stage === Stage.open) this.#socket.resume();
    }
  }

  /** Frames that waited arrived when they were read, not now. */
  #release(): void {
    const turn = this.#context.turn;
    const arrived = turn.arrived;
    turn.arrived = this.#arrived;
    this.#reader.release();
    this.#endIfBroken();
    turn.arrived = arrived;
    const { unfinished } = this.#context;
    if (unfinished !== null && this.isOpen && this.#holds === 0 && this.#reader.waitingBytes > 0)
      unfinished.start(this, monotonic());
  }

  /** Puts bytes in the outbox, and slows `from` where there is too much in it already. */
  append(bytes: Uint8Array, at: number, end: number, from: Connected | null): void {
    if (this.#stage !== Stage.open) return;
    this.#outbox.append(bytes, at, end, this.#context.turn.arrived);
    if (from !== null) this.slowIfFull(from);
  }

  get #isFull(): boolean {
    return this.#outbox.waitingBytes >= BACKPRESSURE_ON_BYTES;
  }

  slowIfFull(from: Connected): void {
    if (!this.#isFull) return;
    this.#slowed ??= new Set();
    if (this.#slowed.has(from)) return;
    this.#slowed.add(from);
    from.setHold(Hold.slowTarget, true);
    // Of a joined pair, each waits for the other as long as it would without us.
    if (this.#joined !== null) return;
    this.#stall ??= setTimeout(() => {
      this.#happens();
      this.close(CommonFault.tooSlow);
    }, STALL_MS);
  }

  overfull(): void {
    this.close(CommonFault.tooSlow);
  }

  drained(): void {
    this.#stall?.refresh();
    this.#linger?.refresh();
    if (this.#outbox.waitingBytes <= BACKPRESSURE_OFF_BYTES) this.#releaseSlowed();
    if (this.#outbox.waitingBytes === 0) this.#joined?.other.joined?.delivered();
    if (this.#stage === Stage.closing && this.#outbox.waitingBytes === 0) this.#goodbye();
  }

  /** One after the other: what one of them has waiting may fill it again. */
  #releaseSlowed(): void {
    for (const connection of this.#slowed ?? []) {
      if (this.isOpen && this.#isFull) return;
      this.#slowed?.delete(connection);
      connection.setHold(Hold.slowTarget, false);
    }
    this.#slowed = null;
    if (this.#stall !== null) clearTimeout(this.#stall);
    this.#stall = null;
  }

  // The end -----------------------------------------------------------------------------------------

  /** Ends the session. What is in the outbox still leaves, except to a client that does not read. */
  #leave(fault: Fault): void {
    this.#stage = Stage.closing;
    this.#fault = fault;
    this.#reader.stop();
    this.#context.unfinished?.cancel(this);
    this.#context.hubMoved();
    this.#context.onLeft(this, fault);
    const now = monotonic();
    // What an end sets off must not come before the end itself in the record.
    this.#context.tap?.closed(this.id, fault, now);
    // Before a session can end its partner in a way that is not this one.
    this.#joined?.left(fault);
    this.#session.gone(now);
    this.#context.turn.schedule();
    this.#releaseSlowed();
    if (endsAtOnce.has(fault)) this.destroy();
  }

  /** Nothing is sent after, and it goes on being read. */
  endSending(): void {
    this.#socket.end();
  }

  /** Breaks it, as its partner was broken. What can still be written at once is. */
  reset(fault: Fault): void {
    if (this.#stage !== Stage.open) return;
    this.#outbox.flush();
    if (this.#stage !== Stage.open) return;
    this.#leave(fault);
    this.#socket.resetAndDestroy();
    this.#over();
  }

  /** All is written: says so, and waits for the client to say the same. */
  #goodbye(): void {
    if (this.#outbox.waitingBytes > 0) return;
    if (this.#socket.connecting) {
      this.destroy();
      return;
    }
    this.#waitAtMost(LINGER_MS);
    if (this.#peerEnded) this.#socket.destroySoon();
    else this.#socket.end();
  }

  #waitAtMost(wait: Millis): void {
    if (this.#linger !== null) clearTimeout(this.#linger);
    this.#linger = setTimeout(() => this.destroy(), wait);
  }

  /** Ends at once, whatever waits. */
  destroy(): void {
    if (this.#stage === Stage.open) this.#leave(CommonFault.lost);
    this.#socket.destroy();
    this.#over();
  }

  #over(): void {
    if (this.#stage === Stage.over) return;
    this.#stage = Stage.over;
    if (this.#linger !== null) clearTimeout(this.#linger);
    this.#outbox.discard();
    this.#context.onOver(this, this.#fault);
    this.#context.turn.schedule();
  }
}
