/**
 * The postoffice's memory of who holds which endpoint, and what waits for whom.
 *
 * The rule: each endpoint of each space has one holder, the newest; an older one is closed. Sessions
 * find each other here and nowhere else.
 */
import { CommonFault } from '../fault.ts';
import { EndpointTable } from '../endpoint-table.ts';
import { Grouped } from '../grouped.ts';
import type { Guard, GuardWatcher, Presence } from '../guard.ts';
import { Timeouts } from '../timeouts.ts';
import type { Fault, Hub, HubContext, Millis, Outlet, Peer, Players, Session } from '../types.ts';
import type { Endpoint } from './endpoint.ts';
import { PostofficeFault } from './faults.ts';
import { Kind } from './layout.ts';
import { type Listener, Opening, type PdpSession, Stream } from './sessions.ts';

/** An init must be complete by then. */
export const INIT_TIMEOUT_MS: Millis = 20_000;
/** A connect waits so long for a listener to appear: games race the one against the other. */
export const LISTENER_TIMEOUT_MS: Millis = 5_000;
/** A connect is accepted by then, or closed. */
export const ACCEPT_TIMEOUT_MS: Millis = 20_000;
/** Emulators open their sockets within milliseconds of their login, by another connection: either may be the first. */
export const LOGIN_TIMEOUT_MS: Millis = 2_000;
/** And an accept may come before its player is in the group. */
export const GROUP_TIMEOUT_MS: Millis = 2_000;

/** What the hub needs to know of a session. */
export interface Member extends Session {
  readonly outlet: Outlet;
}

export class PostofficeHub implements Hub, GuardWatcher {
  readonly guard: Guard;
  readonly pdp: EndpointTable<PdpSession>;
  readonly listeners: EndpointTable<Listener>;
  /** Connecting ends, for as long as they live, by the names of both; connects are rare enough for a text. */
  readonly #connects = new Map<string, Stream>();
  readonly #members = new Set<Member>();
  /** By MAC address: sessions, those that wait for their login, and streams that wait for somebody there. */
  readonly #macs = new Grouped<Member>();
  readonly #applicants = new Grouped<Opening>();
  readonly #waitingFor = new Grouped<Stream>();
  readonly #opening = new Timeouts<Member>(INIT_TIMEOUT_MS);
  readonly #awaitingLogin = new Timeouts<Opening>(LOGIN_TIMEOUT_MS);
  readonly #awaitingListener = new Timeouts<Stream>(LISTENER_TIMEOUT_MS);
  readonly #awaitingGroup = new Timeouts<Stream>(GROUP_TIMEOUT_MS);
  readonly #awaitingAccept = new Timeouts<Stream>(ACCEPT_TIMEOUT_MS);

  constructor({ random, guard }: HubContext) {
    this.guard = guard;
    this.pdp = new EndpointTable(random);
    this.listeners = new EndpointTable(random);
    guard.watch(this);
  }

  accept(outlet: Outlet, peer: Peer, now: Millis): Session {
    const session = new Opening(this, outlet, peer.address);
    this.#members.add(session);
    this.#opening.start(session, now);
    return session;
  }

  get deadline(): Millis {
    return Math.min(
      this.#opening.deadline,
      this.#awaitingLogin.deadline,
      this.#awaitingListener.deadline,
      this.#awaitingGroup.deadline,
      this.#awaitingAccept.deadline,
    );
  }

  wake(now: Millis): void {
    const closeWith = (fault: Fault) => (late: Member) => late.outlet.close(fault);
    this.#opening.expire(now, closeWith(CommonFault.timedOut));
    this.#awaitingLogin.expire(now, (late) => late.outlet.close(this.guard.refusal(late.mac)));
    this.#awaitingListener.expire(now, (late) => late.outlet.close(this.#whyUnheard(late)));
    this.#awaitingGroup.expire(now, closeWith(CommonFault.notInGroup));
    this.#awaitingAccept.expire(now, closeWith(PostofficeFault.notAccepted));
  }

