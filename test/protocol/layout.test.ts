import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  counterOf,
  dissect,
  encode,
  endOf,
  type FieldValue,
  flat,
  flatSpecs,
} from '../../protocol/layout.ts';
import { Direction, type FieldSpec, type FrameSpec, type Inside } from '../../protocol/types.ts';
import { values } from '../kit/generate.ts';
import { runs } from '../kit/property.ts';

function frame(...fields: readonly FieldSpec[]): FrameSpec {
  return { name: 'sample', direction: Direction.toRelay, bytesMin: 0, bytesMax: 500, fields };
}

function written(type: FieldSpec['type'], size: number, value: FieldValue): readonly number[] {
  return [...encode(frame({ name: 'x', type, size }), { x: value })];
}

const everything = frame(
  { name: 'a', type: 'u8', size: 1 },
  { name: 'b', type: 'u16le', size: 2 },
  { name: 'c', type: 'u32le', size: 4 },
  { name: 'd', type: 'i32le', size: 4 },
  { name: 'e', type: 'u16be', size: 2 },
  { name: 'f', type: 'u32be', size: 4 },
  { name: 'g', type: 'mac', size: 6 },
  { name: 'h', type: 'ascii', size: 12 },
  { name: 'i', type: 'padding', size: 3 },
  { name: 'j', type: 'bytes', size: 5 },
  { name: 'kCount', type: 'u16be', size: 2 },
  { name: 'k', type: 'bytes', size: { from: 'kCount' } },
  { name: 'lCount', type: 'u8', size: 1 },
  { name: 'l', type: 'ascii', size: { from: 'lCount' } },
  { name: 'm', type: 'bytes', size: 'rest' },
);

describe('encode', () => {
  it.each<[FieldSpec['type'], number, FieldValue, readonly number[]]>([
    ['u8', 1, 0xfe, [0xfe]],
    ['u16le', 2, 0x1234, [0x34, 0x12]],
    ['u16be', 2, 0x1234, [0x12, 0x34]],
    ['u32le', 4, 0xfedcba98, [0x98, 0xba, 0xdc, 0xfe]],
    ['u32be', 4, 0xfedcba98, [0xfe, 0xdc, 0xba, 0x98]],
    ['i32le', 4, -2, [0xfe, 0xff, 0xff, 0xff]],
    ['mac', 6, '02:aa:bb:cc:dd:01', [0x02, 0xaa, 0xbb, 0xcc, 0xdd, 0x01]],
    ['ascii', 4, 'ab', [0x61, 0x62, 0, 0]],
    ['bytes', 2, Uint8Array.of(7, 8), [7, 8]],
  ])('writes %s of %i bytes', (type, size, value, bytes) => {
    expect(written(type, size, value)).toEqual(bytes);
  });

  it('writes zeros for padding, whatever is asked for', () => {
    const spec = frame({ name: 'x', type: 'padding', size: 3 });
    expect([...encode(spec, {})]).toEqual([0, 0, 0]);
    expect([...encode(spec, { x: Uint8Array.of(1, 2, 3) })]).toEqual([0, 0, 0]);
  });

  it('fills in what is always the same, and what is counted', () => {
    const spec = frame(
      { name: 'type', type: 'u8', size: 1, always: 9 },
      { name: 'size', type: 'u16be', size: 2 },
      { name: 'body', type: 'bytes', size: { from: 'size' } },
    );
    expect([...encode(spec, { body: Uint8Array.of(5, 6) })]).toEqual([9, 0, 2, 5, 6]);
  });

  it('writes all of what takes the rest, text or bytes', () => {
    expect([
      ...encode(frame({ name: 'x', type: 'bytes', size: 'rest' }), { x: Uint8Array.of(1, 2) }),
    ]).toEqual([1, 2]);
    expect([...encode(frame({ name: 'x', type: 'ascii', size: 'rest' }), { x: 'ab' })]).toEqual([0x61, 0x62]);
  });

  it('refuses to guess a value, or to write an address that is none', () => {
    const spec = frame({ name: 'who', type: 'mac', size: 6 });
    expect(() => encode(spec, {})).toThrow('sample: no value for who');
    expect(() => encode(spec, { who: 'ann' })).toThrow('not a MAC address: ann');
  });
});

