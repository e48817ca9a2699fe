import { describe, expect, test } from 'vitest';
import type { Difference, ReplayRow } from '../../../../dashboard/api/replays.ts';
import { encode } from '../../../../protocol/layout.ts';
import { protocolByName } from '../../../../protocol/registry.ts';
import { differenceClasses } from '../../../../replay/types.ts';
import { causeOf, linesOf } from '../../../../dashboard/web/src/views/replays/folding.ts';
import { rowsOf, sidesOf, type Sides } from '../../../../dashboard/web/src/views/replays/sides.ts';
import {
  classCounts,
  classTexts,
  classWord,
  targetText,
  verdictText,
} from '../../../../dashboard/web/src/views/replays/words.ts';

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
const postoffice = protocolByName('postoffice');
const kind = postoffice?.frames.findIndex(({ name }) => name === 'pdp-delivered') ?? -1;

/** A datagram as its receiver gets it. */
function datagram(port: number, payload: readonly number[]): Uint8Array {
  const spec = postoffice?.frames[kind];
  if (spec === undefined) throw new RangeError('no such frame');
  const values = Object.fromEntries(
    spec.fields
      .filter(({ size, always }) => typeof size === 'number' && always === undefined)
      .map(({ name, type }) => [name, type === 'mac' ? '02:00:00:00:00:01' : name === 'port' ? port : 0]),
  );
  const bytes = Uint8Array.from(payload);
  return encode(spec, { ...values, size: bytes.length, payload: bytes });
}

function difference(place: number, more: Partial<Difference> = {}): Difference {
  return {
    place,
    class: 'changed',
    fails: true,
    follows: null,
    protocol: postoffice?.id ?? 0,
    fromRole: 'P1',
    fromEndpoint: '',
    toRole: 'P2',
    toEndpoint: '',
    isStream: false,
    sequence: place + 1,
    atMs: 0,
    expectedKind: kind,
    expected: null,
    actualKind: kind,
    actual: null,
    byteOffset: null,
    streamOffset: null,
    field: null,
    text: '',
    ...more,
  };
}

const compared = (expected: Uint8Array | null, actual: Uint8Array | null, more: Partial<Difference> = {}) =>
  sidesOf(
    difference(0, {
      expected: expected === null ? null : base64(expected),
      actual: actual === null ? null : base64(actual),
      ...more,
    }),
  );
const markedOf = (side: Sides['expected']) =>
  side?.differs.flatMap((differs, at) => (differs ? [at] : [])) ?? null;
const differing = ({ fields }: Sides) => fields.filter(({ differs }) => differs).map(({ name }) => name);

describe('of a difference, side by side,', () => {
  test('the bytes and fields are marked that differ', () => {
    const sides = compared(datagram(4001, [1, 2, 3]), datagram(4000, [1, 9, 3]));
    expect(differing(sides)).toEqual(['port', 'payload']);
    const port = sides.fields.find(({ name }) => name === 'port');
    expect([port?.expected, port?.actual]).toEqual(['4001', '4000']);
    const payloadAt = datagram(1, []).length;
    expect(markedOf(sides.expected)).toEqual([8, payloadAt + 1]);
    expect(markedOf(sides.actual)).toEqual([8, payloadAt + 1]);
  });

  test('nothing is marked where both are the same', () => {
    const sides = compared(datagram(1, [1]), datagram(1, [1]));
    expect(differing(sides)).toEqual([]);
    expect(markedOf(sides.expected)).toEqual([]);
  });

  test('a length that differs does not mark all that comes behind it', () => {
    const sides = compared(datagram(1, [1, 2, 3, 4]), datagram(1, [1, 2, 7, 7, 3, 4]));
    const payloadAt = datagram(1, []).length;
    expect(differing(sides)).toEqual(['size', 'payload']);
    expect(markedOf(sides.actual)?.filter((at) => at >= payloadAt)).toEqual([payloadAt + 2, payloadAt + 3]);
    expect(markedOf(sides.expected)?.filter((at) => at >= payloadAt)).toEqual([]);
  });

  test('a side that is not there marks nothing on the other', () => {
    const sides = compared(datagram(1, [1]), null);
    expect(sides.actual).toBeNull();
    expect(markedOf(sides.expected)).toEqual([]);
    expect(differing(sides)).toEqual([]);
    expect(sides.fields[0]?.actual).toBeNull();
  });

  test('streams have no fields, and are compared as bytes', () => {
    const sides = compared(Uint8Array.of(1, 2, 3), Uint8Array.of(1, 9, 9, 3), { isStream: true });
    expect(sides.fields).toEqual([]);
    expect([markedOf(sides.expected), markedOf(sides.actual)]).toEqual([[1], [1, 2]]);
  });

  test('frames of which nothing is known are compared as bytes', () => {
    const sides = compared(Uint8Array.of(1, 2), Uint8Array.of(1, 3), { protocol: 250 });
    expect(sides.fields).toEqual([]);
    expect(markedOf(sides.actual)).toEqual([1]);
  });

  test('bytes stand in rows, with what is text as text', () => {
    const rows = rowsOf({ bytes: Uint8Array.from([0x41, 0x00, 0x7f, 0x20]), differs: [false, true] }, 3);
    expect(rows.map(({ at }) => at)).toEqual([0, 3]);
    expect(rows[0]?.cells).toEqual([
      { hex: '41', text: 'A', differs: false },
      { hex: '00', text: '.', differs: true },
      { hex: '7f', text: '.', differs: false },
    ]);
    expect(rows[1]?.cells.map(({ text }) => text)).toEqual([' ']);
  });
});

