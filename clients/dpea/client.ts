/**
 * A client of dpea.
 *
 *     const client = new DpeaClient({ port: 5001, types: { COMMAND1: 1, COMMAND2: 2 } });
 *     await client.connect();
 *     await client.send('COMMAND1', 'Hello!');
 *     const answer = await client.receive();      // { type: 2, name: 'COMMAND2', payload }, or null at the end
 *     await client.close();
 */
import { connect } from 'node:net';
import { Failure } from '../../common/failure.ts';
import { DpeaConnection, type DpeaPacket, type DpeaTypes } from './connection.ts';
import { within, type Wait } from '../wait.ts';

/** How long connecting takes at most, unless told otherwise. */
export const CONNECT_MS = 10_000;

export interface DpeaOptions<T extends DpeaTypes> {
  /** Without it, this machine. */
  readonly host?: string;
  /** Without it, 5001. */
  readonly port?: number;
  readonly types?: T;
}

export class DpeaClient<T extends DpeaTypes = DpeaTypes> {
  readonly #options: DpeaOptions<T>;
  #connection: DpeaConnection<T> | null = null;
  #isConnecting = false;

  constructor(options: DpeaOptions<T> = {}) {
    this.#options = options;
  }

  /** Rejects with `Failure` `refused`, `timed-out`, or `connected` where it is already. */
  async connect({ timeoutMs = CONNECT_MS, signal }: Wait = {}): Promise<void> {
    if (this.#isConnecting || this.#connection?.isOpen === true)
      throw new Failure('input', 'connected', 'this dpea client is connected already');
    const { host = '127.0.0.1', port = 5001, types = {} as T } = this.#options;
    this.#isConnecting = true;
    const socket = connect({ host, port, allowHalfOpen: true });
    const stands = new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', (error) =>
        reject(
          new Failure(
            'outside',
            'refused',
            `cannot connect to ${host} port ${port}: ${error.message}`,
            error,
          ),
        ),
      );
    });
    try {
      const late = `cannot connect to ${host} port ${port}: it took too long`;
      await within(stands, { timeoutMs, ...(signal && { signal }) }, late, () => socket.destroy());
      this.#connection = new DpeaConnection(socket, types);
    } finally {
      this.#isConnecting = false;
    }
  }

  send(type: (keyof T & string) | number, payload?: Uint8Array | string, wait?: Wait): Promise<void> {
    return this.#there().then((connection) => connection.send(type, payload, wait));
  }

  receive(wait?: Wait): Promise<DpeaPacket<T> | null> {
    return this.#there().then((connection) => connection.receive(wait));
  }

  async close(): Promise<void> {
    await this.#connection?.close();
  }

  async #there(): Promise<DpeaConnection<T>> {
    if (this.#connection === null)
      throw new Failure('input', 'not-connected', 'this dpea client is not connected yet');
    return Promise.resolve(this.#connection);
  }
}