describe('dissect', () => {
  it('reads every type as it was written', () => {
    fc.assert(
      fc.property(values(everything), (drawn) => {
        const rows = dissect(everything, encode(everything, drawn));
        expect(Object.fromEntries(rows.map(({ name, value }) => [name, value]))).toMatchObject(drawn);
        expect(rows.every(({ fault }) => fault === null)).toBe(true);
      }),
      runs(300),
    );
  });

  it.each([
    [[0, 0, 0, 0x80], -(2 ** 31)],
    [[0xff, 0xff, 0xff, 0xff], -1],
    [[0xff, 0xff, 0xff, 0x7f], 2 ** 31 - 1],
  ])('reads the signed number %j as %i', (bytes, value) => {
    expect(dissect(frame({ name: 'x', type: 'i32le', size: 4 }), Uint8Array.from(bytes))[0]?.value).toBe(
      value,
    );
  });

  it('says where each field lies', () => {
    const rows = dissect(
      everything,
      encode(everything, fc.sample(values(everything), { seed: 1, numRuns: 1 })[0]!),
    );
    expect(rows.slice(0, 10).map(({ at, size }) => [at, size])).toEqual([
      [0, 1],
      [1, 2],
      [3, 4],
      [7, 4],
      [11, 2],
      [13, 4],
      [17, 6],
      [23, 12],
      [35, 3],
      [38, 5],
    ]);
  });

  it('shows values as people write them', () => {
    const spec = frame(
      { name: 'type', type: 'u8', size: 1, names: { 1: 'OPEN' } },
      { name: 'other', type: 'u8', size: 1, names: { 1: 'OPEN' } },
      { name: 'who', type: 'mac', size: 6 },
      { name: 'nick', type: 'ascii', size: 4 },
      { name: 'few', type: 'bytes', size: 2 },
      { name: 'many', type: 'bytes', size: 20 },
    );
    const bytes = Uint8Array.of(
      1,
      2,
      2,
      0xaa,
      0xbb,
      0xcc,
      0xdd,
      1,
      0x68,
      0x69,
      0,
      0x21,
      0xbe,
      0xef,
      ...new Uint8Array(20),
    );
    expect(dissect(spec, bytes).map(({ text }) => text)).toEqual([
      'OPEN (1)',
      '2',
      '02:aa:bb:cc:dd:01',
      '"hi"',
      'beef',
      `${'00'.repeat(16)}... (20 bytes)`,
    ]);
  });

  it('says what is missing, and goes no further', () => {
    const spec = frame(
      { name: 'a', type: 'u8', size: 1 },
      { name: 'b', type: 'u32le', size: 4 },
      { name: 'c', type: 'u8', size: 1 },
    );
    expect(dissect(spec, Uint8Array.of(1, 2, 3))).toMatchObject([
      { name: 'a', fault: null },
      { name: 'b', at: 1, size: 2, text: '0203', fault: '4 bytes belong here, 2 are there' },
    ]);
  });

  it('says what is left over', () => {
    const rows = dissect(frame({ name: 'a', type: 'u8', size: 1 }), Uint8Array.of(1, 2, 3));
    expect(rows[1]).toMatchObject({
      name: 'surplus',
      at: 1,
      size: 2,
      text: '0203',
      fault: 'belongs to no field',
    });
  });

  it('says what should be another value', () => {
    const rows = dissect(frame({ name: 'a', type: 'u8', size: 1, always: 7 }), Uint8Array.of(8));
    expect(rows[0]?.fault).toBe('is always 7 in sample');
  });
});

// Text, numbers in digits, and notations of their own -----------------------------------------------

const bytesOf = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'));
const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');
const BAR = 0x7c;

describe('a field that ends at a byte', () => {
  const spec = frame(
    { name: 'name', type: 'escaped', size: { until: BAR, max: 5, min: 2 } },
    { name: 'rest', type: 'bytes', size: 'rest' },
  );

  it('has the byte, and its value has not', () => {
    const [name, rest] = dissect(spec, bytesOf('ann|more'));
    expect(name).toMatchObject({ at: 0, size: 4, value: 'ann', text: '"ann"', fault: null });
    expect(rest).toMatchObject({ at: 4, size: 4 });
    expect(textOf(encode(spec, { name: 'ann', rest: bytesOf('more') }))).toBe('ann|more');
  });

  it('goes up to its first one', () => {
    expect(dissect(spec, bytesOf('ab|cd|'))[0]).toMatchObject({ size: 3, value: 'ab' });
  });

  it('may have as many bytes before it as it says, and no more', () => {
    expect(dissect(spec, bytesOf('abcde|'))[0]).toMatchObject({ size: 6, fault: null });
    expect(dissect(spec, bytesOf('abcdef|'))).toMatchObject([
      { name: 'name', at: 0, size: 7, fault: 'no "|" ends it within 5 bytes' },
    ]);
  });

  it('has at least as many as it says', () => {
    expect(dissect(spec, bytesOf('a|'))[0]).toMatchObject({ value: 'a', fault: 'is shorter than 2 bytes' });
    // An escape is four letters of text, and one byte.
    expect(dissect(spec, bytesOf('\xff|'))[0]).toMatchObject({ fault: 'is shorter than 2 bytes' });
  });

  it('that never ends takes all there is, and says so', () => {
    expect(dissect(spec, bytesOf('abc'))).toMatchObject([
      { name: 'name', at: 0, size: 3, text: '616263', fault: 'no "|" ends it within 5 bytes' },
    ]);
  });

  it('shows bytes that cannot be seen, once escaped', () => {
    expect(dissect(spec, bytesOf('a\x00\\|'))[0]?.text).toBe('"a\\x00\\\\"');
  });
});

