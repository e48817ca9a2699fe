/**
 * The connection to the relay: a name, then messages `{peer}|{n}|{n bytes}`; connected again whenever it is lost.
 *
 * The rule: each connection is a new stream of bytes, which `up` begins and `down` ends, and nothing of one reaches the next. The relay never says
 * that it took the name, so a message to ourselves goes ahead of everything: when it comes back, it did.
 */
import { connect, type Socket } from 'node:net';
import { BackOff } from './back-off.ts';
import {
  CONNECT_MS,
  GOOD_LINK_MS,
  KEEP_ALIVE_MS,
  LINK_QUEUE_BYTES_MAX,
  LINK_SILENCE_MS,
  STOP_MS,
} from './limits.ts';
import type { Message } from './mux.ts';

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

export interface LinkEvents {
  /** Connected: what is said from now on is a new conversation. Answers what we send to ourselves, to see it come back. */
  up(): Uint8Array;
  /** The relay passes on what is sent: it took the name. */
  proven(): void;
  data(bytes: Uint8Array): void;
  /** There is room for more messages. */
  writable(): void;
  /** Whether it was up or not, it is not now. `inMs` is when it is tried again. */
  down(why: string, inMs: number): void;
}

export interface LinkOptions {
  readonly relay: HostPort;
  readonly name: string;
  readonly peer: string;
  readonly events: LinkEvents;
  readonly clock: () => number;
  readonly random: () => number;
}

export class RelayLink {
  readonly #options: LinkOptions;
  readonly #backOff: BackOff;
  #socket: Socket | null = null;
  #isUp = false;
  #isProven = false;
  #isStopped = false;
  #retry: NodeJS.Timeout | null = null;
  #probe: Uint8Array = new Uint8Array(0);
  #startedAt = 0;
  #heardAt = 0;
  #probedAt = 0;
  #sentAt = 0;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#backOff = new BackOff(options.random);
  }

  get isProven(): boolean {
    return this.#isProven;
  }

  /** Whether a message should be made now. */
  get hasRoom(): boolean {
    return this.#isUp && this.#socket !== null && this.#socket.writableLength < LINK_QUEUE_BYTES_MAX;
  }

  start(): void {
    const { relay, clock } = this.#options;
    const socket = connect({ ...relay, noDelay: true, keepAlive: true });
    this.#socket = socket;
    this.#startedAt = clock();
    let error: NodeJS.ErrnoException | null = null;
    socket.on('connect', () => this.#connected());
    socket.on('data', (bytes) => this.#heard(bytes));
    socket.on('drain', () => this.#options.events.writable());
    // The relay closes whole connections, so its end is the end.
    socket.on('end', () => socket.destroy());
    socket.on('error', (happened) => (error = happened));
    socket.on('close', () => {
      if (this.#socket === socket) this.#lost(this.#reason(error));
    });
  }

  send({ parts, bytes }: Message): void {
    this.#write(this.#options.peer, parts, bytes);
  }

  /** To be called every second or so. */
  tick(): void {
    const now = this.#options.clock();
    if (this.#socket !== null && !this.#isUp && now - this.#startedAt >= CONNECT_MS)
      this.break('it does not answer');
    if (!this.#isUp) return;
    const { name } = this.#options;
    if (now - this.#heardAt >= LINK_SILENCE_MS) {
      this.break('nothing has come from it for half a minute');
    } else if (now - Math.max(this.#heardAt, this.#probedAt) >= KEEP_ALIVE_MS) {
      this.#probedAt = now;
      this.#write(name, [this.#probe], this.#probe.length);
    } else if (now - this.#sentAt >= KEEP_ALIVE_MS) {
      this.#write(name, [], 0);
    }
  }

  /** Begins anew. */
  break(why: string): void {
    this.#socket?.destroy();
    this.#lost(why);
  }

  /** Resolves when what was sent has left, or could not. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    const socket = this.#socket;
    this.#socket = null;
    this.#isUp = false;
    if (socket === null || socket.destroyed) return;
    await new Promise<void>((resolve) => {
      const patience = setTimeout(() => socket.destroy(), STOP_MS);
      socket.once('close', () => {
        clearTimeout(patience);
        resolve();
      });
      if (socket.connecting) socket.destroy();
      else socket.end();
    });
  }

  #connected(): void {
    const { events, clock, name } = this.#options;
    this.#isUp = true;
    this.#heardAt = this.#probedAt = clock();
    this.#probe = events.up();
    this.#socket?.write(`${name}|`);
    this.#write(name, [this.#probe], this.#probe.length);
    events.writable();
  }

  #heard(bytes: Uint8Array): void {
    if (!this.#isUp) return;
    const { events, clock } = this.#options;
    this.#heardAt = clock();
    if (!this.#isProven) {
      this.#isProven = true;
      events.proven();
    }
    events.data(bytes);
  }

  #write(to: string, parts: readonly Uint8Array[], bytes: number): void {
    const socket = this.#socket;
    if (socket === null) return;
    this.#sentAt = this.#options.clock();
    socket.cork();
    socket.write(`${to}|${bytes}|`);
    for (const part of parts) socket.write(part);
    socket.uncork();
  }

  #lost(why: string): void {
    if (this.#socket === null) return;
    if (this.#isProven && this.#options.clock() - this.#startedAt >= GOOD_LINK_MS) this.#backOff.reset();
    this.#socket = null;
    this.#isUp = this.#isProven = false;
    if (this.#isStopped) return;
    const inMs = this.#backOff.next();
    this.#retry = setTimeout(() => this.start(), inMs);
    this.#options.events.down(why, inMs);
  }

  #reason(error: NodeJS.ErrnoException | null): string {
    if (!this.#isUp) return error === null ? 'it closed the connection' : reasonOf(error);
    if (!this.#isProven)
      return `it closed the connection at once: somebody else has the name ${JSON.stringify(this.#options.name)} there, most likely`;
    return error === null ? 'it closed the connection' : reasonOf(error);
  }
}

/** What the system said, in words. */
export function reasonOf(error: NodeJS.ErrnoException): string {
  return errors[error.code ?? ''] ?? error.message;
}

const errors: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'its name cannot be looked up',
  ETIMEDOUT: 'it does not answer',
  EHOSTUNREACH: 'it cannot be reached',
  ENETUNREACH: 'it cannot be reached',
  ECONNRESET: 'the connection broke',
  EPIPE: 'the connection broke',
};
