/**
 * Which connection of a living client stands for which recorded one.
 *
 * The rule: a recorded connection is played at most once, by the first that is of its role and goes where it went; so
 * that all that is kept is bounded by the recording.
 */
import type { Protocol } from '../protocol/types.ts';
import type { ScriptedClient } from './script/steps.ts';

/** Sends that were due and have not come, of one connection. With more, the first of them are forgotten. */
export const DUE_MAX = 20_000;

export class Part {
  readonly client: ScriptedClient;
  /** Its living connection. */
  readonly conn: number;
  isOver = false;
  /** It is known, and told, that it did not end when it was to. */
  isTold = false;
  /** By sequence number. */
  readonly #due: number[] = [];
  /** How many came before they were due. */
  #ahead = 0;

  constructor(client: ScriptedClient, conn: number) {
    this.client = client;
    this.conn = conn;
  }

  came(): void {
    if (this.#due.length > 0) this.#due.shift();
    else this.#ahead++;
  }

  /** False where it can come no more. */
  isDue(sequence: number): boolean {
    if (this.#ahead > 0) {
      this.#ahead--;
      return true;
    }
    if (this.#due.length >= DUE_MAX) this.#due.shift();
    this.#due.push(sequence);
    return !this.isOver;
  }

  /** The first that is still to come; null where there is none. */
  get nextDue(): number | null {
    return this.#due[0] ?? null;
  }
}

/** In the recording's addresses. */
export interface Opening {
  readonly protocol: Protocol;
  readonly role: string;
  readonly endpoint: string;
  readonly toward: string;
}

export class Parts {
  readonly #clients: readonly ScriptedClient[];
  readonly #byClient = new Map<ScriptedClient, Part>();
  readonly #byConn = new Map<number, Part>();

  /** The recorded connections of one player, in the order in which they were opened. */
  constructor(clients: readonly ScriptedClient[]) {
    this.#clients = clients;
  }

  of(client: ScriptedClient): Part | null {
    return this.#byClient.get(client) ?? null;
  }

  by(conn: number): Part | null {
    return this.#byConn.get(conn) ?? null;
  }

  /** The next that is still to be played; at best the one of the same endpoint. */
  take(conn: number, { protocol, role, endpoint, toward }: Opening): Part | null {
    const free = this.#clients.filter(
      (client) =>
        client.protocol === protocol &&
        client.party.role === role &&
        (client.party.toward ?? '') === toward &&
        !this.#byClient.has(client),
    );
    const client = free.find(({ party }) => party.endpoint === endpoint) ?? free[0];
    if (client === undefined) return null;
    const part = new Part(client, conn);
    this.#byClient.set(client, part);
    this.#byConn.set(conn, part);
    return part;
  }
}
