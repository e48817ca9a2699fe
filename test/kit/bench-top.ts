/**
 * A hub on a bench: clients without sockets, a clock that is set by hand, and an outlet that takes the
 * contract of `protocol/types.ts` at its word.
 *
 * The rule: whatever the contract forbids fails here at once, also where the relay would let it pass.
 */
import { CommonFault, describeFault } from '../../protocol/fault.ts';
import { Guard } from '../../protocol/guard.ts';
import { dissect } from '../../protocol/layout.ts';
import { heap, span } from '../../protocol/memory.ts';
import { Outcome, outcomes } from '../../protocol/outcome.ts';
import { type FrameSink, Reader } from '../../protocol/reader.ts';
import {
  Direction,
  type Fault,
  type FrameKind,
  type FrameView,
  type Hub,
  type Identity,
  type Millis,
  type Mode,
  type Outlet,
  type Peer,
  type Protocol,
  type Session,
} from '../../protocol/types.ts';
import { UDP_IDLE_MS } from '../../relay/limits.ts';
import { amidPoison, bytesText, POISON, sameBytes } from './bytes.ts';
import { CountingMemory } from './counting-memory.ts';
import type { Cut } from './generate.ts';

/** Not zero: nobody may take the first moment for the beginning of time. */
const START_MS = 1_000_000;

/** Where clients come from, unless they say otherwise. */
export const BENCH_ADDRESS = '192.0.2.1';

/** What the wall clock shows at the start: 2026-01-01. */
export const BENCH_UNIX_MS = 1_767_225_600_000;

/** Long enough for everything to be over. */
const DAY_MS = 86_400_000;

/** What comes out of the hub, in order. */
export type Happening =
  | {
      readonly what: 'sent';
      readonly to: BenchConnection;
      readonly kind: FrameKind;
      readonly bytes: Uint8Array;
    }
  | { readonly what: 'closed'; readonly to: BenchConnection; readonly fault: Fault }
  /** The hub connects to somebody. */
  | { readonly what: 'dialled'; readonly to: BenchConnection; readonly target: Peer }
  /** Bytes of the other one of a joined pair, its end, or its breaking. */
  | { readonly what: 'passed'; readonly to: BenchConnection; readonly bytes: Uint8Array }
  | { readonly what: 'ended' | 'broken'; readonly to: BenchConnection };

function must(condition: boolean, rule: string): asserts condition {
  if (!condition) throw new Error(`against the contract: ${rule}`);
}

export class BenchTop {
  readonly protocol: Protocol;
  readonly hub: Hub;
  readonly guard: Guard;
  readonly memory = new CountingMemory();
  readonly connections: BenchConnection[] = [];
  /** All that the hub has dialled. */
  readonly dialled: BenchConnection[] = [];
  /** Those of them of which it has not heard yet. */
  readonly dialling: BenchConnection[] = [];
  readonly happenings: Happening[] = [];
  /** Bytes that may wait for a client that does not read. */
  readonly outboxBytesMax: number;
  #now: Millis = START_MS;
  /** Counts what may move the hub's deadline. */
  moves = 0;

  constructor(protocol: Protocol, outboxBytesMax = protocol.outboxBytesMax, guard = new Guard('off')) {
    this.protocol = protocol;
    this.guard = guard;
    this.hub = protocol.createHub({
      random: () => 0x5bd1e995,
      guard,
      unixMs: () => BENCH_UNIX_MS + this.elapsedMs,
      dial: (target, session) => this.#dial(target, session),
    });
    this.outboxBytesMax = outboxBytesMax;
    this.checkEmpty();
  }

  get now(): Millis {
    return this.#now;
  }

  /** Since the start. */
  get elapsedMs(): Millis {
    return this.#now - START_MS;
  }

