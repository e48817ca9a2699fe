/**
 * A stream as it comes in blocks, read byte by byte from its front.
 *
 * The rule: blocks are borrowed, never joined; a block stays at the front until its owner has seen that it is read to its
 * end, because that is when something can be said about it. It says when it is over its limits, and leaves to its
 * owner what then.
 */
import { Ring } from '../ring.ts';
import type { ByteRange, Unit } from '../types.ts';
import type { Budget } from './budget.ts';

export class Block {
  readonly unit: Unit;
  readonly bytes: Buffer;
  /** In `bytes`, in order. */
  readonly noise: readonly ByteRange[];
  /** Some of it differs, and that is told elsewhere. */
  isTold = false;
  /** What came in its place, where that differs in noise alone; null where nothing does. */
  came: Buffer | null = null;
  #noiseAt = 0;

  constructor(unit: Unit, payload: Uint8Array, noise: readonly ByteRange[]) {
    this.unit = unit;
    this.bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.length);
    this.noise = noise;
  }

  /** How many bytes from `at` on are the same as those of the other from `from` on, or noise. Asked from front to back. */
  sameAs(at: number, other: Buffer, from: number, size: number): number {
    if (this.bytes.compare(other, from, from + size, at, at + size) === 0) return size;
    for (let i = 0; i < size; i++) {
      if (this.bytes[at + i] === other[from + i]) continue;
      if (!this.#isNoise(at + i)) return i;
      this.came ??= Buffer.from(this.bytes);
      this.came[at + i] = other[from + i]!;
    }
    return size;
  }

  #isNoise(at: number): boolean {
    while (this.#noiseAt < this.noise.length) {
      const range = this.noise[this.#noiseAt]!;
      if (at < range.at + range.size) return at >= range.at;
      this.#noiseAt++;
    }
    return false;
  }
}

export class ByteQueue {
  readonly #blocks = new Ring<Block>();
  readonly #blocksMax: number;
  readonly #bytesMax: number;
  /** Of all queues together. */
  readonly #budget: Budget;
  /** In blocks that are still here. */
  #bytes = 0;
  #offset = 0;
  #passed = 0;

  constructor(blocksMax: number, bytesMax: number, budget: Budget) {
    this.#blocksMax = blocksMax;
    this.#bytesMax = bytesMax;
    this.#budget = budget;
  }

  /** In blocks. */
  get length(): number {
    return this.#blocks.length;
  }

  /** Bytes that are left to read. */
  get size(): number {
    return this.#bytes - this.#offset;
  }

  /** Bytes that have been read, since the start. */
  get passed(): number {
    return this.#passed;
  }

  get isOver(): boolean {
    const { length } = this.#blocks;
    if (length > this.#blocksMax || this.size > this.#bytesMax) return true;
    return this.#budget.isOverFor(length, this.size);
  }

  get front(): Block | null {
    return this.#blocks.length === 0 ? null : this.#blocks.at(0);
  }

  /** In the front block. */
  get offset(): number {
    return this.#offset;
  }

  /** Of the front block, not read yet. */
  get rest(): number {
    return this.#blocks.length === 0 ? 0 : this.#blocks.at(0).bytes.length - this.#offset;
  }

  push(block: Block): void {
    this.#blocks.push(block);
    this.#bytes += block.bytes.length;
    this.#budget.take(block.unit);
  }

  /** Within the front block. */
  advance(size: number): void {
    this.#offset += size;
    this.#passed += size;
  }

  /** The front block, which has been read to its end. */
  shift(): Block {
    const block = this.#blocks.shift();
    this.#bytes -= block.bytes.length;
    this.#budget.giveBack(block.unit);
    this.#offset = 0;
    return block;
  }

  /** Copies what comes next, and marks what of it is noise. */
  look(into: Uint8Array, noise: Uint8Array): void {
    noise.fill(0);
    for (let i = 0, at = -this.#offset; at < into.length; i++) {
      const { bytes, noise: ranges } = this.#blocks.at(i);
      const skipped = Math.max(0, -at);
      into.set(bytes.subarray(skipped, into.length - at), at + skipped);
      for (const range of ranges) {
        noise.fill(1, Math.max(0, at + range.at), Math.max(0, at + range.at + range.size));
      }
      at += bytes.length;
    }
  }

  /** From the start of the front block to those of others that start within so many bytes. */
  distances(within: number, countMax: number): number[] {
    const found: number[] = [];
    let distance = 0;
    for (let i = 0; i < countMax && i < this.#blocks.length; i++) {
      distance += this.#blocks.at(i).bytes.length;
      if (distance - this.#offset >= within) break;
      if (distance > 0) found.push(distance);
    }
    return found;
  }

  /** Reads so many bytes, piece by piece. Blocks that have been read to their end before are dropped. */
  take(size: number, each: (block: Block, bytes: Buffer) => void): void {
    for (let left = size; left > 0;) {
      const block = this.#blocks.at(0);
      const taken = Math.min(left, this.rest);
      if (taken > 0) {
        each(block, block.bytes.subarray(this.#offset, this.#offset + taken));
        this.advance(taken);
        left -= taken;
      } else {
        this.shift();
      }
    }
  }
}
