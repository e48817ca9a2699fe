/** Feeds bytes to the real reader and keeps copies of what comes out. */
import { Reader } from '../../protocol/reader.ts';
import type { Direction, Fault, FrameView, Mode, Protocol } from '../../protocol/types.ts';
import { amidPoison, join, POISON, sameBytes } from './bytes.ts';
import { CountingMemory } from './counting-memory.ts';
import type { Cut } from './generate.ts';

export class Reading {
  readonly cuts: Cut[] = [];
  readonly faults: Fault[] = [];
  readonly leftovers: Uint8Array[] = [];
  readonly memory = new CountingMemory();
  readonly reader: Reader;
  /** All that was pushed while the reader still took it. */
  readonly #pushed: Uint8Array[] = [];
  #isOver = false;
  /** Called with each frame, after a copy was made of it. */
  onFrame: ((index: number) => void) | null = null;

  constructor(protocol: Protocol, direction: Direction, mode?: Mode) {
    this.reader = new Reader(protocol, direction, this.memory, this);
    if (mode !== undefined) this.reader.mode = mode;
  }

  frame({ kind, bytes, at, end }: FrameView): void {
    if (this.faults.length > 0) throw new Error('a frame came after a fault');
    if (!this.reader.flowing) throw new Error('a frame came during a hold');
    this.cuts.push({ kind, bytes: bytes.slice(at, end) });
    // Whoever is lent a frame may write to it, as a relay does with its stamp.
    bytes.fill(POISON, at, end);
    this.onFrame?.(this.cuts.length - 1);
  }

  fault(fault: Fault): void {
    this.faults.push(fault);
    this.#isOver = true;
  }

  leftover(bytes: Uint8Array): void {
    if (!this.#isOver) throw new Error('bytes were given up while they could still become a frame');
    this.leftovers.push(bytes.slice());
    bytes.fill(POISON);
  }

  /** The chunk is overwritten as soon as the reader returns: whatever it needs, it must have copied. */
  push(bytes: Uint8Array): this {
    if (!this.#isOver) this.#pushed.push(bytes.slice());
    const chunk = amidPoison(bytes);
    this.reader.push(chunk, chunk.at, chunk.end);
    chunk.bytes.fill(POISON);
    return this;
  }

  stop(): void {
    this.#isOver = true;
    this.reader.stop();
  }

  /** Ends the reading: every byte must have come to something, in order, and all memory must have come back. */
  end(): this {
    this.stop();
    const out = join([...this.cuts.map((cut) => cut.bytes), ...this.leftovers]);
    if (!sameBytes(out, join(this.#pushed))) throw new Error('bytes were lost, doubled or moved');
    if (this.memory.held > 0) throw new Error(`${this.memory.held} spans of memory were not given back`);
    this.memory.check();
    return this;
  }
}

export function read(
  protocol: Protocol,
  direction: Direction,
  mode: Mode,
  pieces: Iterable<Uint8Array>,
): Reading {
  const reading = new Reading(protocol, direction, mode);
  for (const piece of pieces) reading.push(piece);
  return reading.end();
}
