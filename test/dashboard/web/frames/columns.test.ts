import { describe, expect, test } from 'vitest';
import { COLUMNS_MAX } from '../../../../dashboard/api/frames.ts';
import {
  ADDED_MAX,
  addedColumns,
  columnsOf,
  deltaText,
  fixedColumns,
  isLost,
  runText,
  templateOf,
  timeText,
} from '../../../../dashboard/web/src/views/session/frames/columns.ts';
import { blocksFor } from '../../../../dashboard/web/src/views/session/frames/list.svelte.ts';
import { outcomes } from '../../../../protocol/outcome.ts';

describe('columns', () => {
  test('that were added come before the summary, each once, and as many as the server answers', () => {
    expect(ADDED_MAX).toBe(COLUMNS_MAX);
    const added = addedColumns(` a, b,,a ,${Array.from({ length: 20 }, (_, i) => `c${i}`).join(',')}`);
    expect(added).toHaveLength(ADDED_MAX);
    expect(added.slice(0, 3)).toEqual(['a', 'b', 'c0']);
    const keys = columnsOf(added, false).map(({ key }) => key);
    expect(keys.at(-1)).toBe('summary');
    expect(keys.slice(-3, -1)).toEqual(['+c4', '+c5']);
    expect(keys).toHaveLength(fixedColumns.length + ADDED_MAX);
  });

  test('are few where there is little room', () => {
    const narrow = columnsOf(['a'], true);
    expect(narrow.map(({ key }) => key)).toEqual(['sequence', 'time', 'from', 'summary']);
    const least = narrow.reduce((sum, { minPx }) => sum + minPx, 0);
    expect(least).toBeLessThanOrEqual(420);
  });

  test('leave what is left to the summary', () => {
    expect(templateOf(columnsOf([], false))).toMatch(/minmax\(160px, 1fr\)$/);
  });
});

describe('what cells say', () => {
  const origin = { started: 2_000_000_000, captureMs: Date.parse('2026-11-21T10:00:00.000Z') };

  test('of times', () => {
    expect(timeText(2_500_000_000, 'session', origin)).toBe('0.500000');
    expect(timeText(2_500_000_000, 'capture', origin)).toBe('2.500000');
    expect(timeText(2_500_123_456, 'absolute', origin)).toMatch(/^\d\d:\d\d:02\.500123$/);
  });

  test('of the time since the row before', () => {
    expect(deltaText(5e6, 2e6)).toBe('+3.00 ms');
    expect(deltaText(5e6, null)).toBe('');
  });

  test('of runs', () => {
    expect(runText({ count: 1804, every: 33.3e6, jitter: 1.2e6 })).toBe(
      '\u00d71\u202f804, every 33.3 ms \u00b11.20 ms',
    );
    expect(runText({ count: 2, every: 5e6, jitter: null })).toBe('\u00d72, every 5.00 ms');
    expect(runText({ count: 1, every: null, jitter: null })).toBe('');
  });

  test('of frames that did not arrive, by whatever name', () => {
    const lost = outcomes.filter(({ name }) => isLost({ outcome: name })).map(({ name }) => name);
    const told = outcomes.filter(({ text }) => /^(dropped|lost)/.test(text)).map(({ name }) => name);
    expect(lost).toEqual(told);
  });
});

describe('blocks that are asked for', () => {
  test('are those that are seen, then those around them, then the next one on the way', () => {
    expect(blocksFor({ first: 250, end: 290 }, { first: 190, end: 306 }, 1, 10_000)).toEqual([2, 1, 3, 4]);
    expect(blocksFor({ first: 250, end: 290 }, { first: 234, end: 299 }, -1, 10_000)).toEqual([2, 1]);
    expect(blocksFor({ first: 250, end: 290 }, { first: 234, end: 299 }, 0, 10_000)).toEqual([2]);
  });

  test('are none beyond the ends', () => {
    expect(blocksFor({ first: 0, end: 30 }, { first: 0, end: 46 }, -1, 10_000)).toEqual([0]);
    expect(blocksFor({ first: 120, end: 150 }, { first: 104, end: 150 }, 1, 150)).toEqual([1]);
    expect(blocksFor({ first: 0, end: 0 }, { first: 0, end: 0 }, 0, 0)).toEqual([]);
  });
});
