/**
 * What each connection of the postoffice does: one class for each role, chosen by its init.
 *
 *   Opening --init--> (waits until the guard admits its player)
 *           --pdp-open----> PdpSession
 *           --ptp-listen--> Listener
 *           --ptp-connect-> Stream, which waits for a listener and then to be accepted
 *           --ptp-accept--> Stream, joined with the one that waits
 */
import { CommonFault } from '../fault.ts';
import type { Presence } from '../guard.ts';
import { Outcome } from '../outcome.ts';
import type { FrameKind, FrameView, Millis, Outlet } from '../types.ts';
import { addressA, addressB, Endpoint } from './endpoint.ts';
import { PostofficeFault } from './faults.ts';
import type { Member, PostofficeHub } from './hub.ts';
import { Kind, PDP_DELIVERED_MAX, PDP_HEADER_BYTES } from './layout.ts';

const SRC_AT = 4;
const DST_AT = 14;
const NO_STAMP = new Uint8Array(0);

/** What an init says, once the guard has nothing against it. */
export interface Admitted {
  readonly opening: Opening;
  readonly presence: Presence;
  readonly self: Endpoint;
  /** Means nothing where there may be many. */
  readonly target: Endpoint;
}

interface Role {
  readonly name: string;
  readonly isPair: boolean;
  begin(hub: PostofficeHub, admitted: Admitted, now: Millis): void;
}

/** By the kind of the init. */
const roles: Readonly<Record<FrameKind, Role>> = {
  [Kind.pdpOpen]: {
    name: 'pdp',
    isPair: false,
    begin(hub, admitted) {
      new PdpSession(hub, admitted);
    },
  },
  [Kind.ptpListen]: {
    name: 'ptp-listen',
    isPair: false,
    begin(hub, admitted) {
      new Listener(hub, admitted);
    },
  },
  [Kind.ptpConnect]: {
    name: 'ptp-connect',
    isPair: true,
    begin: (hub, admitted, now) => Stream.connect(hub, admitted, now),
  },
  [Kind.ptpAccept]: {
    name: 'ptp-accept',
    isPair: true,
    begin: (hub, admitted, now) => Stream.accept(hub, admitted, now),
  },
};

/** Waits for its init and for the guard, and then hands the connection to the session that the init asks for. */
export class Opening implements Member {
  readonly outlet: Outlet;
  readonly address: string;
  readonly #hub: PostofficeHub;
  /** What it asks for; null until it has said so. */
  #asks: { readonly role: Role; readonly self: Endpoint; readonly target: Endpoint } | null = null;

  /** `address` is the IP address of the client. */
  constructor(hub: PostofficeHub, outlet: Outlet, address: string) {
    this.#hub = hub;
    this.outlet = outlet;
    this.address = address;
  }

  /** Whose sessions it may join; 0 until it has said so. */
  get mac(): number {
    return this.#asks?.self.mac ?? 0;
  }

  get isPending(): boolean {
    return true;
  }

  get label(): string {
    return this.#asks === null ? 'unknown' : `${this.#asks.role.name} ${this.#asks.self.text}`;
  }

  get state(): string {
    return this.#asks === null ? 'has not said yet what it opens' : 'waits for its player to log in';
  }

  frame(frame: FrameView, now: Millis): Outcome {
    const role = roles[frame.kind] as Role;
    const self = new Endpoint(frame, frame.at + SRC_AT);
    const target = new Endpoint(frame, frame.at + DST_AT);
    this.#asks = { role, self, target };
    this.outlet.identify(
      {
        role: role.name,
        endpoint: self.text,
        toward: role.isPair ? target.text : '',
        nickname: '',
        game: '',
        gameName: '',
      },
      frame.kind === Kind.pdpOpen ? self.wire : NO_STAMP,
    );
    const presence = this.#hub.guard.admit(self.mac, this.address);
    if (presence !== null) {
      this.admitted(presence, now);
    } else {
      // What the client sends early is read when it has been admitted.
      this.outlet.hold(true);
      this.#hub.awaitLogin(this, now);
    }
    return Outcome.consumed;
  }

