/**
 * A hub of a protocol whose every letter to a client passes through the hands of somebody who may break it.
 *
 * The rule: what the breaker does not take is passed on exactly as the good hub would have. Each frame
 * that is broken is noted, with its place in its conversation, so that a test finds it in a recording.
 */
import { onTestFinished } from 'vitest';
import { monotonic } from '../../common/clock.ts';
import { span } from '../../protocol/memory.ts';
import { Outcome } from '../../protocol/outcome.ts';
import type {
  Fault,
  FrameKind,
  FrameView,
  Hub,
  HubContext,
  Identity,
  Millis,
  Outlet,
  Protocol,
  Session,
} from '../../protocol/types.ts';
import { Relay } from '../../relay/relay.ts';
import { deliveredBytes, deliveredKind } from '../../replay/cast.ts';
import type { DifferenceClass } from '../../replay/types.ts';

/** One frame on its way to a client, as the client would get it. Its bytes are its own. */
export interface Letter {
  /** Null for what the relay itself says. */
  readonly from: Wire | null;
  readonly to: Wire;
  readonly kind: FrameKind;
  readonly bytes: Uint8Array;
  /** How many letters of its conversation came before it. */
  readonly index: number;
  /** By whose frame it was set off; null where it was by an end, or by time. */
  readonly cause: Wire | null;
}

/** What a breaker did to one frame, or to one connection. */
export interface Damage {
  readonly protocol: Protocol;
  readonly class: DifferenceClass;
  /** Endpoints; empty for the relay itself. */
  readonly from: string;
  readonly to: string;
  /** As its receiver sees it. */
  readonly kind: FrameKind;
  /** How many letters of the conversation come before it in a play in which nothing is broken. */
  readonly index: number;
  /** What it should have been, or what came and should not have; null of a frame that is still to come. */
  readonly bytes: Uint8Array | null;
  /** Of an end: whose connection it is; it may end early from that frame on. Else null. */
  readonly end: Pick<Identity, 'role' | 'endpoint'> | null;
}

/** Whatever is left out breaks nothing. */
export interface Breaker {
  /** Takes a letter, to do with it what it likes; else it goes on its way. */
  letter?(letter: Letter): boolean;
  /** A frame, as it came, that reached nobody. */
  missed?(from: Wire, bytes: Uint8Array): void;
  /** A connection has said who it is, and is what it asked to be. */
  opened?(wire: Wire): void;
  /** Takes the end that the hub wants for a connection. */
  close?(wire: Wire, fault: Fault): boolean;
  /** A connection is over, whoever ended it. */
  gone?(wire: Wire): void;
}

/** What a hub knows a connection by. */
export class Wire implements Outlet {
  readonly outlet: Outlet;
  readonly #scene: Scene;
  identity: Identity | null = null;
  stamp: Uint8Array = new Uint8Array(0);

  constructor(scene: Scene, outlet: Outlet) {
    this.#scene = scene;
    this.outlet = outlet;
  }

  get id(): number {
    return this.outlet.id;
  }

  get endpoint(): string {
    return this.identity?.endpoint ?? `connection ${this.id}`;
  }

  get role(): string {
    return this.identity?.role ?? '';
  }

