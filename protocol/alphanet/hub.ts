/**
 * The memory of AlphaNET: who is there under which virtual IP address, who waits for whose answer, and which virtual
 * sockets are connected.
 *
 * The rule: nobody learns a real address. A virtual one is drawn once for each real one, kept for good, and belongs to one
 * client at a time. Whatever a client was asked and whatever it was connected to ends with it, and the others are told.
 */
import { CommonFault } from '../fault.ts';
import { Timeouts } from '../timeouts.ts';
import type { Hub, HubContext, Millis, Outlet, Peer, Players, Session } from '../types.ts';
import { AlphanetFault } from './faults.ts';
import { IdleEnds } from './idle.ts';
import { ipv4Text } from './ipv4.ts';
import { Kind, Status } from './layout.ts';
import { keyBytes, virtualIpPacket, words } from './packets.ts';
import type { Link, Question } from './links.ts';
import { Client, type Member, Newcomer } from './sessions.ts';
import {
  drawVirtualIp,
  RememberedVirtualIps,
  type VirtualIps,
  VIRTUAL_IPS_MAX,
  VIRTUAL_IPS_PER_REAL_MAX,
} from './virtual-ips.ts';

/** The key must have come by then. */
export const AUTH_TIMEOUT_MS: Millis = 10_000;
/** Who was asked must have answered by then; the asker is told that nothing came of it. */
export const ANSWER_TIMEOUT_MS: Millis = 30_000;
/** A connection that carries nothing for so long is ended, where nothing else is set. */
export const IDLE_TIMEOUT_MS: Millis = 600_000;
/** A client is told its address as soon as the relay has come to it. */
const AT_ONCE_MS: Millis = 0;

export interface AlphanetSettings {
  readonly virtualIps: VirtualIps;
  /** Null where everybody is let in. */
  readonly key: string | null;
  /** A second client from the same real IP address is turned away. */
  readonly onePerIp: boolean;
  readonly idleMs: Millis;
}

const AUTH_REQUIRED = words(Status.authRequired, 'Authentication required');
const AUTH_SUCCESS = words(Status.authSuccess, 'Authentication successful');
const AUTH_FAILURE = words(Status.authFailure, 'Authentication failed');

export class AlphanetHub implements Hub {
  readonly random: () => number;
  readonly #virtualIps: VirtualIps;
  readonly #key: Uint8Array | null;
  readonly #onePerIp: boolean;
  readonly #members = new Set<Member>();
  /** By virtual IP address. */
  readonly #clients = new Map<string, Client>();
  readonly #arrived = new Timeouts<Newcomer>(AT_ONCE_MS);
  readonly #asked = new Timeouts<Newcomer>(AUTH_TIMEOUT_MS);
  readonly #questions: Timeouts<Question>;
  readonly #links: IdleEnds<Link>;

  constructor({ random, isPatient = false }: HubContext, settings: Partial<AlphanetSettings> = {}) {
    const { virtualIps, key = null, onePerIp = false, idleMs = IDLE_TIMEOUT_MS } = settings;
    this.random = random;
    this.#virtualIps = virtualIps ?? new RememberedVirtualIps();
    this.#key = key === null ? null : keyBytes(key);
    this.#onePerIp = onePerIp;
    this.#questions = new Timeouts(isPatient ? Infinity : ANSWER_TIMEOUT_MS);
    this.#links = new IdleEnds(isPatient ? Infinity : idleMs);
  }

  accept(outlet: Outlet, peer: Peer, now: Millis): Session {
    const session = new Newcomer(this, outlet, peer.address);
    this.#members.add(session);
    this.#arrived.start(session, now);
    return session;
  }

  get deadline(): Millis {
    return Math.min(
      this.#arrived.deadline,
      this.#asked.deadline,
      this.#questions.deadline,
      this.#links.deadline,
    );
  }

