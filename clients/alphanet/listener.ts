/** A virtual port at which connections are taken. */
import { Failure } from '../../common/failure.ts';
import type { Wait } from '../wait.ts';
import { Inbox } from './inbox.ts';
import type { VirtualSocket } from './socket.ts';

/** Connections of one port that wait to be accepted; more are refused. */
export const ACCEPTS_MAX = 128;

export class VirtualListener {
  readonly port: number;
  readonly #forget: (listener: VirtualListener) => void;
  readonly #inbox = new Inbox<VirtualSocket>();

  constructor(port: number, forget: (listener: VirtualListener) => void) {
    this.port = port;
    this.#forget = forget;
  }

  /** The next connection. It stands already: whoever asked for it may send. */
  async accept(wait: Wait = {}): Promise<VirtualSocket> {
    const socket = await this.#inbox.take(wait, `nobody connected to virtual port ${this.port} in time`);
    if (socket !== null) return socket;
    throw new Failure('outside', 'closed', `virtual port ${this.port} is not listened at any more`);
  }

  /** Until it is closed. */
  async *[Symbol.asyncIterator](): AsyncGenerator<VirtualSocket, void, undefined> {
    for (;;) {
      const socket = await this.#inbox.take({}, '');
      if (socket === null) return;
      yield socket;
    }
  }

  /** Takes no more, and ends those that nobody has accepted. */
  async close(): Promise<void> {
    this.#forget(this);
    const waiting = this.#inbox.empty();
    this.#inbox.end('ended');
    await Promise.all(waiting.map((socket) => socket.close()));
  }

  // For the client --------------------------------------------------------------------------------------

  get hasRoom(): boolean {
    return !this.#inbox.isOver && this.#inbox.size < ACCEPTS_MAX;
  }

  takes(socket: VirtualSocket): void {
    this.#inbox.put(socket);
  }

  broke(why: Failure): void {
    this.#inbox.empty();
    this.#inbox.end(why);
  }
}
