import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8Bytes, utf8Text } from '../../protocol/utf8.ts';
import { amidPoison } from '../kit/bytes.ts';
import { PROPERTY_TIMEOUT_MS, runs } from '../kit/property.ts';

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** What the platform makes of these bytes; null where they are no UTF-8. */
function oracle(bytes: Uint8Array): string | null {
  try {
    return strict.decode(bytes);
  } catch {
    return null;
  }
}

function read(...bytes: readonly number[]): string {
  const { bytes: amid, at, end } = amidPoison(Uint8Array.from(bytes));
  return utf8Text(amid, at, end);
}

/** Where one sort of byte ends and the next begins. */
const edges = [
  0x01, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4,
  0xf5, 0xf7, 0xf8, 0xff,
];

describe('utf8Text', () => {
  it.each<[string, readonly number[], string]>([
    ['nothing', [], ''],
    ['letters of one byte', [0x61, 0x62], 'ab'],
    ['a letter of two bytes', [0xc3, 0xa9], '\u00e9'],
    ['a letter of three bytes', [0xe3, 0x81, 0x82], '\u3042'],
    ['a letter of four bytes', [0xf0, 0x9f, 0x8e, 0xae], '\u{1f3ae}'],
    ['a byte order mark as a letter like others', [0xef, 0xbb, 0xbf, 0x61], '\ufeffa'],
  ])('reads %s', (_, bytes, text) => {
    expect(read(...bytes)).toBe(text);
  });

  it('stops at the first NUL', () => {
    expect(read(0x61, 0, 0x62)).toBe('a');
    expect(read(0, 0xff)).toBe('');
  });

  it.each<[string, readonly number[], string]>([
    ['a byte that begins nothing', [0x61, 0xff, 0x62], 'a\ufffdb'],
    ['a byte that goes on with nothing', [0x80], '\ufffd'],
    ['a letter that is cut off by the end', [0xe3, 0x81], '\ufffd\ufffd'],
    ['a letter that is cut off by another', [0xe3, 0x81, 0x61], '\ufffd\ufffda'],
    ['a letter that is written longer than it is', [0xc1, 0x81], '\ufffd\ufffd'],
    ['half of a pair', [0xed, 0xa0, 0x80], '\ufffd\ufffd\ufffd'],
    ['a letter beyond the last', [0xf4, 0x90, 0x80, 0x80], '\ufffd\ufffd\ufffd\ufffd'],
  ])('reads %s as U+FFFD, byte by byte', (_, bytes, text) => {
    expect(read(...bytes)).toBe(text);
  });

  it('agrees with the platform on one and on two bytes, whichever they are', () => {
    for (let first = 1; first < 256; first++) {
      expect(read(first)).toBe(oracle(Uint8Array.of(first)) ?? '\ufffd');
      for (let second = 1; second < 256; second++) {
        const whole = oracle(Uint8Array.of(first, second));
        expect(read(first, second)).toBe(whole ?? read(first) + read(second));
      }
    }
  });

  it('agrees with the platform on which three and four bytes are one letter', () => {
    const all = [null, ...edges].flatMap((d) =>
      edges.flatMap((c) => edges.flatMap((b) => edges.map((a) => (d === null ? [a, b, c] : [a, b, c, d])))),
    );
    const wrong = all.filter((bytes) => {
      const whole = oracle(Uint8Array.from(bytes));
      const text = read(...bytes);
      return whole === null ? !text.includes('\ufffd') : text !== whole;
    });
    expect(wrong).toEqual([]);
  });

  it(
    'reads all that the platform writes',
    () => {
      fc.assert(
        fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
          expect(read(...encoder.encode(text))).toBe(text.split('\0')[0]);
        }),
        runs(300),
      );
    },
    PROPERTY_TIMEOUT_MS,
  );

  it(
    'makes something of whatever bytes there are, and loses none that is whole',
    () => {
      const part = fc.oneof(fc.constant(null), fc.string({ unit: 'binary', minLength: 1, maxLength: 5 }));
      fc.assert(
        fc.property(fc.array(part), (parts) => {
          const texts = parts.map((text) => text?.replaceAll('\0', '') ?? null);
          const bytes = texts.flatMap((text) => (text === null ? [0xff] : [...encoder.encode(text)]));
          expect(read(...bytes)).toBe(texts.map((text) => text ?? '\ufffd').join(''));
        }),
        runs(300),
      );
    },
    PROPERTY_TIMEOUT_MS,
  );
});

describe('utf8Bytes', () => {
  it(
    'writes as the platform does, halves of pairs included',
    () => {
      const anything = fc
        .array(fc.integer({ min: 0, max: 0xffff }))
        .map((units) => String.fromCharCode(...units));
      fc.assert(
        fc.property(fc.oneof(anything, fc.string({ unit: 'binary' })), (text) => {
          expect(utf8Bytes(text)).toEqual(encoder.encode(text));
        }),
        runs(300),
      );
    },
    PROPERTY_TIMEOUT_MS,
  );

  it('writes the first and the last letter of each length', () => {
    for (const point of [1, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x1_0000, 0x10_ffff]) {
      const text = String.fromCodePoint(point);
      expect(utf8Bytes(text)).toEqual(encoder.encode(text));
    }
  });
});
