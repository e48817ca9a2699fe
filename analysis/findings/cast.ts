/**
 * Who is who in a session: players by connection, and what stands at an endpoint.
 *
 * The rule: a player is what an endpoint says before its port; roles and names of faults are all that
 * is known of a protocol.
 */
import { describeFault } from '../../protocol/fault.ts';
import { span } from '../../protocol/memory.ts';
import { Outcome } from '../../protocol/outcome.ts';
import type { RecordedConnection } from '../../recorder/captures.ts';
import { playerOf } from '../../recorder/sessions/session.ts';
import type { SeenFrame, SessionView } from '../observe.ts';
import { SECOND } from './words.ts';

/** A connection ends with its session even if it lingers: a session is over after 30 s without anybody. */
const LINGER_NS = 30 * SECOND;
/** A lobby's connection goes on to the next session. */
const LOBBY_LINGER_NS = SECOND;

const LOBBY_ROLE = 'player';

const said = new Set<number>([
  Outcome.forwarded,
  Outcome.noTarget,
  Outcome.tooLarge,
  Outcome.undelivered,
  Outcome.refused,
]);

/** Reasons for which a connection never came to be what it asked for, whosever address it claimed. */
const turnedAway: ReadonlySet<string> = new Set(['not-logged-in', 'logged-in-elsewhere']);

export function isTurnedAway(connection: RecordedConnection): boolean {
  return turnedAway.has(faultOf(connection));
}

/** Whether players talk over it to each other, and not to a lobby. */
export function isForData(connection: RecordedConnection): boolean {
  const { endpoint, role } = connection;
  return endpoint !== null && role !== LOBBY_ROLE && !isTurnedAway(connection);
}

export function isForLobby(connection: RecordedConnection): boolean {
  return connection.endpoint !== null && connection.role === LOBBY_ROLE;
}

/** Whether a player says something to another with it, whatever becomes of it. */
export function isTalk({ frame, from }: SeenFrame): boolean {
  return from !== null && isForData(from) && said.has(frame.outcome);
}

/** Whether it reached another player. */
export function isDelivered({ frame, from, to }: SeenFrame): boolean {
  return frame.outcome === Outcome.forwarded && from !== null && to !== null && isForData(from);
}

/** The endpoint that a frame names, if it reached nobody. */
export function addresseeOf({ frame, from, spec }: SeenFrame): string | null {
  if (spec === null) return null;
  const view = { ...span(frame.bytes), kind: frame.kind, at: 0, end: frame.bytes.length };
  return from?.protocol?.addressee?.(view) ?? null;
}

/** The name of the reason for which it ended; empty while it is open. */
export function faultOf({ protocol, fault }: RecordedConnection): string {
  return fault === null ? '' : describeFault(protocol, fault).name;
}

export function portOf(endpoint: string): string {
  return endpoint.slice(playerOf(endpoint).length + 1);
}

export class Cast {
  readonly #view: SessionView;
  /** Every player that a connection names: its number is its place. */
  readonly #players: string[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #byConnection = new Map<number, number>();
  readonly #byEndpoint = new Map<string, RecordedConnection[]>();
  readonly #byPlayer = new Map<string, RecordedConnection[]>();
  readonly #nicknames: ReadonlyMap<string, string>;

  constructor(view: SessionView) {
    this.#view = view;
    this.#nicknames = new Map(view.session.players.map(({ player, nickname }) => [player, nickname]));
    for (const connection of view.connections.values()) {
      if (connection.endpoint === null) continue;
      const player = playerOf(connection.endpoint);
      this.#byConnection.set(connection.conn, this.#number(player));
      listAt(this.#byEndpoint, connection.endpoint).push(connection);
      listAt(this.#byPlayer, player).push(connection);
    }
  }

  #number(player: string): number {
    const known = this.#numbers.get(player);
    if (known !== undefined) return known;
    this.#numbers.set(player, this.#players.length);
    return this.#players.push(player) - 1;
  }

  get size(): number {
    return this.#players.length;
  }

  /** The player's number; -1 where a connection has not said who it is. */
  numberOf(conn: number): number {
    return this.#byConnection.get(conn) ?? -1;
  }

  /** -1 where no connection names this player. */
  numberOfPlayer(player: string): number {
    return this.#numbers.get(player) ?? -1;
  }

  player(number: number): string {
    return this.#players[number] ?? '';
  }

  /** One number for the way from one player to another; -1 where one of them is not known, or both are one. */
  way(from: number, to: number): number {
    return from < 0 || to < 0 || from === to ? -1 : from * this.#players.length + to;
  }

  back(way: number): number {
    return this.way(way % this.#players.length, this.sender(way));
  }

  sender(way: number): number {
    return Math.floor(way / this.#players.length);
  }

  receiver(way: number): number {
    return way % this.#players.length;
  }

  /** In the order in which they were opened. */
  connectionsOf(player: string): readonly RecordedConnection[] {
    return this.#byPlayer.get(player) ?? [];
  }

  connectionsAt(endpoint: string): readonly RecordedConnection[] {
    return this.#byEndpoint.get(endpoint) ?? [];
  }

  /** `Bob (02:00:00:00:00:02)`. */
  nameOf(player: string): string {
    const nickname = this.#nicknames.get(player) ?? '';
    return nickname === '' ? player : `${nickname} (${player})`;
  }

  nameOfNumber(number: number): string {
    return this.nameOf(this.player(number));
  }

  /** Of whoever is at the other end of it. */
  nameOfConnection({ endpoint, remoteAddress, remotePort }: RecordedConnection): string {
    if (endpoint !== null) return this.nameOf(playerOf(endpoint));
    return `the client at ${remoteAddress} port ${remotePort}`;
  }

  /** `port 5 of Bob (02:00:00:00:00:02)`. */
  placeOf(endpoint: string): string {
    const port = portOf(endpoint);
    const name = this.nameOf(playerOf(endpoint));
    return port === '' ? name : `port ${port} of ${name}`;
  }

  /** When it ended, if that belongs to this session; null else. */
  endOf(connection: RecordedConnection): number | null {
    const { started, lastSeen } = this.#view.session;
    const { closed } = connection;
    const linger = isForLobby(connection) ? LOBBY_LINGER_NS : LINGER_NS;
    return closed !== null && closed >= started && closed <= lastSeen + linger ? closed : null;
  }
}

export function listAt<K, V>(lists: Map<K, V[]>, key: K): V[] {
  const known = lists.get(key);
  if (known !== undefined) return known;
  const made: V[] = [];
  lists.set(key, made);
  return made;
}

const casts = new WeakMap<SessionView, Cast>();

/** Made once for all findings. */
export function castOf(view: SessionView): Cast {
  const known = casts.get(view);
  if (known !== undefined) return known;
  const made = new Cast(view);
  casts.set(view, made);
  return made;
}

/** `Bob (02:00:00:00:00:02)`; the address alone where the nickname is not known. */
export function nameOf(view: SessionView, player: string): string {
  return castOf(view).nameOf(player);
}
