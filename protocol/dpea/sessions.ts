/**
 * What the two connections of a client do: nothing, but for telling who they are.
 *
 *   Client waits, unread --the server's connection stands--> both are joined
 */
import { CommonFault } from '../fault.ts';
import { Outcome } from '../outcome.ts';
import type { Outlet, Peer, Session } from '../types.ts';
import { DpeaFault } from './faults.ts';
import type { DpeaHub } from './hub.ts';

/** Nothing is changed on its way. */
const NO_STAMP = new Uint8Array(0);

/** `192.0.2.1:40001`, `[2001:db8::1]:40001`. */
function endpointOf({ address, port }: Peer): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function identify(outlet: Outlet, role: string, endpoint: string, toward: string): void {
  outlet.identify({ role, endpoint, toward, nickname: '', game: '', gameName: '' }, NO_STAMP);
}

export class Client implements Session {
  readonly outlet: Outlet;
  readonly endpoint: string;
  readonly #hub: DpeaHub;
  server: Server | null = null;
  isJoined = false;
  #isOpen = true;

  constructor(hub: DpeaHub, outlet: Outlet, peer: Peer) {
    this.#hub = hub;
    this.outlet = outlet;
    this.endpoint = endpointOf(peer);
  }

  get label(): string {
    return `client ${this.endpoint}`;
  }

  get state(): string {
    return this.isJoined ? 'is passed on' : 'waits for the server';
  }

  /** The connection to its server stands. */
  join(server: Server): void {
    this.isJoined = true;
    identify(this.outlet, 'client', this.endpoint, server.endpoint);
    this.outlet.join(server.outlet);
    this.#hub.joined(this);
    this.outlet.hold(false);
  }

  /** It never will. */
  refused(server: Server): void {
    this.server = null;
    if (!this.#isOpen) return;
    identify(this.outlet, 'client', this.endpoint, server.endpoint);
    this.outlet.close(DpeaFault.upstreamRefused);
  }

  frame(): Outcome {
    return Outcome.forwarded;
  }

  gone(): void {
    this.#isOpen = false;
    this.#hub.closed(this);
    if (!this.isJoined) this.server?.outlet.close(CommonFault.partnerGone);
  }
}

export class Server implements Session {
  readonly outlet: Outlet;
  readonly endpoint: string;
  readonly #hub: DpeaHub;
  readonly #client: Client;
  #isJoined = false;

  constructor(hub: DpeaHub, outlet: Outlet, client: Client) {
    this.#hub = hub;
    this.outlet = outlet;
    this.endpoint = endpointOf(hub.target);
    this.#client = client;
    client.server = this;
  }

  get label(): string {
    return `server ${this.endpoint}`;
  }

  get state(): string {
    return this.#isJoined ? `is passed on to ${this.#client.endpoint}` : 'has not answered yet';
  }

  connected(): void {
    this.#isJoined = true;
    identify(this.outlet, 'server', this.endpoint, this.#client.endpoint);
    this.#client.join(this);
  }

  frame(): Outcome {
    return Outcome.forwarded;
  }

  gone(): void {
    this.#hub.closed(this);
    if (!this.#isJoined) this.#client.refused(this);
  }
}
