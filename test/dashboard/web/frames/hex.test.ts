import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  LINES_MAX,
  LINE_BYTES,
  LINE_PX,
  bytesOfBase64,
  dumpText,
  hexText,
  lineAt,
  linesDrawn,
  linesOf,
} from '../../../../dashboard/web/src/views/session/frames/hex.ts';
import { runs } from '../../../kit/property.ts';

describe('lines of bytes', () => {
  test('show digits, and letters where there are any', () => {
    const line = lineAt(Uint8Array.of(0x48, 0x69, 0x00, 0x7f, 0xff), 0);
    expect(line.offset).toBe('0000');
    expect(line.bytes.map(({ hex }) => hex).join(' ')).toBe('48 69 00 7f ff');
    expect(line.bytes.map(({ text }) => text).join('')).toBe('Hi...');
  });

  test('hold each byte once, at its place', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.constantFrom(8, 16), (bytes, lineBytes) => {
        const all = Array.from({ length: linesOf(bytes.length, lineBytes) }, (_, i) =>
          lineAt(bytes, i, lineBytes),
        ).flatMap((line) => line.bytes);
        expect(all.map(({ at }) => at)).toEqual([...bytes.keys()]);
        expect(all.map(({ hex }) => Number.parseInt(hex, 16))).toEqual([...bytes]);
      }),
      runs(100),
    );
  });

  test('are drawn where they are looked at, few of however many', () => {
    const part = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2_000_000 }),
        part,
        fc.integer({ min: 20, max: 900 }),
        (size, where, viewPx) => {
          const all = linesOf(size) * LINE_PX;
          const scrollTop = where * Math.max(0, all - viewPx);
          const { first, end } = linesDrawn(size, scrollTop, viewPx);
          expect(end - first).toBeLessThanOrEqual(LINES_MAX);
          expect(first * LINE_PX).toBeLessThanOrEqual(scrollTop);
          expect(end * LINE_PX).toBeGreaterThanOrEqual(Math.min(all, scrollTop + viewPx));
        },
      ),
      runs(200),
    );
  });

  test('have longer offsets in long frames', () => {
    expect(lineAt(new Uint8Array(0x2_0000), 1).offset).toBe('000010');
  });

  test('are copied as digits, and as they look', () => {
    const bytes = Uint8Array.from({ length: LINE_BYTES + 2 }, (_, i) => 0x41 + i);
    expect(hexText(bytes.subarray(0, 3))).toBe('41 42 43');
    expect(dumpText(bytes).split('\n')).toEqual([
      '0000  41 42 43 44 45 46 47 48 49 4a 4b 4c 4d 4e 4f 50  ABCDEFGHIJKLMNOP',
      '0010  51 52                                            QR',
    ]);
  });

  test('come as base64', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect([...bytesOfBase64(Buffer.from(bytes).toString('base64'))]).toEqual([...bytes]);
      }),
      runs(50),
    );
  });
});
