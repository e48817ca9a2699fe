/**
 * What is still to come in one conversation, as far as the play has to wait for it.
 *
 * This decides when a client may go on, and nothing else: what came instead of what is judged by the comparison. So
 * it is quick, and errs towards going on: what was overtaken by the next of its own conversation is not waited for.
 */
import type { FrameKind, Millis } from '../../protocol/types.ts';
import type { Lane } from '../compare/comparison.ts';
import { areEqual } from '../compare/same.ts';
import type { ReceiveStep } from '../script/steps.ts';
import { own } from '../own.ts';
import { Ring } from '../ring.ts';
import type { Unit } from '../types.ts';

/** How many of those that are expected next are looked at for one that came. */
const LOOK_AHEAD = 64;

export class Waiting {
  readonly #payloadBytes: ((unit: Unit) => number) | null;
  readonly #lane: Lane | null;
  readonly #settled: (step: ReceiveStep) => void;
  /** Expected, oldest first. */
  readonly #steps = new Ring<ReceiveStep>();
  /** How many of them have been told to the comparison: what causes them has happened. */
  #told = 0;
  /** Of a stream: how much of the oldest block has come. */
  #bytes = 0;
  #last: Uint8Array | null = null;
  /** How many times something was given up since anything has come. */
  silences = 0;

  /** `payloadBytes` is given for streams, which come in blocks of any size. */
  constructor(
    payloadBytes: ((unit: Unit) => number) | null,
    lane: Lane | null,
    settled: (step: ReceiveStep) => void,
  ) {
    this.#payloadBytes = payloadBytes;
    this.#lane = lane;
    this.#settled = settled;
  }

  get size(): number {
    return this.#steps.length;
  }

  /** What is expected first. */
  get next(): Unit | null {
    return this.#steps.head?.unit ?? null;
  }

  expect(step: ReceiveStep): void {
    this.#steps.push(step);
  }

  /** Something has happened of which some of them may be consequences. */
  release(): void {
    for (; this.#told < this.#steps.length; this.#told++) {
      const next = this.#steps.at(this.#told);
      if (!mayHaveCome(next)) break;
      this.#lane?.expect(next.unit);
    }
    // Of a conversation in which nothing comes, what is on its way may not fill the room that others need.
    if (this.silences > 0 && this.#told > LOOK_AHEAD) this.#giveUp(this.#told - LOOK_AHEAD);
  }

  /** Bytes are borrowed. What is exactly the next that is expected is not copied, but takes the bytes of that one. */
  came(kind: FrameKind, borrowed: Uint8Array, at: Millis): void {
    this.silences = 0;
    this.release();
    const next = this.#steps.head?.unit.bytes;
    const bytes = next !== undefined && areEqual(next, borrowed) ? next : own(borrowed);
    const unit: Unit = { kind, bytes, sequence: 0, at, givenUp: false, isOptional: false };
    this.#lane?.came(unit);
    if (this.#payloadBytes === null) this.#frame(bytes);
    else this.#stream(this.#payloadBytes(unit));
  }

  /** Nothing more comes of what has happened: nobody has to wait. */
  close(): void {
    this.release();
    this.#take(this.#told);
  }

  /** This one, and all before it, are no longer waited for. */
  giveUp(step: ReceiveStep): void {
    const place = this.#placeOf(step);
    if (place !== -1) this.#giveUp(place + 1);
  }

  /** All that can have come. */
  giveUpAll(): void {
    this.release();
    this.#giveUp(this.#told);
  }

  /** The play is broken off: nobody is to blame for what was on its way. */
  excuse(): void {
    for (let at = 0; at < this.#steps.length; at++) this.#steps.at(at).unit.isOptional = true;
  }

  #placeOf(step: ReceiveStep): number {
    for (let place = 0; place < this.#steps.length; place++) if (this.#steps.at(place) === step) return place;
    return -1;
  }

  #giveUp(count: number): void {
    this.silences++;
    for (let at = 0; at < count; at++) this.#steps.at(at).unit.givenUp = true;
    this.#take(count);
    this.#bytes = 0;
  }

  #frame(bytes: Uint8Array): void {
    const most = Math.min(LOOK_AHEAD, this.#steps.length);
    for (let at = 0; at < most; at++) {
      const step = this.#steps.at(at);
      if (!mayHaveCome(step)) break;
      if (!areEqual(step.unit.bytes, bytes)) continue;
      this.#last = bytes;
      this.#take(at + 1);
      return;
    }
    // Not as expected: it stands for the next one, unless it is the one before once more.
    const isTwice = this.#last !== null && areEqual(this.#last, bytes);
    const next = this.#steps.head;
    if (!isTwice && next !== undefined && mayHaveCome(next)) this.#take(1);
  }

  #stream(bytes: number): void {
    this.#bytes += bytes;
    for (let next = this.#steps.head; next !== undefined; next = this.#steps.head) {
      const size = this.#payloadBytes?.(next.unit) ?? 0;
      if (size > this.#bytes || !mayHaveCome(next)) return;
      this.#bytes -= size;
      this.#take(1);
    }
  }

  #take(count: number): void {
    for (let i = 0; i < count; i++) {
      const step = this.#steps.shift();
      // It may be given up before anything has happened that causes it.
      if (this.#told === 0) this.#lane?.expect(step.unit);
      else this.#told--;
      step.isDone = true;
      this.#settled(step);
    }
  }
}

/** What causes it has happened, or may have. */
export function mayHaveCome({ cause }: ReceiveStep): boolean {
  return cause === null || cause.isDone || cause.isFree;
}
