/** Listens for the clients of one protocol, and gives each a connection and a session of the protocol's hub. */
import { type AddressInfo, createServer, type Server } from 'node:net';
import { monotonic } from '../common/clock.ts';
import { Failure } from '../common/failure.ts';
import { CommonFault } from '../protocol/fault.ts';
import { Outcome } from '../protocol/outcome.ts';
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
  Transport,
} from '../protocol/types.ts';
import { Alarm } from './alarm.ts';
import { asIpv4, type Connected, Hold } from './connected.ts';
import { Connection } from './connection.ts';
import { Datagrams } from './datagrams.ts';
import { accept, type ClientSocket, dial } from './intake.ts';
import { BACKLOG, DIAL_MS, UDP_PORT_TRIES } from './limits.ts';
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
  onOpened(connection: Connected): void;
  onIdentified(connection: Connected): void;
  onClosed(connection: Connected, fault: Fault): void;
  onSocketError(connection: Connected, error: Error): void;
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
  /** Those who have begun a frame that must be whole soon; null where there is no hurry. */
  readonly unfinished: Alarm<Connected> | null;
  dirty(outbox: Outbox): void;
  /** The hub's deadline may be another now. */
  hubMoved(): void;
  onIdentified(connection: Connected): void;
  onSocketError(connection: Connected, error: Error): void;
  /** Its session is gone. */
  onLeft(connection: Connected, fault: Fault): void;
  /** Its socket is gone too. */
  onOver(connection: Connected, fault: Fault): void;
}

/** setTimeout takes no more. */
const TIMEOUT_MAX_MS = 2 ** 31 - 1;

export class Listener {
  readonly protocol: Protocol;
  readonly hub: Hub;
  readonly connections = new Set<Connection>();
  readonly #relay: RelayContext;
  readonly #context: ListenerContext;
  /** What comes by UDP, where the protocol has that too. */
  readonly #datagrams: Datagrams | null;
  #server: Server = newServer();
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
      unfinished: alarmOf(protocol, turn),
      dirty: (outbox) => turn.dirty(outbox),
      hubMoved: () => relay.hubsMoved(),
      onIdentified: (connection) => relay.onIdentified(connection),
      onSocketError: (connection, error) => relay.onSocketError(connection, error),
      onLeft: () => {
        metrics.connections--;
      },
      onOver: (connection, fault) => {
        this.connections.delete(connection as Connection);
        relay.onClosed(connection, fault);
      },
    };
    this.#datagrams = protocol.transports.includes('udp')
      ? new Datagrams(relay, this.#context, this.hub)
      : null;
  }

  /** All who are connected, whatever they came by. */
  *everybody(): Iterable<Connected> {
    yield* this.connections;
    if (this.#datagrams !== null) yield* this.#datagrams.sources;
  }

  /** Answers where it listens, by TCP and, where the protocol has that, by UDP. */
  async listen(host: string, port: number): Promise<AddressInfo> {
    for (let tries = 1; ; tries++) {
      const address = await this.#listenTcp(host, port);
      if (this.#datagrams === null) return address;
      try {
        await this.#datagrams.bind(address);
        return address;
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (port !== 0 || code !== 'EADDRINUSE' || tries === UDP_PORT_TRIES)
          throw listenFailure(this.protocol, host, 'udp', address.port, error as NodeJS.ErrnoException);
        // The next one that the system chooses may be free for both.
        this.#server.close();
        this.#server = newServer();
      }
    }
  }

  /** `::` takes IPv4 as well, where the system has IPv6 at all. */
  async #listenTcp(host: string, port: number): Promise<AddressInfo> {
    try {
      return await this.#bind(host, port);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (host === '::' && (code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL'))
        return this.#listenTcp('0.0.0.0', port);
      throw listenFailure(this.protocol, host, 'tcp', port, error as NodeJS.ErrnoException);
    }
  }

  /** Takes no more connections; those that are open stay. */
  stopAccepting(): void {
    this.#server.close();
    this.#datagrams?.stopReading();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Nobody is there any more. */
  end(): void {
    this.stopAccepting();
    this.#datagrams?.close();
    this.#context.unfinished?.stop();
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
    connection.start(socket, () => (admitted ? this.hub.accept(connection, peer, now) : turnedAway));
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

/** Of who is one too many: no hub hears of it, so that nobody is dialled or told anything on its account. */
const turnedAway: Session = {
  label: 'unknown',
  state: 'is turned away',
  frame: () => Outcome.ignored,
  gone: () => undefined,
};

/** Half-open, because what is queued for a client that has said its last word is still delivered. */
function newServer(): Server {
  return createServer({ allowHalfOpen: true, noDelay: true, keepAlive: true });
}

function alarmOf({ unfinished }: Protocol, turn: Turn): Alarm<Connected> | null {
  if (unfinished === undefined) return null;
  return new Alarm(unfinished.ms, (connection, now) => {
    turn.arrived = now;
    connection.close(unfinished.fault);
  });
}

function peerOf(socket: ClientSocket): Peer | null {
  const { remoteAddress, remotePort } = socket;
  if (remoteAddress === undefined || remotePort === undefined) return null;
  return { address: asIpv4(remoteAddress), port: remotePort };
}

function listenFailure(
  protocol: Protocol,
  host: string,
  transport: Transport,
  port: number,
  error: NodeJS.ErrnoException,
): Failure {
  // Which of them it is goes without saying where there is one alone.
  const which = protocol.transports.length > 1 ? `${transport} port` : 'port';
  const where = `${protocol.name} cannot listen on ${host} ${which} ${port}`;
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
