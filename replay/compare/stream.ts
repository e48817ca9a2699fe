/**
 * Puts two streams side by side as bytes, wherever their blocks are cut, so that one fault is one run of bytes.
 *
 * The rule: what is told depends on the bytes of both and on where the expected ones are cut, and not on how the
 * actual ones are, nor on what was heard of when; only where a limit is reached is decided what could have waited. A block
 * is told of once all its bytes came as expected. Bytes that differ are told of as one run up to where both are the
 * same again; expected blocks of which some bytes are in a run are not told of besides.
 */
import type { ByteRange, Unit } from '../types.ts';
import type { Aligner, Match, MatchClass } from './aligner.ts';
import { Budget } from './budget.ts';
import { Block, ByteQueue } from './byte-queue.ts';
import { type Resync, resync, type Sight } from './resync.ts';
import { Run } from './run.ts';

export interface StreamAlignerOptions {
  /** Bytes of an expected unit that do not matter, from the unit's start, in order. */
  readonly noise: (expected: Unit) => readonly ByteRange[];
  /** What of a unit is part of the stream: a view of its bytes. */
  readonly payload: (unit: Unit) => Uint8Array;
  readonly tell: (match: Match) => void;
  readonly limits?: Partial<StreamLimits>;
  /** What all aligners hold together. */
  readonly budget?: Budget;
}

/** What may wait on each side. Of more, something is decided, as well as it can be. */
export interface StreamLimits {
  readonly heldBlocksMax: number;
  readonly heldBytesMax: number;
}

export const streamLimits: StreamLimits = { heldBlocksMax: 16_384, heldBytesMax: 8 * 1024 * 1024 };

/** Bytes of both sides that are looked at after a difference: so many at first, and at most. */
export const LOOK_AHEAD_BYTES = 256;
export const LOOK_AHEAD_BYTES_MAX = 64 * 1024;
/** Each byte that is passed allows to look at so many further on: far looks are rare where differences are many. */
const LOOKS_PER_BYTE = 2;
const LOOKS_MAX = 4 * LOOK_AHEAD_BYTES_MAX;
/** Where runs are closer together than this, they may be one fault that is seen only from further away. */
const DENSE_BYTES = 1024;
/** How many blocks may be missing, or be there twice, to be thought of by their sizes. */
const BLOCKS_TRIED = 8;

const expectedBytes = new Uint8Array(LOOK_AHEAD_BYTES_MAX);
const expectedNoise = new Uint8Array(LOOK_AHEAD_BYTES_MAX);
const actualBytes = new Uint8Array(LOOK_AHEAD_BYTES_MAX);
const actualNoise = new Uint8Array(LOOK_AHEAD_BYTES_MAX);

const NO_NOISE: readonly ByteRange[] = [];

export class StreamAligner implements Aligner {
  readonly #options: StreamAlignerOptions;
  readonly #expected: ByteQueue;
  readonly #actual: ByteQueue;
  /** The last expected unit of which bytes came. */
  #after: Unit | null = null;
  /** The last actual unit of which bytes were as expected. */
  #lastActual: Unit | null = null;
  /** The bytes at the front of both are not the same. */
  #differs = false;
  /** What differs so far, where it is not known yet where that ends. */
  #run: Run | null = null;
  /** Since the last run. */
  #sameBytes = Infinity;
  /** The last run was so close that this one is looked at from afar first. */
  #isDense = false;
  #lookAhead = LOOK_AHEAD_BYTES;
  #looksLeft = LOOKS_MAX;
  #isEnding = false;

  constructor(options: StreamAlignerOptions) {
    this.#options = options;
    const { heldBlocksMax, heldBytesMax } = { ...streamLimits, ...options.limits };
    const { budget = new Budget() } = options;
    this.#expected = new ByteQueue(heldBlocksMax, heldBytesMax, budget);
    this.#actual = new ByteQueue(heldBlocksMax, heldBytesMax, budget);
  }

  get held(): number {
    return this.#expected.length + this.#actual.length;
  }

  expect(unit: Unit): void {
    const payload = this.#options.payload(unit);
    this.#expected.push(new Block(unit, payload, this.#noiseIn(unit, payload)));
    this.#go();
  }

  came(unit: Unit): void {
    this.#actual.push(new Block(unit, this.#options.payload(unit), NO_NOISE));
    this.#go();
  }

  end(): void {
    this.#isEnding = true;
    this.#go();
    this.#closeRun();
    this.#settle();
  }

