/**
 * The tunnel: local connections that become streams, streams of the peer that become local connections, and the link that carries them.
 *
 * The rule: no local connection outlives what carries it. When the relay or the peer is lost, all are reset; new ones are taken, and wait
 * a named time for both to be there.
 */
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { Failure } from '../common/failure.ts';
import { breakOff, Carrier } from './carrier.ts';
import { Refusal, refusals, type SessionNumber } from './frames.ts';
import { FORWARD_MS, muxLimits, TICK_MS, WAIT_MS } from './limits.ts';
import { Mux, partings } from './mux.ts';
import { type HostPort, reasonOf, RelayLink } from './relay-link.ts';
import { deaf, type Ending, type MuxStream, type StreamEvents } from './stream.ts';
import { violations } from './violations.ts';

/** For logs: a sentence without a full stop. */
export interface TunnelEvent {
  readonly level: 'debug' | 'info' | 'warn';
  readonly text: string;
}

export interface TunnelOptions {
  readonly relay: HostPort;
  readonly name: string;
  readonly peer: string;
  /** Where local connections are taken; null for nowhere. */
  readonly listen: HostPort | null;
  /** Where the peer's connections go; null refuses them. */
  readonly forward: HostPort | null;
  readonly clock: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
  /** One that nobody can guess. */
  readonly drawNumber: () => SessionNumber;
  readonly onEvent: (event: TunnelEvent) => void;
}

export interface TunnelStatus {
  readonly link: 'no relay' | 'no peer' | 'together';
  /** Local connections that were taken, and that were made. */
  readonly taken: number;
  readonly made: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** A local connection that waits for relay and peer. */
interface Waiting {
  readonly carrier: Carrier;
  readonly until: number;
}

export class Tunnel {
  readonly #options: TunnelOptions;
  readonly #link: RelayLink;
  readonly #server: Server | null;
  #mux: Mux | null = null;
  #ticking: NodeJS.Timeout | null = null;
  #pumping: NodeJS.Immediate | null = null;
  readonly #waiting = new Set<Waiting>();
  /** Of connections to the relay that are over. */
  #bytesIn = 0;
  #bytesOut = 0;
  /** Why the relay could not be reached, if that was said already. */
  #saidWhy = '';

