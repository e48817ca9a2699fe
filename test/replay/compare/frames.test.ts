/** One fault of a conversation is one difference, and the right one. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Match, Sameness } from '../../../replay/compare/aligner.ts';
import {
  FrameAligner,
  type FrameLimits,
  frameLimits,
  LOOK_AHEAD_UNITS,
  LOOK_AHEAD_UNITS_MAX,
} from '../../../replay/compare/frames.ts';
import type { Unit } from '../../../replay/types.ts';
import { PROPERTY_TIMEOUT_MS, runs } from '../../kit/property.ts';
import { distance } from './distance.ts';
import { textOf, told, unit } from './units.ts';

/** A dot in what is expected is masked. */
function same(expected: Unit, actual: Unit): Sameness {
  const [a, b] = [textOf(expected), textOf(actual)];
  if (a === b) return 'equal';
  const isMasked = a.length === b.length && a.split('').every((char, i) => char === '.' || char === b[i]);
  return isMasked ? 'masked' : 'different';
}

const units = (texts: readonly string[]) => texts.map((text, i) => unit(text, { sequence: i + 1 }));
const words = (text: string) => text.split(' ').filter((word) => word !== '');
const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, i) => `n${from + i}`);

/** Feeds both in the order given: true is the next expected one. The rest follows. */
function align(
  expected: readonly Unit[],
  actual: readonly Unit[],
  order: readonly boolean[] = [],
  limits: Partial<FrameLimits> = {},
): Match[] {
  const matches: Match[] = [];
  const aligner = new FrameAligner({ same, tell: (match) => matches.push(match), limits });
  const left = { expected: [...expected], actual: [...actual] };
  const feed = (isExpected: boolean) => {
    const next = (isExpected ? left.expected : left.actual).shift();
    if (next !== undefined) aligner[isExpected ? 'expect' : 'came'](next);
  };
  for (const isExpected of order) feed(isExpected);
  while (left.expected.length + left.actual.length > 0) {
    feed(true);
    feed(false);
  }
  aligner.end();
  expect(aligner.held).toBe(0);
  return matches;
}

const differences = (matches: readonly Match[]) =>
  matches.filter(({ class: what }) => what !== 'equal' && what !== 'masked').map(told);

const compare = (expected: readonly string[], actual: readonly string[]) =>
  align(units(expected), units(actual));

describe('what is told of frames', () => {
  test.each([
    ['the same', 'a b c', 'a b c', 'a b c'],
    ['one missing', 'a b c', 'a c', 'a -b c'],
    ['the first missing', 'a b c', 'b c', '-a b c'],
    ['the last missing', 'a b c', 'a b', 'a b -c'],
    ['one that nobody expected', 'a b', 'a x b', 'a +x^a b'],
    ['one before all others', 'a b', 'x a b', '+x^ a b'],
    ['one that came twice', 'a b c', 'a b b c', 'a b +b^b c'],
    ['other bytes', 'a b c', 'a x c', 'a b>x c'],
    ['the last byte missing', 'a bbb c', 'a bb c', 'a bbb>bb c'],
    ['two swapped', 'a b c d', 'a c b d', 'a @b c d'],
    ['two swapped at a distance', 'a b c d e f', 'a e c d b f', 'a @b c d e f'],
    ['one that came later', 'a b c d e', 'a c d b e', 'a @b c d e'],
    ['one that came earlier', 'a b c d e', 'a d b c e', 'a @d b c e'],
    ['two that became one', 'a h1b1b1 h2c2c2 d', 'a h1b1b1c2c2 d', 'a h1b1b1>h1b1b1c2c2 -h2c2c2 d'],
    ['masked bytes', 'a b. c', 'a bx c', 'a b.~bx c'],
    ['one missing of many that are the same', 'a h h h h b', 'a h h h b', 'a h h h -h b'],
    ['one changed of many that are the same', 'a h h h h b', 'a h x h h b', 'a h h>x h h b'],
    ['one too many of those that take turns', 'a b a b c', 'a b a a b c', 'a b a +a^a b c'],
    ['the one that is more like what came', 'a hello1 pong77 b', 'a pong78 b', 'a -hello1 pong77>pong78 b'],
    ['nothing', 'a b', '', '-a -b'],
    ['nothing expected', '', 'a b', '+a^ +b^'],
  ])('%s', (_, expected, actual, text) => {
    expect(compare(words(expected), words(actual)).map(told)).toEqual(words(text));
  });

  test('with the units themselves', () => {
    const expected = units(['a', 'b', 'c', 'd', 'e']);
    const actual = units(['a', 'x', 'd', 'c', 'e', 'y']);
    expect(align(expected, actual)).toEqual([
      { class: 'equal', expected: expected[0], actual: actual[0], after: null, run: null },
      { class: 'reordered', expected: expected[2], actual: actual[3], after: null, run: null },
      { class: 'changed', expected: expected[1], actual: actual[1], after: null, run: null },
      { class: 'equal', expected: expected[3], actual: actual[2], after: null, run: null },
      { class: 'equal', expected: expected[4], actual: actual[4], after: null, run: null },
      { class: 'extra', expected: null, actual: actual[5], after: expected[4], run: null },
    ]);
  });

  test('is that it is late, where it was given up and came as expected', () => {
    const given = (text: string) => unit(text, { givenUp: true });
    const matches = align([given('a'), given('b.'), given('c'), given('d')], units(['a', 'bx', 'x']));
    expect(matches.map(told)).toEqual(['late a', 'late b.', 'c>x', '-d']);
  });

  test('is nothing of what need not come, and does not', () => {
    const may = (text: string) => unit(text, { isOptional: true });
    const expected = [unit('a'), may('b'), unit('c'), may('d'), may('e')];
    expect(align(expected, units(['a', 'c', 'e'])).map(told)).toEqual(['a', 'c', 'e']);
    expect(align(expected, units(['a', 'x'])).map(told)).toEqual(['a', 'c>x']);
  });
});