  #noiseIn(unit: Unit, payload: Uint8Array): readonly ByteRange[] {
    const ranges = this.#options.noise(unit);
    if (ranges.length === 0) return NO_NOISE;
    const header = payload.byteOffset - unit.bytes.byteOffset;
    return ranges.flatMap(({ at, size }) => {
      const start = Math.max(0, at - header);
      const end = Math.min(payload.length, at + size - header);
      return start < end ? [{ at: start, size: end - start }] : [];
    });
  }

  #go(): void {
    do this.#passSame();
    while (this.#decide());
  }

  #passSame(): void {
    for (;;) {
      this.#settle();
      const expected = this.#expected.front;
      const actual = this.#actual.front;
      if (this.#differs || expected === null || actual === null) return;
      const size = Math.min(this.#expected.rest, this.#actual.rest);
      const same = expected.sameAs(this.#expected.offset, actual.bytes, this.#actual.offset, size);
      if (same > 0) this.#pass(same, expected, actual);
      if (same < size) this.#part();
    }
  }

  #pass(size: number, expected: Block, actual: Block): void {
    this.#expected.advance(size);
    this.#actual.advance(size);
    this.#after = expected.unit;
    this.#lastActual = actual.unit;
    this.#sameBytes += size;
    this.#earnLooks(size);
  }

  #part(): void {
    this.#differs = true;
    this.#isDense = this.#sameBytes < DENSE_BYTES && this.#looksLeft >= LOOK_AHEAD_BYTES_MAX;
    this.#lookAhead = this.#isDense ? LOOK_AHEAD_BYTES_MAX : LOOK_AHEAD_BYTES;
  }

  /** Drops blocks that have been read to their end, and tells of them. Within a run it is not known yet what they are part of. */
  #settle(): void {
    while (this.#actual.front !== null && this.#actual.rest === 0) this.#actual.shift();
    while (this.#run === null && this.#expected.front !== null && this.#expected.rest === 0) {
      const end = this.#expected.passed;
      const block = this.#expected.shift();
      if (!block.isTold) this.#tellBlock(block, end - block.bytes.length);
    }
  }

  /** Decides how it goes on after a difference, or that more must be seen. False where there is nothing to decide yet. */
  #decide(): boolean {
    const expected = this.#expected.size;
    const actual = this.#actual.size;
    const fewer = Math.min(expected, actual);
    const isFull = this.#expected.isOver || this.#actual.isOver;
    const isSeen = this.#isEnding || fewer >= this.#lookAhead;
    if (!(isSeen || isFull) || (this.#isEnding && expected + actual === 0)) return false;
    if (fewer > 0) this.#look(isSeen ? this.#lookAhead : Math.min(fewer, this.#lookAhead), !isFull);
    else if (this.#isEnding) this.#skip(expected, actual);
    else this.#skipFront(this.#expected.isOver ? this.#expected : this.#actual);
    return true;
  }

  #look(size: number, mayWait: boolean): void {
    const expected = Math.min(size, this.#expected.size);
    const actual = Math.min(size, this.#actual.size);
    const isWhole = this.#isEnding && this.#expected.size < size && this.#actual.size < size;
    const found = resync(this.#sight(expected, actual, isWhole));
    if (size > LOOK_AHEAD_BYTES) this.#looksLeft -= size;
    if (this.#isDense && found?.isMost !== true) {
      this.#isDense = false;
      this.#lookAhead = LOOK_AHEAD_BYTES;
      return;
    }
    const further = 2 * this.#lookAhead;
    const mayLook = mayWait && !isWhole && further <= Math.min(LOOK_AHEAD_BYTES_MAX, this.#looksLeft);
    if (found?.isClear !== true && mayLook) {
      this.#lookAhead = further;
      return;
    }
    this.#lookAhead = LOOK_AHEAD_BYTES;
    if (found !== null) this.#meet(found);
    else if (isWhole) this.#skip(expected, actual);
    else this.#skip(Math.ceil(expected / 2), Math.ceil(actual / 2));
  }

  #sight(expectedSize: number, actualSize: number, isWhole: boolean): Sight {
    const expected = expectedBytes.subarray(0, expectedSize);
    const noise = expectedNoise.subarray(0, expectedSize);
    const actual = actualBytes.subarray(0, actualSize);
    this.#expected.look(expected, noise);
    this.#actual.look(actual, actualNoise.subarray(0, actualSize));
    return { expected, noise, actual, isWhole, sizes: this.#expected.distances(expectedSize, BLOCKS_TRIED) };
  }

  #meet({ expected, actual }: Resync): void {
    this.#skip(expected, actual);
    this.#closeRun();
    this.#differs = false;
  }

  /** Takes so many bytes of both into the run. */
  #skip(expected: number, actual: number): void {
    const run = (this.#run ??= this.#openRun());
    this.#differs = true;
    this.#expected.take(expected, (block, bytes) => run.expect(block, bytes));
    this.#actual.take(actual, (block, bytes) => run.came(block, bytes));
    this.#earnLooks(expected + actual);
  }

  /** Takes the front block into the run, and what of it has been read already out of the way. */
  #skipFront(queue: ByteQueue): void {
    if (queue.rest === 0) queue.shift();
    else if (queue === this.#expected) this.#skip(queue.rest, 0);
    else this.#skip(0, queue.rest);
  }

  #openRun(): Run {
    const inside = this.#expected.offset > 0 ? this.#expected.front : null;
    return new Run(this.#expected.passed, inside, this.#after);
  }

  #closeRun(): void {
    const match = this.#run?.match() ?? null;
    this.#run = null;
    this.#sameBytes = 0;
    if (match !== null) this.#options.tell(match);
  }

  #earnLooks(bytes: number): void {
    this.#looksLeft = Math.min(this.#looksLeft + bytes * LOOKS_PER_BYTE, LOOKS_MAX);
  }

  #tellBlock({ unit, bytes, came }: Block, at: number): void {
    const sameness = came === null ? 'equal' : 'masked';
    const what: MatchClass = unit.givenUp ? 'late' : sameness;
    this.#options.tell({
      class: what,
      expected: unit,
      actual: bytes.length === 0 ? null : this.#lastActual,
      after: null,
      run: what === 'masked' && came !== null ? { at, expected: bytes, actual: came } : null,
    });
  }
}
