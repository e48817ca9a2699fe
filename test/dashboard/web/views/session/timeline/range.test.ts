import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  digitsFor,
  lengthOf,
  nanosOf,
  panned,
  RANGE_MIN_NS,
  rangeOf,
  secondsOf,
  ticksOf,
  timeAt,
  wholeRange,
  within,
  xOf,
  zoomed,
  type TimeRange,
} from '../../../../../../dashboard/web/src/views/session/timeline/range.ts';
import { runs } from '../../../../../kit/property.ts';

const WIDTH = 800;
const range = (most: number) =>
  fc
    .tuple(fc.integer({ min: 0, max: most }), fc.integer({ min: RANGE_MIN_NS, max: most }))
    .map(([from, length]): TimeRange => ({ from, to: from + length }));

const isWithin = (inner: TimeRange, outer: TimeRange) =>
  inner.from >= outer.from - 1 && inner.to <= outer.to + 1 && lengthOf(inner) >= RANGE_MIN_NS * 0.999;

describe('what is shown of a session', () => {
  test('is all of it and a little more, from the start of its capture at the earliest', () => {
    const { from, to } = wholeRange(1e9, 3e9);
    expect([from, to]).toEqual([0.98e9, 3.02e9]);
    expect(wholeRange(0, 1e9).from).toBe(0);
  });

  test('is long enough to be looked at where nothing lasted', () => {
    expect(lengthOf(wholeRange(5e9, 5e9))).toBeGreaterThanOrEqual(RANGE_MIN_NS);
  });

  test('never leaves its bounds, however one zooms and pans', () => {
    const steps = fc.array(
      fc.record({
        factor: fc.double({ min: 0.01, max: 100, noNaN: true }),
        at: fc.double({ min: -0.5, max: 1.5, noNaN: true }),
        pan: fc.double({ min: -3, max: 3, noNaN: true }),
      }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(range(1e13), steps, (bounds, all) => {
        let shown = bounds;
        for (const { factor, at, pan } of all) {
          shown = zoomed(shown, factor, shown.from + at * lengthOf(shown), bounds);
          expect(isWithin(shown, bounds)).toBe(true);
          shown = panned(shown, pan, bounds);
          expect(isWithin(shown, bounds)).toBe(true);
        }
      }),
      runs(200),
    );
  });

  test('keeps what the mouse is on where it is, while there is room', () => {
    const bounds = { from: 0, to: 100e9 };
    const shown = { from: 40e9, to: 60e9 };
    const closer = zoomed(shown, 0.5, 45e9, bounds);
    expect(lengthOf(closer)).toBe(10e9);
    expect(xOf(45e9, closer, WIDTH)).toBeCloseTo(xOf(45e9, shown, WIDTH), 6);
  });

  test('keeps its length where it is moved against an edge', () => {
    expect(within({ from: -5e9, to: 5e9 }, { from: 0, to: 60e9 })).toEqual({ from: 0, to: 10e9 });
    expect(within({ from: 55e9, to: 65e9 }, { from: 0, to: 60e9 })).toEqual({ from: 50e9, to: 60e9 });
  });
});

describe('places on the screen', () => {
  test('and moments lead to each other', () => {
    fc.assert(
      fc.property(range(1e12), fc.double({ min: 0, max: WIDTH, noNaN: true }), (shown, x) => {
        expect(xOf(timeAt(x, shown, WIDTH), shown, WIDTH)).toBeCloseTo(x, 0);
      }),
      runs(200),
    );
  });

  test('beyond the edges stand for the edges', () => {
    expect(timeAt(-20, { from: 10, to: 20 }, WIDTH)).toBe(10);
    expect(timeAt(WIDTH + 20, { from: 10, to: 20 }, WIDTH)).toBe(20);
  });
});

describe('the axis', () => {
  test('has round times with as many digits as they need', () => {
    const texts = ticksOf({ from: 0.95e9, to: 1.62e9 }, 1200).map(({ text }) => text);
    expect(texts.slice(0, 3)).toEqual(['0.95 s', '1.00 s', '1.05 s']);
    expect(ticksOf({ from: 0, to: 3600e9 }, 800).map(({ text }) => text)).toContain('1000 s');
  });

  test('is never crowded, and all of its lines tell different times', () => {
    fc.assert(
      fc.property(range(1e13), fc.integer({ min: 60, max: 3000 }), (shown, width) => {
        const ticks = ticksOf(shown, width);
        expect(ticks.length).toBeLessThanOrEqual(width / 80 + 1);
        expect(new Set(ticks.map(({ text }) => text)).size).toBe(ticks.length);
        for (const { at } of ticks) expect(at >= shown.from && at <= shown.to).toBe(true);
      }),
      runs(300),
    );
  });

  test('is empty where there is no room', () => expect(ticksOf({ from: 0, to: 1e9 }, 0)).toEqual([]));
});

describe('a time in an address', () => {
  test('is in seconds, as exact as a thousandth of what is shown', () => {
    expect(secondsOf(1_234_567_891, 1e9)).toBe('1.235');
    expect(secondsOf(12_000_000_000, 60e9)).toBe('12');
    expect(secondsOf(100e9, 1000e9)).toBe('100');
    expect(secondsOf(1_234_567_891, 10_000)).toBe('1.23456789');
    expect(digitsFor(1e9)).toBe(0);
    expect(digitsFor(0.05)).toBe(9);
  });

  test('comes back as it was, but for that', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e15 }), fc.integer({ min: 1000, max: 1e13 }), (at, length) => {
        expect(Math.abs(nanosOf(secondsOf(at, length))! - at)).toBeLessThanOrEqual(length / 1000);
      }),
      runs(300),
    );
  });

  test.each([null, '', '-1', '1e3', 'x', '1.', '1234567890', ' 1'])('%j is none', (text) =>
    expect(nanosOf(text)).toBeNull(),
  );

  test('is of use only as a range', () => {
    expect(rangeOf('1.5', '3')).toEqual({ from: 1.5e9, to: 3e9 });
    expect(rangeOf('3', '1.5')).toBeNull();
    expect(rangeOf('3', null)).toBeNull();
    expect(rangeOf('2', '2')).toBeNull();
  });
});
