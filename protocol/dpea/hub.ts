/**
 * A transparent proxy: for each client a connection to the real server, and the two joined.
 *
 * The rule: nothing that a client does or says is changed, held or answered here. It is not read before its own
 * connection to the server stands.
 */
import type { Hub, HubContext, Outlet, Peer, Players, Session } from '../types.ts';
import { Client, Server } from './sessions.ts';

/** Where a server is looked for whose proxy is told nothing else: on this machine, on the usual port. */
export const USUAL_TARGET: Peer = { address: '127.0.0.1', port: 5001 };

export class DpeaHub implements Hub {
  readonly deadline = Infinity;
  readonly target: Peer;
  readonly #dial: HubContext['dial'];
  readonly #sessions = new Set<Session>();
  /** Those whose connection stands, by their endpoint. */
  readonly #clients = new Map<string, Client>();

  constructor({ dial }: Pick<HubContext, 'dial'>, target = USUAL_TARGET) {
    this.#dial = dial;
    this.target = target;
  }

  accept(outlet: Outlet, peer: Peer): Session {
    outlet.hold(true);
    const client = new Client(this, outlet, peer);
    this.#sessions.add(client);
    this.#dial(this.target, (dialled) => {
      const server = new Server(this, dialled, client);
      this.#sessions.add(server);
      return server;
    });
    return client;
  }

  wake(): void {
    // Nobody waits for anything: the relay gives up on who does not answer.
  }

  get players(): Players {
    return this.#clients;
  }

  sessions(): Iterable<Session> {
    return this.#sessions;
  }

  joined(client: Client): void {
    this.#clients.set(client.endpoint, client);
  }

  closed(session: Session): void {
    this.#sessions.delete(session);
    if (session instanceof Client && this.#clients.get(session.endpoint) === session)
      this.#clients.delete(session.endpoint);
  }
}
