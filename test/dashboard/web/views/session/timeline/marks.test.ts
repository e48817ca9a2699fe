import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clustersOf, nearestTo } from '../../../../../../dashboard/web/src/views/session/timeline/marks.ts';
import { runs } from '../../../../../kit/property.ts';

const shown = { from: 0, to: 1000 };
const itself = (at: number) => at;

describe('marks that stand close', () => {
  test('are one with all that it stands for, in order of time', () => {
    expect(clustersOf([500, 15, 0, 10], itself, shown, 1000, 20)).toEqual([
      { x: 0, at: 0, items: [0, 10, 15] },
      { x: 500, at: 500, items: [500] },
    ]);
  });

  test('are two when one looks closer', () => {
    expect(clustersOf([0, 10], itself, { from: 0, to: 100 }, 1000, 20)).toHaveLength(2);
  });

  test('are none of those that are not shown', () => {
    expect(clustersOf([-1, 1001, 1000], itself, shown, 1000, 20).map(({ at }) => at)).toEqual([1000]);
  });

  test('are all there, each once, and far enough from each other', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 1000 })),
        fc.integer({ min: 1, max: 200 }),
        (all, apart) => {
          const clusters = clustersOf(all, itself, shown, 1000, apart);
          expect(clusters.flatMap(({ items }) => items)).toEqual([...all].sort((a, b) => a - b));
          for (const [i, { at }] of clusters.entries())
            if (i > 0) expect(at - clusters[i - 1]!.at).toBeGreaterThanOrEqual(apart);
        },
      ),
      runs(200),
    );
  });
});

describe('what is pointed at', () => {
  test('is the nearest, if it is near', () => {
    expect(nearestTo([10, 14, 40], itself, 13, 6)).toBe(14);
    expect(nearestTo([10, 14, 40], itself, 30, 6)).toBeNull();
    expect(nearestTo([], itself, 30, 6)).toBeNull();
  });
});
