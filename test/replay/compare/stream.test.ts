/** One fault of a stream is one run of bytes, wherever its blocks are cut. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Match } from '../../../replay/compare/aligner.ts';
import { RUN_BYTES_MAX } from '../../../replay/compare/run.ts';
import {
  LOOK_AHEAD_BYTES_MAX,
  StreamAligner,
  type StreamLimits,
  streamLimits,
} from '../../../replay/compare/stream.ts';
import type { Unit } from '../../../replay/types.ts';
import { PROPERTY_TIMEOUT_MS, runs } from '../../kit/property.ts';
import { textOf, told, unit } from './units.ts';

/** Before the payload of each block. */
const HEADER = 'size';

/** A block of the stream. A dot in what is expected is noise. */
const block = (text: string, also: Partial<Unit> = {}) => unit(HEADER + text, also);

function noise({ bytes }: Unit) {
  return [...bytes].flatMap((byte, at) => (byte === 0x2e ? [{ at, size: 1 }] : []));
}

interface Feed {
  /** True is the next expected block. The rest follows. */
  readonly order?: readonly boolean[];
  readonly limits?: Partial<StreamLimits>;
}

function align(expected: readonly Unit[], actual: readonly Unit[], { order = [], limits = {} }: Feed = {}) {
  const matches: Match[] = [];
  const payload = ({ bytes }: Unit) => bytes.subarray(HEADER.length);
  const aligner = new StreamAligner({ noise, payload, tell: (match) => matches.push(match), limits });
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

/** `a` equal, `late a`, `a~b` masked; of runs, from which byte on: `3:-b` missing, `3:+b` extra, `3:b>c` changed. */
function tell(match: Match): string {
  const { class: what, run } = match;
  const whole = (text: string) => text.replaceAll(HEADER, '');
  if (what === 'masked') return whole(told(match));
  if (run === null) return whole(told(match));
  const [a, b] = [textOf(run.expected), textOf(run.actual)];
  return `${run.at}:${{ missing: `-${a}`, extra: `+${b}` }[what as string] ?? `${a}>${b}`}`;
}

const words = (text: string) => text.split(' ').filter((word) => word !== '');
const blocks = (texts: readonly string[]) => texts.map((text, i) => block(text, { sequence: i + 1 }));
const compare = (expected: readonly string[], actual: readonly string[], feed: Feed = {}) =>
  align(blocks(expected), blocks(actual), feed);

const A = 'the quick brown fox jumps over';
const B = 'a lazy dog, who sleeps on sand';
const C = 'until it rains again on Monday';
const spaceless = (text: string) => text.replaceAll(' ', '_');
const [a, b, c] = [A, B, C].map(spaceless) as [string, string, string];

describe('what is told of a stream', () => {
  test.each([
    ['the same', `${a} ${b}`, `${a} ${b}`, `${a} ${b}`],
    ['the same, cut elsewhere', 'abc def', 'a bcd ef', 'abc def'],
    ['a block missing', `${a} ${b} ${c}`, `${a} ${c}`, `${a} 30:-${b} ${c}`],
    ['blocks missing at the end', `${a} ${b} ${c}`, a, `${a} 30:-${b}${c}`],
    ['a block twice', `${a} ${b}`, `${a} ${a} ${b}`, `${a} 30:+${a} ${b}`],
    ['a byte that differs', `${a} ${b}`, `${a} ${b.replace('dog', 'dig')}`, `${a} 38:o>i`],
    ['a byte missing', `${a} ${b}`, `${a.slice(0, 5)} ${a.slice(6)}${b}`, `5:-${a[5]!} ${b}`],
    ['a byte too many', `${a} ${b}`, `${a.slice(0, 5)}#${a.slice(5)} ${b}`, `5:+# ${b}`],
    ['other bytes in other number', `${a} ${b}`, `${a} ${b.replace('dog', 'horse')}`, `${a} 37:dog>horse`],
    ['the end missing', 'abcdef', 'abcd', '4:-ef'],
    ['more than expected', 'abc', 'abcd', 'abc 3:+d'],
    ['nothing', 'abc def', '', '0:-abcdef'],
    ['nothing expected', '', 'abc def', '0:+abcdef'],
    ['nothing alike', 'abc', 'xyzw', '0:abc>xyzw'],
    ['noise', 'a..d ef', 'axyd ef', 'a..d~axyd ef'],
    ['what is beside noise', 'a..d', 'axyD', '3:d>D'],
    ['noise that is as it was', 'a..d', 'a..d', 'a..d'],
  ])('%s', (_, expected, actual, text) => {
    expect(compare(words(expected), words(actual)).map(tell)).toEqual(words(text));
  });

  test('with the blocks themselves', () => {
    const expected = blocks([a, 'x.z', b, c]);
    const actual = blocks([a + 'xyz', `${b.slice(0, 10)}####${b.slice(10)}`]);
    const bytes = (text: string) => Buffer.from(text);
    expect(align(expected, actual)).toEqual([
      { class: 'equal', expected: expected[0], actual: actual[0], after: null, run: null },
      {
        class: 'masked',
        expected: expected[1],
        actual: actual[0],
        after: null,
        run: { at: 30, expected: bytes('x.z'), actual: bytes('xyz') },
      },
      {
        class: 'extra',
        expected: expected[2],
        actual: actual[1],
        after: expected[2],
        run: { at: 43, expected: bytes(''), actual: bytes('####') },
      },
      {
        class: 'missing',
        expected: expected[3],
        actual: null,
        after: null,
        run: { at: 63, expected: bytes(c), actual: bytes('') },
      },
    ]);
  });

  test('names the block before what is too many between two, and none before the first', () => {
    const expected = blocks([a, b]);
    expect(align(expected, blocks([a, '####', b]))).toContainEqual(
      expect.objectContaining({ class: 'extra', expected: null, after: expected[0] }),
    );
    expect(align(expected, blocks(['####', a, b]))).toContainEqual(
      expect.objectContaining({ class: 'extra', expected: null, after: null }),
    );
  });

  test('of blocks without bytes, once all before them is known', () => {
    expect(compare(['', 'abc', '', '', 'def', ''], ['', 'ab', '', 'cdef']).map(tell)).toEqual([
      '',
      'abc',
      '',
      '',
      'def',
      '',
    ]);
    expect(compare(['', 'abc', ''], ['abc']).map(({ actual }) => textOf(actual))).toEqual([
      '',
      'sizeabc',
      '',
    ]);
    expect(compare([''], []).map(tell)).toEqual(['']);
    expect(compare([], ['']).map(tell)).toEqual([]);
    expect(compare(['', 'abc', '', 'def', ''], []).map(tell)).toEqual(['', '0:-abcdef', '']);
  });

  test('is that it is late, where it was given up and came as expected', () => {
    const given = (text: string) => block(text, { givenUp: true });
    const matches = align([given('abc'), given('d.f'), given(a)], blocks(['abcdef', a.replace('q', 'Q')]));
    expect(matches.map(tell)).toEqual(['late abc', 'late d.f', '10:q>Q']);
  });

  test('is nothing of what need not come, and does not', () => {
    const may = (text: string) => block(text, { isOptional: true });
    expect(align([block(a), may(b), block(c)], blocks([a, c])).map(tell)).toEqual([a, c]);
    expect(align([block(a), may(b), may(c)], blocks([a])).map(tell)).toEqual([a]);
    const expected = [may(a), block(b), may(c)];
    const [missing] = align(expected, []);
    expect(missing).toMatchObject({ class: 'missing', expected: expected[1] });
    expect(tell(missing!)).toBe(`30:-${b}${c}`);
  });
});

/** Bytes in which much is the same, and bytes in which nothing is. */
const stuff = fc
  .array(
    fc.oneof(
      fc.string({
        unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz'.split('')),
        minLength: 1,
        maxLength: 60,
      }),
      fc
        .tuple(fc.constantFrom('0', '01', 'abc'), fc.integer({ min: 1, max: 300 }))
        .map(([some, times]) => some.repeat(times)),
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map((pieces) => pieces.join(''));
const cuts = fc.array(fc.nat(), { maxLength: 20 });
const order = fc.array(fc.boolean(), { maxLength: 40 });

function cut(text: string, places: readonly number[]): string[] {
  const ends = [...places.map((place) => place % (text.length + 1)), text.length].sort((x, y) => x - y);
  return ends.map((end, i) => text.slice(ends[i - 1] ?? 0, end));
}

const edits = fc.array(fc.tuple(fc.nat(), fc.constantFrom(0, 1, 30), fc.constantFrom('', '#', 'ab', '0')), {
  maxLength: 5,
});
function edited(text: string, all: readonly (readonly [number, number, string])[]): string {
  return all.reduce((now, [place, removed, put]) => {
    const at = place % (now.length + 1);
    return now.slice(0, at) + put + now.slice(at + removed);
  }, text);
}

describe('whatever the bytes', () => {
  const differing = (matches: readonly Match[]) => matches.filter((match) => match.run !== null);

  test.each(['changed', 'missing', 'extra'])(
    'one byte that is %s is one run, there',
    (what) => {
      fc.assert(
        fc.property(stuff, fc.nat(), cuts, cuts, (text, place, expectedCuts, actualCuts) => {
          const at = place % text.length;
          const put = { changed: text[at] === '#' ? '!' : '#', missing: '', extra: text[at]! }[what]!;
          const actual = text.slice(0, at) + put + text.slice(what === 'extra' ? at : at + 1);
          const [match, ...more] = differing(compare(cut(text, expectedCuts), cut(actual, actualCuts)));
          expect(more).toEqual([]);
          const { at: from, expected: gone, actual: came } = match!.run!;
          expect(match!.class).toBe(what);
          expect([gone.length, came.length]).toEqual(
            { changed: [1, 1], missing: [1, 0], extra: [0, 1] }[what],
          );
          // Where some bytes are the same, it is the last of them.
          expect(text.slice(0, from) + textOf(came) + text.slice(from + gone.length)).toBe(actual);
          expect(from).toBeGreaterThanOrEqual(at);
        }),
        runs(300),
      );
    },
    PROPERTY_TIMEOUT_MS,
  );

  test(
    'the runs make of what was expected what came, and every other block is told of once',
    () => {
      const limits = fc.constantFrom({}, { heldBytesMax: 40 }, { heldBlocksMax: 3 });
      fc.assert(
        fc.property(
          stuff,
          edits,
          cuts,
          cuts,
          order,
          limits,
          (text, changes, places, actualPlaces, interleaving, limited) => {
            const actual = edited(text, changes);
            const expected = blocks(cut(text, places));
            const matches = align(expected, blocks(cut(actual, actualPlaces)), {
              order: interleaving,
              limits: limited,
            });
            const found = differing(matches).map(({ run }) => run!);
            let passed = 0;
            let made = '';
            for (const { at, expected: gone, actual: came } of found) {
              expect(at).toBeGreaterThanOrEqual(passed);
              made += text.slice(passed, at) + textOf(came);
              expect(textOf(gone)).toBe(text.slice(at, at + gone.length));
              passed = at + gone.length;
            }
            expect(made + text.slice(passed)).toBe(actual);

            let start = 0;
            for (const each of expected) {
              const end = start + each.bytes.length - HEADER.length;
              const isTold = matches.filter(
                (match) => match.expected === each && match.class === 'equal',
              ).length;
              const isIn = found.some(({ at, expected: gone }) => at < end && at + gone.length > start);
              const isAround = found.some(({ at }) => at > start && at < end);
              const isInside = found.some(({ at, expected: gone }) => at < start && at + gone.length > end);
              if (isIn || isAround || isInside) expect(isTold).toBe(0);
              else if (end > start) expect(isTold).toBe(1);
              start = end;
            }
          },
        ),
        runs(400),
      );
    },
    PROPERTY_TIMEOUT_MS,
  );

  test(
    'it is the same however the actual blocks are cut, and whatever is heard of first',
    () => {
      fc.assert(
        fc.property(stuff, edits, cuts, cuts, order, (text, changes, places, actualPlaces, interleaving) => {
          const actual = edited(text, changes);
          const expected = cut(text, places);
          const first = compare(expected, [actual], { order: expected.map(() => true) }).map(tell);
          expect(compare(expected, cut(actual, actualPlaces), { order: interleaving }).map(tell)).toEqual(
            first,
          );
        }),
        runs(400),
      );
    },
    PROPERTY_TIMEOUT_MS,
  );
});

/** Bytes that never come again, the same in every run. */
function unique(size: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(size);
  for (let i = 0, state = seed; i < size; i++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    bytes[i] = 0x80 | (state >>> 24); // never a dot, which is noise
  }
  return bytes;
}
const pieces = (bytes: Buffer, size: number) =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
    bytes.toString('latin1', i * size, (i + 1) * size),
  );

describe('a stream that goes on', () => {
  const bytes = unique(200_000);
  const runsOf = (expected: Buffer, actual: Buffer) =>
    compare(pieces(expected, 1000), pieces(actual, 700)).flatMap((match) =>
      match.run === null
        ? []
        : [[match.class, match.run.at, match.run.expected.length, match.run.actual.length]],
    );

  test.each([1, 100, 1000, 20_000])(
    'is found again after %d bytes that did not come, or were too many',
    (size) => {
      const shorter = Buffer.concat([bytes.subarray(0, 50_000), bytes.subarray(50_000 + size)]);
      expect(runsOf(bytes, shorter)).toEqual([['missing', 50_000, size, 0]]);
      expect(runsOf(shorter, bytes)).toEqual([['extra', 50_000, 0, size]]);
    },
  );

  test('is found again after a block that is missing from among zeros', () => {
    const sparse = Buffer.alloc(200_000);
    for (let i = 0; i < sparse.length; i += 50) sparse.writeUInt32LE((0x80808080 | i) >>> 0, i);
    const shorter = Buffer.concat([sparse.subarray(0, 50_000), sparse.subarray(51_000)]);
    // From close by it looks like a change; once there are two of them, it is looked at from afar.
    expect(runsOf(sparse, shorter)).toEqual([
      ['changed', 50_000, 2, 2],
      ['missing', 50_050, 1000, 0],
    ]);
  });

  test('is found again by its blocks where there is noise in all of them', () => {
    const texts = Array.from({ length: 400 }, (_, i) => `n${i}..`);
    const actual = texts
      .map((text) => text.replace('..', '!!'))
      .toSpliced(300, 2)
      .toSpliced(100, 1);
    const found = compare(texts, actual).filter(({ class: what }) => what !== 'masked');
    expect(found.map(({ class: what, run }) => [what, run!.expected.length])).toEqual([
      ['missing', 6],
      ['missing', 12],
    ]);
  });

  const insert = (at: number, removed: number, text: string, then = '') =>
    Buffer.concat([bytes.subarray(0, at), Buffer.from(text + then), bytes.subarray(at + removed)]);

  test('is found again after other bytes in other number', () => {
    expect(runsOf(bytes, insert(50_000, 3, 'horse'))).toEqual([['changed', 50_000, 3, 5]]);
    const often = 'abc'.repeat(30);
    expect(runsOf(insert(50_000, 3, 'dog', often), insert(50_000, 3, 'horse', often))).toEqual([
      ['changed', 50_000, 3, 5],
    ]);
  });

  test('is not found again where only padding is the same', () => {
    const padded = Buffer.from(bytes);
    for (let i = 0; i < padded.length; i += 200) padded.fill(0, i + 100, i + 120);
    const shorter = Buffer.concat([padded.subarray(0, 50_000), padded.subarray(50_600)]);
    expect(runsOf(padded, shorter)).toEqual([['missing', 50_000, 600, 0]]);
  });

  test('of which the most is missing is one run, of which the start is kept', () => {
    const [match, ...more] = compare(pieces(bytes, 1000), []);
    expect(more).toEqual([]);
    expect(match!.run!.expected).toEqual(bytes.subarray(0, RUN_BYTES_MAX));
  });

  test('of which nothing is the same is one run, of which the start is kept', () => {
    const [match, ...more] = compare(pieces(bytes, 1000), pieces(unique(200_000, 7), 700));
    expect(more).toEqual([]);
    expect(match!.class).toBe('changed');
    expect(match!.run!.expected).toEqual(bytes.subarray(0, RUN_BYTES_MAX));
    expect(match!.run!.actual).toHaveLength(RUN_BYTES_MAX);
  });

  test.each([100, 1000])('of which one byte of each %d is missing is a run for each', (each) => {
    const count = 40_000 / each;
    const rest = Array.from({ length: count }, (_, i) => bytes.subarray(each * i + 1, each * (i + 1)));
    const found = runsOf(bytes.subarray(0, 40_000), Buffer.concat(rest)) as [
      string,
      number,
      number,
      number,
    ][];
    // It may be the second of two that are the same.
    expect(found.map(([what, at, ...sizes]) => [what, Math.floor(at / each), ...sizes])).toEqual(
      Array.from({ length: count }, (_, i) => ['missing', i, 1, 0]),
    );
  });

  test('of which every fortieth byte differs is a run for each', () => {
    const counters = Buffer.from(bytes.subarray(0, 40_000));
    for (let i = 20; i < counters.length; i += 40) counters[i]! ^= 0x01;
    expect(runsOf(bytes.subarray(0, 40_000), counters)).toEqual(
      Array.from({ length: 1000 }, (_, i) => ['changed', 20 + 40 * i, 1, 1]),
    );
  });
});

describe('what is held', () => {
  test.each(['expect', 'came'] as const)(
    'is bounded in blocks and bytes, whatever else there is: %s',
    (side) => {
      for (const limits of [{ heldBlocksMax: 10 }, { heldBytesMax: 50 }]) {
        const matches: Match[] = [];
        const payload = ({ bytes }: Unit) => bytes.subarray(HEADER.length);
        const aligner = new StreamAligner({ noise, payload, tell: (match) => matches.push(match), limits });
        for (let i = 0; i < 1000; i++) {
          aligner[side](block(['hello', ''][i % 2]!));
          expect(aligner.held).toBeLessThanOrEqual(limits.heldBlocksMax ?? 22);
        }
        aligner.end();
        expect(matches.filter(({ class: what }) => what !== 'equal')).toHaveLength(1);
      }
    },
  );

  test('is bounded while it is not known how a difference goes on', () => {
    const limits = { heldBytesMax: 1000 };
    const matches: Match[] = [];
    const payload = ({ bytes }: Unit) => bytes.subarray(HEADER.length);
    const aligner = new StreamAligner({ noise, payload, tell: (match) => matches.push(match), limits });
    const zeros = '0'.repeat(10);
    for (let i = 0; i < 1000; i++) {
      aligner.expect(block(zeros));
      aligner.came(block(i % 7 === 0 ? zeros.replace('0', '#') : zeros));
      expect(aligner.held).toBeLessThanOrEqual(2 * 101);
    }
    aligner.end();
    expect(aligner.held).toBe(0);
    expect(matches.length).toBeGreaterThan(0);
  });

  test('is bounded by default, with room to look ahead', () => {
    expect(streamLimits).toEqual({ heldBlocksMax: 16_384, heldBytesMax: 8 * 1024 * 1024 });
    expect(streamLimits.heldBytesMax).toBeGreaterThan(2 * LOOK_AHEAD_BYTES_MAX);
  });
});
