/**
 * Cuts a stream of bytes into frames and lends them out, one at a time.
 *
 * The rule: how the bytes were split on their way never shows. Whole frames are lent straight from
 * the chunk that was pushed; only a frame that a chunk leaves unfinished is copied, once.
 */
import type { Memory } from './memory.ts';
import type { Fault, FrameView, Framing, Mode, Protocol, Span } from './types.ts';
import { Direction } from './types.ts';

export interface FrameSink {
  /** A whole frame, borrowed until this returns. */
  frame(frame: FrameView): void;
  /** The bytes can never become a frame. No frame follows. */
  fault(fault: Fault): void;
  /** Bytes, borrowed, that will never be a frame, because there was a fault or the reader was stopped. */
  leftover(bytes: Uint8Array): void;
}

/** How much of a chunk is copied to complete a header whose length is not known yet. */
const HEADER_GUESS_BYTES = 64;

class LentFrame implements FrameView {
  kind = 0;
  bytes: Uint8Array = NOTHING.bytes;
  view: DataView = NOTHING.view;
  at = 0;
  end = 0;
}

const nothing = new Uint8Array(0);
const NOTHING: Span = { bytes: nothing, view: new DataView(nothing.buffer) };

/** For each kind, the mode that follows it, or -1 where the mode stays. Made once per protocol and direction. */
const following = new WeakMap<Protocol, readonly [Int32Array, Int32Array]>();

function modesAfter(protocol: Protocol, direction: Direction): Int32Array {
  let modes = following.get(protocol);
  if (modes === undefined) {
    modes = [
      Int32Array.from(protocol.frames, (spec) => spec.then?.toRelay ?? -1),
      Int32Array.from(protocol.frames, (spec) => spec.then?.toPeer ?? -1),
    ];
    following.set(protocol, modes);
  }
  return modes[direction];
}

/** For each kind, the kind of the bytes that it announces, or -1. Made once per protocol. */
const announcing = new WeakMap<Protocol, Int32Array>();

function kindsAnnounced(protocol: Protocol): Int32Array {
  let kinds = announcing.get(protocol);
  if (kinds === undefined) {
    kinds = Int32Array.from(protocol.frames, (spec) => spec.announces?.kind ?? -1);
    announcing.set(protocol, kinds);
  }
  return kinds;
}

export class Reader {
  readonly #framing: Framing;
  readonly #modesAfter: Int32Array;
  readonly #kindsAnnounced: Int32Array;
  readonly #memory: Memory;
  readonly #sink: FrameSink;
  readonly #frame = new LentFrame();
  #mode: Mode;
  /** Bytes that were announced and have not come yet, and the kind in which they come. */
  #announced = 0;
  #announcedKind = -1;
  #flowing = true;
  #delivering = false;
  #over = false;
  /** Bytes that wait: the start of a frame, or, while held, whatever came. */
  #stash: Span | null = null;
  #stashAt = 0;
  #stashEnd = 0;

  constructor(protocol: Protocol, direction: Direction, memory: Memory, sink: FrameSink) {
    this.#framing = protocol.framing;
    this.#modesAfter = modesAfter(protocol, direction);
    this.#kindsAnnounced = kindsAnnounced(protocol);
    this.#mode =
      direction === Direction.toRelay ? protocol.framing.start.toRelay : protocol.framing.start.toPeer;
    this.#memory = memory;
    this.#sink = sink;
  }

  get mode(): Mode {
    return this.#mode;
  }

  /** For a reader whose rule depends on what went the other way: a client learns what it opened. */
  set mode(mode: Mode) {
    this.#mode = mode;
  }

  get flowing(): boolean {
    return this.#flowing;
  }

  /** Bytes that are waiting here. */
  get waitingBytes(): number {
    return this.#stashEnd - this.#stashAt;
  }

  /** From now on frames wait. Takes effect after the frame in hand. */
  hold(): void {
    this.#flowing = false;
  }

