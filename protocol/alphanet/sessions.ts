/**
 * What each connection of AlphaNET does.
 *
 *   Newcomer --greeted, and its key was right where one is asked for--> Client, which has a virtual IP address
 *
 * The rule: a client speaks for its own virtual IP address alone.
 */
import { EndpointTable } from '../endpoint-table.ts';
import { Outcome } from '../outcome.ts';
import type { FrameKind, FrameView, Millis, Outlet, Session } from '../types.ts';
import { Packet } from './classes.ts';
import { AlphanetFault } from './faults.ts';
import type { AlphanetHub } from './hub.ts';
import { ipv4At, ipv4Of } from './ipv4.ts';
import { Kind } from './layout.ts';
import { ASKED_MAX, type Asks, Link, LINKS_MAX, portsKey, Question, QUESTIONS_MAX } from './links.ts';
import type { Reason } from './nrbf.ts';
import { type Address, NO_ADDRESS, type ObjectName, type ObjectValues } from './objects.ts';
import {
  addressAt,
  addressEnd,
  addressOf,
  bodyOf,
  endsIn,
  failedIn,
  keyIn,
  objectIn,
  portBefore,
  requestFailedPacket,
  requestPacket,
  socketClosedPacket,
  socketConnectionStatusPacket,
  socketStatusPacket,
  socketStatusResponsePacket,
} from './packets.ts';

/** What the hub needs to know of a session. */
export interface Member extends Session {
  readonly outlet: Outlet;
}

const NOBODY = socketStatusResponsePacket(false, false, NO_ADDRESS);
const NOT_CONNECTED = socketConnectionStatusPacket(false);

/** Waits to be greeted, and then, where one is asked for, for its key. */
export class Newcomer implements Member {
  readonly outlet: Outlet;
  readonly realIp: string;
  /** Changed by the hub alone. */
  isGreeted = false;
  readonly #hub: AlphanetHub;
  #over = false;

  constructor(hub: AlphanetHub, outlet: Outlet, realIp: string) {
    this.#hub = hub;
    this.outlet = outlet;
    this.realIp = realIp;
  }

  get isOver(): boolean {
    return this.#over;
  }

  get label(): string {
    return 'unknown';
  }

  get state(): string {
    return this.isGreeted ? 'was asked for the key' : 'has just come';
  }

  frame(frame: FrameView, now: Millis): Outcome {
    if (frame.kind === Kind.data) return Outcome.ignored;
    // It was faster than we were.
    const client = this.isGreeted ? null : this.#hub.greet(this, now);
    if (client !== null) return client.frame(frame, now);
    if (this.#over) return Outcome.ignored;
    if (frame.kind === Kind.authAnswer) this.#hub.answered(this, keyIn(frame));
    else this.outlet.close(AlphanetFault.notAuthenticated);
    return Outcome.consumed;
  }

  gone(): void {
    this.#over = true;
    this.#hub.forget(this);
  }
}

export class Client implements Member {
  readonly outlet: Outlet;
  /** Its virtual IP address, in both notations. */
  readonly ip: string;
  readonly number: number;
  /** By the number of the other's address, and both ports: see `links.ts`, which changes it. */
  readonly links: EndpointTable<Link>;
  /** The same, the oldest first. */
  readonly linksInOrder = new Set<Link>();
  /** What it was asked and has not answered, in order, by what asks. */
  readonly questions: Readonly<Record<Asks, Set<Question>>> = {
    [Packet.socketStatusRequest]: new Set(),
    [Packet.socketConnectionRequest]: new Set(),
  };
  /** What it has asked. */
  readonly asked = new Set<Question>();
  readonly #hub: AlphanetHub;
  /** It has sent a packet that the published client does not know, so that it can be told of failures. */
  #knowsFailures = false;
  #over = false;

  constructor(hub: AlphanetHub, outlet: Outlet, ip: string) {
    this.#hub = hub;
    this.outlet = outlet;
    this.ip = ip;
    this.number = ipv4Of(ip);
    this.links = new EndpointTable(hub.random);
  }

  get label(): string {
    return `client ${this.ip}`;
  }

