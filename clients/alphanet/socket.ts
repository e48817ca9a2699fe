/**
 * One end of a connection between two virtual sockets.
 *
 * The rule: what is sent arrives whole and in order, or the socket ends. Who does not receive is not read from, and as all
 * sockets of a client share its one connection, neither are the others: so that is borne for a while only.
 */
import { Failure } from '../../common/failure.ts';
import { DATA_BYTES_MAX } from '../../protocol/alphanet/layout.ts';
import type { Address } from '../../protocol/alphanet/objects.ts';
import { dataPacket, socketClosedPacket } from '../../protocol/alphanet/packets.ts';
import { within, type Wait } from '../wait.ts';
import { Inbox } from './inbox.ts';

/** Received and not asked for: with so many bytes, or so many pieces, nothing more is read. */
export const RECEIVED_BYTES_MAX = 1024 * 1024;
export const RECEIVED_PIECES_MAX = 4096;
/** How long a socket may stop the reading of all before it is closed, where nothing else is set. */
export const STALL_MS = 10_000;
/** Bytes of all sends of one socket that are under way; one send always may be. */
export const SENDING_BYTES_MAX = 64 * 1024 * 1024;
/** What a send counts for beside its bytes, so that empty ones are limited too. */
const SEND_BYTES = 1024;

/** What a socket needs of its client. */
export interface Carrier {
  readonly stallMs: number;
  /** Data, when there is room; false where it was not wanted any more by then. */
  carry(bytes: Uint8Array, isWanted: () => boolean): Promise<boolean>;
  /** Tells the other end that it is over. */
  part(bytes: Uint8Array): void;
  /** Whether this socket has no room for more. */
  filled(socket: VirtualSocket, isFull: boolean): void;
  /** It is over. */
  forget(socket: VirtualSocket): void;
}

export class VirtualSocket {
  /** Our end. */
  readonly local: Address;
  /** The other end. */
  readonly remote: Address;
  readonly #carrier: Carrier;
  readonly #inbox = new Inbox<Uint8Array>();
  #receivedBytes = 0;
  #isFull = false;
  #stall: NodeJS.Timeout | null = null;
  /** Done when all sends before are. Never rejects. */
  #sends: Promise<unknown> = Promise.resolve();
  #sendingBytes = 0;
  /** Why nothing can be sent any more. */
  #over: Failure | null = null;
  #closed: Promise<void> | null = null;
  /** The other end, or the client, has nothing to do with it any more. */
  #isForgotten = false;
  /** Whether the relay is known to know of it. */
  #isProven: boolean;

  constructor(carrier: Carrier, local: Address, remote: Address, isProven: boolean) {
    this.#carrier = carrier;
    this.local = local;
    this.remote = remote;
    this.#isProven = isProven;
  }

  /** Whether it can be sent to, as far as is known here. */
  get isOpen(): boolean {
    return this.#over === null;
  }

  get isProven(): boolean {
    return this.#isProven;
  }

  /**
   * Done when the system has taken all of it; until then the bytes must not change. What has 65 535 bytes at most
   * arrives as one piece. A send that is given up on may have been sent in part.
   */
  send(bytes: Uint8Array | string, wait: Wait = {}): Promise<void> {
    if (this.#over !== null) return Promise.reject(this.#over);
    const all = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
    const counts = all.length + SEND_BYTES;
    if (this.#sendingBytes > 0 && this.#sendingBytes + counts > SENDING_BYTES_MAX)
      return Promise.reject(
        new Failure('input', 'too-much-waiting', 'too many bytes wait to be sent: wait for each send'),
      );
    this.#sendingBytes += counts;
    let isWanted = true;
    const sent = this.#sends
      .then(() => this.#sendAll(all, () => isWanted))
      .finally(() => (this.#sendingBytes -= counts));
    this.#sends = sent.catch(() => undefined);
    return within(sent, wait, `the bytes for ${this.#name} were not taken in time`, () => (isWanted = false));
  }

  /** The next piece; null at the end, whichever end closed it. A call that is given up on takes nothing. */
  async receive(wait: Wait = {}): Promise<Uint8Array | null> {
    const piece = await this.#inbox.take(wait, `nothing came from ${this.#name} in time`);
    if (piece !== null) this.#taken(piece);
    return piece;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    for (let piece = await this.receive(); piece !== null; piece = await this.receive()) yield piece;
  }

  /** Ends it both ways, after all that is being sent. What came and was not asked for is dropped. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    if (this.#over !== null) return;
    const why = new Failure('outside', 'closed', `the connection with ${this.#name} has been closed`);
    this.#over = why;
    this.#inbox.empty();
    this.#receivedBytes = 0;
    this.#inbox.end('ended');
    this.#weigh(false);
    await this.#sends;
    // What the other end has closed meanwhile may be open anew.
    if (this.#isForgotten) return;
    this.#carrier.part(socketClosedPacket(this.local, this.remote));
    this.#carrier.forget(this);
  }

  // For the client --------------------------------------------------------------------------------------

  /** A piece has come, which is the socket's own. */
  heard(piece: Uint8Array): void {
    if (this.#inbox.isOver) return;
    this.#isProven = true;
    this.#receivedBytes += piece.length;
    this.#inbox.put(piece);
    this.#weigh(false);
  }

  /** The other end has closed it, or is gone. */
  ended(): void {
    this.#finish(
      new Failure('outside', 'ended', `the connection with ${this.#name} was ended by the other end`),
      'ended',
    );
  }

  /** It broke. */
  broke(why: Failure): void {
    this.#finish(why, why);
  }

  // -----------------------------------------------------------------------------------------------------

  get #name(): string {
    return `${this.remote.ip}:${this.remote.port}`;
  }

  async #sendAll(bytes: Uint8Array, isWanted: () => boolean): Promise<void> {
    const isOpen = (): boolean => this.#over === null || this.#over.code === 'closed';
    let at = 0;
    do {
      const piece = bytes.subarray(at, at + DATA_BYTES_MAX);
      const isCarried =
        isOpen() &&
        (await this.#carrier.carry(dataPacket(this.local, this.remote, piece), () => isWanted() && isOpen()));
      if (!isOpen()) throw this.#over as Failure;
      if (!isCarried) return;
      at += piece.length;
    } while (at < bytes.length);
  }

  #taken({ length }: Uint8Array): void {
    this.#receivedBytes = Math.max(this.#receivedBytes - length, 0);
    this.#weigh(true);
  }

  /** Has the client read on, or not. Who receives at all has time again. */
  #weigh(isTaken: boolean): void {
    const isFull =
      !this.#inbox.isOver &&
      (this.#receivedBytes >= RECEIVED_BYTES_MAX || this.#inbox.size >= RECEIVED_PIECES_MAX);
    if (isTaken && isFull) this.#stall?.refresh();
    if (isFull === this.#isFull) return;
    this.#isFull = isFull;
    if (this.#stall !== null) clearTimeout(this.#stall);
    this.#stall = isFull ? setTimeout(() => this.#stalled(), this.#carrier.stallMs) : null;
    this.#carrier.filled(this, isFull);
  }

  #stalled(): void {
    const text = `what came from ${this.#name} was not received, and kept everything else from coming`;
    this.#carrier.part(socketClosedPacket(this.local, this.remote));
    const why = new Failure('outside', 'too-slow', text);
    this.#finish(why, why);
  }

  #finish(why: Failure, end: Failure | 'ended'): void {
    this.#inbox.end(end);
    this.#weigh(false);
    if (this.#over === null || this.#over.code === 'closed') this.#over = why;
    this.#isForgotten = true;
    this.#carrier.forget(this);
  }
}
