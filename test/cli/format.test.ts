import { describe, expect, it } from 'vitest';
import {
  bytesText,
  columns,
  countText,
  cut,
  displayWidth,
  durationText,
  hostPortText,
  millisText,
  momentText,
  pad,
  plural,
} from '../../cli/format.ts';

it.each([
  [0, '0'],
  [999, '999'],
  [3412, '3 412'],
  [1_234_567.4, '1 234 567'],
])('the count %d is written %s', (value, text) => expect(countText(value)).toBe(text));

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [9949, '9.9 kB'],
  [9950, '10 kB'],
  [999_499, '999 kB'],
  [999_500, '1.0 MB'],
  [1_234_567, '1.2 MB'],
  [45_600_000_000, '46 GB'],
  [5_000_000_000_000_000, '5 000 TB'],
])('%d bytes are written %s', (value, text) => expect(bytesText(value)).toBe(text));

it.each([
  [0.0912, '0.09 ms'],
  [12.34, '12.3 ms'],
  [1204.4, '1 204 ms'],
])('a delay of %d ms is written %s', (value, text) => expect(millisText(value)).toBe(text));

it.each([
  [0, '0.0 s'],
  [4_220, '4.2 s'],
  [59_949, '59.9 s'],
  [59_950, '1 min 0 s'],
  [3_599_499, '59 min 59 s'],
  [3_720_000, '1 h 2 min'],
  [183_600_000, '2 d 3 h'],
])('a duration of %d ms is written %s', (value, text) => expect(durationText(value)).toBe(text));

it('a moment is written in the reader’s own time zone', () => {
  const local = new Date(2025, 10, 21, 9, 4, 5);
  expect(momentText(local.toISOString())).toBe('2025-11-21 09:04:05');
});

it('one is not many', () => {
  expect([plural(1, 'frame'), plural(0, 'frame'), plural(2000, 'entry', 'entries')]).toEqual([
    '1 frame',
    '0 frames',
    '2 000 entries',
  ]);
});

it('an IPv6 address stands in brackets before its port', () => {
  expect(hostPortText('192.0.2.1', 80)).toBe('192.0.2.1:80');
  expect(hostPortText('::1', 80)).toBe('[::1]:80');
});

it.each([
  ['', 0],
  ['Ann', 3],
  ['Ärger', 5],
  ['A\u0308rger', 5],
  ['ゆうすけ', 8],
  ['か\u3099', 2],
  ['ﾕｳｽｹ', 4],
  ['Ｐ１', 4],
  ['김', 2],
  ['\u1100\u1161', 2],
  ['狩人123', 7],
  ['𠮷', 2],
  ['🎮', 2],
  ['🇯🇵', 2],
  ['Ann\u200b\u200e', 3],
  ['…\ufffd', 2],
])('%j takes %d columns of a terminal', (text, width) => expect(displayWidth(text)).toBe(width));

it.each([
  ['Ann', 3, 'Ann'],
  ['Anna', 3, 'An…'],
  ['ゆうすけ', 8, 'ゆうすけ'],
  ['ゆうすけ', 7, 'ゆうす…'],
  ['ゆうすけ', 6, 'ゆう…'],
  ['e\u0301e\u0301e\u0301', 2, 'e\u0301…'],
  ['𠮷𠮷', 3, '𠮷…'],
  ['Ann', 1, '…'],
  ['Ann', 0, ''],
])('%j is cut to %d columns', (text, width, expected) => {
  expect(cut(text, width)).toBe(expected);
  expect(displayWidth(expected)).toBeLessThanOrEqual(width);
});

it('is padded to columns of a terminal, not to characters', () => {
  expect([pad('狩人', 6, 'left'), pad('狩人', 6, 'right'), pad('狩人', 3, 'left')]).toEqual([
    '狩人  ',
    '  狩人',
    '狩人',
  ]);
});

describe('columns', () => {
  it('are as wide as their widest cell, and lines end where their text ends', () => {
    const rows = [
      ['a', '1', 'x'],
      ['bcd', '100', ''],
    ];
    expect(columns(rows, ['left', 'right', 'left'])).toEqual(['a      1  x', 'bcd  100']);
  });

  it('stand below each other where characters are of double width', () => {
    const rows = [
      ['狩人', 'x'],
      ['Ann', 'y'],
    ];
    expect(columns(rows, ['left', 'left'])).toEqual(['狩人  x', 'Ann   y']);
  });

  it('may have any number of rows', () => {
    const rows = Array.from({ length: 300_000 }, () => ['x']);
    expect(columns(rows, ['right'])).toHaveLength(rows.length);
  });
});
