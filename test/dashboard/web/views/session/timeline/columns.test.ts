import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  barHeight,
  columnsOf,
  marksOf,
  sumAt,
} from '../../../../../../dashboard/web/src/views/session/timeline/columns.ts';
import { runs } from '../../../../../kit/property.ts';

const second = 1e9;

describe('columns', () => {
  test('are rates: what comes in a bucket, by how long it is', () => {
    const shown = { from: 0, to: 4 * second };
    expect([...columnsOf([10, 0, 0, 30], { from: 0, step: second }, shown, 4)]).toEqual([10, 0, 0, 30]);
    expect([...columnsOf([10, 0, 0, 30], { from: 0, step: second }, shown, 2)]).toEqual([5, 15]);
  });

  test('stretch a picture that is looked at more closely', () => {
    const shown = { from: second, to: 2 * second };
    expect([...columnsOf([10, 20, 30], { from: 0, step: second }, shown, 3)].map(Math.round)).toEqual([
      20, 20, 20,
    ]);
  });

  test('share a bucket that lies across them', () => {
    const shown = { from: 0, to: 2 * second };
    expect([...columnsOf([8], { from: 0.5 * second, step: second }, shown, 2)]).toEqual([4, 4]);
  });

  test('leave out what is not shown', () => {
    const shown = { from: 10 * second, to: 12 * second };
    expect([...columnsOf([5, 5], { from: 0, step: second }, shown, 2)]).toEqual([0, 0]);
    expect([...columnsOf([5, 5], { from: 20 * second, step: second }, shown, 2)]).toEqual([0, 0]);
  });

  test('have together what the buckets have, however the two lie to each other', () => {
    const values = fc.array(fc.integer({ min: 0, max: 1e6 }), { minLength: 1, maxLength: 60 });
    const nanos = fc.integer({ min: 1, max: 1e9 });
    fc.assert(
      fc.property(
        values,
        nanos,
        nanos,
        nanos,
        nanos,
        fc.integer({ min: 1, max: 90 }),
        (all, from, step, start, length, count) => {
          const shown = { from: start, to: start + length * 50 };
          const columns = columnsOf(all, { from, step }, shown, count);
          const drawn = columns.reduce((sum, rate) => sum + rate, 0) * ((length * 50) / count / 1e9);
          const meant = all.reduce((sum, value, i) => {
            const begin = Math.max(from + i * step, shown.from);
            const end = Math.min(from + (i + 1) * step, shown.to);
            return sum + (value * Math.max(end - begin, 0)) / step;
          }, 0);
          expect(Math.abs(drawn - meant)).toBeLessThanOrEqual(1e-6 * Math.max(meant, 1));
        },
      ),
      runs(400),
    );
  });
});

describe('marks', () => {
  test('stand where their bucket is, each column once', () => {
    const shown = { from: 0, to: 10 * second };
    expect(marksOf([0, 1, 0, 2], { from: 0, step: second }, shown, 10)).toEqual([1, 3]);
    expect(marksOf([1, 1, 1, 1], { from: 0, step: second }, shown, 5)).toEqual([0, 1]);
    expect(marksOf([1, 0, 1], { from: -second, step: second }, shown, 10)).toEqual([1]);
  });
});

describe('a bar', () => {
  test('is seen, however little there is beside much', () => {
    expect(barHeight(1, 1e9, 16)).toBe(1);
    expect(barHeight(0, 1e9, 16)).toBe(0);
    expect(barHeight(5, 0, 16)).toBe(0);
  });

  test('never leaves its row, and more is never lower', () => {
    const rate = fc.double({ min: 0, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(rate, rate, rate, (a, b, most) => {
        const [low, high] = [barHeight(Math.min(a, b), most, 16), barHeight(Math.max(a, b), most, 16)];
        expect(low).toBeLessThanOrEqual(high);
        expect(high).toBeLessThanOrEqual(16);
      }),
      runs(200),
    );
  });
});

test('what is pointed at is the bucket in which the moment lies', () => {
  const buckets = { from: second, step: second };
  expect([0.5, 1, 1.9, 2, 3.5].map((at) => sumAt([7, 8], buckets, at * second))).toEqual([0, 7, 7, 8, 0]);
});
