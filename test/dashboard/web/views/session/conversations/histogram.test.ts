import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  drawHistogram,
  valueText,
} from '../../../../../../dashboard/web/src/views/session/conversations/histogram.ts';
import { runs } from '../../../../../kit/property.ts';

const edges = [0, 1000, 10_000, 100_000, 1_000_000, 10_000_000];

describe('a histogram', () => {
  test('has a bar for each range in which anything was counted, by powers', () => {
    const { bars, total } = drawHistogram({ edges, counts: [0, 1, 0, 100, 0] }, 'ns');
    expect(bars.map(({ from, to, count }) => [from, to, count])).toEqual([
      [1000, 10_000, 1],
      [100_000, 1_000_000, 100],
    ]);
    expect(bars[0]!.width).toBeCloseTo(bars[1]!.width);
    expect(bars[1]!.height).toBe(1);
    expect(total).toBe(101);
  });

  test('is nothing where nothing was counted', () => {
    expect(drawHistogram({ edges, counts: [0, 0, 0, 0, 0] }, 'ns').bars).toEqual([]);
    expect(drawHistogram({ edges: [], counts: [] }, 'ns').total).toBe(0);
  });

  test('has lines at powers of ten, the more the higher', () => {
    const { levels } = drawHistogram({ edges, counts: [0, 5, 2000, 0, 0] }, 'bytes');
    expect(levels.map(({ count }) => count)).toEqual([1, 10, 100, 1000]);
    expect(levels.map(({ y }) => y)).toEqual([...levels.map(({ y }) => y)].sort((a, b) => b - a));
  });

  test('keeps to its frame, without holes between neighbours, whatever was counted', () => {
    const steps = fc.array(fc.integer({ min: 1, max: 1e6 }), { minLength: 2, maxLength: 30 });
    fc.assert(
      fc.property(
        steps,
        fc.boolean(),
        fc.infiniteStream(fc.integer({ min: 0, max: 1e6 })),
        (widths, zero, stream) => {
          let at = zero ? 0 : 1;
          const all = [at, ...widths.map((width) => (at += width))];
          const counts = widths.map(() => stream.next().value ?? 0);
          const { bars, ticks } = drawHistogram({ edges: all, counts }, 'bytes');
          expect(bars.map(({ count }) => count)).toEqual(counts.filter((count) => count > 0));
          for (const [i, bar] of bars.entries()) {
            expect(bar.x).toBeGreaterThanOrEqual(-1e-9);
            expect(bar.x + bar.width).toBeLessThanOrEqual(1 + 1e-9);
            expect(bar.width).toBeGreaterThan(0);
            expect(bar.height > 0 && bar.height <= 1).toBe(true);
            const next = bars[i + 1];
            if (next?.from === bar.to) expect(next.x).toBeCloseTo(bar.x + bar.width, 9);
          }
          expect(ticks.length).toBeLessThanOrEqual(7);
        },
      ),
      runs(200),
    );
  });
});

test('values are told in the unit that suits them', () => {
  expect([500, 1e3, 2.5e5, 1e6, 3e9].map((value) => valueText(value, 'ns'))).toEqual([
    '500 ns',
    '1 µs',
    '250 µs',
    '1 ms',
    '3 s',
  ]);
  expect(valueText(1500, 'bytes')).toBe('1.5 kB');
});
