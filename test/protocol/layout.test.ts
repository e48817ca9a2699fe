import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dissect, encode, type FieldValue } from '../../protocol/layout.ts';
import { Direction, type FieldSpec, type FrameSpec } from '../../protocol/types.ts';
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