describe('a conversation that goes on', () => {
  const long = numbers(1000);

  test('tells at once what is the same', () => {
    const matches: Match[] = [];
    const aligner = new FrameAligner({ same, tell: (match) => matches.push(match) });
    for (const each of units(long)) aligner.expect(each);
    for (const [i, each] of units(long).entries()) {
      aligner.came(each);
      expect(matches).toHaveLength(i + 1);
    }
    expect(aligner.held).toBe(0);
  });

  test('tells of a difference as soon as it sees how it goes on', () => {
    const matches: Match[] = [];
    const aligner = new FrameAligner({ same, tell: (match) => matches.push(match) });
    for (const each of units(long)) aligner.expect(each);
    for (const each of units(long.slice(1, LOOK_AHEAD_UNITS))) aligner.came(each);
    expect(matches).toEqual([]);
    aligner.came(unit(long[LOOK_AHEAD_UNITS]!));
    expect(matches.map(told)).toEqual(['-n0', ...long.slice(1, LOOK_AHEAD_UNITS + 1)]);
  });

  test.each([1, 3, 99])('tells exactly what is dropped, one of each hundred, from %d on', (from) => {
    const dropped = long.filter((_, i) => i % 100 === from);
    const actual = long.filter((_, i) => i % 100 !== from);
    expect(differences(compare(long, actual))).toEqual(dropped.map((text) => `-${text}`));
  });

  test.each([20, 50])('finds on after %d frames in a row were lost', (lost) => {
    const actual = [...long.slice(0, 100), ...long.slice(100 + lost)];
    expect(differences(compare(long, actual))).toEqual(long.slice(100, 100 + lost).map((text) => `-${text}`));
  });

  test('finds on after so many that nobody expected', () => {
    const extra = numbers(50, 5000);
    const actual = [...long.slice(0, 100), ...extra, ...long.slice(100)];
    expect(differences(compare(long, actual))).toEqual(extra.map((text) => `+${text}^n99`));
  });

  test.each([1, 2, 30, LOOK_AHEAD_UNITS - 2])('finds one that came %d later, and earlier', (distance) => {
    const later = long.toSpliced(500, 1).toSpliced(500 + distance, 0, 'n500');
    expect(differences(compare(long, later))).toEqual(['@n500']);
    const back = compare(later, long);
    expect(differences(back)).toHaveLength(1);
    expect(back.filter(({ class: what }) => what === 'reordered')).toHaveLength(1);
  });

  test.each([1, 2, 30, LOOK_AHEAD_UNITS - 2])(
    'finds two in the place of each other, %d apart',
    (distance) => {
      const swapped = long.with(500, `n${500 + distance}`).with(500 + distance, 'n500');
      expect(differences(compare(long, swapped))).toEqual(['@n500']);
    },
  );

  test('tells of one that moved further as missing here and extra there', () => {
    const later = long.toSpliced(500, 1).toSpliced(600, 0, 'n500');
    expect(differences(compare(long, later))).toEqual(['-n500', '+n500^n600']);
  });

  test.each(['missing', 'extra'])(
    'knows which is %s of two that take turns, once they no longer do',
    (what) => {
      const turns = Array.from({ length: LOOK_AHEAD_UNITS_MAX - 100 }, (_, i) => `t${i % 2}`);
      const expected = [...numbers(10), ...turns, ...numbers(100, 10)];
      const actual =
        what === 'missing' ? expected.toSpliced(100, 1) : expected.toSpliced(100, 0, expected[99]!);
      expect(compare(expected, actual).filter((match) => match.class !== 'equal')).toMatchObject([
        { class: what },
      ]);
    },
  );

  test('finds on after some that changed and some that were lost, however they lie to where it looks', () => {
    for (let changed = 40; changed < 80; changed++) {
      const actual = long.flatMap((text, i) => (i < changed ? `${text}!` : i < changed + 20 ? [] : text));
      expect(differences(compare(long, actual))).toHaveLength(changed + 20);
    }
  });

  test('tells of every frame that it changed, where all did', () => {
    const actual = long.map((text) => `${text}!`);
    expect(differences(compare(long, actual))).toEqual(long.map((text) => `${text}>${text}!`));
  });
});

