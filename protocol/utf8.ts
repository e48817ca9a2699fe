/**
 * UTF-8 to text and back, since neither Node nor the DOM is here to do it. What cannot be UTF-8 is
 * read as U+FFFD, a byte at a time.
 */

const REPLACEMENT = 0xfffd;
/** By how many bytes follow the first: the least value that needs so many. */
const LEAST = [0, 0x80, 0x800, 0x1_0000] as const;

/** `[at, end)` as text, up to the first NUL. */
export function utf8Text(bytes: Uint8Array, at: number, end: number): string {
  let text = '';
  while (at < end && bytes[at] !== 0) {
    const size = sequenceBytes(bytes, at, end);
    text += String.fromCodePoint(size === 0 ? REPLACEMENT : codePoint(bytes, at, size));
    at += Math.max(size, 1);
  }
  return text;
}

export function utf8Bytes(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const letter of text) {
    const given = letter.codePointAt(0) as number;
    const point = isSurrogate(given) ? REPLACEMENT : given;
    let more = 3;
    while (point < (LEAST[more] as number)) more--;
    const lead = more === 0 ? 0 : (0xff00 >> (more + 1)) & 0xff;
    bytes.push(lead | (point >> (6 * more)));
    while (more-- > 0) bytes.push(0x80 | ((point >> (6 * more)) & 0x3f));
  }
  return Uint8Array.from(bytes);
}

/** How many bytes the letter at `at` takes; 0 if there is none. */
export function sequenceBytes(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at] as number;
  if (first < 0x80) return 1;
  const more = first >= 0xf0 && first < 0xf8 ? 3 : first >= 0xe0 ? 2 : 1;
  if (first < 0xc0 || first >= 0xf8 || at + more >= end) return 0;
  for (let i = at + 1; i <= at + more; i++) if (((bytes[i] as number) & 0xc0) !== 0x80) return 0;
  const point = codePoint(bytes, at, 1 + more);
  return point < (LEAST[more] as number) || point > 0x10_ffff || isSurrogate(point) ? 0 : 1 + more;
}

/** The letter that takes these bytes, which must be whole. */
export function codePoint(bytes: Uint8Array, at: number, size: number): number {
  const first = bytes[at] as number;
  if (size === 1) return first;
  let point = first & (0x7f >> size);
  for (let i = at + 1; i < at + size; i++) point = (point << 6) | ((bytes[i] as number) & 0x3f);
  return point;
}

function isSurrogate(point: number): boolean {
  return point >= 0xd800 && point < 0xe000;
}
