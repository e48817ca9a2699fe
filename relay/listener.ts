/** Listens for the clients of one protocol, and gives each a connection and a session of the protocol's hub. */
import { type AddressInfo, createServer, type Server } from 'node:net';
import { monotonic } from '../common/clock.ts';
import { Failure } from '../common/failure.ts';
import { CommonFault } from '../protocol/fault.ts';
import type {
  Fault,
  Hub,
  HubContext,
  Millis,
  Outlet,
  Peer,
  Protocol,
  Session,
  Span,
  Tap,
} from '../protocol/types.ts';
import { Connection, Hold } from './connection.ts';
import { accept, type ClientSocket, dial } from './intake.ts';
import { BACKLOG, DIAL_MS } from './limits.ts';
import type { RelayMetrics } from './metrics.ts';
import type { Outbox } from './outbox.ts';
import type { BufferPool } from './pool.ts';
import type { Turn } from './turn.ts';

/** What the listeners of one relay share. */
export interface RelayContext {
  readonly pool: BufferPool;
  readonly metrics: RelayMetrics;
  readonly tap: Tap | null;
  readonly turn: Turn;
  /** Into which all sockets read. */
  readonly chunk: Span;
  nextConnectionId(): number;
  readonly hubs: Omit<HubContext, 'dial'>;
  /** The hubs' deadlines may be others now: what one hub knows may move another. */
  hubsMoved(): void;
  /** Whether nothing is read for now, because the recorder cannot keep up. */
  held(): boolean;
  /** Whether one more connection may be had. */
  admits(): boolean;
  onOpened(connection: Connection): void;
  onIdentified(connection: Connection): void;
  onClosed(connection: Connection, fault: Fault): void;
  onSocketError(connection: Connection, error: Error): void;
  onServerError(protocol: Protocol, error: Error): void;
}

/** What the connections of one listener share. */
export interface ListenerContext {
  readonly pool: BufferPool;
  readonly metrics: RelayMetrics;
  readonly tap: Tap | null;
  readonly turn: Turn;
  readonly protocol: Protocol;
  /** By kind. */
  readonly lossless: readonly boolean[];
  readonly forRelay: readonly boolean[];
  dirty(outbox: Outbox): void;
  /** The hub's deadline may be another now. */
  hubMoved(): void;
  onIdentified(connection: Connection): void;
  onSocketError(connection: Connection, error: Error): void;
  /** Its session is gone. */
  onLeft(connection: Connection, fault: Fault): void;
  /** Its socket is gone too. */
  onOver(connection: Connection, fault: Fault): void;
}

/** setTimeout takes no more. */
const TIMEOUT_MAX_MS = 2 ** 31 - 1;

export class Listener {
  readonly protocol: Protocol;
  readonly hub: Hub;
  readonly connections = new Set<Connection>();
  readonly #relay: RelayContext;
  readonly #context: ListenerContext;
  readonly #server: Server;
  #timer: NodeJS.Timeout | null = null;
  #timerDue = Infinity;

