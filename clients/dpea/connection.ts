/**
 * One end of a dpea connection: whole packets in, whole packets out, in order, each way for itself.
 *
 * The rule: nothing grows without end. Who does not receive is not read from, so that the other end waits; a send is
 * done when the system has taken it; a packet that only was announced takes no memory.
 */
import type { Socket } from 'node:net';
import { Failure } from '../../common/failure.ts';
import { dpea } from '../../protocol/dpea/index.ts';
import { HEADER_BYTES, Kind, LENGTH_AT, PAYLOAD_MAX } from '../../protocol/dpea/layout.ts';
import { heap, span } from '../../protocol/memory.ts';
import { type FrameSink, Reader } from '../../protocol/reader.ts';
import { Direction, type FrameView } from '../../protocol/types.ts';
import { within, type Wait } from '../wait.ts';

/** Received packets that wait to be asked for: with so many bytes, or so many of them, nothing more is read. */
export const RECEIVED_BYTES_MAX = 1024 * 1024;
export const RECEIVED_PACKETS_MAX = 4096;
/** Calls of `receive` that may wait at a time. */
export const RECEIVERS_MAX = 1024;
/** Bytes of packets that may be on their way into the system at a time; one packet always may. */
export const SENDING_BYTES_MAX = 128 * 1024 * 1024;
/** How long an end may take to be answered by the other end, before the connection is broken off. */
export const CLOSE_MS = 5_000;

const TYPE_MAX = 2 ** 32 - 1;

/** What both ends call the types of packets: `{ COMMAND1: 1, COMMAND2: 2 }`. */
export type DpeaTypes = Readonly<Record<string, number>>;

export interface DpeaPacket<T extends DpeaTypes> {
  readonly type: number;
  /** What this type is called; null where it has no name. */
  readonly name: keyof T | null;
  /** The receiver's own. */
  readonly payload: Uint8Array;
}

interface Receiver<T extends DpeaTypes> {
  readonly resolve: (packet: DpeaPacket<T> | null) => void;
  readonly reject: (error: Error) => void;
}

export class DpeaConnection<T extends DpeaTypes> implements FrameSink {
  readonly #socket: Socket;
  readonly #types: T;
  readonly #names: ReadonlyMap<number, keyof T>;
  readonly #reader: Reader;
  readonly #received: DpeaPacket<T>[] = [];
  #receivedBytes = 0;
  readonly #receivers: Receiver<T>[] = [];
  /** The type of the long packet that is coming, how many bytes of it are still to come, and what has. */
  #type = 0;
  #missing = 0;
  #parts: Uint8Array[] = [];
  #sendingBytes = 0;
  /** Why nothing more is received; null as long as something may be. */
  #over: Failure | 'ended' | null = null;
  readonly #closed: Promise<void>;

