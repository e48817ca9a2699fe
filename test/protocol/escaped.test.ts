import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapedBytes, escapedText } from '../../protocol/escaped.ts';
import { amidPoison } from '../kit/bytes.ts';
import { runs } from '../kit/property.ts';

function text(...bytes: readonly number[]): string {
  return escapedText(Uint8Array.from(bytes), 0, bytes.length);
}

const latin = (written: string) => [...Buffer.from(written, 'utf8')];

describe('escaped text', () => {
  it.each<[string, readonly number[], string]>([
    ['nothing', [], ''],
    ['letters and blanks', latin('device b'), 'device b'],
    ['letters of two, three and four bytes', latin('é€🎮'), 'é€🎮'],
    ['a backslash', latin('a\\b'), 'a\\\\b'],
    ['control characters', [0x00, 0x1b, 0x7f], '\\x00\\x1b\\x7f'],
    ['line ends', latin('a\r\n'), 'a\\x0d\\x0a'],
    ['what is not UTF-8', [0xff, 0x61, 0xc3], '\\xffa\\xc3'],
    ['a letter that is written too long', [0xc1, 0x81], '\\xc1\\x81'],
    ['half of a surrogate', [0xed, 0xa0, 0x80], '\\xed\\xa0\\x80'],
    ['what turns the direction of writing', latin('a\u202eb'), 'a\\xe2\\x80\\xaeb'],
    ['a blank that is none', latin('\u00a0'), '\\xc2\\xa0'],
    ['what has no meaning yet', latin('\u0378'), '\\xcd\\xb8'],
  ])('shows %s', (_, bytes, shown) => {
    expect(text(...bytes)).toBe(shown);
    expect([...escapedBytes(shown)]).toEqual(bytes);
  });

  it.each<[string, string, readonly number[]]>([
    ['capitals in an escape', '\\xFF\\xAb', [0xff, 0xab]],
    ['an escape that is not whole', '\\x4', latin('\\x4')],
    ['a backslash before another letter', '\\n', latin('\\n')],
    ['a backslash at the end', 'a\\', latin('a\\')],
    ['two backslashes and an x', '\\\\x41', latin('\\x41')],
  ])('is read with %s', (_, written, bytes) => {
    expect([...escapedBytes(written)]).toEqual(bytes);
  });

  it('says every byte, whatever they are, so that different bytes are different texts', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const shown = escapedText(bytes, 0, bytes.length);
        expect(escapedBytes(shown)).toEqual(bytes);
        expect(shown).toMatch(/^[^\p{C}\p{Zl}\p{Zp}]*$/u);
      }),
      runs(1000),
    );
  });

  it('takes any text as bytes, and says the same of them', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (written) => {
        const bytes = escapedBytes(written);
        expect(escapedBytes(escapedText(bytes, 0, bytes.length))).toEqual(bytes);
      }),
      runs(500),
    );
  });

  it('looks at its own bytes alone', () => {
    const tail = Uint8Array.from([0x61, 0xe2, 0x82]);
    for (const poison of [0x00, 0xac, 0xff]) {
      const { bytes, at, end } = amidPoison(tail, 3, 3, poison);
      expect(escapedText(bytes, at, end)).toBe('a\\xe2\\x82');
    }
  });
});
