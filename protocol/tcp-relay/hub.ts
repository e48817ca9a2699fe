/**
 * The memory of the TCP relay: who is here under which name, and who has not been heard of for too long.
 *
 * The rule: a name belongs to the first who gives it, for as long as that one is here. Who sends a message moves no
 * deadline: when it is due to be heard of is looked up only then.
 */
import { CommonFault } from '../fault.ts';
import { Silence } from '../silence.ts';
import { Timeouts } from '../timeouts.ts';
import type { Hub, HubContext, Millis, Outlet, Peer, Players, Session } from '../types.ts';
import { Errands } from './errands.ts';
import { TcpRelayFault } from './faults.ts';
import { nameKey } from './names.ts';
import { type Client, Opening } from './sessions.ts';

/** The name must be whole by then. */
export const NAME_TIMEOUT_MS: Millis = 3_000;
/** Who says nothing for this long is not there any more. A keep-alive is a message of no bytes. */
export const SILENCE_TIMEOUT_MS: Millis = 30_000;

export class TcpRelayHub implements Hub {
  readonly errands = new Errands();
  readonly #members = new Set<Session>();
  /** By name. */
  readonly #clients = new Map<string, Client>();
  readonly #opening = new Timeouts<Opening>(NAME_TIMEOUT_MS);
  readonly #silence: Silence<Client>;

  constructor({ isPatient = false }: Pick<HubContext, 'isPatient'>) {
    this.#silence = new Silence(isPatient ? Infinity : SILENCE_TIMEOUT_MS);
  }

  accept(outlet: Outlet, _peer: Peer, now: Millis): Session {
    const session = new Opening(this, outlet);
    this.#members.add(session);
    this.#opening.start(session, now);
    return session;
  }

  get deadline(): Millis {
    return Math.min(this.#opening.deadline, this.#silence.deadline);
  }

  wake(now: Millis): void {
    this.#opening.expire(now, (late) => late.outlet.close(CommonFault.timedOut));
    this.#silence.expire(now, (client) => {
      // What a client says that is not read cannot be heard.
      if (client.outlet.isHeld) {
        client.heardAt = now;
        this.#silence.start(client);
      } else {
        client.outlet.close(TcpRelayFault.silent);
      }
    });
  }

  get players(): Players {
    return this.#clients;
  }

  sessions(): Iterable<Session> {
    return this.#members;
  }

  find(bytes: Uint8Array, at: number, end: number): Client | null {
    return this.#clients.get(nameKey(bytes, at, end)) ?? null;
  }

  /** `client` takes the place of the session that waited for its name. */
  named(opening: Opening, client: Client): void {
    this.forget(opening);
    this.#members.add(client);
    this.#clients.set(client.key, client);
    this.#silence.start(client);
  }

  forget(opening: Opening): void {
    this.#opening.cancel(opening);
    this.#members.delete(opening);
  }

  closed(client: Client): void {
    this.#silence.cancel(client);
    this.#members.delete(client);
    this.#clients.delete(client.key);
  }
}
