/**
 * One client: a socket that reads into a buffer shared by all, and finds the frames in it.
 *
 * The rule: nothing is allocated for a frame, and only what was cut by the end of a read is copied.
 */
import { connect, type Socket } from 'node:net';
import { span } from '../../protocol/memory.ts';
import type { Shape } from './wire.ts';

/** Larger than the relay's own, so that the load never needs more reads than the relay needed writes. */
const shared = span(Buffer.allocUnsafeSlow(512 * 1024));

export interface ClientInit {
  readonly port: number;
  /** What it says once connected... */
  readonly hello: Uint8Array;
  /** ...and exactly what must come back first; then the session is known to be open. */
  readonly answer: Buffer;
  readonly shape: Shape;
  /** The frame at `at` has come, or at least its head; `view` is lent for the call. */
  readonly onFrame: (view: DataView, at: number, size: number) => void;
}

export class Client {
  /** When the answer has come. */
  readonly opened: Promise<void>;
  /** Of the frames that came after the answer. */
  receivedBytes = 0;
  receivedFrames = 0;
  readonly #socket: Socket;
  readonly #shape: Shape;
  readonly #onFrame: ClientInit['onFrame'];
  readonly #answer: Buffer;
  #answered = 0;
  #resolveOpened!: () => void;
  /** A head that was cut by the end of a read. */
  readonly #cut;
  #cutBytes = 0;
  /** What is still to come of the frame whose head was seen. */
  #skip = 0;

  constructor({ port, hello, answer, shape, onFrame }: ClientInit) {
    this.#shape = shape;
    this.#onFrame = onFrame;
    this.#answer = answer;
    this.#cut = span(new Uint8Array(shape.headBytes));
    this.opened = new Promise((resolve) => (this.#resolveOpened = resolve));
    this.#socket = connect({
      host: '127.0.0.1',
      port,
      noDelay: true,
      onread: {
        buffer: shared.bytes,
        callback: (bytes) => {
          this.#received(bytes);
          return true;
        },
      },
    });
    this.#socket.on('error', (error) => {
      throw new Error(`a session broke: ${error.message}`);
    });
    this.#socket.on('close', () => {
      throw new Error('the relay closed a session');
    });
    this.#socket.write(hello);
  }

  /** Bytes that the system has not taken yet; while there are any, what was written must not be changed. */
  get waitingBytes(): number {
    return this.#socket.writableLength;
  }

  write(bytes: Uint8Array, written?: () => void): void {
    this.#socket.write(bytes, written);
  }

  /** Leaves, without calling that an error. */
  end(): void {
    this.#socket.removeAllListeners('close').destroy();
  }

  #received(end: number): void {
    let at = 0;
    if (this.#answered < this.#answer.length) {
      at = this.#takeAnswer(end);
      if (at === end) return;
    }
    this.receivedBytes += end - at;
    if (this.#skip > 0) {
      const skipped = Math.min(this.#skip, end - at);
      this.#skip -= skipped;
      at += skipped;
    }
    if (this.#cutBytes > 0) at = this.#completeCut(at, end);
    const { headerBytes, headBytes, sizeAt } = this.#shape;
    const view = shared.view;
    while (end - at >= headBytes) {
      const size = view.getUint32(at + sizeAt, true);
      this.receivedFrames++;
      this.#onFrame(view, at, size);
      at += headerBytes + size;
    }
    if (at > end) {
      this.#skip = at - end;
    } else if (at < end) {
      this.#cut.bytes.set(shared.bytes.subarray(at, end));
      this.#cutBytes = end - at;
    }
  }

  #completeCut(from: number, end: number): number {
    const { headerBytes, headBytes, sizeAt } = this.#shape;
    const { bytes, view } = this.#cut;
    const at = Math.min(from + headBytes - this.#cutBytes, end);
    bytes.set(shared.bytes.subarray(from, at), this.#cutBytes);
    this.#cutBytes += at - from;
    if (this.#cutBytes < headBytes) return at;
    this.#cutBytes = 0;
    const size = view.getUint32(sizeAt, true);
    this.receivedFrames++;
    this.#onFrame(view, 0, size);
    const rest = headerBytes + size - headBytes;
    this.#skip = Math.max(rest - (end - at), 0);
    return at + rest - this.#skip;
  }

  #takeAnswer(end: number): number {
    const expected = this.#answer.subarray(this.#answered);
    const came = shared.bytes.subarray(0, Math.min(end, expected.length));
    if (Buffer.compare(came, expected.subarray(0, came.length)) !== 0)
      throw new Error('a session was opened with a wrong answer');
    this.#answered += came.length;
    if (this.#answered === this.#answer.length) this.#resolveOpened();
    return came.length;
  }
}
