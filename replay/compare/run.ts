/** A run of bytes that differ, while it is not known yet where it ends. The rule: it keeps its start, however long it gets. */
import type { Unit } from '../types.ts';
import type { Match } from './aligner.ts';
import type { Block } from './byte-queue.ts';

/** What is kept of a run, of what was expected and of what came. */
export const RUN_BYTES_MAX = 64 * 1024;

/** One side of it. */
class Side {
  /** The unit in which it begins. */
  unit: Unit | null = null;
  size = 0;
  readonly #pieces: Uint8Array[] = [];

  add(unit: Unit, bytes: Uint8Array): void {
    this.unit ??= unit;
    if (this.size < RUN_BYTES_MAX) this.#pieces.push(bytes.subarray(0, RUN_BYTES_MAX - this.size));
    this.size += bytes.length;
  }

  /** A copy, so that whole frames need not be kept for a few bytes of them. */
  bytes(): Uint8Array {
    return Buffer.concat(this.#pieces);
  }
}

export class Run {
  readonly #at: number;
  readonly #inside: Block | null;
  readonly #after: Unit | null;
  readonly #expected = new Side();
  readonly #actual = new Side();
  /** The first of what is expected that had to come, and how much before it did not. */
  #required: { readonly unit: Unit; readonly from: number } | null = null;

  /** `inside` is the block that it begins in, and not with; `after` the last unit that begins before it. */
  constructor(at: number, inside: Block | null, after: Unit | null) {
    this.#at = at;
    this.#inside = inside;
    this.#after = after;
  }

  expect(block: Block, bytes: Uint8Array): void {
    if (!block.unit.isOptional) this.#required ??= { unit: block.unit, from: this.#expected.size };
    this.#expected.add(block.unit, bytes);
    block.isTold = true;
  }

  came(block: Block, bytes: Uint8Array): void {
    this.#actual.add(block.unit, bytes);
  }

  /** What to tell of it; null where nothing is missing but what need not come. */
  match(): Match | null {
    const expected = this.#expected.bytes();
    const actual = this.#actual.bytes();
    if (this.#expected.size === 0) {
      if (this.#inside !== null) this.#inside.isTold = true;
      return {
        class: 'extra',
        expected: this.#inside?.unit ?? null,
        actual: this.#actual.unit,
        after: this.#after,
        run: { at: this.#at, expected, actual },
      };
    }
    if (this.#actual.size > 0) {
      return {
        class: 'changed',
        expected: this.#expected.unit,
        actual: this.#actual.unit,
        after: null,
        run: { at: this.#at, expected, actual },
      };
    }
    if (this.#required === null) return null;
    const { unit, from } = this.#required;
    return {
      class: 'missing',
      expected: unit,
      actual: null,
      after: null,
      run: { at: this.#at + from, expected: expected.subarray(from), actual },
    };
  }
}
