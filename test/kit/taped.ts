/**
 * Real hubs whose players are played by a test, and recorded as a relay records them: whole captures without
 * sockets, in a moment.
 *
 *     const tape = new Tape();
 *     const ann = tape.connect(postoffice).sends(pdpOpen(ANN));
 *     ann.sends(datagram(BOB, payload));
 *     ann.ends();
 *     const file = tape.end();                                 // sessions included
 *
 * Each thing that happens takes a millisecond.
 */
import { onTestFinished } from 'vitest';
import { CommonFault } from '../../protocol/fault.ts';
import { Guard } from '../../protocol/guard.ts';
import { heap, span } from '../../protocol/memory.ts';
import { Outcome } from '../../protocol/outcome.ts';
import { type FrameSink, Reader } from '../../protocol/reader.ts';
import { protocols } from '../../protocol/registry.ts';
import {
  Direction,
  type Fault,
  type FrameView,
  type Hub,
  type Identity,
  type Outlet,
  type Peer,
  type Protocol,
  type Session,
} from '../../protocol/types.ts';
import { CaptureStore } from '../../recorder/store.ts';
import { meta, temporaryFile } from './capture-file.ts';

const MS = 1e6;
const DELAY_NS = 50_000;

export class Tape {
  readonly file: string;
  readonly store: CaptureStore;
  /** Those whom the hubs have dialled, each of whom answers at once. */
  readonly dialled: TapedClient[] = [];
  readonly #hubs = new Map<Protocol, Hub>();
  #conn = 0;
  #sequence = 0;
  #now = 0;

  constructor(file = temporaryFile()) {
    this.file = file;
    this.store = CaptureStore.open(file, meta, protocols);
    this.store.begin();
    onTestFinished(() => {
      if (this.store.db.open) this.store.abandon();
    });
  }

  connect(protocol: Protocol): TapedClient {
    let hub = this.#hubs.get(protocol);
    if (hub === undefined) {
      hub = protocol.createHub({
        random: () => 0x5bd1e995,
        guard: new Guard('off'),
        unixMs: () => 0,
        dial: (target, session) =>
          this.dialled.push(new TapedClient(this, protocol, ++this.#conn, target, session)),
      });
      this.#hubs.set(protocol, hub);
    }
    const accepting = hub;
    const id = ++this.#conn;
    const peer = { address: '192.0.2.1', port: 40_000 + id };
    const client = new TapedClient(this, protocol, id, peer, (outlet) =>
      accepting.accept(outlet, peer, this.#now / MS),
    );
    this.dialled.at(-1)?.stands();
    return client;
  }

  wait(ms: number): this {
    this.#now += ms * MS;
    for (const hub of this.#hubs.values()) hub.wake(this.#now / MS);
    return this;
  }

  /** Nanoseconds. */
  tick(): number {
    return (this.#now += MS);
  }

  get now(): number {
    return this.#now;
  }

  /** The sequence number of the newest frame. */
  get last(): number {
    return this.#sequence;
  }

  hop(from: number, to: number, kind: number, outcome: number, bytes: Uint8Array): void {
    const delay = to === 0 ? null : DELAY_NS;
    const kept = Buffer.from(bytes);
    this.store.frame(++this.#sequence, this.#now, delay, from, to, kind, outcome, kept);
  }

  /** The recorder could not keep so many. */
  gap(frames: number): void {
    this.store.gap(this.#sequence + 1, frames, 0, this.#now, 'recorder was full');
    this.#sequence += frames;
  }

  /** Ends the capture in good order, and answers its file. */
  end(): string {
    this.store.commit();
    this.store.finish(this.tick());
    return this.file;
  }
}

export class TapedClient implements Outlet, FrameSink {
  readonly id: number;
  readonly #tape: Tape;
  readonly #protocol: Protocol;
  readonly #reader: Reader;
  #session: Session;
  #stamp: Uint8Array = new Uint8Array(0);
  #isOpen = true;
  #hasStood = false;
  #joined: TapedClient | null = null;

  constructor(tape: Tape, protocol: Protocol, id: number, peer: Peer, session: (outlet: Outlet) => Session) {
    this.id = id;
    this.#tape = tape;
    this.#protocol = protocol;
    this.#reader = new Reader(protocol, Direction.toRelay, heap, this);
    tape.store.opened(id, protocol.id, peer.address, peer.port, tape.tick());
    this.#session = session(this);
  }

  /** The connection that a hub dialled stands. */
  stands(): void {
    if (this.#hasStood) return;
    this.#hasStood = true;
    this.#session.connected?.(this.#tape.now / MS);
  }

  sends(...frames: readonly Uint8Array[]): this {
    for (const bytes of frames) {
      this.#tape.tick();
      this.#reader.push(span(Uint8Array.from(bytes)), 0, bytes.length);
    }
    return this;
  }

  ends(): void {
    this.close(CommonFault.none);
  }

  frame(frame: FrameView): void {
    const { bytes, at, end, kind } = frame;
    const whole = bytes.slice(at, end);
    if (this.#joined !== null) {
      this.#session.frame(frame, this.#tape.now / MS);
      this.#tape.hop(this.id, this.#joined.id, kind, Outcome.forwarded, whole);
      return;
    }
    const isForRelay = this.#protocol.frames[kind]?.forRelay === true;
    if (isForRelay) this.#tape.hop(this.id, 0, kind, Outcome.consumed, whole);
    const outcome = this.#session.frame(frame, this.#tape.now / MS);
    if (!isForRelay && outcome !== Outcome.forwarded) this.#tape.hop(this.id, 0, kind, outcome, whole);
  }

  fault(fault: Fault): void {
    this.close(fault);
  }

  leftover(): void {
    // Nobody here leaves half a frame behind.
  }

  become(session: Session): void {
    this.#session = session;
  }

  identify({ role, endpoint, toward, nickname, game, gameName }: Identity, stamp: Uint8Array): void {
    this.#stamp = stamp;
    this.#tape.store.identified(this.id, role, endpoint, toward, stamp, nickname, game, gameName);
  }

  forward(frame: FrameView, from: Outlet): void {
    const { bytes, at, end, kind } = frame;
    this.#tape.hop(from.id, this.id, kind, Outcome.forwarded, bytes.subarray(at, end));
    bytes.set((from as TapedClient).#stamp, at);
  }

  send(kind: number, bytes: Uint8Array): void {
    this.#tape.hop(0, this.id, kind, Outcome.originated, bytes);
  }

  hold(on: boolean): void {
    if (on) this.#reader.hold();
    else this.#reader.release();
  }

  join(other: Outlet): void {
    const partner = other as TapedClient;
    this.#joined = partner;
    partner.#joined = this;
  }

  awaitRoom(): void {
    // Here everybody reads at once.
  }

  get isHeld(): boolean {
    return !this.#reader.flowing;
  }

  close(fault: Fault): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    const at = this.#tape.tick();
    this.#tape.store.closed(this.id, fault, at);
    this.#session.gone(at / MS);
    this.#joined?.close(fault);
  }
}
