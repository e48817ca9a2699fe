import { describe, expect, test } from 'vitest';
import {
  intervalText,
  lostOf,
  orderOf,
  orderText,
  sizesText,
  sorted,
  sortKeys,
} from '../../../../../../dashboard/web/src/views/session/conversations/sorting.ts';
import { conversation, way } from './sample.ts';

const silence = { after: 3, until: 4, at: 0, lasted: 5e9 };
const small = conversation(
  [way({ frames: 2, bytes: 900, firstSequence: 1, perSecond: null, interval: null })],
  {
    filter: 'small',
    delayP50: null,
    delayP99: null,
  },
);
const big = conversation(
  [
    way({
      frames: 50,
      bytes: 100,
      firstSequence: 9,
      silences: [silence],
      sizes: { ...way({}).sizes, max: 1300 },
    }),
    way({ frames: 60, bytes: 100, firstSequence: 5, interval: 90e6, perSecond: 80 }),
  ],
  { filter: 'big', dropped: { 'no-target': 2, undelivered: 1 } },
);
const filters = (text: string | null) => sorted([small, big], orderOf(text)).map(({ filter }) => filter);

describe('conversations', () => {
  test('are in the order of their frames, the most first, unless the address says otherwise', () => {
    expect(filters(null)).toEqual(['big', 'small']);
    expect(filters('nonsense')).toEqual(['big', 'small']);
    expect(filters('frames')).toEqual(['small', 'big']);
  });

  test.each(sortKeys.filter((key) => key !== 'begin'))('can be in the order of %s, either way', (key) => {
    const [most, least] = key === 'bytes' ? ['small', 'big'] : ['big', 'small'];
    expect(filters(`-${key}`)).toEqual([most, least]);
    expect(filters(key)).toEqual([least, most]);
  });

  test('can be in the order in which they began, and are where all else is equal', () => {
    expect(filters('begin')).toEqual(['small', 'big']);
    const later = conversation([way({ firstSequence: 7 })], { filter: 'later' });
    const sooner = conversation([way({ firstSequence: 3 })], { filter: 'sooner' });
    expect(sorted([later, sooner], orderOf('-bytes')).map(({ filter }) => filter)).toEqual([
      'sooner',
      'later',
    ]);
  });
});

test('a click on a column puts the most first, and another one the least', () => {
  expect(orderText(orderOf(null), 'bytes')).toBe('-bytes');
  expect(orderText(orderOf('-bytes'), 'bytes')).toBe('bytes');
  expect(orderText(orderOf('bytes'), 'bytes')).toBe('-bytes');
  expect(orderText(orderOf('bytes'), 'begin')).toBe('begin');
  expect(orderText(orderOf(null), 'frames')).toBe('frames');
  expect(orderText(orderOf('frames'), 'frames')).toBeNull();
});

test('figures are told in few words', () => {
  expect(lostOf(big)).toBe(3);
  expect(sizesText(way({}).sizes)).toBe('48');
  expect(sizesText({ ...way({}).sizes, max: 1300 })).toBe('48 to 1\u202f300, mostly 48');
  expect(sizesText({ ...way({}).sizes, max: 1300, exact: false })).toBe('48 to 1\u202f300, mostly ~48');
  expect([intervalText(33.3e6), intervalText(4_000)]).toEqual(['33.3 ms', 'at once']);
});
