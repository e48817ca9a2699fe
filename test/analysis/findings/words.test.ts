/** Numbers, times and names in findings. */
import { expect, it, test } from 'vitest';
import { nameOf } from '../../../analysis/findings/cast.ts';
import {
  bytesText,
  countText,
  lengthText,
  listText,
  millisText,
  momentText,
  plural,
  roughText,
  spanText,
} from '../../../analysis/findings/words.ts';
import { Stage } from './stage.ts';

it.each([
  [4.2e9, '4.2 s'],
  [4.24e9, '4.2 s'],
  [0.4e9, '0.4 s'],
  [0.0123e9, '0.012 s'],
  [0.0996e9, '0.1 s'],
  [0, '0.000 s'],
  [1234.56e9, '1 234.6 s'],
  [999.97e9, '1 000.0 s'],
])('%d ns is %s', (ns, text) => expect(lengthText(ns)).toBe(text));

it.each([
  [0.2e6, '0.2 ms'],
  [99.9e6, '99.9 ms'],
  [99.96e6, '100 ms'],
  [1204e6, '1 204 ms'],
])('%d ns of waiting is %s', (ns, text) => expect(millisText(ns)).toBe(text));

it.each([
  [7.46, '7.5'],
  [7.04, '7'],
  [9.96, '10'],
  [30.4, '30'],
])('about %d is %s', (value, text) => expect(roughText(value)).toBe(text));

test('counts and sizes', () => {
  expect(countText(1234567)).toBe('1 234 567');
  expect(plural(1, 'frame')).toBe('1 frame');
  expect(plural(0, 'frame')).toBe('0 frames');
  expect(bytesText(812)).toBe('812 bytes');
  expect(bytesText(61_440)).toBe('61 kB');
});

test('lists', () => {
  expect(listText([])).toBe('');
  expect(listText(['A'])).toBe('A');
  expect(listText(['A', 'B'])).toBe('A and B');
  expect(listText(['A', 'B', 'C'])).toBe('A, B and C');
  expect(listText(['A', 'B', 'C', 'D'])).toBe('A, B and 2 others');
});

test('moments are since the session’s start, and never before it', () => {
  const { view } = new Stage().play();
  const start = view.session.started;
  expect(momentText(view, start)).toBe('0.0 s');
  expect(momentText(view, start - 5e9)).toBe('0.0 s');
  expect(momentText(view, start + 12.34e9)).toBe('12.3 s');
  expect(spanText(view, start + 1e9, start + 1.01e9)).toBe('at 1.0 s');
  expect(spanText(view, start + 1e9, start + 2e9)).toBe('from 1.0 s to 2.0 s');
});

test('players are named by nickname and address, as far as they are known', () => {
  const stage = new Stage();
  stage.players('Alice', '');
  const { view } = stage.play();
  expect(nameOf(view, '02:00:00:00:00:01')).toBe('Alice (02:00:00:00:00:01)');
  expect(nameOf(view, '02:00:00:00:00:02')).toBe('02:00:00:00:00:02');
  expect(nameOf(view, '02:00:00:00:00:07')).toBe('02:00:00:00:00:07');
});
