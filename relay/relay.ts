/** The relay: its listeners, what they share, and its beginning and end. Where the parts are put together. */
import { randomInt } from 'node:crypto';
import { monotonic, wallMicros } from '../common/clock.ts';
import { span } from '../protocol/memory.ts';
import { CommonFault, describeFault, refusals } from '../protocol/fault.ts';
import { Guard } from '../protocol/guard.ts';
import { GuardList, type ListedPlayer } from '../protocol/guard-list.ts';
import type { Fault, Identity, LobbyGame, Millis, Peer, Protocol, Tap } from '../protocol/types.ts';
import { type Connected, Hold } from './connected.ts';
import { CHUNK_BYTES } from './limits.ts';
import { Listener, type RelayContext } from './listener.ts';
import { RelayMetrics } from './metrics.ts';
import { BufferPool } from './pool.ts';
import { Turn } from './turn.ts';

/** How long a stop waits for clients to close their side once nothing is left to send. */
const GOODBYE_MS = 200;

export interface RelayOptions {
  readonly host: string;
  readonly listeners: readonly ListenerOptions[];
  /** Who may play with whom; everybody with everybody where none is given. */
  readonly guard?: Guard;
  /** Nobody is sent away for saying nothing. */
  readonly isPatient?: boolean;
  readonly maxConnections: number;
  readonly tap: Tap | null;
  /** For logs. Must not throw. */
  readonly onEvent?: (event: RelayEvent) => void;
}

export interface ListenerOptions {
  readonly protocol: Protocol;
  /** 0 picks a free one. */
  readonly port: number;
  /** In place of that of the relay. */
  readonly host?: string;
  /** In place of the protocol's own, where its hub is to be made with settings. */
  readonly createHub?: Protocol['createHub'];
  /** Of a proxy, where it leads: for people, its hub has it already. */
  readonly target?: Peer;
}

/** Who is there, for status pages. */
export interface Census {
  readonly games: readonly LobbyGame[];
  /** What is open, of all who have said who they are. */
  readonly sockets: readonly { readonly role: string; readonly endpoint: string }[];
}

export interface RelayEvent {
  readonly kind: 'opened' | 'identified' | 'closed' | 'limit' | 'error';
  readonly text: string;
  readonly conn?: number;
  readonly peer?: Peer;
  readonly identity?: Identity;
  readonly fault?: Fault;
  /** What the operator should hear of. */
  readonly warn?: true;
}

export interface ListeningAddress {
  readonly protocol: Protocol;
  readonly host: string;
  readonly port: number;
  /** Of a proxy: where it leads. */
  readonly target?: Peer;
}

export class Relay {
  readonly metrics = new RelayMetrics();
  readonly #options: RelayOptions;
  readonly #listeners: readonly Listener[];
  readonly #turn: Turn;
  readonly #guardList: GuardList;
  /** A hub's deadline may be another since the last turn. */
  #hubsMoved = false;
  #addresses: readonly ListeningAddress[] = [];
  #maxConnections: number;
  #connectionIds = 0;
  #limitReached = false;
  #held = false;

  constructor(options: RelayOptions) {
    this.#options = options;
    this.#maxConnections = options.maxConnections;
    const chunk = span(Buffer.allocUnsafeSlow(CHUNK_BYTES));
    this.#turn = new Turn(chunk, options.tap, () => this.#turned());
    const guard = options.guard ?? new Guard('off');
    this.#guardList = new GuardList(guard);
    this.metrics.countPlayers = () => this.#countPlayers();
    const context: RelayContext = {
      pool: new BufferPool(),
      metrics: this.metrics,
      tap: options.tap,
      turn: this.#turn,
      chunk,
      nextConnectionId: () => ++this.#connectionIds,
      hubs: {
        random: () => randomInt(2 ** 32),
        guard,
        unixMs: () => wallMicros() / 1000,
        isPatient: options.isPatient ?? false,
      },
      hubsMoved: () => {
        this.#hubsMoved = true;
        this.#turn.schedule();
      },
      held: () => this.#held,
      admits: () => this.#admits(),
      onOpened: (connection) => this.#tell(connection, 'opened', 'connected'),
      onIdentified: (connection) => this.#tell(connection, 'identified', identityText(connection)),
      onClosed: (connection, fault) => this.#closed(connection, fault),
      onSocketError: (connection, error) => this.#tell(connection, 'error', error.message),
      onServerError: (protocol, error) =>
        options.onEvent?.({ kind: 'error', text: `${protocol.name}: ${error.message}` }),
    };
    this.#listeners = options.listeners.map(
      ({ protocol, createHub }) =>
        new Listener(protocol, context, createHub ?? ((hubs) => protocol.createHub(hubs))),
    );
    options.tap?.attach((on) => this.#holdAll(on));
  }