  admitted(presence: Presence, now: Millis): void {
    if (this.#asks === null) return;
    const { role, self, target } = this.#asks;
    role.begin(this.#hub, { opening: this, presence, self, target }, now);
  }

  gone(): void {
    this.#hub.forget(this);
  }
}

/** A datagram socket. */
export class PdpSession implements Member {
  readonly outlet: Outlet;
  readonly self: Endpoint;
  readonly presence: Presence;
  readonly #hub: PostofficeHub;
  // Most datagrams go where the one before went: this spares them the search.
  #lastA = 0;
  #lastB = 0;
  #last: PdpSession | null = null;
  #over = false;

  constructor(hub: PostofficeHub, { opening, presence, self }: Admitted) {
    this.#hub = hub;
    this.outlet = opening.outlet;
    this.self = self;
    this.presence = presence;
    hub.opened(opening, this, self);
    this.outlet.become(this);
    hub.pdp.set(self.a, self.b, this)?.outlet.close(CommonFault.replaced);
    this.outlet.hold(false);
  }

  get label(): string {
    return `PDP ${this.self.text}`;
  }

  get state(): string {
    return 'open';
  }

  frame(frame: FrameView): Outcome {
    const a = addressA(frame.view, frame.at);
    const b = addressB(frame.view, frame.at);
    let target = this.#last;
    if (target === null || a !== this.#lastA || b !== this.#lastB || target.#over) {
      target = this.#hub.pdp.get(a, b);
      this.#last = target;
      this.#lastA = a;
      this.#lastB = b;
      if (target === null) return Outcome.noTarget;
    }
    if (target.presence.party !== this.presence.party) return Outcome.refused;
    if (frame.end - frame.at > PDP_HEADER_BYTES + PDP_DELIVERED_MAX) return Outcome.tooLarge;
    target.outlet.forward(frame, this.outlet);
    return Outcome.forwarded;
  }

  gone(): void {
    this.#over = true;
    this.#last = null;
    this.#hub.pdp.delete(this.self.a, this.self.b, this);
    this.#hub.closed(this, this.self);
  }
}

/** A listening stream socket: it hears of connects, and is not listened to. */
export class Listener implements Member {
  readonly outlet: Outlet;
  readonly self: Endpoint;
  readonly presence: Presence;
  readonly #hub: PostofficeHub;

  constructor(hub: PostofficeHub, { opening, presence, self }: Admitted) {
    this.#hub = hub;
    this.outlet = opening.outlet;
    this.self = self;
    this.presence = presence;
    hub.opened(opening, this, self);
    this.outlet.become(this);
    hub.listeners.set(self.a, self.b, this)?.outlet.close(CommonFault.replaced);
    this.outlet.hold(false);
    hub.announceWaiting(this);
  }

  get label(): string {
    return `PTP listen ${this.self.text}`;
  }

  get state(): string {
    return 'listens';
  }

  frame(): Outcome {
    return Outcome.ignored;
  }

  gone(): void {
    this.#hub.listeners.delete(this.self.a, this.self.b, this);
    this.#hub.closed(this, this.self);
  }
}

/** One end of a stream: first waiting for the other end, then joined with it. */
export class Stream implements Member {
  readonly outlet: Outlet;
  readonly self: Endpoint;
  readonly target: Endpoint;
  readonly presence: Presence;
  /** Nobody listens at the target yet. */
  awaitsListener = false;
  /** It accepts, but is not in the group of who asked. */
  #awaitsGroup = false;
  readonly #hub: PostofficeHub;
  #partner: Stream | null = null;

  private constructor(hub: PostofficeHub, { opening, presence, self, target }: Admitted) {
    this.#hub = hub;
    this.outlet = opening.outlet;
    this.self = self;
    this.target = target;
    this.presence = presence;
    hub.opened(opening, this, self);
    this.outlet.become(this);
  }

  /** Asks for a stream. Whatever the client sends early is held until somebody accepts. */
  static connect(hub: PostofficeHub, admitted: Admitted, now: Millis): void {
    const stream = new Stream(hub, admitted);
    stream.outlet.hold(true);
    const listener = hub.listenerFor(stream);
    stream.awaitsListener = listener === null;
    hub.startWaiting(stream, now)?.outlet.close(CommonFault.replaced);
    if (listener !== null) hub.announce(stream, listener);
  }

  /** Takes the stream that the target asked for. */
  static accept(hub: PostofficeHub, admitted: Admitted, now: Millis): void {
    const near = new Stream(hub, admitted);
    near.#join();
    if (!near.#awaitsGroup) return;
    near.outlet.hold(true);
    hub.awaitGroup(near, now);
  }

  /** Somebody's group is another now: what waits for that may go on. */
  tryAgain(): void {
    if (this.#awaitsGroup) this.#join();
    const listener = this.awaitsListener ? this.#hub.listenerFor(this) : null;
    if (listener !== null) this.#hub.announce(this, listener);
  }

  /** Joins the stream that waits for this one, if it may. */
  #join(): void {
    const { self, target, presence } = this;
    const far = this.#hub.waiting(target, self);
    if (far === null) {
      this.outlet.close(PostofficeFault.nobodyWaits);
      return;
    }
    this.#awaitsGroup = far.presence.party !== presence.party;
    if (this.#awaitsGroup) return;
    this.#hub.stopWaiting(far);
    this.#hub.stopWaiting(this);
    this.#partner = far;
    far.#partner = this;
    // Both clients block until they have heard; only then may data follow.
    far.outlet.send(Kind.ptpReady, self.wire);
    this.outlet.send(Kind.ptpReady, target.wire);
    far.outlet.hold(false);
    this.outlet.hold(false);
  }

  get label(): string {
    return `PTP ${this.self.text} with ${this.target.text}`;
  }

  get state(): string {
    if (this.#partner !== null) return 'open';
    if (this.#awaitsGroup) return 'waits to be in the group of who asked';
    return this.awaitsListener ? 'waits for a listener' : 'waits to be accepted';
  }

  get waits(): boolean {
    return this.#partner === null;
  }

  /** Whether its two ends may no longer talk to each other. */
  get isSplit(): boolean {
    return (this.#partner ?? this).presence.party !== this.presence.party;
  }

  frame(frame: FrameView): Outcome {
    // Without a partner it is held, so that no frame comes. One whose party is another has been closed.
    if (this.#partner === null) return Outcome.undelivered;
    this.#partner.outlet.forward(frame, this.outlet);
    return Outcome.forwarded;
  }

  gone(): void {
    const partner = this.#partner;
    this.#partner = null;
    // Whoever is about to let it try again must find that it has no wish to.
    this.awaitsListener = this.#awaitsGroup = false;
    this.#hub.forgetStream(this);
    this.#hub.closed(this, this.self);
    if (partner !== null) {
      partner.#partner = null;
      partner.outlet.close(CommonFault.partnerGone);
    }
  }
}