  /** Delivers what waited, and lets the rest flow. */
  release(): void {
    this.#flowing = true;
    if (!this.#delivering && this.#stash !== null) this.#drain();
  }

  /** Nothing is delivered any more, and the memory goes back. */
  stop(): void {
    this.#over = true;
    this.#flowing = false;
    if (this.#delivering || this.#stash === null) return;
    this.#leave(this.#stash, this.#stashAt, this.#stashEnd);
    this.#drop();
  }

  /** Takes `chunk.bytes[at, end)`, borrowed: what must be kept is copied. Never from inside `frame`. */
  push(chunk: Span, at: number, end: number): void {
    if (this.#over) return;
    let from = at;
    if (this.#stash !== null) {
      if (!this.#flowing || this.#delivering) {
        this.#append(chunk, from, end);
        return;
      }
      from = this.#complete(chunk, from, end);
      if (this.#over) {
        this.#leave(chunk, from, end);
        return;
      }
      // What is still in the stash is either all there was, or waits behind a hold.
      if (this.#stash !== null) {
        if (from < end) this.#append(chunk, from, end);
        return;
      }
    }
    if (this.#flowing) from = this.#deliver(chunk, from, end);
    if (this.#over) this.#leave(chunk, from, end);
    else if (from < end) this.#append(chunk, from, end);
  }

  /** Lends out the whole frames of `[at, end)`; answers where it stopped. */
  #deliver(chunk: Span, at: number, end: number): number {
    const framing = this.#framing;
    const view = chunk.view;
    const frame = this.#frame;
    const sink = this.#sink;
    this.#delivering = true;
    while (at < end) {
      let size: number;
      if (this.#announced > 0) {
        size = Math.min(this.#announced, end - at);
        this.#announced -= size;
        frame.kind = this.#announcedKind;
      } else {
        size = framing.measure(this.#mode, view, at, end);
        if (size < 0) {
          this.#over = true;
          this.#flowing = false;
          sink.fault(-size);
          break;
        }
        if (size === 0 || size > end - at) break;
        const kind = framing.classify(this.#mode, view, at, at + size);
        const mode = this.#modesAfter[kind] as number;
        if (mode >= 0) this.#mode = mode;
        this.#announcedKind = this.#kindsAnnounced[kind] as number;
        if (this.#announcedKind >= 0) this.#announced = framing.announced?.(view, at, at + size) ?? 0;
        frame.kind = kind;
      }
      frame.bytes = chunk.bytes;
      frame.view = view;
      frame.at = at;
      at += size;
      frame.end = at;
      sink.frame(frame);
      if (!this.#flowing) break;
    }
    this.#delivering = false;
    return at;
  }

  /** Completes the frame in the stash with as little of the chunk as it takes; answers how far the chunk was used. */
  #complete(chunk: Span, at: number, end: number): number {
    while (this.#stash !== null && at < end && this.#flowing) {
      const size =
        this.#announced > 0
          ? 0
          : this.#framing.measure(this.#mode, this.#stash.view, this.#stashAt, this.#stashEnd);
      const has = this.#stashEnd - this.#stashAt;
      const wants = size > 0 ? size - has : HEADER_GUESS_BYTES;
      const taken = Math.min(end - at, wants);
      this.#append(chunk, at, at + taken, Math.max(size, 0));
      const delivered = this.#deliver(this.#stash, this.#stashAt, this.#stashEnd);
      if (this.#over) {
        this.#leave(this.#stash, delivered, this.#stashEnd);
        this.#drop();
        return at + taken;
      }
      if (delivered === this.#stashAt) {
        at += taken;
        continue;
      }
      // A guess may have brought more than the frame; what it brought is still in the chunk as well.
      at += taken - (this.#stashEnd - delivered);
      this.#drop();
    }
    return at;
  }

  /** Delivers from the stash after a hold. */
  #drain(): void {
    const stash = this.#stash as Span;
    this.#stashAt = this.#deliver(stash, this.#stashAt, this.#stashEnd);
    if (this.#over) this.#leave(stash, this.#stashAt, this.#stashEnd);
    if (this.#over || this.#stashAt === this.#stashEnd) this.#drop();
  }

  #leave(span: Span, at: number, end: number): void {
    if (at < end) this.#sink.leftover(span.bytes.subarray(at, end));
  }

  #append(chunk: Span, at: number, end: number, room = 0): void {
    const has = this.#stashEnd - this.#stashAt;
    const needs = has + (end - at);
    let stash = this.#stash;
    if (stash === null || stash.bytes.length - this.#stashAt < needs) {
      // Twice what is needed, not all that is announced: an announcement costs its sender nothing.
      const larger = this.#memory.take(Math.max(needs, Math.min(2 * needs, room), HEADER_GUESS_BYTES));
      if (stash !== null) {
        larger.bytes.set(stash.bytes.subarray(this.#stashAt, this.#stashEnd));
        this.#memory.give(stash);
      }
      stash = this.#stash = larger;
      this.#stashAt = 0;
      this.#stashEnd = has;
    }
    stash.bytes.set(chunk.bytes.subarray(at, end), this.#stashEnd);
    this.#stashEnd += end - at;
  }

  #drop(): void {
    if (this.#stash === null) return;
    this.#memory.give(this.#stash);
    this.#stash = null;
    this.#stashAt = this.#stashEnd = 0;
  }
}
