import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Histogram } from '../../common/histogram.ts';
import { runs } from '../kit/property.ts';

describe('a histogram of durations', () => {
  test('of nothing answers 0', () => {
    expect(new Histogram().quantile(0.5)).toBe(0);
  });

  test('is right to four percent and a quarter of a microsecond', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 60_000, noNaN: true }), { minLength: 1, maxLength: 300 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (durations, q) => {
          const histogram = new Histogram();
          for (const duration of durations) histogram.add(duration);
          const sorted = [...durations].sort((a, b) => a - b);
          const exact = sorted[Math.min(Math.ceil(q * sorted.length - 1e-9), sorted.length) - 1] as number;
          expect(Math.abs(histogram.quantile(q) - exact)).toBeLessThanOrEqual(exact * 0.04 + 0.00026);
        },
      ),
    );
  });

  test('takes anything: clocks that went back, and waits of hours', () => {
    const histogram = new Histogram();
    for (const duration of [-5, 0, 1e12, Infinity]) histogram.add(duration);
    expect(histogram.count).toBe(4);
    expect(histogram.quantile(1)).toBeGreaterThan(500_000);
    histogram.reset();
    expect(histogram.count).toBe(0);
  });
});

test('a window of time holds what came in it, however much was there before', () => {
  const durations = fc.array(fc.double({ min: 0, max: 600_000, noNaN: true }), { maxLength: 80 });
  fc.assert(
    fc.property(
      durations,
      durations,
      durations,
      fc.double({ min: 0, max: 1, noNaN: true }),
      (before, during, after, q) => {
        const all = new Histogram();
        const alone = new Histogram();
        for (const duration of before) all.add(duration);
        const begun = all.counts();
        for (const duration of during) {
          all.add(duration);
          alone.add(duration);
        }
        const ended = all.counts();
        for (const duration of after) all.add(duration);
        const window = Histogram.between(begun, ended);
        expect(window.count).toBe(during.length);
        expect(window.counts()).toEqual(alone.counts());
        expect(window.quantile(q)).toBeCloseTo(alone.quantile(q), 9);
      },
    ),
    runs(200),
  );
});

test('finds every quantile where sorting finds it, also of several taken together', () => {
  const durations = fc.array(fc.double({ min: 0, max: 600_000, noNaN: true }), {
    minLength: 1,
    maxLength: 60,
  });
  fc.assert(
    fc.property(durations, durations, fc.double({ min: 0, max: 1, noNaN: true }), (one, other, q) => {
      const histogram = new Histogram();
      const added = new Histogram();
      for (const duration of one) histogram.add(duration);
      for (const duration of other) added.add(duration);
      histogram.addAll(added);
      const sorted = [...one, ...other].sort((a, b) => a - b);
      const exact = Math.min(sorted[Math.max(Math.ceil(q * sorted.length) - 1, 0)]!, 0x7fff_ffff / 4_000);
      expect(Math.abs(histogram.quantile(q) - exact)).toBeLessThanOrEqual(0.032 * exact + 0.001);
    }),
    runs(300),
  );
});