describe('a number in digits', () => {
  const spec = frame({ name: 'n', type: 'decimal', size: { until: BAR, max: 16 }, min: 2, max: 5000 });

  it.each<[string, number]>([
    ['2', 2],
    ['0042', 42],
    ['5000', 5000],
  ])('%s is read as %i', (written, value) => {
    expect(dissect(spec, bytesOf(`${written}|`))[0]).toMatchObject({
      value,
      text: String(value),
      fault: null,
    });
  });

  it('is written without zeros before it', () => {
    expect(textOf(encode(spec, { n: 42 }))).toBe('42|');
  });

  it.each<[string, string]>([
    ['', 'is not a decimal number'],
    ['-1', 'is not a decimal number'],
    ['+1', 'is not a decimal number'],
    ['1e3', 'is not a decimal number'],
    ['1.5', 'is not a decimal number'],
    [' 12', 'is not a decimal number'],
    ['1234567890123456', 'is not a decimal number'],
    ['1', 'is 2 at least in sample'],
    ['5001', 'is 5000 at most in sample'],
  ])('%j: %s', (written, fault) => {
    expect(dissect(spec, bytesOf(`${written}|`))[0]?.fault).toBe(fault);
  });

  it('has names as others have', () => {
    const named = frame({ name: 'n', type: 'decimal', size: { until: BAR, max: 3 }, names: { 7: 'FAIR' } });
    expect(dissect(named, bytesOf('7|'))[0]?.text).toBe('FAIR (7)');
  });

  it('that counts another field and is none leaves that without an end', () => {
    const counting = frame(
      { name: 'n', type: 'decimal', size: { until: BAR, max: 3 } },
      { name: 'body', type: 'bytes', size: { from: 'n' } },
    );
    expect(dissect(counting, bytesOf('x|abc'))[1]).toMatchObject({
      size: 3,
      fault: 'how long it is cannot be told',
    });
    expect(textOf(encode(counting, { body: bytesOf('abc') }))).toBe('3|abc');
    expect(dissect(counting, bytesOf('9|abc'))[1]?.fault).toBe('9 bytes belong here, 3 are there');
  });
});

describe('a number', () => {
  const spec = frame({ name: 'x', type: 'i32le', size: 4, min: -1, max: 1 });

  it.each<[number, string | null]>([
    [-2, 'is -1 at least in sample'],
    [-1, null],
    [1, null],
    [2, 'is 1 at most in sample'],
  ])('of %i that has a range: %s', (x, fault) => {
    expect(dissect(spec, encode(spec, { x }))[0]?.fault).toBe(fault);
  });
});

describe('a line', () => {
  const spec = frame(
    { name: 'blank', type: 'bytes', size: 'controls' },
    { name: 'said', type: 'line', size: { until: 0x0a, max: 20, min: 1 } },
  );

  it('is what is left of it without its control characters', () => {
    expect(dissect(spec, bytesOf('\0\x01hi\0 you\r\n'))).toMatchObject([
      { name: 'blank', at: 0, size: 2 },
      { name: 'said', at: 2, size: 9, value: 'hi you', text: '"hi you"', fault: null },
    ]);
  });

  it('of nothing but control characters is empty', () => {
    expect(dissect(spec, bytesOf('\x01\n'))).toMatchObject([
      { name: 'blank', size: 2 },
      { name: 'said', size: 0, fault: 'no "\\n" ends it within 20 bytes' },
    ]);
  });

  it('may begin at once, where no control characters stand before it', () => {
    expect(dissect(spec, bytesOf('hi\n'))[0]).toMatchObject({ name: 'blank', at: 0, size: 0 });
  });
});

