import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Geometry,
  HEIGHT_MAX_PX,
  JUMP_PX,
  ROWS_MAX,
  ROW_PX,
  TOP,
  centering,
  heightPx,
  isAtBottom,
  physicalAt,
  positionAt,
  revealing,
  rowsDrawn,
  rowsSeen,
  scrolled,
  virtualAt,
} from '../../../../dashboard/web/src/views/session/frames/geometry.ts';
import { runs } from '../../../kit/property.ts';

const geometries = fc.record({
  rows: fc.oneof(fc.integer({ min: 0, max: 50_000 }), fc.integer({ min: 600_000, max: 20_000_000 })),
  viewPx: fc.integer({ min: 24, max: 1_400 }),
});
const large = fc.record({
  rows: fc.integer({ min: 700_000, max: 20_000_000 }),
  viewPx: fc.integer({ min: 100, max: 1_400 }),
});
const part = fc.double({ min: 0, max: 1, noNaN: true });

const bottom = (geometry: Geometry) => Math.max(0, geometry.rows * ROW_PX - geometry.viewPx);
const barEnd = (geometry: Geometry) => Math.max(0, heightPx(geometry) - geometry.viewPx);

describe('the places of a list', () => {
  test('stand on a bar that no browser finds too tall', () => {
    fc.assert(
      fc.property(geometries, (geometry) => {
        expect(heightPx(geometry)).toBeLessThanOrEqual(HEIGHT_MAX_PX);
      }),
      runs(200),
    );
  });

  test('are those of the bar where there are few rows', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 600_000 }), part, (rows, where) => {
        const geometry = { rows, viewPx: 600 };
        const place = where * bottom(geometry);
        expect(virtualAt(geometry, place)).toBe(place);
        expect(physicalAt(geometry, place)).toBe(place);
      }),
      runs(200),
    );
  });

  test('are found from the bar, and the bar from them', () => {
    fc.assert(
      fc.property(geometries, part, (geometry, where) => {
        const place = where * bottom(geometry);
        expect(virtualAt(geometry, physicalAt(geometry, place))).toBeCloseTo(place, 3);
      }),
      runs(300),
    );
  });

  test('come in the order of the bar', () => {
    fc.assert(
      fc.property(geometries, part, part, (geometry, one, other) => {
        const low = Math.min(one, other) * barEnd(geometry);
        const high = Math.max(one, other) * barEnd(geometry);
        expect(virtualAt(geometry, low)).toBeLessThanOrEqual(virtualAt(geometry, high) + 1e-6);
      }),
      runs(300),
    );
  });

  test('reach from the very first row to the very last one', () => {
    fc.assert(
      fc.property(geometries, (geometry) => {
        expect(virtualAt(geometry, 0)).toBe(0);
        expect(virtualAt(geometry, barEnd(geometry))).toBe(bottom(geometry));
        const end = positionAt(geometry, Infinity);
        expect(end.physical).toBe(barEnd(geometry));
        expect(isAtBottom(geometry, end.virtual)).toBe(true);
        expect(rowsSeen(geometry, end.virtual).end).toBe(geometry.rows);
      }),
      runs(300),
    );
  });
});

