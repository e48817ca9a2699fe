import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  timeRangeOf,
  withTimeRange,
  withoutTimeRange,
} from '../../../../dashboard/web/src/views/session/frames/time-range.ts';
import { runs } from '../../../kit/property.ts';

describe('a stretch of time in a filter', () => {
  test.each([
    ['', null],
    ['size > 1', null],
    ['time >= 1.5', { from: 1.5e9, to: null }],
    ['time >= 1.5 && time < 2', { from: 1.5e9, to: 2e9 }],
    ['kind == pdp && time >= 1 && time < 2 && time < 3', { from: 1e9, to: 2e9 }],
    ['time >= 1 || time < 2', null],
    ['time >=', null],
  ])('is found in %j', (filter, range) => {
    expect(timeRangeOf(filter)).toEqual(range);
  });

  test.each([
    ['time >= 1.5 && time < 2', ''],
    ['kind == pdp && time >= 1 && time < 2', 'kind == pdp'],
    ['(size == 1 || size == 2) && time < 2', '(size == 1 || size == 2)'],
    ['size   >  1', 'size   >  1'],
    ['time >=', 'time >='],
  ])('is taken out of %j', (filter, rest) => {
    expect(withoutTimeRange(filter)).toBe(rest);
  });

  test('takes the place of the one before, and leaves the rest', () => {
    const rests = fc.constantFrom('', 'kind == pdp', '(size == 1 || size == 2)');
    const nanos = fc.integer({ min: 0, max: 1e13 });
    fc.assert(
      fc.property(rests, nanos, nanos, nanos, (rest, one, other, third) => {
        const before = withTimeRange(rest, { from: third, to: null });
        const filter = withTimeRange(before, { from: one, to: other });
        expect(timeRangeOf(filter)).toEqual({ from: one, to: other });
        expect(withoutTimeRange(filter)).toBe(rest);
        expect(withTimeRange(filter, { from: null, to: null })).toBe(rest);
      }),
      runs(100),
    );
  });
});