  constructor(socket: Socket, types: T) {
    this.#socket = socket;
    this.#types = types;
    this.#names = new Map(Object.entries(types).map(([name, type]) => [type, name]));
    this.#reader = new Reader(dpea, Direction.toRelay, heap, this);
    this.#closed = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.setNoDelay(true);
    socket.on('data', (bytes: Buffer) => this.#take(bytes));
    socket.on('end', () => this.#ended());
    socket.on('error', (error) =>
      this.#finish(new Failure('outside', 'lost', `the dpea connection broke: ${error.message}`, error)),
    );
    socket.on('close', () =>
      this.#finish(new Failure('outside', 'closed', 'the dpea connection has been closed')),
    );
  }

  /** Whether it can still be sent to. */
  get isOpen(): boolean {
    return this.#socket.writable;
  }

  /**
   * Sends one packet; done when the system has taken all of it. A send that is given up on may still arrive: half a packet cannot
   * be taken back.
   */
  async send(
    type: (keyof T & string) | number,
    payload: Uint8Array | string = '',
    wait: Wait = {},
  ): Promise<void> {
    const number = typeof type === 'number' ? type : this.#types[type];
    if (number === undefined || !Number.isInteger(number) || number < 0 || number > TYPE_MAX)
      throw new Failure('input', 'bad-type', `${String(type)} is no type of a dpea packet`);
    const body = typeof payload === 'string' ? Buffer.from(payload) : payload;
    if (body.length > PAYLOAD_MAX)
      throw new Failure('input', 'too-long', `a dpea packet has 64 MiB at most, not ${body.length} bytes`);
    if (!this.isOpen) throw new Failure('outside', 'closed', 'the dpea connection has ended');
    const size = HEADER_BYTES + body.length;
    if (this.#sendingBytes > 0 && this.#sendingBytes + size > SENDING_BYTES_MAX)
      throw new Failure(
        'outside',
        'too-much-waiting',
        'too many dpea packets wait to be sent: wait for each send',
      );
    this.#sendingBytes += size;
    const sent = new Promise<void>((resolve, reject) => {
      const done = (error?: Error | null): void => {
        this.#sendingBytes -= size;
        if (error) reject(new Failure('outside', 'lost', `the packet was not sent: ${error.message}`, error));
        else resolve();
      };
      const head = new Uint8Array(HEADER_BYTES);
      const { view } = span(head);
      view.setUint32(0, number, true);
      view.setUint32(LENGTH_AT, body.length, true);
      this.#socket.cork();
      if (body.length === 0) {
        this.#socket.write(head, done);
      } else {
        this.#socket.write(head);
        this.#socket.write(body, done);
      }
      this.#socket.uncork();
    });
    await within(sent, wait, 'a dpea packet was not taken in time');
  }

  /**
   * The next packet; null where the other end has said its last word. Rejects where it broke off in a packet, or sent what cannot
   * be dpea. A call that is given up on takes no packet.
   */
  async receive(wait: Wait = {}): Promise<DpeaPacket<T> | null> {
    const first = this.#received.shift();
    if (first !== undefined) {
      this.#receivedBytes -= first.payload.length;
      this.#flow();
      return first;
    }
    if (this.#over === 'ended') return null;
    if (this.#over !== null) throw this.#over;
    if (this.#receivers.length >= RECEIVERS_MAX)
      throw new Failure('input', 'too-many-receivers', 'too many calls wait for dpea packets');
    let own: Receiver<T> | null = null;
    const next = new Promise<DpeaPacket<T> | null>((resolve, reject) => {
      own = { resolve, reject };
      this.#receivers.push(own);
    });
    return within(next, wait, 'no dpea packet came in time', () => {
      this.#receivers.splice(this.#receivers.indexOf(own as Receiver<T>), 1);
    });
  }

  /** Says the last word, after all that was sent, and waits for the other end's, for a while. */
  async close(): Promise<void> {
    this.#finish(new Failure('outside', 'closed', 'the dpea connection has been closed'));
    this.#received.length = 0;
    this.#receivedBytes = 0;
    this.#socket.end();
    // What still comes is nobody's; unread, it would turn the end into a break.
    this.#socket.resume();
    const late = setTimeout(() => this.#socket.destroy(), CLOSE_MS);
    await this.#closed;
    clearTimeout(late);
  }

  // What comes --------------------------------------------------------------------------------------

  #take(bytes: Buffer): void {
    if (this.#over !== null) return;
    this.#reader.push(span(bytes), 0, bytes.length);
    this.#flow();
  }

  frame({ kind, view, bytes, at, end }: FrameView): void {
    if (kind === Kind.packet) {
      this.#deliver(view.getUint32(at, true), bytes.slice(at + HEADER_BYTES, end));
    } else if (kind === Kind.packetStart) {
      this.#type = view.getUint32(at, true);
      this.#missing = view.getUint32(at + LENGTH_AT, true);
    } else if (kind === Kind.packetPart) {
      this.#parts.push(bytes.slice(at, end));
      this.#missing -= end - at;
      if (this.#missing > 0) return;
      this.#deliver(this.#type, joined(this.#parts.splice(0)));
    } else if (this.#over === null) {
      this.#finish(
        new Failure('outside', 'not-dpea', 'what came is no dpea packet: it has more than 64 MiB'),
      );
      this.#socket.destroy();
    }
  }

  fault(): void {
    // No bytes are refused by this protocol.
  }

  leftover(): void {
    // What is left of a packet is told as an end within one.
  }

  #deliver(type: number, payload: Uint8Array): void {
    const packet = { type, name: this.#names.get(type) ?? null, payload };
    const receiver = this.#receivers.shift();
    if (receiver !== undefined) {
      receiver.resolve(packet);
      return;
    }
    this.#received.push(packet);
    this.#receivedBytes += payload.length;
  }

  /** Reads on, or lets the other end wait. */
  #flow(): void {
    const isFull = this.#receivedBytes >= RECEIVED_BYTES_MAX || this.#received.length >= RECEIVED_PACKETS_MAX;
    if (isFull) this.#socket.pause();
    else if (this.#socket.isPaused()) this.#socket.resume();
  }

  #ended(): void {
    const isWithin = this.#missing > 0 || this.#reader.waitingBytes > 0;
    if (!isWithin) this.#finish('ended');
    else
      this.#finish(new Failure('outside', 'cut-off', 'the dpea connection ended in the middle of a packet'));
  }

  #finish(why: Failure | 'ended'): void {
    if (this.#over !== null) return;
    this.#over = why;
    this.#parts = [];
    for (const { resolve, reject } of this.#receivers.splice(0))
      if (why === 'ended') resolve(null);
      else reject(why);
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