  get state(): string {
    const { size } = this.linksInOrder;
    const links = size === 0 ? 'has no connections' : `has ${size} connection${size === 1 ? '' : 's'}`;
    return this.asked.size === 0 ? links : `${links}, and waits for an answer`;
  }

  /** Nothing, where it has been closed by what it was sent before. */
  hears(kind: FrameKind, bytes: Uint8Array): void {
    if (!this.#over) this.outlet.send(kind, bytes);
  }

  /** Is told that nothing came of what it asked, in the words of what it asked, and in those of today. */
  isRefused(type: number, destination: Address, reason: string): void {
    if (type === Packet.socketStatusRequest) this.hears(Kind.socketStatusResponseDelivered, NOBODY);
    if (type === Packet.socketConnectionRequest)
      this.hears(Kind.socketConnectionStatusDelivered, NOT_CONNECTED);
    if (this.#knowsFailures)
      this.hears(Kind.requestFailedDelivered, requestFailedPacket(type, destination, reason));
  }

  frame(frame: FrameView, now: Millis): Outcome {
    switch (frame.kind) {
      case Kind.data:
        return this.#sends(frame, now);
      case Kind.socketStatusRequest:
        return this.#asks(Packet.socketStatusRequest, 'socketStatusRequest', frame, now);
      case Kind.socketConnectionRequest:
        return this.#asks(Packet.socketConnectionRequest, 'socketConnectionRequest', frame, now);
      case Kind.socketStatusResponse:
        return this.#tells(frame);
      case Kind.socketConnectionStatus:
        return this.#decides(frame, now);
      case Kind.socketClosed:
        return this.#closes(frame);
      case Kind.requestFailed:
        return this.#fails(frame);
      default:
        // It has its address already, and no key was asked for.
        this.outlet.close(AlphanetFault.strayKey);
        return Outcome.consumed;
    }
  }

  gone(): void {
    this.#over = true;
    this.#hub.left(this);
    for (const question of this.asked) question.askerLeft();
    // Who does not read may be closed by what it is told, which changes all of these.
    for (const waiting of Object.values(this.questions))
      for (const question of [...waiting]) if (waiting.has(question)) question.failed('it has left');
    for (const link of [...this.linksInOrder]) if (this.linksInOrder.has(link)) link.end(this);
  }

  // Connections -------------------------------------------------------------------------------------

  #sends(frame: FrameView, now: Millis): Outcome {
    this.#knowsFailures = true;
    const { bytes } = frame;
    const source = bodyOf(frame);
    const destination = addressEnd(bytes, source);
    const after = addressEnd(bytes, destination);
    if (ipv4At(bytes, source + 1, destination - 2) !== this.number) return Outcome.spoofed;
    const port = portBefore(bytes, destination);
    const other = ipv4At(bytes, destination + 1, after - 2);
    const link = this.links.get(other, portsKey(port, portBefore(bytes, after)));
    if (link === null) {
      this.isRefused(Packet.data, addressAt(bytes, destination), 'there is no such connection');
      return Outcome.noTarget;
    }
    link.heardAt = now;
    link.across(this, port).outlet.forward(frame, this.outlet);
    return Outcome.forwarded;
  }

  #closes(frame: FrameView): Outcome {
    this.#knowsFailures = true;
    const { source, destination } = endsIn(frame);
    if (source.ip !== this.ip) return Outcome.spoofed;
    const link = this.links.get(ipv4Of(destination.ip), portsKey(source.port, destination.port));
    // Both ends may close it at the same time.
    if (link === null) return Outcome.noTarget;
    const other = link.across(this, source.port);
    link.cut();
    other.hears(Kind.socketClosedDelivered, socketClosedPacket(source, destination));
    return Outcome.consumed;
  }

  // Questions ---------------------------------------------------------------------------------------

  #asks(what: Asks, name: RequestName, frame: FrameView, now: Millis): Outcome {
    const values = this.#object(name, frame);
    if (values === null) return Outcome.consumed;
    const source = addressOf(values, 'source');
    const destination = addressOf(values, 'destination');
    if (source.ip !== this.ip) return Outcome.spoofed;
    const target = this.#hub.find(destination.ip);
    if (target === null) {
      this.isRefused(what, destination, 'nobody is there under this address');
      return Outcome.noTarget;
    }
    if (target.questions[what].size >= QUESTIONS_MAX || this.asked.size >= ASKED_MAX) {
      this.isRefused(what, destination, 'too many requests wait for an answer');
      return Outcome.consumed;
    }
    this.#hub.asks(new Question(this.#hub, what, this, source, target, destination), now);
    target.hears(kindsDelivered[what], requestPacket(name, source, destination));
    return Outcome.consumed;
  }

