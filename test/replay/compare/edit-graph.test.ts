/** The fewest differences, held against the table that everybody knows. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EditGraph } from '../../../replay/compare/edit-graph.ts';
import { runs } from '../../kit/property.ts';
import { distance } from './distance.ts';

const SIZE_MAX = 20;
const graph = new EditGraph(SIZE_MAX);
const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd'), maxLength: SIZE_MAX });

function explore(expected: string, actual: string, isWhole: boolean) {
  return graph.explore(
    { size: expected.length, isWhole },
    { size: actual.length, isWhole },
    (i, j) => expected[i] === actual[j],
  );
}

test('of whole sequences there are as few as there can be', () => {
  fc.assert(
    fc.property(text, text, (expected, actual) => {
      const [end] = explore(expected, actual, true);
      const left = expected.length - end!.expected + (actual.length - end!.actual);
      expect(end!.differences + left).toBe(distance(expected, actual));
    }),
    runs(1000),
  );
});

test('stretches are in order, and the same in both', () => {
  fc.assert(
    fc.property(text, text, fc.boolean(), (expected, actual, isWhole) => {
      for (const end of explore(expected, actual, isWhole)) {
        let passed = { expected: 0, actual: 0 };
        let differences = 0;
        for (const stretch of [...graph.stretches(end), { ...end, size: 0 }]) {
          const here = [stretch.expected - passed.expected, stretch.actual - passed.actual] as const;
          expect(Math.min(...here)).toBeGreaterThanOrEqual(0);
          differences += Math.max(...here);
          const size = stretch.size;
          expect(expected.slice(stretch.expected, stretch.expected + size)).toBe(
            actual.slice(stretch.actual, stretch.actual + size),
          );
          passed = { expected: stretch.expected + size, actual: stretch.actual + size };
        }
        expect(differences).toBeLessThanOrEqual(end.differences);
      }
    }),
    runs(500),
  );
});

test('what is not in sight weighs little, so that the rest is not taken for replaced', () => {
  const [end, ...others] = explore('abcdefghij', 'cdefghijkl', false);
  expect(end).toMatchObject({ differences: 2, replaced: 0, expected: 10, actual: 8 });
  expect(others).toEqual([]);
});

test('all ways with as many differences are told of, those first that leave least out of sight', () => {
  const ways = explore('ababab', 'bababa', false).map((end) => end.expected - end.actual);
  expect(ways).toEqual([1, -1]);
});