  connect(name: string, address = BENCH_ADDRESS): BenchConnection {
    const connection = this.#add(name, { address, port: 40_001 + this.connections.length });
    connection.open(() => this.hub.accept(connection, connection.peer, this.#now));
    return connection;
  }

  /** Somebody from whom datagrams come. */
  connectDatagrams(
    name: string,
    address = BENCH_ADDRESS,
    port = 40_001 + this.connections.length,
  ): BenchConnection {
    const { hub } = this;
    const connection = this.#add(name, { address, port, transport: 'udp' });
    const { peer } = connection;
    connection.open(
      () => hub.acceptDatagrams?.(connection, peer, this.#now) ?? hub.accept(connection, peer, this.#now),
    );
    return connection;
  }

  #dial(target: Peer, session: (outlet: Outlet) => Session): void {
    const connection = this.#add(`${target.address}:${target.port}`, target);
    connection.open(() => session(connection));
    this.dialling.push(connection);
    this.dialled.push(connection);
    this.happenings.push({ what: 'dialled', to: connection, target });
  }

  /** Those whom the hub has dialled answer, or refuse. */
  answerDials(answers: (connection: BenchConnection) => boolean = () => true): void {
    for (const connection of [...this.dialling])
      if (answers(connection)) connection.stands();
      else connection.end(CommonFault.lost);
  }

  #add(name: string, peer: Peer): BenchConnection {
    const connection = new BenchConnection(this, this.connections.length + 1, name, peer);
    this.connections.push(connection);
    this.moves++;
    return connection;
  }

  /** Lets time pass, and wakes the hub whenever, and only when, it has asked to be. */
  advanceTo(elapsedMs: Millis): void {
    const target = START_MS + elapsedMs;
    must(target >= this.#now, 'time does not run backwards');
    for (let due = this.#due(); due <= target; due = this.#due()) {
      this.#now = Math.max(this.#now, due);
      for (const connection of this.connections) if (connection.due <= this.#now) connection.expire();
      if (this.hub.deadline > this.#now) continue;
      this.wake();
      must(this.hub.deadline > this.#now, 'a wake-up at the deadline deals with all that is due');
      this.#wakeForNothing('a repeated wake-up is harmless');
    }
    this.#now = target;
    this.#wakeForNothing('an early wake-up is harmless');
    this.#checkSessions();
  }

  /** When something happens next that only time brings about: in the hub, or to a connection. */
  #due(): Millis {
    return this.connections.reduce((least, { due }) => Math.min(least, due), this.hub.deadline);
  }

  /** The hub knows all who are there, and nobody else. */
  #checkSessions(): void {
    const known = [...this.hub.sessions()];
    const open = this.connections.filter(({ isOpen }) => isOpen).map(({ session }) => session);
    must(
      known.length === open.length && known.every((session) => open.includes(session)),
      'sessions are who is there',
    );
    must(this.hub.players.size <= known.length, 'nobody plays without a session');
    for (const { label, state } of known)
      must(label !== '' && state !== '', 'a session can say who and how it is');
  }

  wake(): void {
    this.moves++;
    this.hub.wake(this.#now);
  }

  #wakeForNothing(rule: string): void {
    const { deadline } = this.hub;
    const before = this.happenings.length;
    this.wake();
    must(this.happenings.length === before && this.hub.deadline === deadline, rule);
  }

  /** All clients leave. Whatever the hub still knows then, it will know for ever. */
  endAll(): void {
    this.#checkSessions();
    for (const connection of this.connections) connection.end(CommonFault.none);
    must(
      this.connections.every(({ isAccountedFor }) => isAccountedFor),
      'every byte becomes a frame or is left over',
    );
    // What came by UDP may be remembered for a while: nobody says there that it is over.
    if (this.protocol.framing.datagram !== undefined) this.advanceTo(this.elapsedMs + DAY_MS);
    this.checkEmpty();
    must(this.memory.held === 0, 'every connection gives its memory back');
    this.memory.check();
  }

  checkEmpty(): void {
    const left = [...this.hub.sessions()].map(({ label }) => label);
    must(left.length === 0, `a hub forgets sessions that are gone, not: ${left.join(', ')}`);
    must(this.hub.players.size === 0, 'where nobody is, nobody plays');
    must(this.hub.deadline === Infinity, 'a hub that waits for nothing has no deadline');
  }
}

/** One connection: the outlet that the hub sees, and the client at its other end. */
export class BenchConnection implements Outlet, FrameSink {
  readonly id: number;
  readonly name: string;
  readonly peer: Peer;
  readonly #top: BenchTop;
  #reader: Reader;
  /** Datagrams that a hold has left unread. */
  readonly #unreadDatagrams: Reader[] = [];
  /** By UDP: when the last datagram came. By TCP: when the frame began that is not whole yet. */
  #since: Millis | null = null;
  /** What it has been sent. */
  #heardBytes = 0;
  readonly #client: Reader;
  /** What the client has made of what it was sent. */
  readonly #received: Cut[] = [];
  /** What became of each of this client's frames. */
  readonly outcomes: Outcome[] = [];
  /** What this client has sent while it was there, what became frames of it, and what never did. */
  #sentBytes = 0;
  #framedBytes = 0;
  #leftoverBytes = 0;
  identity: Identity | null = null;
  /** Why it ended; null while it is open. */
  ended: Fault | null = null;
  #session: Session | null = null;
  #stamp: Uint8Array = new Uint8Array(0);
  /** The frame that the session has in hand. */
  #inHand: FrameView | null = null;
  #forwards = 0;
  #held = false;
  #reads = true;
  #waitingBytes = 0;
  #told = false;
  #joined: BenchConnection | null = null;
  /** This client, of a joined pair, has said its last word. */
  #hasEnded = false;
  /** What has come while it was held, before anything of it was read. */
  #unread: Uint8Array[] = [];

  constructor(top: BenchTop, id: number, name: string, peer: Peer) {
    this.peer = peer;
    this.id = id;
    this.name = name;
    this.#top = top;
    this.#reader = this.#newReader();
    this.#client = new Reader(top.protocol, Direction.toPeer, heap, {
      frame: ({ kind, bytes, at, end }) => this.#received.push({ kind, bytes: bytes.slice(at, end) }),
      fault: (fault) => {
        throw new Error(`the client of ${name} cannot read what it was sent: fault ${fault}`);
      },
      leftover: () => undefined,
    });
  }

  get isOpen(): boolean {
    return this.ended === null;
  }

  get session(): Session {
    must(this.#session !== null, 'nothing ends before accept has answered its session');
    return this.#session;
  }

  /** The rule under which this client's next bytes are read. */
  get mode(): Mode {
    return this.#reader.mode;
  }

  open(make: () => Session): void {
    if (this.#isUdp) this.#since = this.#top.now;
    const session = make();
    must(
      this.#session === null && this.isOpen,
      'accept answers the session, and neither replaces nor ends it',
    );
    this.#session = session;
  }

  // The client --------------------------------------------------------------------------------------

  get #isUdp(): boolean {
    return this.peer.transport === 'udp';
  }

  #newReader(): Reader {
    const reader = new Reader(this.#top.protocol, Direction.toRelay, this.#top.memory, this);
    const { datagram } = this.#top.protocol.framing;
    if (this.#isUdp && datagram !== undefined) reader.mode = datagram;
    return reader;
  }

  /** One segment arrives from the client, or one datagram. */
  push(bytes: Uint8Array): void {
    if (!this.isOpen || this.#hasEnded) return;
    must(!this.#top.dialling.includes(this), 'nothing comes by a connection that does not stand');
    if (!this.#isUdp && this.#held && this.#sentBytes === 0) this.#unread.push(bytes.slice());
    else this.#arrive(bytes);
  }

  #arrive(bytes: Uint8Array): void {
    this.#sentBytes += bytes.length;
    if (this.#isUdp) this.#pushDatagram(bytes);
    else this.#pushSegment(bytes);
  }

  #pushDatagram(bytes: Uint8Array): void {
    this.#since = this.#top.now;
    const reader = this.#newReader();
    if (this.#held) reader.hold();
    this.#reader = reader;
    this.#pushInto(reader, bytes);
    if (this.#held && reader.waitingBytes > 0) this.#unreadDatagrams.push(reader);
    else reader.stop();
  }

  #pushSegment(bytes: Uint8Array): void {
    const allBytes = this.#reader.waitingBytes + bytes.length;
    this.#pushInto(this.#reader, bytes);
    const { waitingBytes } = this.#reader;
    if (this.#held || this.#joined !== null || waitingBytes === 0) this.#since = null;
    else if (waitingBytes < allBytes) this.#since = this.#top.now;
    else this.#since ??= this.#top.now;
  }

  #pushInto(reader: Reader, bytes: Uint8Array): void {
    const chunk = amidPoison(bytes);
    reader.push(chunk, chunk.at, chunk.end);
    chunk.bytes.fill(POISON);
    if (this.#joined !== null) this.#joined.#pass(bytes.slice());
  }

  /** The connection that the hub dialled stands. */
  stands(): void {
    this.#isDialledNoMore();
    if (!this.isOpen) return;
    this.#top.moves++;
    this.session.connected?.(this.#top.now);
  }

  /** When time alone ends it. */
  get due(): Millis {
    const wait = this.#isUdp ? UDP_IDLE_MS : this.#top.protocol.unfinished?.ms;
    return !this.isOpen || this.#held || this.#since === null ? Infinity : this.#since + (wait ?? Infinity);
  }

  expire(): void {
    if (this.#isUdp) this.end(CommonFault.none);
    else this.close(this.#top.protocol.unfinished?.fault ?? CommonFault.none);
  }

  #isDialledNoMore(): void {
    const { dialling } = this.#top;
    if (dialling.includes(this)) dialling.splice(dialling.indexOf(this), 1);
  }

  /** The client, or the network, ends it. */
  end(fault: Fault): void {
    if (!this.isOpen || this.#hasEnded) return;
    const other = this.#joined;
    if (other === null) {
      this.#leave(fault);
    } else if (fault !== CommonFault.none) {
      this.#leave(fault);
      this.#top.happenings.push({ what: 'broken', to: other });
      other.#leave(CommonFault.partnerGone);
    } else {
      this.#hasEnded = true;
      this.#reader.stop();
      this.#top.happenings.push({ what: 'ended', to: other });
      if (!other.#hasEnded) return;
      for (const each of [this, other]) each.#leave(fault);
    }
  }

  /** Bytes of the other one of a joined pair. */
  #pass(bytes: Uint8Array): void {
    this.#client.push(span(bytes.slice()), 0, bytes.length);
    this.#received.length = 0;
    this.#top.happenings.push({ what: 'passed', to: this, bytes });
  }

  /** Whether every byte that was sent has come to something. */
  get isAccountedFor(): boolean {
    return this.#framedBytes + this.#leftoverBytes === this.#sentBytes;
  }

  stopReading(): void {
    this.#reads = false;
  }

  // What the reader finds ---------------------------------------------------------------------------

  frame(frame: FrameView): void {
    const top = this.#top;
    const spec = top.protocol.frames[frame.kind];
    must(spec?.direction === Direction.toRelay, 'a client sends frames of its own direction');
    must(this.isOpen && !this.#held, 'no frame is delivered during a hold or after the end');
    if (spec.then?.toPeer !== undefined) this.#client.mode = spec.then.toPeer;
    const { moves } = top;
    if (spec.forRelay) top.moves++;
    const { deadline } = top.hub;
    this.#framedBytes += frame.end - frame.at;
    const lent = amidPoison(frame.bytes.subarray(frame.at, frame.end));
    const view = { ...lent, kind: frame.kind };
    // The reader never looks at a frame again either.
    frame.bytes.fill(POISON, frame.at, frame.end);
    this.#inHand = view;
    this.#forwards = 0;
    const outcome = this.session.frame(view, top.now);
    this.#inHand = null;
    // From here on nobody has a use for what was lent.
    lent.bytes.fill(POISON);
    Object.assign(view, { kind: -1, at: -1, end: -1 });
    must(outcomes[outcome] !== undefined && outcome !== Outcome.originated, 'every frame comes to something');
    const isPassedOn = this.#joined !== null;
    must(
      (outcome === Outcome.forwarded) === (isPassedOn || this.#forwards === 1),
      'forwarded means that forward was called, or that the frame goes on by itself',
    );
    must(!isPassedOn || this.#forwards === 0, 'what goes on by itself is not forwarded as well');
    must(
      !isPassedOn || spec.becomes !== undefined,
      'a kind that goes on names the kind as which it is received',
    );
    must(top.moves !== moves || top.hub.deadline === deadline, 'only frames for the relay move the deadline');
    this.outcomes.push(outcome);
  }

  fault(fault: Fault): void {
    if (this.#joined === null && !this.#isUdp) this.close(fault);
  }

  leftover(bytes: Uint8Array): void {
    this.#leftoverBytes += bytes.length;
  }

  // What the session asks for -----------------------------------------------------------------------

  become(session: Session): void {
    must(this.isOpen, 'nobody takes over a connection that is over');
    this.#session = session;
  }

  identify(identity: Identity, stamp: Uint8Array): void {
    must(this.isOpen, 'who is gone is not identified');
    must(this.identity === null, 'a connection is identified once, at most');
    must(identity.role !== '', 'an identity has a role');
    this.identity = identity;
    this.#stamp = stamp.slice();
  }

  forward(frame: FrameView, from: Outlet): void {
    must(this.isOpen, 'nothing is sent after a close');
    must(
      from instanceof BenchConnection && from.#top === this.#top,
      'frames come from a connection of this hub',
    );
    must(from.#inHand === frame, 'what is forwarded is the frame in hand of the connection that it came by');
    must(++from.#forwards === 1, 'a frame is forwarded at most once');
    const becomes = this.#top.protocol.frames[frame.kind]?.becomes;
    must(becomes !== undefined, 'a kind that is forwarded names the kind as which it is received');
    const stamp = from.#stamp;
    must(stamp.length <= frame.end - frame.at, 'a stamp is not longer than a frame');
    frame.bytes.set(stamp, frame.at);
    const delivered = { ...frame, kind: becomes };
    const sender = this.#top.protocol.sender?.(delivered) ?? null;
    must(
      sender === null || sender === from.identity?.endpoint,
      'a delivered frame that names its sender names the one it came from',
    );
    this.#deliver(becomes, frame.bytes.subarray(frame.at, frame.end));
  }

  send(kind: FrameKind, bytes: Uint8Array): void {
    must(this.isOpen, 'nothing is sent after a close');
    this.#deliver(kind, bytes);
  }

  #deliver(kind: FrameKind, borrowed: Uint8Array): void {
    const spec = this.#top.protocol.frames[kind];
    const bytes = borrowed.slice();
    must(spec?.direction === Direction.toPeer, 'clients are sent frames of their direction');
    must(
      bytes.length >= spec.bytesMin && bytes.length <= spec.bytesMax,
      `${spec.name} has a length that it may have`,
    );
    const wrong = dissect(spec, bytes).find(({ fault }) => fault !== null);
    must(wrong === undefined, `${spec.name} is as its layout says: ${wrong?.name} ${wrong?.fault}`);
    this.#heardBytes += bytes.length;
    must(
      !this.#isUdp || this.#heardBytes <= this.#sentBytes,
      'by UDP nobody is sent more bytes than came from there',
    );
    this.#client.push(span(bytes.slice()), 0, bytes.length);
    if (!spec.pieces) {
      const read = this.#received.splice(0);
      const same = read.length === 1 && read[0]!.kind === kind && sameBytes(read[0]!.bytes, bytes);
      must(same, `the client reads what it was sent as ${spec.name}: ${bytesText(bytes)}`);
    }
    this.#top.happenings.push({ what: 'sent', to: this, kind, bytes });
    if (this.#reads) return;
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes > this.#top.outboxBytesMax) this.close(CommonFault.tooSlow);
  }

  /** Here whoever does not read is closed as soon as it has more waiting than it may. */
  awaitRoom(target: Outlet): void {
    must(this.isOpen, 'who is gone waits for nobody');
    const isHere = target instanceof BenchConnection && target.#top === this.#top && target.isOpen;
    must(isHere, 'who is waited for is open, and of this hub');
  }

  get isHeld(): boolean {
    return this.#held;
  }

  hold(on: boolean): void {
    if (!this.isOpen) return;
    this.#held = on;
    if (on) {
      this.#reader.hold();
      if (!this.#isUdp) this.#since = null;
      return;
    }
    this.#reader.release();
    for (const reader of this.#unreadDatagrams.splice(0)) this.#readOn(reader);
    if (this.isOpen && !this.#held && this.#reader.waitingBytes > 0) this.#since = this.#top.now;
    while (!this.#held && this.#unread.length > 0) this.#arrive(this.#unread.shift()!);
  }

  #readOn(reader: Reader): void {
    this.#reader = reader;
    if (!this.#held) reader.release();
    if (this.#held && reader.waitingBytes > 0) this.#unreadDatagrams.push(reader);
    else reader.stop();
  }

  join(other: Outlet): void {
    must(other instanceof BenchConnection && other.#top === this.#top, 'two of one hub are joined');
    must(other !== this && this.isOpen && other.isOpen, 'two that are open are joined');
    for (const [one, another] of [
      [this, other],
      [other, this],
    ] as const) {
      must(one.#joined === null && one.#sentBytes === 0, 'they are joined once, before anything is read');
      one.#joined = another;
    }
  }

  close(fault: Fault): void {
    if (!this.isOpen) return;
    must(!describeFault(this.#top.protocol, fault).name.startsWith('fault-'), 'every fault has a name');
    this.#top.happenings.push({ what: 'closed', to: this, fault });
    this.#leave(fault);
    this.#joined?.close(fault);
  }

  #leave(fault: Fault): void {
    this.ended = fault;
    this.#isDialledNoMore();
    for (const reader of [...this.#unreadDatagrams.splice(0), this.#reader]) reader.stop();
    this.#unread = [];
    must(!this.#told, 'a session is told once that it is gone');
    this.#told = true;
    this.#top.moves++;
    this.session.gone(this.#top.now);
    must(![...this.#top.hub.sessions()].includes(this.session), 'a hub forgets a session that is gone');
  }
}