  become(session: Session): void {
    this.outlet.become(new Ear(this.#scene, this, session));
  }

  identify(identity: Identity, stamp: Uint8Array): void {
    this.identity = identity;
    this.stamp = stamp;
    this.outlet.identify(identity, stamp);
  }

  forward(frame: FrameView, from: Outlet): void {
    const source = from as Wire;
    const kind = deliveredKind(this.#scene.protocol, frame.kind);
    const bytes = deliveredBytes(frame.bytes.slice(frame.at, frame.end), source.stamp);
    if (!this.#scene.takes(source, this, kind, bytes)) this.outlet.forward(frame, source.outlet);
  }

  send(kind: FrameKind, bytes: Uint8Array): void {
    if (!this.#scene.takes(null, this, kind, bytes.slice())) this.outlet.send(kind, bytes);
  }

  hold(on: boolean): void {
    this.outlet.hold(on);
  }

  awaitRoom(target: Outlet): void {
    this.outlet.awaitRoom((target as Wire).outlet);
  }

  get isHeld(): boolean {
    return this.outlet.isHeld;
  }

  join(other: Outlet): void {
    this.outlet.join((other as Wire).outlet);
  }

  close(fault: Fault): void {
    if (this.#scene.breaker.close?.(this, fault) !== true) this.outlet.close(fault);
  }
}

/** Hears what a session is told. */
class Ear implements Session {
  readonly #scene: Scene;
  readonly #wire: Wire;
  readonly #inner: Session;

  constructor(scene: Scene, wire: Wire, inner: Session) {
    this.#scene = scene;
    this.#wire = wire;
    this.#inner = inner;
  }

  get label(): string {
    return this.#inner.label;
  }

  get state(): string {
    return this.#inner.state;
  }

  get isPending(): boolean {
    return this.#inner.isPending === true;
  }

  frame(frame: FrameView, now: Millis): Outcome {
    const scene = this.#scene;
    const wasKnown = this.#wire.identity !== null;
    // What one frame sets off may let in what others have sent.
    const before = scene.cause;
    scene.cause = this.#wire;
    const outcome = this.#inner.frame(frame, now);
    scene.cause = before;
    if (outcome === Outcome.noTarget)
      scene.breaker.missed?.(this.#wire, frame.bytes.slice(frame.at, frame.end));
    if (!wasKnown && this.#wire.identity !== null) scene.breaker.opened?.(this.#wire);
    return outcome;
  }

  connected(now: Millis): void {
    this.#inner.connected?.(now);
  }

  gone(now: Millis): void {
    this.#scene.wires.delete(this.#wire);
    this.#inner.gone(now);
    this.#scene.breaker.gone?.(this.#wire);
  }
}

/** All that a breaker sees of its relay, and how it says what it did. */
export class Scene {
  readonly protocol: Protocol;
  /** Those that are open, in the order in which they came. */
  readonly wires = new Set<Wire>();
  readonly damages: Damage[] = [];
  cause: Wire | null = null;
  breaker: Breaker = {};
  readonly #counts = new Map<string, number>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #queue: { readonly due: Millis; readonly act: () => void }[] = [];
  #lastDue: Millis = 0;

  constructor(protocol: Protocol) {
    this.protocol = protocol;
  }

  takes(from: Wire | null, to: Wire, kind: FrameKind, bytes: Uint8Array): boolean {
    const key = conversation(from, to, kind);
    const index = this.#counts.get(key) ?? 0;
    this.#counts.set(key, index + 1);
    return this.breaker.letter?.({ from, to, kind, bytes, index, cause: this.cause }) === true;
  }

  /** Sends a letter as it is, or with other bytes, or to somebody else. */
  deliver({ to, kind, bytes }: Pick<Letter, 'to' | 'kind' | 'bytes'>): void {
    to.outlet.send(kind, bytes);
  }

  /** The same, as the next of its conversation. */
  next(letter: Omit<Letter, 'index'>): Letter {
    return {
      ...letter,
      index: this.#counts.get(conversation(letter.from, letter.to, letter.kind)) ?? 0,
    };
  }

  /** Says that this letter is not what it should be; an extra one comes before the one of its index. */
  blame(what: DifferenceClass, letter: Letter): void {
    this.#blame(what, letter, letter.bytes);
  }

  /** Says so of what should have been the next of this conversation. */
  blameComing(what: DifferenceClass, letter: Omit<Letter, 'index'>): void {
    this.#blame(what, this.next(letter), null);
  }

  /** Says that one comes from somebody who never says anything. */
  blameForged(letter: Letter, from: string, bytes: Uint8Array): void {
    this.#blame('extra', { ...letter, index: 0 }, bytes, { from });
  }

  /** Says that a connection ends early, with this letter to it or to its other end: it lacks what should come. */
  blameEarly(last: Letter, whose: Wire): void {
    for (const what of ['closed-early', 'missing'] as const)
      this.#blame(what, last, null, { end: whose.identity });
  }

  /** Says that a connection does not end when it should. */
  blameLate(to: Wire): void {
    const nothing = { from: null, to, kind: 0, index: 0 };
    this.#blame('closed-late', nothing, null, { end: to.identity });
  }

  #blame(
    what: DifferenceClass,
    { from, to, kind, index }: Pick<Letter, 'from' | 'to' | 'kind' | 'index'>,
    bytes: Uint8Array | null,
    more: Partial<Pick<Damage, 'from' | 'end'>> = {},
  ): void {
    const ends = { from: from?.endpoint ?? '', to: to.endpoint, end: null };
    this.damages.push({ protocol: this.protocol, class: what, ...ends, kind, index, bytes, ...more });
  }

  /** The first open connection that fits. */
  find(which: (wire: Wire) => boolean): Wire | null {
    for (const wire of this.wires) if (which(wire)) return wire;
    return null;
  }

  later(wait: Millis, act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, wait);
    this.#timers.add(timer);
  }

  /** Later, and not before anything else that is to happen in order. */
  inOrder(wait: Millis, act: () => void): void {
    const now = monotonic();
    this.#lastDue = Math.max(this.#lastDue, now + wait);
    const due = this.#lastDue;
    this.#queue.push({ due, act });
    this.later(due - now, () => this.#catchUp(due));
  }
  #catchUp(due: Millis): void {
    while (this.#queue[0] !== undefined && this.#queue[0].due <= due) this.#queue.shift()?.act();
  }

  /** Forgets all that was to happen later. */
  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}

/** What the relay itself says to somebody is one conversation, whatever its kinds. */
function conversation(from: Wire | null, to: Wire, kind: FrameKind): string {
  return from === null ? `relay ${to.endpoint}` : `${kind} ${from.endpoint} ${to.endpoint}`;
}

/** The protocol's own hub, in the hands of the scene's breaker. */
export function breakingHub(scene: Scene, context: HubContext): Hub {
  const heard = (outlet: Outlet, session: (wire: Wire) => Session): Session => {
    const wire = new Wire(scene, outlet);
    scene.wires.add(wire);
    return new Ear(scene, wire, session(wire));
  };
  const hub = scene.protocol.createHub({
    ...context,
    dial: (target, session) => context.dial(target, (outlet) => heard(outlet, session)),
  });
  const { lobby } = hub;
  return {
    accept: (outlet, peer, now) => heard(outlet, (wire) => hub.accept(wire, peer, now)),
    get deadline() {
      return hub.deadline;
    },
    wake: (now) => hub.wake(now),
    get players() {
      return hub.players;
    },
    sessions: () => hub.sessions(),
    ...(lobby && { lobby: () => lobby.call(hub) }),
  };
}

/** The same frame with another payload, which is all that follows the field that counts it. */
export function withPayload(bytes: Uint8Array, headerBytes: number, payload: Uint8Array): Uint8Array {
  const frame = new Uint8Array(headerBytes + payload.length);
  frame.set(bytes.subarray(0, headerBytes));
  frame.set(payload, headerBytes);
  span(frame).view.setUint32(headerBytes - 4, payload.length, true);
  return frame;
}

/** A relay of one protocol alone whose letters pass through the hands of `letter`: it answers whether it took one. */
export async function startBreaking(
  protocol: Protocol,
  letter: (letter: Letter, scene: Scene) => boolean,
): Promise<number> {
  const scene = new Scene(protocol);
  scene.breaker = { letter: (each) => letter(each, scene) };
  const relay = new Relay({
    host: '127.0.0.1',
    listeners: [{ protocol, port: 0, createHub: (context) => breakingHub(scene, context) }],
    maxConnections: 1_000,
    tap: null,
  });
  await relay.start();
  onTestFinished(async () => {
    scene.stop();
    await relay.stop(0);
  });
  return relay.addresses[0]!.port;
}