  /** Rejects with a `Failure` if any listener cannot listen; then none does. */
  async start(): Promise<void> {
    try {
      const addresses: ListeningAddress[] = [];
      for (const [i, listener] of this.#listeners.entries()) {
        const { host = this.#options.host, port: wanted = 0, target } = this.#options.listeners[i] ?? {};
        const { address, port } = await listener.listen(host, wanted);
        addresses.push({ protocol: listener.protocol, host: address, port, ...(target && { target }) });
      }
      this.#addresses = addresses;
    } catch (error) {
      for (const listener of this.#listeners) listener.end();
      throw error;
    }
  }

  get addresses(): readonly ListeningAddress[] {
    return this.#addresses;
  }

  get listeners(): readonly Listener[] {
    return this.#listeners;
  }

  /** Those that are open already stay, however many they are. */
  set maxConnections(most: number) {
    this.#maxConnections = most;
  }

  /** Takes no more connections, lets queued bytes leave for up to `graceMs`, and ends the rest. */
  async stop(graceMs: number): Promise<void> {
    const open: Connected[] = [];
    for (const listener of this.#listeners) {
      listener.stopAccepting();
      open.push(...listener.everybody());
    }
    this.#turn.arrived = monotonic();
    for (const connection of open) connection.close(CommonFault.shutdown);
    const deadline = monotonic() + graceMs;
    await until(deadline, () => open.every((connection) => connection.waitingBytes === 0));
    // All is with the system now; most clients answer the goodbye at once, and some never.
    await until(Math.min(deadline, monotonic() + GOODBYE_MS), () =>
      this.#listeners.every((each) => each.connections.size === 0),
    );
    for (const listener of this.#listeners) {
      for (const connection of [...listener.everybody()]) connection.destroy();
      listener.end();
    }
    // The last ends are recorded at the end of this turn.
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** Who is there now. Looks at everybody: not for every turn. */
  census(): Census {
    const games: LobbyGame[] = [];
    const sockets: { role: string; endpoint: string }[] = [];
    for (const listener of this.#listeners) {
      games.push(...(listener.hub.lobby?.() ?? []));
      for (const { isOpen, identity, session } of listener.everybody())
        if (isOpen && identity !== null && session.isPending !== true) sockets.push(identity);
    }
    return { games, sockets };
  }

  /** Tells the guard who is logged in at a control server that is not ours. */
  listPlayers(players: readonly ListedPlayer[]): void {
    const now = monotonic();
    this.#turn.arrived = now;
    this.#guardList.replace(players, now);
    this.#hubsMoved = true;
    this.#turn.schedule();
  }

  #turned(): void {
    if (!this.#hubsMoved) return;
    this.#hubsMoved = false;
    for (const listener of this.#listeners) listener.rearm();
  }

  /** One who is known to several hubs is one. */
  #countPlayers(): number {
    const [first, ...others] = this.#listeners.map(({ hub }) => hub.players).filter(({ size }) => size > 0);
    if (first === undefined || others.length === 0) return first?.size ?? 0;
    const all = new Set(first.keys());
    for (const players of others) for (const player of players.keys()) all.add(player);
    return all.size;
  }

  #admits(): boolean {
    // Those that are closing count too: they hold a socket until their client has said goodbye.
    const sockets = this.#listeners.reduce((sum, listener) => sum + listener.connections.size, 0);
    const admits = sockets < this.#maxConnections;
    if (!admits && !this.#limitReached) {
      this.#options.onEvent?.({
        kind: 'limit',
        text: `all ${this.#maxConnections} connections are taken: turning newcomers away`,
      });
    }
    this.#limitReached = !admits;
    return admits;
  }

  #holdAll(on: boolean): void {
    this.#held = on;
    for (const listener of this.#listeners) {
      for (const connection of listener.everybody()) {
        // What one of them had waiting may have filled the recorder again: then all are held already.
        if (this.#held !== on) return;
        connection.setHold(Hold.recorder, on);
      }
    }
  }

  #closed(connection: Connected, fault: Fault): void {
    const { name, text, warn } = describeFault(connection.protocol, fault);
    this.metrics.countFault(name);
    if (refusals.has(fault)) this.metrics.connectionsRefused++;
    this.#tell(connection, 'closed', text, { fault, ...(warn && { warn }) });
  }

  #tell(connection: Connected, kind: RelayEvent['kind'], text: string, more?: Partial<RelayEvent>): void {
    const onEvent = this.#options.onEvent;
    if (onEvent === undefined) return;
    const { id: conn, peer, identity } = connection;
    onEvent({ kind, text, conn, peer, ...(identity && { identity }), ...more });
  }
}

async function until(deadline: Millis, done: () => boolean): Promise<void> {
  while (!done() && monotonic() < deadline) await new Promise((resolve) => setTimeout(resolve, 5));
}

function identityText(connection: Connected): string {
  const { role, endpoint, toward } = connection.identity as Identity;
  return toward === '' ? `${role} ${endpoint}` : `${role} ${endpoint} with ${toward}`;
}
