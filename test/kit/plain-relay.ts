/**
 * A TCP relay as plain as its wire page, which knows nothing of ours: names, and messages `{dest}|{n}|{n bytes}`.
 *
 * The rule: it holds no message whole, lets none come between the bytes of another, and waits for whoever reads slowly.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

/** What one connection brings, taken by as many bytes as are wanted. */
class Intake {
  readonly #pieces: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(socket: Socket) {
    this.#pieces = socket[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  /** Some bytes, at most so many; null at the end. */
  async some(max: number): Promise<Buffer | null> {
    if (this.#rest.length === 0) {
      const next = await this.#pieces.next();
      if (next.done === true) return null;
      this.#rest = next.value;
    }
    const taken = this.#rest.subarray(0, max);
    this.#rest = this.#rest.subarray(taken.length);
    return taken;
  }

  /** Up to the next `|`; null at the end. */
  async word(): Promise<string | null> {
    let word = '';
    for (;;) {
      const byte = await this.some(1);
      if (byte === null) return null;
      if (byte[0] === 0x7c) return word;
      word += byte.toString('latin1');
    }
  }
}

interface Client {
  readonly socket: Socket;
  /** Settles when no message is on its way to it. */
  turn: Promise<void>;
}

export class PlainRelay {
  readonly #clients = new Map<string, Client>();
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  /** Who sent how much to whom, message by message. */
  readonly heads: string[] = [];

  private constructor() {
    this.#server = createServer({ noDelay: true }, (socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => this.#sockets.delete(socket));
      void this.#serve(socket).catch(() => socket.destroy());
    });
  }

  /** 0 picks a free port. */
  static async start(port = 0): Promise<PlainRelay> {
    const relay = new PlainRelay();
    relay.#server.listen(port, '127.0.0.1');
    await once(relay.#server, 'listening');
    return relay;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get names(): string[] {
    return [...this.#clients.keys()];
  }

  /** Breaks one connection off. */
  drop(name: string): void {
    this.#clients.get(name)?.socket.resetAndDestroy();
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #serve(socket: Socket): Promise<void> {
    const intake = new Intake(socket);
    const name = await intake.word();
    if (name === null || this.#clients.has(name)) {
      socket.destroy();
      return;
    }
    const client: Client = { socket, turn: Promise.resolve() };
    this.#clients.set(name, client);
    socket.on('close', () => this.#clients.delete(name));
    for (;;) {
      const dest = await intake.word();
      const bytes = await intake.word();
      if (dest === null || bytes === null) break;
      this.heads.push(`${name}>${dest}|${bytes}`);
      await this.#pass(intake, this.#clients.get(dest) ?? null, Number(bytes));
    }
    socket.destroy();
  }

  async #pass(intake: Intake, target: Client | null, bytes: number): Promise<void> {
    let done = (): void => undefined;
    const before = target?.turn;
    if (target !== null) target.turn = new Promise((resolve) => (done = resolve));
    await before;
    for (let left = bytes; left > 0;) {
      const piece = await intake.some(left);
      if (piece === null) {
        target?.socket.destroy();
        break;
      }
      left -= piece.length;
      if (target !== null && !target.socket.destroyed && !target.socket.write(piece)) {
        const { socket } = target;
        await new Promise<void>((resolve) => {
          socket.once('drain', resolve);
          socket.once('close', resolve);
        });
      }
    }
    done();
  }
}
