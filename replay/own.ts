/**
 * Bytes that stay: copies of what is borrowed, in blocks of memory that are small.
 *
 * The rule: whoever keeps a few bytes keeps little else alive with them. A block for each frame would cost more than all
 * else that is done with it, and a large block would stay as a whole as long as one frame in it waits.
 */

/** What one frame keeps alive, at the most, besides itself. */
export const BLOCK_BYTES = 2048;
/** Larger ones get memory of their own. */
const SHARED_BYTES_MAX = BLOCK_BYTES / 4;

let block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
let used = 0;

export function own(bytes: Uint8Array): Buffer {
  const copy = take(bytes.length);
  copy.set(bytes);
  return copy;
}

function take(size: number): Buffer {
  if (size > SHARED_BYTES_MAX) return Buffer.allocUnsafeSlow(size);
  if (used + size > BLOCK_BYTES) {
    block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
    used = 0;
  }
  const taken = block.subarray(used, used + size);
  used += size;
  return taken;
}