  /** What is to be found at a virtual socket of its own. */
  #tells(frame: FrameView): Outcome {
    const values = this.#object('socketStatusResponse', frame);
    if (values === null) return Outcome.consumed;
    const about = addressOf(values, 'destination');
    const isAboutNone = about.ip === NO_ADDRESS.ip && about.port === NO_ADDRESS.port;
    if (!isAboutNone && about.ip !== this.ip) return Outcome.spoofed;
    const question = this.#firstAsked(Packet.socketStatusRequest, isAboutNone ? null : about.port);
    if (question === null) return Outcome.noTarget;
    question.close();
    const status = socketStatusPacket(values['open'] === 1, values['listening'] === 1);
    question.asker?.hears(Kind.socketStatus, status);
    return Outcome.consumed;
  }

  /** Takes a connection, or does not. */
  #decides(frame: FrameView, now: Millis): Outcome {
    const values = this.#object('socketConnectionStatus', frame);
    if (values === null) return Outcome.consumed;
    const question = this.#firstAsked(Packet.socketConnectionRequest, null);
    if (question === null) return Outcome.noTarget;
    const { asker, source, destination } = question;
    if (values['connected'] === 1) {
      const isFull = this.linksInOrder.size >= LINKS_MAX || (asker?.linksInOrder.size ?? 0) >= LINKS_MAX;
      if (asker === null || isFull) {
        question.failed('too many connections');
        this.hears(Kind.socketClosedDelivered, socketClosedPacket(source, destination));
        return Outcome.consumed;
      }
      this.#connects(asker, source, destination, now);
    }
    question.close();
    const status = socketConnectionStatusPacket(values['connected'] === 1);
    asker?.hears(Kind.socketConnectionStatusDelivered, status);
    return Outcome.consumed;
  }

  /** Two sockets that are connected already stay so. */
  #connects(asker: Client, source: Address, destination: Address, now: Millis): void {
    const before = this.links.get(asker.number, portsKey(destination.port, source.port));
    if (before !== null) {
      before.heardAt = now;
      return;
    }
    const ends = [
      { client: asker, address: source },
      { client: this, address: destination },
    ] as const;
    new Link(this.#hub, ...ends, now);
  }

  /** A question for a virtual socket of its own came to nothing. */
  #fails(frame: FrameView): Outcome {
    this.#knowsFailures = true;
    const { failed, destination, reason } = failedIn(frame);
    if (destination.ip !== this.ip) return Outcome.spoofed;
    const question =
      failed === Packet.socketStatusRequest || failed === Packet.socketConnectionRequest
        ? this.#firstAsked(failed, destination.port)
        : null;
    if (question === null) return Outcome.noTarget;
    question.failed(reason);
    return Outcome.consumed;
  }

  /** The first that waits, of those about this port where one is named. */
  #firstAsked(what: Asks, port: number | null): Question | null {
    for (const question of this.questions[what])
      if (port === null || question.destination.port === port) return question;
    return null;
  }

  /** What an object says. Null where it is not what it must be, which ends the connection. */
  #object(name: ObjectName, frame: FrameView): ObjectValues | null {
    const values = objectIn(name, frame);
    if (typeof values !== 'string') return values;
    const isUnknown = values === UNKNOWN_CLASS;
    this.outlet.close(isUnknown ? AlphanetFault.unknownClass : AlphanetFault.malformedObject);
    return null;
  }
}

const UNKNOWN_CLASS: Reason = 'a class is not one of those that are known';

type RequestName = 'socketStatusRequest' | 'socketConnectionRequest';

const kindsDelivered: Readonly<Record<Asks, FrameKind>> = {
  [Packet.socketStatusRequest]: Kind.socketStatusRequestDelivered,
  [Packet.socketConnectionRequest]: Kind.socketConnectionRequestDelivered,
};