  wake(now: Millis): void {
    this.#arrived.expire(now, (newcomer) => this.greet(newcomer, now));
    this.#asked.expire(now, (late) => late.outlet.close(CommonFault.timedOut));
    this.#questions.expire(now, (question) => {
      if (question.overdue()) this.#questions.start(question, now);
    });
    this.#links.expire(now, (link) => link.end());
  }

  get players(): Players {
    return this.#clients;
  }

  sessions(): Iterable<Session> {
    return this.#members;
  }

  // Coming and going --------------------------------------------------------------------------------

  /** Speaks first, and once: asks for the key, or tells the address, to whom it is a client then. */
  greet(newcomer: Newcomer, now: Millis): Client | null {
    this.#arrived.cancel(newcomer);
    newcomer.isGreeted = true;
    if (this.#key === null) return this.#admit(newcomer);
    this.#asked.start(newcomer, now);
    newcomer.outlet.send(Kind.authRequired, AUTH_REQUIRED);
    return null;
  }

  answered(newcomer: Newcomer, key: Uint8Array): void {
    if (this.#key === null) {
      newcomer.outlet.close(CommonFault.unexpected);
    } else if (isSame(this.#key, key)) {
      newcomer.outlet.send(Kind.authSuccess, AUTH_SUCCESS);
      if (!newcomer.isOver) this.#admit(newcomer);
    } else {
      newcomer.outlet.send(Kind.authFailure, AUTH_FAILURE);
      newcomer.outlet.close(AlphanetFault.wrongKey);
    }
  }

  #admit(newcomer: Newcomer): Client | null {
    const { outlet, realIp } = newcomer;
    const found = this.#virtualIpFor(realIp);
    if (typeof found !== 'string') {
      outlet.close(found.fault);
      return null;
    }
    const client = new Client(this, outlet, found);
    this.forget(newcomer);
    this.#members.add(client);
    this.#clients.set(found, client);
    outlet.become(client);
    outlet.identify(
      { role: 'client', endpoint: found, toward: '', nickname: '', game: '', gameName: '' },
      NO_STAMP,
    );
    outlet.send(Kind.virtualIp, virtualIpPacket(found));
    return client;
  }

  /** The first of its addresses that nobody uses now, or a new one. */
  #virtualIpFor(realIp: string): string | { readonly fault: number } {
    const own = this.#virtualIps.of(realIp).map(ipv4Text);
    const free = own.find((ip) => !this.#clients.has(ip));
    if (this.#onePerIp && own.some((ip) => this.#clients.has(ip))) return { fault: AlphanetFault.onePerIp };
    if (free !== undefined) return free;
    if (own.length >= VIRTUAL_IPS_PER_REAL_MAX || this.#virtualIps.size >= VIRTUAL_IPS_MAX)
      return { fault: AlphanetFault.noVirtualIp };
    const drawn = drawVirtualIp(this.#virtualIps, this.random);
    this.#virtualIps.give(realIp, drawn);
    return ipv4Text(drawn);
  }

  forget(newcomer: Newcomer): void {
    this.#arrived.cancel(newcomer);
    this.#asked.cancel(newcomer);
    this.#members.delete(newcomer);
  }

  left(client: Client): void {
    this.#members.delete(client);
    this.#clients.delete(client.ip);
  }

  /** Who is there under this virtual IP address. */
  find(ip: string): Client | null {
    return this.#clients.get(ip) ?? null;
  }

  // What waits --------------------------------------------------------------------------------------

  asks(question: Question, now: Millis): void {
    this.#questions.start(question, now);
  }

  isDone(question: Question): void {
    this.#questions.cancel(question);
  }

  connected(link: Link): void {
    this.#links.add(link);
  }

  disconnected(link: Link): void {
    this.#links.remove(link);
  }
}

/** Frames pass unchanged here. */
const NO_STAMP = new Uint8Array(0);

/** In the same time wherever they differ. */
function isSame(one: Uint8Array, other: Uint8Array): boolean {
  let difference = one.length ^ other.length;
  for (const [i, byte] of one.entries()) difference |= byte ^ (other[i] ?? 0);
  return difference === 0;
}
