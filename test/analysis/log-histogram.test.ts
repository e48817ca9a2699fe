import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LogHistogram } from '../../analysis/log-histogram.ts';
import { runs } from '../kit/property.ts';

describe('a histogram of sizes', () => {
  it('has every value in the class that it belongs to', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2e6), { minLength: 1 }), (values) => {
        const histogram = new LogHistogram(1, 1e6);
        for (const value of values) histogram.add(value);
        const { edges, counts } = histogram.told();
        expect(edges).toHaveLength(counts.length + 1);
        for (const [i, count] of counts.entries()) {
          const end = edges[i + 1]! >= 1e6 ? Infinity : edges[i + 1]!;
          expect(values.filter((value) => value >= edges[i]! && value < end)).toHaveLength(count);
        }
        expect(counts.reduce((total, count) => total + count, 0)).toBe(values.length);
      }),
      runs(200),
    );
  });

  it('leaves out empty classes at both ends, and has none where there was nothing', () => {
    const histogram = new LogHistogram(1e3, 1e11);
    expect(histogram.told()).toEqual({ edges: [0], counts: [] });
    histogram.add(2e6);
    expect(histogram.told().counts).toEqual([1]);
    histogram.add(5);
    expect(histogram.told().edges[0]).toBe(0);
    expect(histogram.told().counts.at(-1)).toBe(1);
  });

  it('tells both ends of a wide range with few classes', () => {
    const histogram = new LogHistogram(1e3, 1e11);
    for (const value of [0, 1e3, 1e11, 1e15]) histogram.add(value);
    const { counts } = histogram.told();
    expect(counts.length).toBeLessThan(70);
    expect([counts[0], counts.at(-1)]).toEqual([1, 2]);
  });
});