describe('however it is fed', () => {
  const alphabet = fc.constantFrom('a', 'b', 'c', 'd', 'a.', 'ab', 'ac');
  const texts = (maxLength: number) => fc.array(alphabet, { maxLength });
  /** Mostly the same sequence, so that there is something to align. */
  const mutated = fc
    .record({
      sequence: fc.oneof<fc.Arbitrary<string[]>[]>(
        texts(400),
        fc.integer({ min: 0, max: 400 }).map((count) => numbers(count)),
      ),
      edits: fc.array(fc.tuple(fc.nat(400), fc.constantFrom(0, 1, 3), texts(3)), { maxLength: 12 }),
    })
    .map(({ sequence, edits }) => ({
      expected: sequence,
      actual: edits.reduce(
        (all, [at, removed, put]) => all.toSpliced(at % (all.length + 1), removed, ...put),
        sequence,
      ),
    }));
  const order = fc.array(fc.boolean(), { maxLength: 1000 });

  test(
    'the same is told',
    () => {
      fc.assert(
        fc.property(mutated, order, ({ expected, actual }, interleaving) => {
          const first = align(
            units(expected),
            units(actual),
            expected.map(() => true),
          ).map(told);
          expect(align(units(expected), units(actual), interleaving).map(told)).toEqual(first);
          expect(
            align(
              units(expected),
              units(actual),
              actual.map(() => false),
            ).map(told),
          ).toEqual(first);
        }),
        runs(150),
      );
    },
    PROPERTY_TIMEOUT_MS,
  );

  test(
    'each expected unit is told of once, in order but for those that moved, and each actual one once',
    () => {
      const limits = fc.constantFrom({}, { heldUnitsMax: 20 }, { heldBytesMax: 30 });
      fc.assert(
        fc.property(mutated, order, limits, ({ expected, actual }, interleaving, limited) => {
          const [a, b] = [units(expected), units(actual)];
          const matches = align(a, b, interleaving, limited);
          const sequences = (some: readonly (Unit | null)[]) => some.flatMap((each) => each?.sequence ?? []);
          const all = (some: readonly Unit[]) => sequences(some);
          const toldOf = (side: 'expected' | 'actual') => sequences(matches.map((match) => match[side]));
          expect(toldOf('expected').sort((x, y) => x - y)).toEqual(all(a));
          expect(toldOf('actual').sort((x, y) => x - y)).toEqual(all(b));
          const inPlace = matches.filter(({ class: what }) => what !== 'reordered');
          const ordered = sequences(inPlace.map((match) => match.expected));
          expect(ordered).toEqual(ordered.toSorted((x, y) => x - y));
          for (const match of matches) {
            expect(match.expected === null).toBe(match.class === 'extra');
            expect(match.actual === null).toBe(match.class === 'missing');
          }
        }),
        runs(150),
      );
    },
    PROPERTY_TIMEOUT_MS,
  );
});

