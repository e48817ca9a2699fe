/** What is marked in the bytes of a difference, and what is said of its fields. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ByteView } from '../../../replay/reports/bytes.ts';
import { fieldPairs, fieldSides, valuesText } from '../../../replay/reports/fields.ts';
import { bytesOfDifference } from '../../../replay/reports/sides.ts';
import type { Difference } from '../../../replay/types.ts';
import { runs } from '../../kit/property.ts';
import { changed, changedStream, datagram, missing } from '../../kit/verdicts.ts';

const layout = { perRow: 8, rowsMax: 6 };

/** Bytes as one text: what differs in brackets, what is in the field in braces. */
function marked(view: ByteView | null): string | null {
  if (view === null) return null;
  const text = view.rows
    .flatMap(({ cells }) => cells)
    .map(({ hex, differs, inField }) => (differs ? `[${hex}]` : inField ? `{${hex}}` : hex))
    .join(' ');
  return `${view.before}+${text}+${view.after}`;
}

function sides(difference: Difference): (string | null)[] {
  const { expected, actual } = bytesOfDifference(difference, layout);
  return [marked(expected), marked(actual)];
}

const raw = (expected: readonly number[], actual: readonly number[], offset: number) =>
  changedStream({ expected: Uint8Array.from(expected), actual: Uint8Array.from(actual), offset });

describe('bytes', () => {
  it('that differ are marked one by one where both sides are equally long, and the field around them', () => {
    expect(sides(changed({ expected: datagram(''), actual: datagram('', 101) }))).toEqual([
      '0+02 aa bb cc dd 01 00 00 [64] {00} 00 00 00 00+0',
      '0+02 aa bb cc dd 01 00 00 [65] {00} 00 00 00 00+0',
    ]);
    expect(sides(raw([1, 2, 3, 4], [1, 9, 3, 8], 1))).toEqual(['0+01 [02] 03 [04]+0', '0+01 [09] 03 [08]+0']);
  });

  it('that are missing or too many are marked between what both sides share', () => {
    expect(sides(raw([1, 2, 3, 4], [1, 2, 4], 2))).toEqual(['0+01 02 [03] 04+0', '0+01 02 04+0']);
    expect(sides(raw([1, 2], [1, 7, 7, 2], 1))).toEqual(['0+01 02+0', '0+01 [07] [07] 02+0']);
    expect(sides(raw([5, 5], [5], 1))).toEqual(['0+05 [05]+0', '0+05+0']);
    expect(sides(raw([], [5], 0))).toEqual(['0++0', '0+[05]+0']);
  });

  it('of frames are compared field by field, so that a size does not mark all that comes behind it', () => {
    const told = { expected: datagram('abcdef'), actual: datagram('abcde'), offset: 10, field: 'size' };
    const wide = (difference: Difference) => {
      const { expected, actual } = bytesOfDifference(difference, { perRow: 32, rowsMax: 1 });
      return [marked(expected), marked(actual)];
    };
    const start = '0+02 aa bb cc dd 01 00 00 64 00';
    expect(wide(changed(told))).toEqual([
      `${start} [06] {00} {00} {00} 61 62 63 64 65 [66]+0`,
      `${start} [05] {00} {00} {00} 61 62 63 64 65+0`,
    ]);
    // Of fields that lie within another, that other is what is compared.
    const inside = {
      ...told,
      expected: datagram('\x01\x01\0\0\0x'),
      actual: datagram('\x01\x01\0\0\0y'),
      offset: 19,
    };
    expect(wide(changed({ ...inside, field: 'matching.data[0]' }))[0]).toMatch(/01 01 00 00 00 \[78\]\+0$/);
    // Where one side ends early, it has no such fields, and both are compared as they stand.
    const short = { ...told, actual: datagram('abcdef').subarray(0, 12), offset: 12, field: null };
    expect(wide(changed(short))[0]).toBe(`${start} 06 00 [00] [00] [61] [62] [63] [64] [65] [66]+0`);
  });

  it('of which there is nothing on the other side are not marked', () => {
    expect(sides(missing({ expected: Uint8Array.of(1, 2) }))).toEqual(['0+01 02+0', null]);
  });

  it('that do not fit are left out, but never the first that differs', () => {
    const [expected, actual] = [new Uint8Array(1000), new Uint8Array(1000)];
    actual[500] = 1;
    const { actual: view } = bytesOfDifference(changedStream({ expected, actual, offset: 500 }), layout);
    expect(view).toMatchObject({ size: 1000, before: 480, after: 1000 - 480 - 48 });
    expect(view?.rows.map(({ at }) => at)).toEqual([480, 488, 496, 504, 512, 520]);
    const short = bytesOfDifference(
      changedStream({ expected, actual: new Uint8Array(3), offset: 900 }),
      layout,
    );
    expect(short.actual).toMatchObject({ before: 0, after: 0 });
    expect(short.actual?.rows).toHaveLength(1);
  });

  it('are all counted, and what both sides share is never marked', () => {
    const bytes = fc.uint8Array({ maxLength: 100 });
    fc.assert(
      fc.property(bytes, bytes, fc.nat({ max: 120 }), (expected, actual, offset) => {
        const pair = bytesOfDifference(changedStream({ expected, actual, offset }), layout);
        for (const [view, own, other] of [
          [pair.expected, expected, actual],
          [pair.actual, actual, expected],
        ] as const) {
          const cells = view!.rows.flatMap((row) =>
            row.cells.map((cell, i) => ({ ...cell, at: row.at + i })),
          );
          expect(view!.before + cells.length + view!.after).toBe(own.length);
          for (const { at, hex, differs } of cells) {
            expect(hex).toBe(Buffer.of(own[at]!).toString('hex'));
            if (differs && own.length === other.length) expect(own[at]).not.toBe(other[at]);
          }
          if (Buffer.compare(own, other) === 0) expect(cells.some(({ differs }) => differs)).toBe(false);
        }
      }),
      runs(300),
    );
  });
});

