import { describe, expect, test } from 'vitest';
import { POOL_BYTES_MAX } from '../../relay/limits.ts';
import { BufferPool } from '../../relay/pool.ts';

describe('a buffer pool', () => {
  test('gives at least what is asked for, in powers of two', () => {
    const pool = new BufferPool();
    for (const bytes of [1, 1023, 1024, 1025, 65_536, 65_537, 512_000, 3_000_000]) {
      const { length } = pool.take(bytes).bytes;
      expect(length).toBeGreaterThanOrEqual(bytes);
      expect(Math.log2(length) % 1).toBe(0);
    }
  });

  test('gives again what it was given back', () => {
    const pool = new BufferPool();
    const first = pool.take(5000);
    pool.give(first);
    expect(pool.keptBytes).toBe(8192);
    expect(pool.take(8000)).toBe(first);
    expect(pool.keptBytes).toBe(0);
  });

  test('keeps no more than its limit, and nothing that is very large', () => {
    const pool = new BufferPool();
    const taken = Array.from({ length: 40 }, () => pool.take(2 ** 20));
    for (const span of taken) pool.give(span);
    expect(pool.keptBytes).toBe(POOL_BYTES_MAX);
    const other = new BufferPool();
    other.give(other.take(2 ** 22));
    expect(other.keptBytes).toBe(0);
  });
});