  constructor(options: TunnelOptions) {
    this.#options = options;
    const { relay, name, peer, clock, random, listen } = options;
    this.#link = new RelayLink({
      ...{ relay, name, peer, clock, random },
      events: {
        up: () => this.#up(),
        proven: () => this.#proven(),
        data: (bytes) => this.#received(bytes),
        writable: () => this.#pump(),
        down: (why, inMs) => this.#down(why, inMs),
      },
    });
    this.#server =
      listen === null
        ? null
        : createServer(
            { allowHalfOpen: true, pauseOnConnect: true, noDelay: true, keepAlive: true },
            (socket) => this.#taken(socket),
          );
  }

  /** Where it listens; null where it does not. */
  get address(): HostPort | null {
    const address = this.#server?.address() as AddressInfo | null | undefined;
    return address == null ? null : { host: address.address, port: address.port };
  }

  status(): TunnelStatus {
    const mux = this.#mux;
    const own = mux?.ownStreams ?? 0;
    return {
      link: mux?.isTogether === true ? 'together' : this.#link.isProven ? 'no peer' : 'no relay',
      taken: own + this.#waiting.size,
      made: (mux?.streams ?? 0) - own,
      bytesIn: this.#bytesIn + (mux?.bytesIn ?? 0),
      bytesOut: this.#bytesOut + (mux?.bytesOut ?? 0),
    };
  }

  /** Rejects with a `Failure` where it cannot listen. The relay may come later. */
  async start(): Promise<void> {
    const { listen } = this.#options;
    if (this.#server !== null && listen !== null) {
      try {
        this.#server.listen(listen);
        await once(this.#server, 'listening');
      } catch (error) {
        throw listenFailure(listen, error as NodeJS.ErrnoException);
      }
      this.#server.on('error', (error) => this.#tell('warn', `cannot take a connection: ${error.message}`));
    }
    this.#link.start();
    this.#ticking = setInterval(() => this.#tick(), TICK_MS);
  }

  /** Resets what is open, and tells the peer. */
  async stop(): Promise<void> {
    if (this.#ticking !== null) clearInterval(this.#ticking);
    if (this.#pumping !== null) clearImmediate(this.#pumping);
    this.#server?.close();
    this.#giveUp(() => true);
    this.#mux?.leave();
    const goodbye = this.#mux?.pull() ?? null;
    if (goodbye !== null) this.#link.send(goodbye);
    this.#mux = null;
    await this.#link.stop();
  }

  // The relay.

  #up(): Uint8Array {
    const { drawNumber, clock } = this.#options;
    this.#mux = new Mux({
      drawNumber,
      now: clock(),
      events: {
        met: () => this.#met(),
        parted: (why) => this.#tell('warn', `lost ${this.#peer}: ${partings[why]}`),
        opened: (stream) => this.#opened(stream),
        wanted: () => this.#pumpSoon(),
      },
    });
    return this.#mux.echo();
  }

  #proven(): void {
    this.#saidWhy = '';
    const { name } = this.#options;
    this.#tell('info', `connected to the relay as ${JSON.stringify(name)}; waits for ${this.#peer}`);
  }

  #received(bytes: Uint8Array): void {
    const violation = this.#mux?.receive(bytes, this.#options.clock()) ?? null;
    if (violation !== null) this.#link.break(`it brought ${violations[violation]} (${violation})`);
  }

  #down(why: string, inMs: number): void {
    const mux = this.#mux;
    this.#mux = null;
    mux?.leave();
    this.#bytesIn += mux?.bytesIn ?? 0;
    this.#bytesOut += mux?.bytesOut ?? 0;
    const { host, port } = this.#options.relay;
    // Each reason once, however often it is tried in vain.
    const level = why === this.#saidWhy ? 'debug' : 'warn';
    this.#saidWhy = why;
    this.#tell(
      level,
      `no connection to the relay at ${host} port ${port}: ${why}; it is tried again in ${(inMs / 1000).toFixed(1)} s, and so on`,
    );
  }

  // The peer.

  #met(): void {
    this.#tell('info', `${this.#peer} is there`);
    for (const waiting of this.#waiting) {
      this.#waiting.delete(waiting);
      this.#open(waiting.carrier);
    }
  }

  #opened(stream: MuxStream): StreamEvents {
    const { forward } = this.#options;
    if (forward === null) {
      stream.refuse(Refusal.noForward);
      this.#tell('warn', `${this.#peer} sent a connection, but there is no --forward to send it to`);
      return deaf;
    }
    const socket = connect({ ...forward, allowHalfOpen: true, noDelay: true, keepAlive: true });
    socket.pause();
    const patience = setTimeout(() => stream.refuse(Refusal.timeOut), FORWARD_MS);
    // Ahead of the carrier, which would make a reset of it: what is wrong before it is there is a refusal.
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (stream.isAccepted) return;
      stream.refuse(error.code === 'ECONNREFUSED' ? Refusal.refused : Refusal.unreachable);
      const where = `${forward.host} port ${forward.port}`;
      this.#tell(
        'warn',
        `a connection of ${this.#peer} was refused, as ${where} did not take it: ${reasonOf(error)}`,
      );
    });
    const carrier = new Carrier(socket, () => clearTimeout(patience));
    carrier.carry(stream);
    socket.once('connect', () => {
      clearTimeout(patience);
      stream.accept();
      carrier.flow();
    });
    return carrier;
  }

  // Local connections.

  #taken(socket: Socket): void {
    const status = this.status();
    if (status.taken >= muxLimits.streamsMax) {
      breakOff(socket);
      this.#tell('warn', `there are ${status.taken} connections, which is all that can be: more are reset`);
      return;
    }
    const carrier = new Carrier(socket, (why) => this.#closed(waiting, why));
    const waiting: Waiting = { carrier, until: this.#options.clock() + WAIT_MS };
    if (this.#mux?.isTogether === true) this.#open(carrier);
    else this.#waiting.add(waiting);
  }

  #open(carrier: Carrier): void {
    const stream = this.#mux?.open(carrier, this.#options.clock()) ?? null;
    if (stream === null) {
      carrier.closed('lost');
      return;
    }
    carrier.carry(stream);
    carrier.flow();
  }

  #closed(waiting: Waiting, why: Ending): void {
    this.#waiting.delete(waiting);
    if (why === 'late') this.#tell('warn', `${this.#peer} did not answer in time: a connection was reset`);
    if (typeof why === 'number') {
      const text = refusals[why] ?? 'for a reason that this version does not know';
      this.#tell('warn', `${this.#peer} refused a connection: ${text}`);
    }
  }

  /** Resets those that have waited long enough. */
  #giveUp(isOver: (waiting: Waiting) => boolean): void {
    for (const waiting of this.#waiting) {
      if (!isOver(waiting)) continue;
      this.#waiting.delete(waiting);
      waiting.carrier.closed('lost');
    }
  }

  #tick(): void {
    const now = this.#options.clock();
    const before = this.#waiting.size;
    this.#giveUp(({ until }) => now >= until);
    if (this.#waiting.size < before) {
      const missing = this.#link.isProven ? this.#peer : 'the relay';
      this.#tell('warn', `${missing} is not there: connections that waited for it were reset`);
    }
    this.#link.tick();
    this.#mux?.tick(now);
    this.#pump();
  }

  /** When all that this turn has brought is known. */
  #pumpSoon(): void {
    this.#pumping ??= setImmediate(() => this.#pump());
  }

  #pump(): void {
    if (this.#pumping !== null) clearImmediate(this.#pumping);
    this.#pumping = null;
    while (this.#link.hasRoom) {
      const message = this.#mux?.pull() ?? null;
      if (message === null) return;
      this.#link.send(message);
    }
  }

  get #peer(): string {
    return JSON.stringify(this.#options.peer);
  }

  #tell(level: TunnelEvent['level'], text: string): void {
    this.#options.onEvent({ level, text });
  }
}

function listenFailure({ host, port }: HostPort, error: NodeJS.ErrnoException): Failure {
  const [code, why] = listenReasons[error.code ?? ''] ?? ['cannot-listen', error.message];
  return new Failure('outside', code, `cannot listen on ${host} port ${port}: ${why}`, error);
}

const listenReasons: Readonly<Record<string, readonly [code: string, why: string]>> = {
  EADDRINUSE: ['port-in-use', 'another program already does'],
  EACCES: ['port-not-allowed', 'this user may not (ports below 1024 need rights)'],
  EADDRNOTAVAIL: ['no-such-host', 'this machine has no such address'],
  ENOTFOUND: ['no-such-host', 'this machine has no such address'],
  EAI_AGAIN: ['no-such-host', 'this machine has no such address'],
};
