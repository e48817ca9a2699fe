import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { language } from '../../../../../../analysis/filter/language.ts';
import { parseFilter } from '../../../../../../analysis/filter/parse.ts';
import { printTree } from '../../../../../../analysis/filter/tree.ts';
import { brushOf, withBrush } from '../../../../../../dashboard/web/src/views/session/timeline/brush.ts';
import { runs } from '../../../../../kit/property.ts';

const chosen = { from: 1.5e9, to: 3e9 };
const meaning = (filter: string) => (filter === '' ? '' : printTree(parseFilter(filter, language)));

/** Filters that say nothing of time on their own, in many ways of writing them. */
const filters = fc.letrec<{ filter: string; one: string }>((tie) => ({
  one: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.constantFrom(
      'size > 1000',
      'kind in (pdp, ptp)',
      'payload contains "a && time >= 1 || (b"',
      'from.nickname == "time"',
      '!time > 3',
      '(time > 3 || size == 2)',
      'outcome   !=  forwarded',
    ),
    tie('filter').map((inner) => `(${inner})`),
    tie('filter').map((inner) => `!( ${inner} )`),
  ),
  filter: fc
    .tuple(
      tie('one'),
      fc.array(fc.tuple(fc.constantFrom(' && ', '&&', ' || '), tie('one')), { maxLength: 2 }),
    )
    .map(([first, others]) => first + others.map((each) => each.join('')).join('')),
})).filter;

describe('a chosen time', () => {
  test('is a condition of the filter', () => {
    expect(withBrush('', chosen)).toBe('time >= 1.5 && time < 3');
    expect(brushOf('time >= 1.5 && time < 3')).toEqual(chosen);
  });

  test('stands beside what the filter says, as it was written', () => {
    expect(withBrush('size > 1000', chosen)).toBe('size > 1000 && time >= 1.5 && time < 3');
    expect(withBrush(' kind in (pdp,ptp)&&size>3 ', chosen)).toBe(
      'kind in (pdp,ptp) && size>3 && time >= 1.5 && time < 3',
    );
  });

  test('holds for all of a filter that knows "or"', () => {
    expect(withBrush('size > 1000 || kind == ptp', chosen)).toBe(
      '(size > 1000 || kind == ptp) && time >= 1.5 && time < 3',
    );
  });

  test('takes the place of another one, wherever that stands', () => {
    const other = { from: 7e9, to: 9e9 };
    expect(withBrush('time >= 1.5 && size > 3 && time < 3', other)).toBe('size > 3 && time >= 7 && time < 9');
    expect(withBrush('TIME > 12.5 && time <= 60', other)).toBe('time >= 7 && time < 9');
    expect(withBrush('(a == b || size == 1) && time >= 1 && time < 2', other)).toBe(
      '(a == b || size == 1) && time >= 7 && time < 9',
    );
  });

  test('can be taken away, with the brackets that it needed', () => {
    expect(withBrush('time >= 1.5 && time < 3', null)).toBe('');
    expect(withBrush('(size > 3 || kind == ptp) && time >= 1.5 && time < 3', null)).toBe(
      'size > 3 || kind == ptp',
    );
    expect(withBrush('(size > 3) && (kind == ptp) && time < 3', null)).toBe('(size > 3) && (kind == ptp)');
    expect(withBrush('(size > 3)', null)).toBe('(size > 3)');
  });

  test('may have one end alone', () => {
    expect(brushOf('time > 2 && size > 3')).toEqual({ from: 2e9, to: Infinity });
    expect(brushOf('size > 3 && time < 2.25')).toEqual({ from: 0, to: 2.25e9 });
  });

  test('is what all conditions leave', () => {
    expect(brushOf('time > 1 && time > 2 && time < 9 && time < 8')).toEqual({ from: 2e9, to: 8e9 });
    expect(brushOf('time > 3 && time < 2')).toBeNull();
  });

  test.each([
    '',
    'size > 3',
    'time > 1 || size > 3',
    '!(time > 1)',
    'time == 4',
    'time > "1"',
    'size > 1 && (time > 3)',
  ])('is not in %j', (filter) => expect(brushOf(filter)).toBeNull());

  test('is added to a filter that cannot be read, and replaced there', () => {
    const once = withBrush('payload contains "abc', chosen);
    expect(once).toBe('payload contains "abc && time >= 1.5 && time < 3');
    expect(withBrush(once, { from: 7e9, to: 9e9 })).toBe('payload contains "abc && time >= 7 && time < 9');
    expect(withBrush(once, null)).toBe('payload contains "abc');
  });

  test('is as exact as its own length asks for', () => {
    expect(withBrush('', { from: 1_234_567_891, to: 1_235_567_891 })).toBe(
      'time >= 1.234568 && time < 1.235568',
    );
  });

  test('changes nothing else that a filter means, whatever it says', () => {
    fc.assert(
      fc.property(
        filters,
        fc.integer({ min: 0, max: 1e12 }),
        fc.integer({ min: 1, max: 1e12 }),
        (filter, from, length) => {
          const joined = withBrush(filter, { from, to: from + length });
          const found = brushOf(joined);
          expect(Math.abs((found?.from ?? -1e15) - from)).toBeLessThanOrEqual(length / 1000);
          expect(Math.abs((found?.to ?? -1e15) - from - length)).toBeLessThanOrEqual(length / 1000);
          expect(meaning(withBrush(joined, null))).toBe(meaning(filter));
          expect(withBrush(joined, { from, to: from + length })).toBe(joined);
          parseFilter(joined, language);
        },
      ),
      runs(400),
    );
  });
});
