/**
 * What stands between two clients: virtual sockets that are connected, and questions that wait for their answer.
 *
 * The rule: both ends know of a link, or neither does. A question is answered once: by who was asked, or by the relay
 * where nothing came of it. Who has left is told nothing. The question keeps its place even so, and where its answer is
 * late, because answers come in the order of the questions and do not all say which they answer.
 */
import type { Millis } from '../types.ts';
import { Packet } from './classes.ts';
import type { AlphanetHub } from './hub.ts';
import type { Audible } from './idle.ts';
import { Kind } from './layout.ts';
import type { Address } from './objects.ts';
import { socketClosedPacket } from './packets.ts';
import type { Client } from './sessions.ts';

/** Connections of one client. */
export const LINKS_MAX = 1_024;
/** Questions of one kind that one client was asked. */
export const QUESTIONS_MAX = 256;
/** Questions that one client has asked: not so many that it alone could fill the places of another. */
export const ASKED_MAX = 64;

/** One end of a link. */
export interface LinkEnd {
  readonly client: Client;
  readonly address: Address;
}

/** The two ports of a link in one number, as the client at the first sees it. */
export function portsKey(own: number, other: number): number {
  return (own << 16) | other;
}

export class Link implements Audible {
  heardAt: Millis;
  place = -1;
  readonly #hub: AlphanetHub;
  readonly #one: LinkEnd;
  readonly #other: LinkEnd;

  constructor(hub: AlphanetHub, one: LinkEnd, other: LinkEnd, now: Millis) {
    this.#hub = hub;
    this.#one = one;
    this.#other = other;
    this.heardAt = now;
    for (const [near, far] of this.#ways) {
      near.client.links.set(...keyOf(near, far), this);
      near.client.linksInOrder.add(this);
    }
    hub.connected(this);
  }

  get #ways(): readonly [LinkEnd, LinkEnd][] {
    return [
      [this.#one, this.#other],
      [this.#other, this.#one],
    ];
  }

  /** The client at the other end than the one of this port. */
  across(client: Client, port: number): Client {
    const isOne = this.#one.client === client && this.#one.address.port === port;
    return (isOne ? this.#other : this.#one).client;
  }

  /** Forgets it, and tells nobody. */
  cut(): void {
    for (const [near, far] of this.#ways) {
      near.client.links.delete(...keyOf(near, far), this);
      near.client.linksInOrder.delete(this);
    }
    this.#hub.disconnected(this);
  }

  /** Tells both ends, as if the other had closed it; all but who is `gone`. */
  end(gone: Client | null = null): void {
    this.cut();
    for (const [near, far] of this.#ways)
      if (near.client !== gone)
        near.client.hears(Kind.socketClosedDelivered, socketClosedPacket(far.address, near.address));
  }
}

function keyOf(near: LinkEnd, far: LinkEnd): readonly [number, number] {
  return [far.client.number, portsKey(near.address.port, far.address.port)];
}

/** The types of the packets that ask. */
export type Asks = typeof Packet.socketStatusRequest | typeof Packet.socketConnectionRequest;

export class Question {
  readonly what: Asks;
  readonly source: Address;
  readonly destination: Address;
  readonly #hub: AlphanetHub;
  readonly #target: Client;
  /** Null once it has left, or was told that no answer came. */
  #asker: Client | null;

  constructor(
    hub: AlphanetHub,
    what: Asks,
    asker: Client,
    source: Address,
    target: Client,
    destination: Address,
  ) {
    this.what = what;
    this.source = source;
    this.destination = destination;
    this.#hub = hub;
    this.#asker = asker;
    this.#target = target;
    asker.asked.add(this);
    target.questions[what].add(this);
  }

  get asker(): Client | null {
    return this.#asker;
  }

  /** It has been dealt with. */
  close(): void {
    this.#target.questions[this.what].delete(this);
    this.#asker?.asked.delete(this);
    this.#hub.isDone(this);
  }

  /** Nothing comes of it, for this reason. */
  failed(reason: string): void {
    this.close();
    this.#asker?.isRefused(this.what, this.destination, reason);
  }

  askerLeft(): void {
    this.#asker = null;
  }

  /** Its time is over: the asker is told. Answers whether it keeps its place, for an answer that is only late. */
  overdue(): boolean {
    const asker = this.#asker;
    if (asker === null) {
      this.close();
      return false;
    }
    asker.asked.delete(this);
    this.#asker = null;
    asker.isRefused(this.what, this.destination, 'no answer came');
    return true;
  }
}
