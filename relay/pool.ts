/**
 * Buffers in sizes that are powers of two, kept for reuse up to a limit.
 *
 * An idle connection holds none: buffers are taken when bytes wait and given back when they have gone.
 */
import { type Memory, span } from '../protocol/memory.ts';
import type { Span } from '../protocol/types.ts';
import { POOL_BYTES_MAX } from './limits.ts';

const SMALLEST = 10; // 1 KiB
const LARGEST = 21; // 2 MiB; above that nothing is kept

export class BufferPool implements Memory {
  readonly #kept: Span[][] = Array.from({ length: LARGEST + 1 }, () => []);
  #keptBytes = 0;

  get keptBytes(): number {
    return this.#keptBytes;
  }

  take(bytesMin: number): Span {
    const size = Math.max(SMALLEST, 32 - Math.clz32(bytesMin - 1));
    const kept = size <= LARGEST ? this.#kept[size]?.pop() : undefined;
    if (kept !== undefined) {
      this.#keptBytes -= kept.bytes.length;
      return kept;
    }
    // Slow: a buffer of its own, not a slice of Node's shared slab, which would be kept alive whole.
    return span(Buffer.allocUnsafeSlow(2 ** size));
  }

  give(given: Span): void {
    const bytes = given.bytes.length;
    if (this.#keptBytes + bytes > POOL_BYTES_MAX) return;
    const size = 31 - Math.clz32(bytes);
    if (size > LARGEST) return;
    this.#keptBytes += bytes;
    this.#kept[size]?.push(given);
  }
}
