/**
 * What is still to come in one conversation, as far as the play has to wait for it.
 *
 * This decides when a client may go on, and nothing else: what came instead of what is judged by the comparison. So
 * it is quick, and errs towards going on: what was overtaken by the next of its own conversation is not waited for.
 */
import type { Lane } from '../compare/comparison.ts';
import type { ReceiveStep } from '../script/steps.ts';
import type { Unit } from '../types.ts';

/** How many of those that are expected next are looked at for one that came. */
const LOOK_AHEAD = 64;

export class Waiting {
  readonly #payloadBytes: ((unit: Unit) => number) | null;
  readonly #lane: Lane | null;
  readonly #settled: (step: ReceiveStep) => void;
  /** Expected, oldest first; those before `#first` are gone. */
  #steps: ReceiveStep[] = [];
  #first = 0;
  /** Those before it have been told to the comparison: what causes them has happened. */
  #told = 0;
  /** Of a stream: how much of the oldest block has come. */
  #bytes = 0;
  #last: Uint8Array | null = null;
  /** Something was given up, and nothing has come since. */
  isSilent = false;

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
    return this.#steps.length - this.#first;
  }

  expect(step: ReceiveStep): void {
    this.#steps.push(step);
  }

  /** Something has happened of which some of them may be consequences. */
  release(): void {
    for (let next = this.#steps[this.#told]; next !== undefined; next = this.#steps[this.#told]) {
      if (!mayHaveCome(next)) return;
      this.#lane?.expect(next.unit);
      this.#told++;
    }
  }

  came(unit: Unit): void {
    this.isSilent = false;
    this.release();
    this.#lane?.came(unit);
    if (this.#payloadBytes === null) this.#frame(unit.bytes);
    else this.#stream(this.#payloadBytes(unit));
  }

  /** Nothing more comes of what has happened: nobody has to wait. */
  close(): void {
    this.release();
    this.#take(this.#told - this.#first);
  }

  /** This one, and all before it, are no longer waited for. */
  giveUp(step: ReceiveStep): void {
    const place = this.#steps.indexOf(step, this.#first);
    if (place !== -1) this.#giveUp(place + 1);
  }

  /** All that can have come. */
  giveUpAll(): void {
    this.release();
    this.#giveUp(this.#told);
  }

  /** The play is broken off: nobody is to blame for what was on its way. */
  excuse(): void {
    for (let at = this.#first; at < this.#steps.length; at++)
      (this.#steps[at] as ReceiveStep).unit.isOptional = true;
  }

  #giveUp(end: number): void {
    this.isSilent = true;
    for (let at = this.#first; at < end; at++) (this.#steps[at] as ReceiveStep).unit.givenUp = true;
    this.#take(end - this.#first);
    this.#bytes = 0;
  }

  #frame(bytes: Uint8Array): void {
    const most = Math.min(this.#first + LOOK_AHEAD, this.#steps.length);
    for (let at = this.#first; at < most; at++) {
      const step = this.#steps[at] as ReceiveStep;
      if (!mayHaveCome(step)) break;
      if (!isSame(step.unit.bytes, bytes)) continue;
      this.#last = bytes;
      this.#take(at - this.#first + 1);
      return;
    }
    // Not as expected: it stands for the next one, unless it is the one before once more.
    const isTwice = this.#last !== null && isSame(this.#last, bytes);
    const next = this.#steps[this.#first];
    if (!isTwice && next !== undefined && mayHaveCome(next)) this.#take(1);
  }

  #stream(bytes: number): void {
    this.#bytes += bytes;
    for (let next = this.#steps[this.#first]; next !== undefined; next = this.#steps[this.#first]) {
      const size = this.#payloadBytes?.(next.unit) ?? 0;
      if (size > this.#bytes || !mayHaveCome(next)) return;
      this.#bytes -= size;
      this.#take(1);
    }
  }

  #take(count: number): void {
    for (let i = 0; i < count; i++) {
      const step = this.#steps[this.#first++] as ReceiveStep;
      // It may be given up before anything has happened that causes it.
      if (this.#told < this.#first) {
        this.#lane?.expect(step.unit);
        this.#told = this.#first;
      }
      step.isDone = true;
      this.#settled(step);
    }
    // What is gone is let go of now and then, not each time.
    if (this.#first > 1024 && this.#first * 2 > this.#steps.length) {
      this.#steps = this.#steps.slice(this.#first);
      this.#told -= this.#first;
      this.#first = 0;
    }
  }
}

/** What causes it has happened, or may have. */
function mayHaveCome({ cause }: ReceiveStep): boolean {
  return cause === null || cause.isDone || cause.isFree;
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && Buffer.compare(one, other) === 0;
}