  get players(): Players {
    return this.#macs;
  }

  sessions(): Iterable<Session> {
    return this.#members;
  }

  // Guard -------------------------------------------------------------------------------------------

  /** The init has come, but the guard does not know its player yet. */
  awaitLogin(opening: Opening, now: Millis): void {
    this.#opening.cancel(opening);
    this.#awaitingLogin.start(opening, now);
    this.#applicants.add(opening.mac, opening);
  }

  arrived(presence: Presence, now: Millis): void {
    for (const opening of this.#applicants.of(presence.mac))
      if (opening.address === presence.address) opening.admitted(presence, now);
  }

  moved(presence: Presence): void {
    const streams = this.#macs.of(presence.mac).filter((member) => member instanceof Stream);
    for (const stream of streams) if (stream.isSplit) stream.outlet.close(CommonFault.notInGroup);
    for (const stream of [...streams, ...this.#waitingFor.of(presence.mac)]) stream.tryAgain();
  }

  left(presence: Presence): void {
    for (const member of this.#macs.of(presence.mac)) member.outlet.close(CommonFault.loggedOut);
  }

  // Sessions ----------------------------------------------------------------------------------------

  /** The init has come, and `member` takes the place of the session that waited for it. */
  opened(opening: Opening, member: Member, self: Endpoint): void {
    this.forget(opening);
    this.#members.add(member);
    this.#macs.add(self.mac, member);
  }

  forget(opening: Opening): void {
    this.#opening.cancel(opening);
    this.#awaitingLogin.cancel(opening);
    this.#applicants.delete(opening.mac, opening);
    this.#members.delete(opening);
  }

  closed(member: Member, self: Endpoint): void {
    this.#members.delete(member);
    this.#macs.delete(self.mac, member);
  }

  // Streams -----------------------------------------------------------------------------------------

  /** Who listens where this stream wants to go, if it may. */
  listenerFor({ target, presence }: Stream): Listener | null {
    const listener = this.listeners.get(target.a, target.b);
    return listener?.presence.party === presence.party ? listener : null;
  }

  #whyUnheard({ target }: Stream): Fault {
    const isThere = this.listeners.get(target.a, target.b) !== null;
    return isThere ? CommonFault.notInGroup : PostofficeFault.noListener;
  }

  /** A listener is there: every connect that waits for it is announced, in the order in which they came. */
  announceWaiting(listener: Listener): void {
    for (const stream of this.#awaitingListener.waiters()) {
      if (this.listenerFor(stream) === listener) this.announce(stream, listener);
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
    if (stream.awaitsListener) {
      this.#awaitingListener.start(stream, now);
      this.#waitingFor.add(stream.target.mac, stream);
    }
    return older;
  }

  /** Who accepts is not in the group of who asked, or not yet. */
  awaitGroup(stream: Stream, now: Millis): void {
    this.#awaitingGroup.start(stream, now);
    this.#waitingFor.add(stream.target.mac, stream);
  }

  /** The stream from one to the other, if it waits. */
  waiting(from: Endpoint, to: Endpoint): Stream | null {
    const stream = this.#connects.get(pairKey(from, to));
    return stream?.waits === true ? stream : null;
  }

  forgetStream(stream: Stream): void {
    this.stopWaiting(stream);
    const key = pairKey(stream.self, stream.target);
    if (this.#connects.get(key) === stream) this.#connects.delete(key);
  }

  stopWaiting(stream: Stream): void {
    this.#awaitingAccept.cancel(stream);
    this.#awaitingListener.cancel(stream);
    this.#awaitingGroup.cancel(stream);
    this.#waitingFor.delete(stream.target.mac, stream);
  }
}

function pairKey(from: Endpoint, to: Endpoint): string {
  return `${from.text} ${to.text}`;
}