describe('fields', () => {
  it('stand side by side, with the one named that differs first', () => {
    const difference = changed();
    expect(fieldPairs(fieldSides(difference), difference)).toEqual([
      {
        name: 'addr',
        expected: '02:aa:bb:cc:dd:01',
        actual: '02:aa:bb:cc:dd:01',
        differs: false,
        isNamed: false,
      },
      { name: 'addr_padding', expected: '0000', actual: '0000', differs: false, isNamed: false },
      { name: 'port', expected: '100', actual: '101', differs: true, isNamed: true },
      { name: 'size', expected: '10', actual: '10', differs: false, isNamed: false },
      {
        name: 'payload',
        expected: '68656c6c6f2c20426f62',
        actual: '68656c6c6f2c20426f62',
        differs: false,
        isNamed: false,
      },
    ]);
    expect(valuesText(difference)).toBe('100 expected, 101 came');
  });

  it('of what came alone differ from nothing', () => {
    const difference = missing();
    const pairs = fieldPairs(fieldSides(difference), difference);
    expect(pairs.map(({ name }) => name)).toContain('payload');
    expect(pairs.every(({ actual, differs }) => actual === null && !differs)).toBe(true);
    expect(valuesText(difference)).toBeNull();
  });

  it('of what is inside the payload come after it, where the difference is in them', () => {
    const told = { expected: datagram('\x01\x01\0\0\0x'), actual: datagram('\x01\x01\0\0\0y') };
    const plain = changed({ ...told, offset: 19, field: 'payload[5]' });
    expect(fieldPairs(fieldSides(plain), plain).map(({ name }) => name)).not.toContain('matching.opcode');
    expect(fieldPairs(fieldSides(plain), plain).find(({ isNamed }) => isNamed)?.name).toBe('payload');
    const inside = changed({ ...told, offset: 19, field: 'matching.data[0]' });
    const names = fieldPairs(fieldSides(inside), inside).map(({ name }) => name);
    expect(names.slice(names.indexOf('payload'), names.indexOf('payload') + 2)).toEqual([
      'payload',
      'matching.opcode',
    ]);
  });

  it('whose byte is meant tell that byte, and where there is none, the end', () => {
    const told = { expected: datagram('abc'), actual: datagram('abd'), offset: 16, field: 'payload[2]' };
    expect(valuesText(changed(told))).toBe('0x63 expected, 0x64 came');
    expect(valuesText(changed({ ...told, actual: datagram('ab') }))).toBe('0x63 expected, the end came');
    expect(valuesText(changedStream())).toBe('0x03 expected, 0x09 came');
  });

  it('of streams, of kinds that nobody knows and of no kind are none', () => {
    for (const difference of [
      changedStream({ expectedKind: 8, actualKind: 8 }),
      changed({ expectedKind: 99, actualKind: 255 }),
      changed({ expectedKind: null, actualKind: null }),
    ]) {
      expect(fieldPairs(fieldSides(difference), difference)).toEqual([]);
    }
  });
});
