/**
 * Many streams in one stream of bytes between two ends of a tunnel: pure, with neither sockets nor a clock.
 *
 * The rule: what the peer sends has an effect only if it bears the number that we drew and told the peer alone, and follows what it sent
 * before. So nobody else on the relay can take part, and neither end ever mixes what an end that was restarted says with
 * what it said before. A peer's mistake is a `Violation`, after which nothing more is believed.
 */
import { Cutter } from './cutter.ts';
import {
  FrameType,
  type Head,
  HEAD_BYTES,
  readHello,
  Refusal,
  type SessionNumber,
  viewOf,
  writeEcho,
  writeHead,
  writeHello,
} from './frames.ts';
import {
  CREDIT_MAX,
  DATA_BYTES_MAX,
  DATA_COST_MIN,
  HELLO_MS,
  MESSAGE_BYTES_MAX,
  type MuxLimits,
  muxLimits,
  OPEN_MS,
  PEER_SILENCE_MS,
  PING_MS,
} from './limits.ts';
import { deaf, MuxStream, type StreamEvents, type StreamHost } from './stream.ts';
import type { Violation } from './violations.ts';

/** Why a session was over. */
export const partings = {
  restarted: 'it was started again, or connected to the relay again',
  silent: 'nothing has been heard of it',
  bye: 'it was stopped',
  'ids-used-up': 'all numbers of streams are used up, so both begin anew',
} as const;
export type Parting = keyof typeof partings;

export interface MuxEvents {
  /** The peer is there: from now on there can be streams. */
  met(): void;
  /** The session is over, and its streams are closed. */
  parted(why: Parting): void;
  /** The peer asks for a stream, which is then to be accepted or refused. */
  opened(stream: MuxStream): StreamEvents;
  /** There is something to send that was not there before. */
  wanted(): void;
}

export interface MuxOptions {
  readonly events: MuxEvents;
  /** Draws one that nobody can guess. */
  readonly drawNumber: () => SessionNumber;
  readonly now: number;
  readonly limits?: Partial<MuxLimits>;
}

/** What is to be sent as one message, in pieces that lie one behind the other. */
export interface Message {
  readonly parts: readonly Uint8Array[];
  readonly bytes: number;
}

interface Session {
  readonly number: SessionNumber;
  readonly windowBytes: number;
  nextOwn: number;
  nextTheirs: number;
  sent: number;
  received: number;
  heardAt: number;
  pingedAt: number;
}

interface Telling {
  readonly type: FrameType;
  readonly stream: number;
  readonly value: number | undefined;
}

const UNKNOWN = 0n;
/** What takes no part in the counting of frames. */
const uncounted: readonly FrameType[] = [FrameType.hello, FrameType.echo];

export class Mux {
  readonly limits: MuxLimits;
  readonly #events: MuxEvents;
  readonly #drawNumber: () => SessionNumber;
  readonly #cutter = new Cutter((head, payload) => this.#take(head, payload));
  readonly #host: StreamHost;
  #now: number;
  #own: SessionNumber;
  #session: Session | null = null;
  /** To whom a hello is to be sent; null for nobody. */
  #helloTo: SessionNumber | null = UNKNOWN;
  #helloAt: number;

  readonly #streams = new Map<number, MuxStream>();
  #ownStreams = 0;
  /** In the order in which they are to send. */
  readonly #ready = new Set<MuxStream>();
  readonly #owing = new Set<MuxStream>();
  #tellings: Telling[] = [];
  #windowsBytes = 0;

  /** Well-made frames for somebody else, which have no effect. */
  strayFrames = 0;
  bytesIn = 0;
  bytesOut = 0;

