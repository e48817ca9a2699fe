import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MILE } from '../../../../dashboard/api/frames.ts';
import { BLOCK_ROWS, Miles } from '../../../../dashboard/web/src/views/session/frames/miles.ts';
import { runs } from '../../../kit/property.ts';

describe('miles', () => {
  test('are as far apart as the server has them', () => {
    expect(BLOCK_ROWS).toBe(MILE);
  });

  test('say after which frame a block begins', () => {
    const miles = new Miles();
    expect(miles.before(0)).toBeNull();
    miles.add([7, 150]);
    miles.add([402]);
    expect([0, 1, 2, 3].map((block) => miles.before(block))).toEqual([6, 149, 401, null]);
    expect(miles.known).toBe(3);
  });

  test('find the block of any frame', () => {
    const sequences = fc.uniqueArray(fc.integer({ min: 1, max: 100_000 }), {
      minLength: 1,
      maxLength: 1_500,
    });
    fc.assert(
      fc.property(sequences, fc.integer({ min: 0, max: 100_001 }), (unsorted, wanted) => {
        const frames = unsorted.toSorted((a, b) => a - b);
        const miles = new Miles();
        miles.add(frames.filter((_, i) => i % BLOCK_ROWS === 0));
        const at = frames.findLastIndex((sequence) => sequence <= wanted);
        expect(miles.blockOf(wanted)).toBe(Math.max(0, Math.floor(at / BLOCK_ROWS)));
      }),
      runs(200),
    );
  });

  test('know no block before the first is told', () => {
    expect(new Miles().blockOf(5)).toBeNull();
  });

  test('begin anew where a search is told from the start again', () => {
    const miles = new Miles();
    miles.add([1, 101, 201]);
    miles.add([1, 101]);
    expect(miles.known).toBe(2);
    miles.add([201, 301]);
    expect(miles.known).toBe(4);
    miles.add([]);
    expect(miles.known).toBe(4);
  });
});