describe('the fewest differences', () => {
  test(
    'are never more than it takes to make one sequence of the other',
    () => {
      const texts = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e.'), { maxLength: 12 });
      fc.assert(
        fc.property(texts, texts, (expected, actual) => {
          const [a, b] = [units(expected), units(actual)];
          expect(differences(align(a, b)).length).toBeLessThanOrEqual(
            distance(a, b, (one, other) => same(one, other) !== 'different'),
          );
        }),
        runs(2000),
      );
    },
    PROPERTY_TIMEOUT_MS,
  );

  const sequence = fc.oneof(
    fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 2, maxLength: 150 }),
    fc.integer({ min: 2, max: 300 }).map((count) => numbers(count)),
    fc
      .tuple(
        fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 2, max: 60 }),
      )
      .map(([some, times]) => Array.from({ length: times }, () => some).flat()),
  );
  const mutants: Record<string, { what: string; of(all: readonly string[], at: number): readonly string[] }> =
    {
      dropped: { what: 'missing', of: (all, at) => all.toSpliced(at, 1) },
      'sent twice': { what: 'extra', of: (all, at) => all.toSpliced(at, 0, all[at]!) },
      'put in': { what: 'extra', of: (all, at) => all.toSpliced(at, 0, 'x') },
      changed: { what: 'changed', of: (all, at) => all.with(at, 'x') },
      cut: { what: 'changed', of: (all, at) => all.with(at, all[at]!.slice(0, -1)) },
      swapped: {
        what: 'reordered',
        of: (all, at) => all.toSpliced(at, 2, ...all.slice(at, at + 2).reverse()),
      },
    };
  test.each(Object.entries(mutants))(
    'are one where one frame of any conversation was %s',
    (_, { what, of }) => {
      fc.assert(
        fc.property(sequence, fc.nat(), (all, place) => {
          const actual = of(all, place % all.length);
          const matches = compare(all, actual).filter((match) => match.class !== 'equal');
          const isSame = all.join(' ') === actual.join(' ');
          expect(matches.map((match) => match.class)).toEqual(isSame ? [] : [what]);
        }),
        runs(300),
      );
    },
    PROPERTY_TIMEOUT_MS,
  );
});

describe('what is held', () => {
  test('is no more units than the limit, whatever comes or does not', () => {
    const heldUnitsMax = 100;
    for (const side of ['expect', 'came'] as const) {
      let count = 0;
      const aligner = new FrameAligner({ same, tell: () => count++, limits: { heldUnitsMax } });
      for (const [i, each] of units(numbers(1000)).entries()) {
        aligner[side](each);
        expect(aligner.held).toBeLessThanOrEqual(heldUnitsMax);
        expect(count).toBe(Math.max(0, i + 1 - heldUnitsMax));
      }
    }
  });

  test('is no more bytes than the limit, and what is there is still aligned', () => {
    const text = (i: number) => `n${i}`.padEnd(100, '.');
    const expected = Array.from({ length: 200 }, (_, i) => text(i));
    const actual = expected.toSpliced(50, 1);
    const matches: Match[] = [];
    const exact = (a: Unit, b: Unit): Sameness => (textOf(a) === textOf(b) ? 'equal' : 'different');
    const limits = { heldBytesMax: 2000 };
    const aligner = new FrameAligner({ same: exact, tell: (match) => matches.push(match), limits });
    for (const [i, each] of units(expected).entries()) {
      aligner.expect(each);
      if (i < actual.length) aligner.came(unit(actual[i]!));
      expect(aligner.held).toBeLessThanOrEqual(2 * 20);
    }
    aligner.end();
    expect(differences(matches)).toEqual([`-${text(50)}`]);
  });

  test('is bounded by default', () => {
    expect(frameLimits).toEqual({ heldUnitsMax: 16_384, heldBytesMax: 8 * 1024 * 1024 });
  });
});
