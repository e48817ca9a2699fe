/**
 * Memory that watches who holds it: nothing given twice, nothing touched after it was given, and
 * nothing in it, when taken, that somebody could mistake for their own.
 */
import { type Memory, span } from '../../protocol/memory.ts';
import type { Span } from '../../protocol/types.ts';
import { POISON } from './bytes.ts';

export class CountingMemory implements Memory {
  readonly #held = new Set<Span>();
  readonly #given = new Set<Span>();
  heldBytes = 0;
  heldBytesMost = 0;

  /** Spans that nobody has given back. */
  get held(): number {
    return this.#held.size;
  }

  take(bytesMin: number): Span {
    const taken = span(new Uint8Array(bytesMin).fill(POISON));
    this.#held.add(taken);
    this.heldBytes += bytesMin;
    this.heldBytesMost = Math.max(this.heldBytesMost, this.heldBytes);
    return taken;
  }

  give(given: Span): void {
    if (!this.#held.delete(given)) throw new Error('memory was given back that was not held');
    this.#given.add(given);
    this.heldBytes -= given.bytes.length;
    given.bytes.fill(POISON);
  }

  /** Fails if anybody wrote to what they had given back. */
  check(): void {
    for (const { bytes } of this.#given) {
      if (bytes.some((byte) => byte !== POISON))
        throw new Error('memory was written to after it was given back');
    }
  }
}
