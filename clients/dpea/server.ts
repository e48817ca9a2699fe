/**
 * A server of dpea, which serves one client at a time.
 *
 *     const server = new DpeaServer({ port: 5001, types: { COMMAND1: 1, COMMAND2: 2 } });
 *     await server.listen();
 *     await server.waitForConnection();
 *     const asked = await server.receive();
 *     await server.send('COMMAND2', 'olleH');
 *     await server.close();
 *
 * Clients that come meanwhile wait, unread, and each call of `waitForConnection` takes the next of them.
 */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { Failure } from '../../common/failure.ts';
import type { DpeaOptions } from './client.ts';
import { DpeaConnection, type DpeaPacket, type DpeaTypes } from './connection.ts';
import { within, type Wait } from '../wait.ts';

/** Clients that may wait for their turn; more are turned away. */
export const WAITING_CLIENTS_MAX = 64;

export class DpeaServer<T extends DpeaTypes = DpeaTypes> {
  readonly #options: DpeaOptions<T>;
  readonly #server: Server;
  readonly #waiting: Socket[] = [];
  #taker: { readonly resolve: (socket: Socket) => void; readonly reject: (error: Error) => void } | null =
    null;
  #connection: DpeaConnection<T> | null = null;

  constructor(options: DpeaOptions<T> = {}) {
    this.#options = options;
    this.#server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) =>
      this.#came(socket),
    );
  }

  /** Answers where it listens; port 0 picks a free one. Rejects with `Failure` `cannot-listen`. */
  listen(): Promise<AddressInfo> {
    const { host = '127.0.0.1', port = 5001 } = this.#options;
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error) =>
        reject(
          new Failure(
            'outside',
            'cannot-listen',
            `cannot listen on ${host} port ${port}: ${error.message}`,
            error,
          ),
        ),
      );
      this.#server.listen({ host, port }, () => resolve(this.#server.address() as AddressInfo));
    });
  }

  /** The next client is the one that is sent to and received from. Rejects where the one before is still served. */
  async waitForConnection(wait: Wait = {}): Promise<void> {
    if (this.#taker !== null || this.#connection?.isOpen === true)
      throw new Failure('input', 'connected', 'this dpea server has a client already: end that one first');
    if (!this.#server.listening)
      throw new Failure('input', 'not-listening', 'this dpea server does not listen');
    const next = new Promise<Socket>((resolve, reject) => {
      const first = this.#waiting.shift();
      if (first === undefined) this.#taker = { resolve, reject };
      else resolve(first);
    });
    const socket = await within(next, wait, 'no dpea client came in time', () => (this.#taker = null));
    this.#connection = new DpeaConnection(socket, this.#options.types ?? ({} as T));
    socket.resume();
  }

  send(type: (keyof T & string) | number, payload?: Uint8Array | string, wait?: Wait): Promise<void> {
    return this.#there().then((connection) => connection.send(type, payload, wait));
  }

  receive(wait?: Wait): Promise<DpeaPacket<T> | null> {
    return this.#there().then((connection) => connection.receive(wait));
  }

  /** Ends the client that is served, if there is one, and listens on. */
  async disconnect(): Promise<void> {
    await this.#connection?.close();
  }

  /** Ends all, and listens no more. */
  async close(): Promise<void> {
    this.#taker?.reject(new Failure('outside', 'closed', 'the dpea server was closed'));
    this.#taker = null;
    for (const socket of this.#waiting.splice(0)) socket.destroy();
    const over = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await this.disconnect();
    await over;
  }

  #came(socket: Socket): void {
    // Until it is served, its breaking is nobody's business.
    socket.on('error', () => undefined);
    if (this.#taker !== null) {
      this.#taker.resolve(socket);
      this.#taker = null;
    } else if (this.#waiting.length < WAITING_CLIENTS_MAX) {
      this.#waiting.push(socket);
      socket.once('close', () => {
        const at = this.#waiting.indexOf(socket);
        if (at >= 0) this.#waiting.splice(at, 1);
      });
    } else {
      socket.destroy();
    }
  }

  async #there(): Promise<DpeaConnection<T>> {
    if (this.#connection === null) throw new Failure('input', 'not-connected', 'no dpea client has come yet');
    return Promise.resolve(this.#connection);
  }
}
