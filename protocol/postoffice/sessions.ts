/**
 * What each connection of the postoffice does: one class for each role, chosen by its init.
 *
 *   Opening --pdp-open----> PdpSession
 *           --ptp-listen--> Listener
 *           --ptp-connect-> Stream, which waits for a listener and then to be accepted
 *           --ptp-accept--> Stream, joined with the one that waits
 */
import { CommonFault } from '../fault.ts';
import { Outcome } from '../outcome.ts';
import type { FrameView, Identity, Millis, Outlet } from '../types.ts';
import { addressA, addressB, Endpoint } from './endpoint.ts';
import { PostofficeFault } from './faults.ts';
import type { Member, PostofficeHub } from './hub.ts';
import { Kind, PDP_DELIVERED_MAX, PDP_HEADER_BYTES } from './layout.ts';

const SRC_AT = 4;
const DST_AT = 14;
const NO_STAMP = new Uint8Array(0);

function identity(role: string, self: Endpoint, toward = ''): Identity {
  return { role, endpoint: self.text, toward };
}

/** Waits for its init, and then hands the connection to the session that the init asks for. */
export class Opening implements Member {
  readonly outlet: Outlet;
  readonly #hub: PostofficeHub;

  constructor(hub: PostofficeHub, outlet: Outlet) {
    this.#hub = hub;
    this.outlet = outlet;
  }

  get label(): string {
    return 'unknown';
  }

  get state(): string {
    return 'has not said yet what it opens';
  }

  frame(frame: FrameView, now: Millis): Outcome {
    const self = new Endpoint(frame, frame.at + SRC_AT);
    switch (frame.kind) {
      case Kind.pdpOpen:
        new PdpSession(this.#hub, this, self);
        break;
      case Kind.ptpListen:
        new Listener(this.#hub, this, self);
        break;
      case Kind.ptpConnect:
        Stream.connect(this.#hub, this, self, new Endpoint(frame, frame.at + DST_AT), now);
        break;
      default:
        Stream.accept(this.#hub, this, self, new Endpoint(frame, frame.at + DST_AT));
    }
    return Outcome.consumed;
  }

  gone(): void {
    this.#hub.forget(this);
  }
}

/** A datagram socket. */
export class PdpSession implements Member {
  readonly outlet: Outlet;
  readonly self: Endpoint;
  readonly #hub: PostofficeHub;
  // Most datagrams go where the one before went: this spares them the search.
  #lastA = 0;
  #lastB = 0;
  #last: PdpSession | null = null;
  #over = false;

  constructor(hub: PostofficeHub, opening: Member, self: Endpoint) {
    this.#hub = hub;
    this.outlet = opening.outlet;
    this.self = self;
    this.outlet.identify(identity('pdp', self), self.wire);
    hub.opened(opening, this, self);
    this.outlet.become(this);
    hub.pdp.set(self.a, self.b, this)?.outlet.close(CommonFault.replaced);
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
  readonly #hub: PostofficeHub;

  constructor(hub: PostofficeHub, opening: Member, self: Endpoint) {
    this.#hub = hub;
    this.outlet = opening.outlet;
    this.self = self;
    this.outlet.identify(identity('ptp-listen', self), NO_STAMP);
    hub.opened(opening, this, self);
    this.outlet.become(this);
    hub.listeners.set(self.a, self.b, this)?.outlet.close(CommonFault.replaced);
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
  /** Nobody listens at the target yet. */
  awaitsListener = false;
  readonly #hub: PostofficeHub;
  #partner: Stream | null = null;

  private constructor(hub: PostofficeHub, opening: Member, role: string, self: Endpoint, target: Endpoint) {
    this.#hub = hub;
    this.outlet = opening.outlet;
    this.self = self;
    this.target = target;
    this.outlet.identify(identity(role, self, target.text), NO_STAMP);
    hub.opened(opening, this, self);
    this.outlet.become(this);
  }

  /** Asks for a stream. Whatever the client sends early is held until somebody accepts. */
  static connect(hub: PostofficeHub, opening: Member, self: Endpoint, target: Endpoint, now: Millis): void {
    const stream = new Stream(hub, opening, 'ptp-connect', self, target);
    stream.outlet.hold(true);
    const listener = hub.listeners.get(target.a, target.b);
    stream.awaitsListener = listener === null;
    hub.startWaiting(stream, now)?.outlet.close(CommonFault.replaced);
    if (listener !== null) hub.announce(stream, listener);
  }

  /** Takes the stream that `target` asked for. */
  static accept(hub: PostofficeHub, opening: Member, self: Endpoint, target: Endpoint): void {
    const near = new Stream(hub, opening, 'ptp-accept', self, target);
    const far = hub.takeWaiting(target, self);
    if (far === null) {
      near.outlet.close(PostofficeFault.nobodyWaits);
      return;
    }
    near.#partner = far;
    far.#partner = near;
    // Both clients block until they have heard; only then may data follow.
    far.outlet.send(Kind.ptpReady, self.wire);
    near.outlet.send(Kind.ptpReady, target.wire);
    far.outlet.hold(false);
  }

  get label(): string {
    return `PTP ${this.self.text} with ${this.target.text}`;
  }

  get state(): string {
    if (this.#partner !== null) return 'open';
    return this.awaitsListener ? 'waits for a listener' : 'waits to be accepted';
  }

  get waits(): boolean {
    return this.#partner === null;
  }

  frame(frame: FrameView): Outcome {
    // Without a partner it is held, so that no frame comes.
    if (this.#partner === null) return Outcome.undelivered;
    this.#partner.outlet.forward(frame, this.outlet);
    return Outcome.forwarded;
  }

  gone(): void {
    const partner = this.#partner;
    this.#partner = null;
    this.#hub.forgetStream(this);
    this.#hub.closed(this, this.self);
    if (partner !== null) {
      partner.#partner = null;
      partner.outlet.close(CommonFault.partnerGone);
    }
  }
}