  constructor({ events, drawNumber, now, limits }: MuxOptions) {
    this.limits = { ...muxLimits, ...limits };
    this.#events = events;
    this.#drawNumber = drawNumber;
    this.#now = this.#helloAt = now;
    this.#own = drawNumber();
    this.#host = {
      limits: this.limits,
      ready: (stream) => this.#want(this.#ready, stream),
      owes: (stream) => this.#want(this.#owing, stream),
      tell: (type, stream, value) => this.#tell(type, stream, value),
      widen: (bytes) => this.#widen(bytes),
      forget: (stream, windowBytes) => this.#forget(stream, windowBytes),
    };
  }

  get isTogether(): boolean {
    return this.#session !== null;
  }

  get streams(): number {
    return this.#streams.size;
  }

  get ownStreams(): number {
    return this.#ownStreams;
  }

  /** What may have to be held: by us for the peer, and of what the peer is to get. */
  get heldBytesMax(): number {
    let queued = 0;
    for (const stream of this.#streams.values()) queued += stream.queuedBytes;
    return this.#windowsBytes + queued + this.#cutter.heldBytes;
  }

  get waitingAnswers(): number {
    return this.#tellings.length;
  }

  /** Asks the peer for a stream; bytes may be written at once. Null where there is no peer, or where there are as many as may be. */
  open(events: StreamEvents, now: number): MuxStream | null {
    this.#now = now;
    const session = this.#session;
    if (session === null || this.#ownStreams >= this.limits.streamsMax) return null;
    if (session.nextOwn > this.limits.streamIdMax) {
      this.#part('ids-used-up');
      return null;
    }
    const stream = this.#add(session.nextOwn, true, events, session);
    session.nextOwn += 2;
    this.#tell(FrameType.open, stream.id);
    return stream;
  }

  /** What came from the relay, cut anywhere. */
  receive(bytes: Uint8Array, now: number): Violation | null {
    this.#now = now;
    this.bytesIn += bytes.length;
    const violation = this.#cutter.feed(bytes);
    if (violation !== null) return violation;
    return this.#tellings.length > this.limits.answersMax ? 'too-many-answers' : null;
  }

  /** To be called every second or so. */
  tick(now: number): void {
    this.#now = now;
    const session = this.#session;
    if (session === null) {
      if (now - this.#helloAt >= HELLO_MS) this.#greet(this.#helloTo ?? UNKNOWN);
      return;
    }
    if (now - session.heardAt >= PEER_SILENCE_MS) {
      this.#part('silent');
      return;
    }
    if (now - Math.max(session.heardAt, session.pingedAt) >= PING_MS) {
      session.pingedAt = now;
      this.#tell(FrameType.ping, 0);
    }
    for (const stream of this.#streams.values()) {
      if (stream.isOwn && !stream.isAccepted && now - stream.openedAt >= OPEN_MS) stream.reset('late');
    }
  }

  /** The next message to the peer; null if there is nothing to say. */
  pull(bytesMax = MESSAGE_BYTES_MAX): Message | null {
    const parts: Uint8Array[] = [];
    let bytes = 0;
    const add = (...more: readonly Uint8Array[]) => {
      for (const part of more) {
        parts.push(part);
        bytes += part.length;
      }
    };
    if (this.#helloTo !== null) {
      add(writeHello({ number: this.#own, windowBytes: this.limits.windowBytesMin }, this.#helloTo));
      this.#helloTo = null;
      this.#helloAt = this.#now;
    }
    const session = this.#session;
    if (session !== null) {
      const hasRoom = (payloadBytes: number) => bytes + HEAD_BYTES + payloadBytes <= bytesMax;
      let told = 0;
      for (const { type, stream, value } of this.#tellings) {
        if (!hasRoom(4)) break;
        add(this.#frame(session, type, stream, value));
        told++;
      }
      this.#tellings.splice(0, told);
      for (const stream of this.#owing) {
        if (!hasRoom(4)) break;
        this.#owing.delete(stream);
        add(this.#frame(session, FrameType.credit, stream.id, stream.takeOwed()));
      }
      const served: MuxStream[] = [];
      for (const stream of this.#ready) {
        if (!hasRoom(DATA_BYTES_MAX)) break;
        this.#ready.delete(stream);
        const payload = stream.next();
        if (payload === null) add(this.#frame(session, FrameType.end, stream.id));
        else add(this.#frame(session, FrameType.data, stream.id, undefined, payload.length), payload);
        // Behind all others, who are then served before it is again.
        if (stream.canSend) this.#ready.add(stream);
        served.push(stream);
      }
      for (const stream of served) stream.relieve();
    }
    this.bytesOut += bytes;
    return bytes === 0 ? null : { parts, bytes };
  }

  /** What one sends to oneself: whoever gets it back is connected. */
  echo(): Uint8Array {
    return writeEcho(this.#own);
  }

  /** All streams are lost, with the connection to the relay or because we stop; the peer is told if it can be. */
  leave(): void {
    const session = this.#session;
    this.#drop();
    if (session !== null) this.#tell(FrameType.bye, 0);
  }

  #take(head: Head, payload: Uint8Array): Violation | null {
    if (head.type === FrameType.hello) return this.#takeHello(head, payload);
    if (head.number !== this.#own) {
      this.strayFrames++;
      return null;
    }
    if (uncounted.includes(head.type)) return null;
    const session = this.#session;
    if (session === null) return 'before-hello';
    if (head.sequence !== session.received) return 'lost-frames';
    session.received = (session.received + 1) >>> 0;
    session.heardAt = this.#now;
    return head.stream === 0 ? this.#takeOfSession(head.type) : this.#takeOfStream(session, head, payload);
  }

  /** One that names our number comes from whoever was told it, and begins a session; any other is only answered, to the peer. */
  #takeHello(head: Head, payload: Uint8Array): Violation | null {
    const { number, windowBytes } = readHello(payload);
    if (head.number !== this.#own) {
      this.#greet(number);
      return null;
    }
    const isSound = windowBytes >= 2 * DATA_COST_MIN && windowBytes <= CREDIT_MAX;
    if (number === this.#own || number === UNKNOWN || !isSound) return 'bad-hello';
    if (this.#session?.number === number) return null;
    if (this.#session !== null) this.#end('restarted');
    const isUpper = this.#own > number;
    this.#session = {
      number,
      windowBytes,
      nextOwn: isUpper ? 1 : 2,
      nextTheirs: isUpper ? 2 : 1,
      sent: 0,
      received: 0,
      heardAt: this.#now,
      pingedAt: this.#now,
    };
    this.#greet(number);
    this.#events.met();
    return null;
  }

  #takeOfSession(type: FrameType): Violation | null {
    if (type === FrameType.ping) this.#tell(FrameType.pong, 0);
    if (type === FrameType.bye) this.#part('bye');
    return null;
  }

  #takeOfStream(session: Session, { type, stream: id }: Head, payload: Uint8Array): Violation | null {
    if (type === FrameType.open) return this.#takeOpen(session, id);
    const stream = this.#streams.get(id);
    if (stream === undefined) {
      const isOwn = (id - session.nextOwn) % 2 === 0;
      // One that is closed here may have been told something before the peer heard of it.
      return id < (isOwn ? session.nextOwn : session.nextTheirs) ? null : 'unknown-stream';
    }
    switch (type) {
      case FrameType.accept:
        return stream.takeAccept();
      case FrameType.refuse:
        return stream.takeRefusal(payload[0] as number);
      case FrameType.data:
        return stream.takeData(payload);
      case FrameType.credit:
        return stream.takeCredit(viewOf(payload).getUint32(0));
      case FrameType.end:
        return stream.takeEnd();
      default:
        stream.close('reset');
        return null;
    }
  }

  #takeOpen(session: Session, id: number): Violation | null {
    if (id !== session.nextTheirs) return 'bad-open';
    session.nextTheirs += 2;
    if (this.#streams.size - this.#ownStreams >= this.limits.streamsMax) {
      this.#tell(FrameType.refuse, id, Refusal.tooMany);
      return null;
    }
    const stream = this.#add(id, false, deaf, session);
    stream.heardBy(this.#events.opened(stream));
    return null;
  }

  #add(id: number, isOwn: boolean, events: StreamEvents, { windowBytes }: Session): MuxStream {
    const stream = new MuxStream(id, isOwn, windowBytes, this.#host, events, this.#now);
    this.#streams.set(id, stream);
    if (isOwn) this.#ownStreams++;
    this.#windowsBytes += stream.windowBytes;
    return stream;
  }

  #forget(stream: MuxStream, windowBytes: number): void {
    this.#streams.delete(stream.id);
    this.#ready.delete(stream);
    this.#owing.delete(stream);
    if (stream.isOwn) this.#ownStreams--;
    this.#windowsBytes -= windowBytes;
  }

  #widen(bytes: number): number {
    // New streams must find room for their windows.
    const reserved = (2 * this.limits.streamsMax - this.#streams.size) * this.limits.windowBytesMin;
    const free = Math.max(this.limits.windowsBytesMax - reserved - this.#windowsBytes, 0);
    const more = Math.min(bytes, free);
    this.#windowsBytes += more;
    return more;
  }

  #tell(type: FrameType, stream: number, value?: number): void {
    this.#tellings.push({ type, stream, value });
    this.#events.wanted();
  }

  #want(where: Set<MuxStream>, stream: MuxStream): void {
    where.add(stream);
    this.#events.wanted();
  }

  #greet(whom: SessionNumber): void {
    this.#helloTo = whom;
    this.#events.wanted();
  }

  /** The session is over, and our number with it: whatever still comes of it has no effect. */
  #part(why: Parting): void {
    this.#own = this.#drawNumber();
    this.#greet(UNKNOWN);
    this.#end(why);
  }

  #end(why: Parting): void {
    this.#drop();
    this.#session = null;
    this.#events.parted(why);
  }

  #drop(): void {
    for (const stream of [...this.#streams.values()]) stream.close('lost');
    this.#tellings = [];
  }

  #frame(session: Session, type: FrameType, stream: number, value?: number, length?: number): Uint8Array {
    const own = value === undefined ? 0 : type === FrameType.refuse ? 1 : 4;
    const head = { type, length: length ?? own, stream, sequence: session.sent, number: session.number };
    session.sent = (session.sent + 1) >>> 0;
    const bytes = writeHead(head, own);
    if (own === 1) bytes[HEAD_BYTES] = value as number;
    if (own === 4) viewOf(bytes).setUint32(HEAD_BYTES, value as number);
    return bytes;
  }
}