describe('lines of differences', () => {
  const all = [
    difference(0),
    difference(1, { follows: 0 }),
    difference(2),
    difference(3, { follows: 1 }),
    difference(4, { follows: 2 }),
  ];
  const told = (opened: readonly number[], list = all) =>
    linesOf(list, new Set(opened)).map(
      ({ difference: { place }, isConsequence, followers }) =>
        `${isConsequence ? '  ' : ''}${place}${followers > 0 ? ` +${followers}` : ''}`,
    );

  test('have what follows folded under its first cause', () => {
    expect(told([])).toEqual(['0 +2', '2 +1']);
    expect(causeOf(all, all[3] as Difference)).toBe(0);
  });

  test('show it where it is opened', () => {
    expect(told([0])).toEqual(['0 +2', '  1', '  3', '2 +1']);
    expect(told([2, 0])).toEqual(['0 +2', '  1', '  3', '2 +1', '  4']);
  });

  test('are made of what is loaded so far, and of nonsense too', () => {
    expect(told([], all.slice(0, 2))).toEqual(['0 +1']);
    expect(told([], [difference(0, { follows: 0 }), difference(1, { follows: 9 })])).toEqual(['0', '1']);
  });
});

describe('a verdict in a sentence', () => {
  const replay: ReplayRow = {
    id: 1,
    capture: 1,
    session: 1,
    mode: 'relay',
    target: '127.0.0.1:27313',
    role: null,
    pace: 'causal',
    version: '0.1.0',
    startedAt: '2026-11-21T16:34:35.350Z',
    lastedMs: 1,
    outcome: 'same',
    partial: null,
    sent: 1,
    expected: 40,
    came: 40,
    equal: 40,
    first: null,
    firstText: null,
    differences: 0,
  };

  test('says what it came to', () => {
    expect(verdictText(replay)).toEqual({
      tone: 'good',
      title: 'The same: 40 of 40 expected frames came as recorded',
      text: '',
    });
    expect(verdictText({ ...replay, partial: 'it was stopped' })).toMatchObject({
      tone: 'warn',
      title: expect.stringContaining('The same so far') as string,
      text: 'It did not come to its end: it was stopped.',
    });
    expect(
      verdictText({ ...replay, outcome: 'differs', firstText: 'port is 4000', differences: 3 }),
    ).toMatchObject({
      tone: 'bad',
      title: 'It differs: port is 4000',
      text: '40 of 40 expected frames came as recorded, and there are 3 differences.',
    });
    expect(verdictText({ ...replay, outcome: 'unanswered', came: 0 }).title).toContain('nothing came');
    expect(verdictText({ ...replay, outcome: 'unanswered', came: 2 }).title).toContain('only 2 frames');
    expect(verdictText({ ...replay, outcome: null }).tone).toBe('plain');
  });

  test('calls classes by words that say what they are', () => {
    expect(['changed', 'extra', 'reordered', 'reordered-across', 'closed-early'].map(classWord)).toEqual([
      'changed',
      'not expected',
      'out of order',
      'overtook others',
      'closed early',
    ]);
  });

  test('names each address of a target', () => {
    expect(targetText({ mode: 'relay', target: '[::1]:1 127.0.0.1:2', role: null })).toBe(
      '[::1]:1 and 127.0.0.1:2',
    );
    expect(targetText({ mode: 'recording', target: 'an evening.db', role: null })).toContain('an evening.db');
  });

  test('has a word for every class, and counts those that came', () => {
    expect(Object.keys(classTexts).sort()).toEqual(Object.keys(differenceClasses).sort());
    expect(classCounts({ counts: { changed: 1, missing: 0, extra: 5 } })).toEqual([
      ['extra', 5],
      ['changed', 1],
    ]);
  });
});
