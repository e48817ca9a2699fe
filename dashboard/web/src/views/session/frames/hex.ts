/**
 * Bytes as lines of hexadecimal digits and text, sixteen each, or eight where there is no room for more.
 *
 * The rule: a line is made when it is looked at, so that a frame of 50 kB costs what one of 50 bytes does.
 */

export const LINE_BYTES = 16;
export const LINE_PX = 18;
export const LINE_BYTES_NARROW = 8;
/** Lines around those that can be seen. */
export const OVERSCAN_LINES = 6;
/** Lines in the page at most. */
export const LINES_MAX = 100;

export interface HexByte {
  readonly at: number;
  readonly hex: string;
  /** A dot where it is no letter or sign of ASCII. */
  readonly text: string;
}

export interface HexLine {
  readonly index: number;
  /** Of its first byte, in hexadecimal. */
  readonly offset: string;
  readonly bytes: readonly HexByte[];
}

export function linesOf(size: number, lineBytes = LINE_BYTES): number {
  return Math.ceil(size / lineBytes);
}

export function lineAt(bytes: Uint8Array, index: number, lineBytes = LINE_BYTES): HexLine {
  const from = index * lineBytes;
  const digits = bytes.length > 0x1_0000 ? 6 : 4;
  return {
    index,
    offset: from.toString(16).padStart(digits, '0'),
    bytes: Array.from(bytes.subarray(from, from + lineBytes), (byte, i) => ({
      at: from + i,
      hex: byte.toString(16).padStart(2, '0'),
      text: byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.',
    })),
  };
}

/** The lines to draw where so much of them can be seen. */
export function linesDrawn(
  size: number,
  scrollTop: number,
  viewPx: number,
  lineBytes = LINE_BYTES,
): { readonly first: number; readonly end: number } {
  const lines = linesOf(size, lineBytes);
  const first = Math.max(0, Math.min(lines, Math.floor(scrollTop / LINE_PX)) - OVERSCAN_LINES);
  const seen = Math.ceil(viewPx / LINE_PX) + 2 * OVERSCAN_LINES + 1;
  return { first, end: Math.min(lines, first + Math.min(seen, LINES_MAX)) };
}

/** `01 e0 ff`, for the clipboard. */
export function hexText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

/** As lines with offsets and text, for the clipboard. */
export function dumpText(bytes: Uint8Array): string {
  const width = LINE_BYTES * 3 - 1;
  return Array.from({ length: linesOf(bytes.length) }, (_, i) => {
    const line = lineAt(bytes, i);
    const digits = line.bytes.map(({ hex }) => hex).join(' ');
    return `${line.offset}  ${digits.padEnd(width)}  ${line.bytes.map(({ text }) => text).join('')}`;
  }).join('\n');
}

export function bytesOfBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
