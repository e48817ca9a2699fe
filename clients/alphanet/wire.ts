/**
 * The connection to the relay: whole messages in, whole messages out.
 *
 * The rule: nothing is thrown here. Whatever goes wrong ends it, once, and is told to whoever is told of the messages.
 * Data waits until the system has taken what was sent before.
 */
import type { Socket } from 'node:net';
import { Failure } from '../../common/failure.ts';
import { alphanet } from '../../protocol/alphanet/index.ts';
import { describeFault } from '../../protocol/fault.ts';
import { heap, span } from '../../protocol/memory.ts';
import { type FrameSink, Reader } from '../../protocol/reader.ts';
import { Direction, type Fault, type FrameView } from '../../protocol/types.ts';

/** How long a connection without traffic stands before the system looks whether the relay is still there. */
const KEEP_ALIVE_MS = 60_000;
/** How long an end may take, before the connection is broken off. */
export const CLOSE_MS = 5_000;

export interface WireEnd {
  /** A whole message, borrowed. */
  heard(frame: FrameView): void;
  /** There is room again. */
  drained(): void;
  /** Nothing is heard and nothing can be said any more. Once. */
  over(why: Failure): void;
}

export class Wire implements FrameSink {
  readonly #socket: Socket;
  readonly #end: WireEnd;
  readonly #reader: Reader;
  #stands = false;
  #over: Failure | null = null;
  /** Who waits for room, all on one promise. */
  #room: { readonly promise: Promise<void>; readonly resolve: () => void } | null = null;
  readonly #closed: Promise<void>;

  constructor(socket: Socket, end: WireEnd) {
    this.#socket = socket;
    this.#end = end;
    this.#reader = new Reader(alphanet, Direction.toPeer, heap, this);
    this.#closed = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.once('connect', () => (this.#stands = true));
    socket.on('data', (bytes: Buffer) => this.#reader.push(span(bytes), 0, bytes.length));
    socket.on('drain', () => {
      end.drained();
      this.#wake();
    });
    socket.on('end', () => this.fail(lost('the relay closed the connection')));
    socket.on('error', (error) =>
      this.fail(lost(`the connection to the relay broke: ${error.message}`, error)),
    );
    socket.on('close', () => this.fail(lost('the connection to the relay is closed')));
  }

  /** Whether there ever was a connection. */
  get hasStood(): boolean {
    return this.#stands;
  }

  /** Whether the system takes more. */
  get hasRoom(): boolean {
    return !this.#socket.writableNeedDrain;
  }

  get over(): Failure | null {
    return this.#over;
  }

  // What is said ------------------------------------------------------------------------------------

  /** A short message, at once: whoever says many waits for room. Nothing, where it is over. */
  say(bytes: Uint8Array): void {
    if (this.#over === null) this.#socket.write(bytes);
  }

  /** A long message, when there is room for it; done when the system has taken it. Answers false where `isWanted` no more. */
  async send(bytes: Uint8Array, isWanted: () => boolean): Promise<boolean> {
    while (this.#over === null && !this.hasRoom) await this.#waitForRoom();
    if (this.#over !== null) throw this.#over;
    if (!isWanted()) return false;
    await new Promise<void>((resolve, reject) => {
      this.#socket.write(bytes, (error) => {
        if (error) reject(this.#over ?? lost(`it was not sent: ${error.message}`, error));
        else resolve();
      });
    });
    return true;
  }

  #waitForRoom(): Promise<void> {
    if (this.#room === null) {
      let resolve: () => void = () => undefined;
      const promise = new Promise<void>((done) => (resolve = done));
      this.#room = { promise, resolve };
    }
    return this.#room.promise;
  }

  #wake(): void {
    this.#room?.resolve();
    this.#room = null;
  }

  /** Ends it after all that was said. */
  async close(why: Failure): Promise<void> {
    this.#finish(why);
    this.#socket.end();
    // What still comes is nobody's; unread, it would turn the end into a break.
    this.#socket.resume();
    const late = setTimeout(() => this.#socket.destroy(), CLOSE_MS);
    await this.#closed;
    clearTimeout(late);
  }

  fail(why: Failure): void {
    this.#finish(why);
    this.#socket.destroy();
  }

  #finish(why: Failure): void {
    if (this.#over !== null) return;
    this.#over = why;
    this.#reader.stop();
    this.#wake();
    this.#end.over(why);
  }

  // What is heard -----------------------------------------------------------------------------------

  /** Whether nothing is read for now. */
  hold(on: boolean): void {
    if (on) this.#socket.pause();
    else if (this.#socket.isPaused()) this.#socket.resume();
  }

  frame(frame: FrameView): void {
    this.#end.heard(frame);
  }

  fault(fault: Fault): void {
    this.fail(notAlphanet(describeFault(alphanet, fault).text));
  }

  leftover(): void {
    // What comes after the end is nobody's.
  }
}

export function notAlphanet(why: string): Failure {
  return new Failure('outside', 'not-alphanet', `what the relay sent is not AlphaNET: ${why}`);
}

function lost(text: string, cause?: Error): Failure {
  return new Failure('outside', 'lost', text, cause);
}
