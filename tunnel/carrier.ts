/**
 * One local connection and its stream: what each says is passed to the other, no faster than that one takes it.
 *
 * The rule: nothing is silently cut. What ended well on one side ends well on the other, behind all of its bytes; whatever else
 * happens to either, the other is reset.
 */
import type { Socket } from 'node:net';
import type { Ending, MuxStream, StreamEvents } from './stream.ts';

export class Carrier implements StreamEvents {
  readonly #socket: Socket;
  readonly #onClosed: (why: Ending) => void;
  #stream: MuxStream | null = null;
  #isClosed = false;

  /** The socket must not be read yet. `onClosed` is called once, when the stream is over, or when there never was one. */
  constructor(socket: Socket, onClosed: (why: Ending) => void) {
    this.#socket = socket;
    this.#onClosed = onClosed;
    socket.on('data', (bytes) => {
      if (this.#stream?.write(bytes) === false) socket.pause();
    });
    socket.on('end', () => this.#stream?.end());
    socket.on('error', () => this.#broken());
    socket.on('close', () => {
      if (!socket.readableEnded || !socket.writableFinished) this.#broken();
    });
  }

  /** Of what comes on it, bytes are passed on from now on. */
  carry(stream: MuxStream): void {
    this.#stream = stream;
  }

  /** What the local connection says is passed on too. */
  flow(): void {
    this.#socket.resume();
  }

  data(bytes: Uint8Array): void {
    const { length } = bytes;
    this.#socket.write(Buffer.from(bytes), () => this.#stream?.consumed(length));
  }

  ended(): void {
    this.#socket.end();
  }

  drained(): void {
    this.#socket.resume();
  }

  closed(why: Ending): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (why !== 'done') breakOff(this.#socket);
    this.#onClosed(why);
  }

  #broken(): void {
    if (this.#stream === null) this.closed('reset');
    else this.#stream.reset();
  }
}

/** A reset, which cannot be taken for an end. */
export function breakOff(socket: Socket): void {
  // One that is not there yet would first be waited for.
  if (socket.connecting) socket.destroy();
  else socket.resetAndDestroy();
}
