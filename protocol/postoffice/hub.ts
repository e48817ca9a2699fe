/**
 * The postoffice's memory of who holds which endpoint, and what waits for whom.
 *
 * The rule: each endpoint of each space has one holder, the newest; an older one is closed. Sessions
 * find each other here and nowhere else.
 */
import { CommonFault } from '../fault.ts';
import { EndpointTable } from '../endpoint-table.ts';
import { Timeouts } from '../timeouts.ts';
import type { Fault, Hub, Millis, Outlet, Peer, Session } from '../types.ts';
import type { Endpoint } from './endpoint.ts';
import { PostofficeFault } from './faults.ts';
import { Kind } from './layout.ts';
import { type Listener, Opening, type PdpSession, type Stream } from './sessions.ts';

/** An init must be complete by then. */
export const INIT_TIMEOUT_MS: Millis = 20_000;
/** A connect waits so long for a listener to appear: games race the one against the other. */
export const LISTENER_TIMEOUT_MS: Millis = 5_000;
/** A connect is accepted by then, or closed. */
export const ACCEPT_TIMEOUT_MS: Millis = 20_000;

/** What the hub needs to know of a session. */
export interface Member extends Session {
  readonly outlet: Outlet;
}

export class PostofficeHub implements Hub {
  readonly pdp: EndpointTable<PdpSession>;
  readonly listeners: EndpointTable<Listener>;
  /** Connecting ends, for as long as they live, by the names of both; connects are rare enough for a text. */
  readonly #connects = new Map<string, Stream>();
  readonly #members = new Set<Member>();
  /** How many sessions each MAC address has. */
  readonly #macs = new Map<number, number>();
  readonly #opening = new Timeouts<Member>(INIT_TIMEOUT_MS);
  readonly #awaitingListener = new Timeouts<Stream>(LISTENER_TIMEOUT_MS);
  readonly #awaitingAccept = new Timeouts<Stream>(ACCEPT_TIMEOUT_MS);

  constructor(random: () => number) {
    this.pdp = new EndpointTable(random);
    this.listeners = new EndpointTable(random);
  }

  accept(outlet: Outlet, _peer: Peer, now: Millis): Session {
    const session = new Opening(this, outlet);
    this.#members.add(session);
    this.#opening.start(session, now);
    return session;
  }

  get deadline(): Millis {
    return Math.min(this.#opening.deadline, this.#awaitingListener.deadline, this.#awaitingAccept.deadline);
  }

  wake(now: Millis): void {
    const closeWith = (fault: Fault) => (late: Member) => late.outlet.close(fault);
    this.#opening.expire(now, closeWith(CommonFault.timedOut));
    this.#awaitingListener.expire(now, closeWith(PostofficeFault.noListener));
    this.#awaitingAccept.expire(now, closeWith(PostofficeFault.notAccepted));
  }

  get players(): number {
    return this.#macs.size;
  }

  sessions(): Iterable<Session> {
    return this.#members;
  }

  /** The init has come: `member` takes the place of the session that waited for it. */
  opened(opening: Member, member: Member, self: Endpoint): void {
    this.forget(opening);
    this.#members.add(member);
    this.#macs.set(self.mac, (this.#macs.get(self.mac) ?? 0) + 1);
  }

  forget(opening: Member): void {
    this.#opening.cancel(opening);
    this.#members.delete(opening);
  }

  closed(member: Member, self: Endpoint): void {
    this.#members.delete(member);
    const left = (this.#macs.get(self.mac) ?? 1) - 1;
    if (left === 0) this.#macs.delete(self.mac);
    else this.#macs.set(self.mac, left);
  }

  /** A listener is there: every connect that waits for it is announced, in the order in which they came. */
  announceWaiting(listener: Listener): void {
    for (const stream of this.#awaitingListener.waiters()) {
      if (stream.target.equals(listener.self)) this.announce(stream, listener);
      // A listener that does not read may be closed by what it is sent; the others wait for the next one.
      if (this.listeners.get(listener.self.a, listener.self.b) !== listener) return;
    }
  }

  /** Asks the listener on behalf of the connecting end, which hears nothing until it is accepted. */
  announce(stream: Stream, listener: Listener): void {
    this.#awaitingListener.cancel(stream);
    stream.awaitsListener = false;
    listener.outlet.send(Kind.ptpRequest, stream.self.wire);
  }

  /** Answers the older stream between the same two, if there is one. */
  startWaiting(stream: Stream, now: Millis): Stream | null {
    const key = pairKey(stream.self, stream.target);
    const older = this.#connects.get(key) ?? null;
    this.#connects.set(key, stream);
    this.#awaitingAccept.start(stream, now);
    if (stream.awaitsListener) this.#awaitingListener.start(stream, now);
    return older;
  }

  /** The stream from one to the other that waits; it waits no longer. */
  takeWaiting(from: Endpoint, to: Endpoint): Stream | null {
    const stream = this.#connects.get(pairKey(from, to));
    if (stream?.waits !== true) return null;
    this.#stopWaiting(stream);
    return stream;
  }

  forgetStream(stream: Stream): void {
    this.#stopWaiting(stream);
    const key = pairKey(stream.self, stream.target);
    if (this.#connects.get(key) === stream) this.#connects.delete(key);
  }

  #stopWaiting(stream: Stream): void {
    this.#awaitingAccept.cancel(stream);
    this.#awaitingListener.cancel(stream);
  }
}

function pairKey(from: Endpoint, to: Endpoint): string {
  return `${from.text} ${to.text}`;
}
