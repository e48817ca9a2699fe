import { describe, expect, it } from 'vitest';
import { median, ratio, significant, summarize } from '../../bench/statistics.ts';

describe('figures of several rounds', () => {
  it('are told by the middle one, or the mean of the two in the middle', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([7])).toBe(7);
  });

  it('keep the rounds, and how far they lie apart as a share of the median', () => {
    expect(summarize([10, 8, 12])).toEqual({ median: 10, spread: 0.4, rounds: [10, 8, 12] });
    expect(summarize([5])).toEqual({ median: 5, spread: 0, rounds: [5] });
    expect(summarize([0, 0])?.spread).toBe(0);
  });

  it('are nothing, rather than zero, where the system did not tell', () => {
    expect(summarize([])).toBeNull();
    expect(summarize([null, null])).toBeNull();
    expect(summarize([1, null])).toBeNull();
  });

  it('compare with the baseline where there is one to compare with', () => {
    const of = (figure: number) => summarize([figure]);
    expect(ratio(of(3), of(2))).toBe(1.5);
    expect(ratio(of(3), of(0))).toBeNull();
    expect(ratio(of(3), null)).toBeNull();
    expect(ratio(null, of(2))).toBeNull();
  });

  it('claim no more than four digits', () => {
    expect(significant(0.123_456)).toBe(0.1235);
    expect(significant(123_456)).toBe(123_456);
  });
});