describe('scrolling', () => {
  test('takes small steps one to one, wherever they begin, and never drifts', () => {
    const most = JUMP_PX / 10;
    const steps = fc.array(fc.integer({ min: -most, max: most }), { maxLength: 60 });
    const middle = fc.double({ min: 0.05, max: 0.95, noNaN: true });
    fc.assert(
      fc.property(large, middle, steps, (geometry, where, taken) => {
        const from = positionAt(geometry, where * bottom(geometry));
        let at = from;
        for (const step of taken) at = scrolled(geometry, at, at.physical + step);
        const sum = taken.reduce((all, step) => all + step, 0);
        expect(at.virtual - from.virtual).toBeCloseTo(sum, 3);
        // The bar is put right in a pause, and the place stays.
        expect(positionAt(geometry, at.virtual).virtual).toBe(at.virtual);
      }),
      runs(200),
    );
  });

  test('reads jumps off the bar', () => {
    fc.assert(
      fc.property(large, part, part, (geometry, from, to) => {
        const start = positionAt(geometry, from * bottom(geometry));
        const bar = to * barEnd(geometry);
        fc.pre(Math.abs(bar - start.physical) > JUMP_PX);
        expect(scrolled(geometry, start, bar).virtual).toBe(virtualAt(geometry, bar));
      }),
      runs(200),
    );
  });

  test('by wheel takes each row once, from the top on and to the very end', () => {
    const geometry = { rows: 1_000_000, viewPx: 600 };
    let at = TOP;
    for (let i = 0; i < 20_000; i++) {
      const next = scrolled(geometry, at, at.physical + 100);
      expect(next.virtual - at.virtual).toBeCloseTo(100, 6);
      at = i % 50 === 49 ? positionAt(geometry, next.virtual) : next;
    }
    expect(at.virtual).toBeCloseTo(2_000_000, 3);
    let last = positionAt(geometry, bottom(geometry) - 900_000);
    while (last.physical < barEnd(geometry)) {
      const next = scrolled(geometry, last, Math.min(last.physical + 100, barEnd(geometry)));
      expect(next.virtual - last.virtual).toBeLessThanOrEqual(100 + 1e-6);
      last = next;
    }
    expect(last.virtual).toBe(bottom(geometry));
  });

  test('shows the ends wherever the bar was left', () => {
    const geometry = { rows: 3_000_000, viewPx: 600 };
    const odd = { physical: 40, virtual: 5_000_000 };
    expect(scrolled(geometry, odd, 0).virtual).toBe(0);
    const atEnd = { ...odd, physical: barEnd(geometry) - 40 };
    expect(scrolled(geometry, atEnd, barEnd(geometry)).virtual).toBe(bottom(geometry));
  });
});

describe('rows', () => {
  test('can all be reached, and are seen whole', () => {
    fc.assert(
      fc.property(geometries, part, part, (geometry, where, from) => {
        fc.pre(geometry.rows > 0);
        const row = Math.min(geometry.rows - 1, Math.floor(where * geometry.rows));
        for (const virtual of [revealing(geometry, from * bottom(geometry), row), centering(geometry, row)]) {
          const { virtual: place } = positionAt(geometry, virtual);
          const seen = rowsSeen(geometry, place);
          expect(seen.first).toBeLessThanOrEqual(row);
          expect(seen.end).toBeGreaterThan(row);
          expect(row * ROW_PX).toBeGreaterThanOrEqual(place - 1e-6);
          expect((row + 1) * ROW_PX).toBeLessThanOrEqual(place + geometry.viewPx + 1e-6);
        }
      }),
      runs(300),
    );
  });

  test('stay where they are when one that is seen is asked for', () => {
    const geometry = { rows: 1_000, viewPx: 240 };
    expect(revealing(geometry, 480, 25)).toBe(480);
    expect(revealing(geometry, 480, 19)).toBe(19 * ROW_PX);
    expect(revealing(geometry, 480, 30)).toBe(31 * ROW_PX - 240);
  });

  test('in the page are those that are seen, and never more than there is room for', () => {
    fc.assert(
      fc.property(geometries, fc.integer({ min: 24, max: 6_000 }), part, ({ rows }, viewPx, where) => {
        const geometry = { rows, viewPx };
        const virtual = where * bottom(geometry);
        const [seen, drawn] = [rowsSeen(geometry, virtual), rowsDrawn(geometry, virtual)];
        expect(drawn.first).toBeLessThanOrEqual(seen.first);
        expect(drawn.end).toBeGreaterThanOrEqual(seen.end);
        expect(drawn.end - drawn.first).toBeLessThanOrEqual(ROWS_MAX);
        expect(drawn.first).toBeGreaterThanOrEqual(0);
        expect(drawn.end).toBeLessThanOrEqual(rows);
      }),
      runs(300),
    );
  });
});