describe('text that is always the same', () => {
  const spec = frame(
    { name: 'word', type: 'ascii', size: 2, always: 'OK' },
    { name: 'end', type: 'line', size: { until: 0x0a, max: 3 }, always: 'go' },
  );

  it('is filled in, and missed', () => {
    expect(textOf(encode(spec, {}))).toBe('OKgo\n');
    expect(dissect(spec, bytesOf('OKgo\n')).map(({ fault }) => fault)).toEqual([null, null]);
    expect(dissect(spec, bytesOf('NOgx\n')).map(({ fault }) => fault)).toEqual([
      'is always OK in sample',
      'is always go in sample',
    ]);
  });
});

describe('a count of all that comes after it', () => {
  const spec = frame(
    { name: 'size', type: 'decimal', size: { until: 0x3a, max: 4 }, countsRest: true },
    { name: 'inner', type: 'u8', size: 1, countsRest: true },
    { name: 'body', type: 'bytes', size: 'rest' },
  );

  it('is found when the rest is written', () => {
    expect([...encode(spec, { body: bytesOf('abc') })]).toEqual([...bytesOf('4:'), 3, ...bytesOf('abc')]);
    expect([...encode(spec, { body: new Uint8Array() })]).toEqual([...bytesOf('1:'), 0]);
  });

  it('says where it is wrong', () => {
    expect(dissect(spec, Uint8Array.of(...bytesOf('9:'), 2, 0x61, 0x62)).map(({ fault }) => fault)).toEqual([
      'counts what comes after it, which is 3 bytes',
      null,
      null,
    ]);
  });

  it('is left as it is where somebody insists', () => {
    expect(encode(spec, { size: 9, body: bytesOf('a') }).subarray(0, 2)).toEqual(bytesOf('9:'));
  });
});

describe('a field in a notation of its own', () => {
  /** `left=right` */
  const pair: Inside = {
    fields: [
      { name: 'left', type: 'escaped', size: { max: 5 } },
      { name: 'right', type: 'u8', size: 1, names: { 0x41: 'FIRST' } },
    ],
    read(bytes, at, end) {
      const sign = bytes.subarray(at, end).indexOf(0x3d);
      if (sign < 0 || at + sign + 2 !== end) return null;
      return [
        { name: 'left', at, size: sign, value: textOf(bytes.slice(at, at + sign)) },
        { name: 'right', at: end - 1, size: 1, value: bytes[end - 1] as number },
      ];
    },
    write: ({ left, right }) => Uint8Array.of(...bytesOf(`${left as string}=`), right as number),
  };
  const spec = frame(
    { name: 'head', type: 'u8', size: 1 },
    { name: 'pair', type: 'bytes', size: { from: 'head' }, inside: pair },
  );

  it('has rows of its own, which lie in the frame where they are', () => {
    const rows = dissect(spec, bytesOf('\x04ab=A'));
    expect(rows).toMatchObject([
      { name: 'head', fault: null },
      { name: 'pair', at: 1, size: 4, text: '61623d41', fault: null },
    ]);
    expect(rows[1]?.inside).toEqual([
      { name: 'left', at: 1, size: 2, value: 'ab', text: '"ab"', fault: null },
      { name: 'right', at: 4, size: 1, value: 0x41, text: 'FIRST (65)', fault: null },
    ]);
    expect(flat(rows).map(({ name }) => name)).toEqual(['head', 'pair', 'left', 'right']);
    expect(flatSpecs(spec.fields).map(({ name }) => name)).toEqual(['head', 'pair', 'left', 'right']);
  });

  it('is written from the values of what is in it, or from its own', () => {
    expect(textOf(encode(spec, { left: 'ab', right: 0x42 }))).toBe('\x04ab=B');
    expect(textOf(encode(spec, { pair: bytesOf('??') }))).toBe('\x02??');
  });

  it('that is not in its notation says so, and stays what it is', () => {
    const [, field] = dissect(spec, bytesOf('\x03abc'));
    expect(field).toMatchObject({ name: 'pair', text: '616263', fault: 'is not in its notation' });
    expect(field).not.toHaveProperty('inside');
  });
});

describe('what a field’s size says', () => {
  it('is a counter, an end, or neither', () => {
    const counted: FieldSpec = { name: 'x', type: 'bytes', size: { from: 'n', times: 6 } };
    const ended: FieldSpec = { name: 'x', type: 'escaped', size: { until: BAR, max: 5 } };
    expect([counterOf(counted), endOf(counted)]).toEqual([{ from: 'n', times: 6 }, null]);
    expect([counterOf(ended), endOf(ended)]).toEqual([null, { until: BAR, max: 5 }]);
    for (const size of [3, 'rest', 'controls', { max: 5 }] as const)
      expect([counterOf({ ...ended, size }), endOf({ ...ended, size })]).toEqual([null, null]);
  });
});