  constructor(protocol: Protocol, relay: RelayContext, createHub: Protocol['createHub']) {
    this.protocol = protocol;
    this.hub = createHub({ ...relay.hubs, dial: (target, session) => this.#dial(target, session) });
    this.#relay = relay;
    const { pool, metrics, tap, turn } = relay;
    this.#context = {
      pool,
      metrics,
      tap,
      turn,
      protocol,
      lossless: protocol.frames.map((spec) => spec.lossless === true),
      forRelay: protocol.frames.map((spec) => spec.forRelay === true),
      dirty: (outbox) => turn.dirty(outbox),
      hubMoved: () => relay.hubsMoved(),
      onIdentified: (connection) => relay.onIdentified(connection),
      onSocketError: (connection, error) => relay.onSocketError(connection, error),
      onLeft: () => {
        metrics.connections--;
      },
      onOver: (connection, fault) => {
        this.connections.delete(connection);
        relay.onClosed(connection, fault);
      },
    };
    // Half-open, because what is queued for a client that has said its last word is still delivered.
    this.#server = createServer({ allowHalfOpen: true, noDelay: true, keepAlive: true });
  }

  /** Answers where it listens. `::` takes IPv4 as well, where the system has IPv6 at all. */
  async listen(host: string, port: number): Promise<AddressInfo> {
    try {
      return await this.#bind(host, port);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (host === '::' && (code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL'))
        return this.listen('0.0.0.0', port);
      throw listenFailure(this.protocol, host, port, error as NodeJS.ErrnoException);
    }
  }

  /** Takes no more connections; those that are open stay. */
  stopAccepting(): void {
    this.#server.close();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Sets the timer to the hub's deadline. Called at the end of each turn in which that may have moved. */
  rearm(): void {
    const due = this.hub.deadline;
    // A timer that fires early finds nothing due, and is set again: cheaper than moving it each time.
    if (due >= this.#timerDue) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timerDue = due;
    const wait = Math.min(Math.max(Math.ceil(due - monotonic()), 0), TIMEOUT_MAX_MS);
    this.#timer = setTimeout(() => this.#wake(), wait);
  }

  #bind(host: string, port: number): Promise<AddressInfo> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host, port, backlog: BACKLOG }, () => {
        this.#server.off('error', reject);
        accept(this.#server, this.#relay.chunk, (socket) => this.#accept(socket));
        this.#server.on('drop', () =>
          this.#relay.onServerError(this.protocol, new Error('could not accept a connection')),
        );
        this.#server.on('error', (error) => this.#relay.onServerError(this.protocol, error));
        resolve(this.#server.address() as AddressInfo);
      });
    });
  }

  #wake(): void {
    this.#timer = null;
    this.#timerDue = Infinity;
    const now = monotonic();
    this.#relay.turn.arrived = now;
    this.hub.wake(now);
    this.#context.hubMoved();
  }

  #accept(socket: ClientSocket): void {
    const relay = this.#relay;
    const now = monotonic();
    const peer = peerOf(socket);
    // It was gone before we came to it.
    if (peer === null) {
      socket.destroy();
      return;
    }
    const admitted = relay.admits();
    const connection = this.#open(peer, now);
    connection.start(socket, () => this.hub.accept(connection, peer, now));
    this.#opened(connection);
    if (!admitted) connection.close(CommonFault.overLimit);
  }

  #dial(target: Peer, session: (outlet: Outlet) => Session): void {
    const admitted = this.#relay.admits();
    const connection = this.#open(target, monotonic());
    const socket = dial(target, this.#relay.chunk);
    connection.start(socket, () => session(connection));
    this.#opened(connection);
    const late = setTimeout(() => socket.destroy(new Error('connecting took too long')), DIAL_MS);
    socket.once('connect', () => {
      clearTimeout(late);
      connection.connected();
    });
    socket.once('close', () => clearTimeout(late));
    // Whoever dials is not ready yet to hear of an end.
    if (!admitted) setImmediate(() => connection.close(CommonFault.overLimit));
  }

  #open(peer: Peer, now: Millis): Connection {
    const relay = this.#relay;
    const connection = new Connection(relay.nextConnectionId(), peer, this.#context);
    this.connections.add(connection);
    relay.metrics.connections++;
    relay.metrics.connectionsTotal++;
    relay.tap?.opened(connection.id, this.protocol, peer, now);
    relay.turn.arrived = now;
    return connection;
  }

  #opened(connection: Connection): void {
    this.#relay.onOpened(connection);
    this.#context.hubMoved();
    if (this.#relay.held()) connection.setHold(Hold.recorder, true);
  }
}

/** IPv4 clients of a dual-stack socket are named as IPv4. */
function peerOf(socket: ClientSocket): Peer | null {
  const { remoteAddress, remotePort } = socket;
  if (remoteAddress === undefined || remotePort === undefined) return null;
  const address =
    remoteAddress.startsWith('::ffff:') && remoteAddress.includes('.')
      ? remoteAddress.slice(7)
      : remoteAddress;
  return { address, port: remotePort };
}

function listenFailure(
  protocol: Protocol,
  host: string,
  port: number,
  error: NodeJS.ErrnoException,
): Failure {
  const where = `${protocol.name} cannot listen on ${host} port ${port}`;
  switch (error.code) {
    case 'EADDRINUSE':
      return new Failure('outside', 'port-in-use', `${where}: another program already does`, error);
    case 'EACCES':
      return new Failure(
        'outside',
        'port-not-allowed',
        `${where}: this user may not (ports below 1024 need rights)`,
        error,
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new Failure('outside', 'no-such-host', `${where}: this machine has no such address`, error);
    default:
      return new Failure('outside', 'cannot-listen', `${where}: ${error.message}`, error);
  }
}
