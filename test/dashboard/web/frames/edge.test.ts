import { describe, expect, test } from 'vitest';
import type { FrameRow } from '../../../../dashboard/api/frames.ts';
import { EDGE_ROWS_MAX, Edge } from '../../../../dashboard/web/src/views/session/frames/edge.ts';

const rows = (first: number, count: number) =>
  Array.from({ length: count }, (_, i) => ({ sequence: first + i }) as FrameRow);

describe('the end of a list', () => {
  test('grows by what a tail tells', () => {
    const edge = new Edge();
    edge.take({ rows: rows(1, 3), count: 3, skipped: 0, dropped: 0 });
    edge.take({ rows: rows(4, 2), count: 5, skipped: 0, dropped: 0 });
    const seen = [0, 1, 2, 3, 4, 5].map((index) => edge.rowAt(index)?.sequence ?? null);
    expect(seen).toEqual([1, 2, 3, 4, 5, null]);
    expect(edge.indexOf(4)).toBe(3);
    expect(edge.covers(0, 5)).toBe(true);
    expect(edge.covers(0, 6)).toBe(false);
  });

  test('has no rows from before frames that were passed over, and counts those', () => {
    const edge = new Edge();
    edge.take({ rows: rows(1, 3), count: 3, skipped: 0, dropped: 0 });
    edge.take({ rows: rows(104, 2), count: 105, skipped: 100, dropped: 40 });
    expect(edge.rowAt(2)).toBeNull();
    expect(edge.rowAt(103)?.sequence).toBe(104);
    expect(edge.covers(102, 105)).toBe(false);
    expect([edge.skipped, edge.dropped]).toEqual([100, 40]);
  });

  test('keeps as many rows however many come', () => {
    const edge = new Edge();
    for (let at = 0; at < 10_000; at += 50)
      edge.take({ rows: rows(at, 50), count: at + 50, skipped: 0, dropped: 0 });
    expect(edge.size).toBe(EDGE_ROWS_MAX);
    expect(edge.rowAt(9_999)?.sequence).toBe(9_999);
  });

  test('stands still while nothing comes', () => {
    const edge = new Edge();
    edge.take({ rows: rows(1, 3), count: 3, skipped: 0, dropped: 0 });
    edge.take({ rows: [], count: 3, skipped: 0, dropped: 0 });
    expect(edge.end).toBe(3);
    expect(edge.rowAt(0)?.sequence).toBe(1);
  });
});
