/**
 * The bytes of a difference as rows of hex and text, with those marked that differ.
 *
 * The rule: of long frames only some is shown, and always the first byte that differs.
 */
import type { ByteRange, Difference } from '../types.ts';

export interface ByteCell {
  /** Two digits. */
  readonly hex: string;
  /** What it is in ASCII, or a dot. */
  readonly text: string;
  readonly differs: boolean;
  /** Part of the field that holds the first byte that differs. */
  readonly inField: boolean;
}

export interface ByteRow {
  /** Of its first cell. */
  readonly at: number;
  readonly cells: readonly ByteCell[];
}

export interface ByteView {
  readonly size: number;
  readonly rows: readonly ByteRow[];
  /** Bytes that are not shown. */
  readonly before: number;
  readonly after: number;
}

export interface BytePair {
  readonly expected: ByteView | null;
  readonly actual: ByteView | null;
}

export interface ByteLayout {
  readonly perRow: number;
  readonly rowsMax: number;
}

/** Rows before the first byte that differs. */
const ROWS_BEFORE = 2;

type Bytes = Pick<Difference, 'expected' | 'actual' | 'offset'>;

/** The same part of both sides: a field. */
export interface Part {
  readonly expected: ByteRange;
  readonly actual: ByteRange;
}

/** What is known of the fields of both sides. */
export interface Known {
  /** Where the field lies that holds the first byte that differs. */
  readonly expected: ByteRange | null;
  readonly actual: ByteRange | null;
  /** In order, without overlaps; empty where both sides are one part each. */
  readonly parts: readonly Part[];
}

/** Both sides from the same row on. */
export function bytePair(difference: Bytes, { perRow, rowsMax }: ByteLayout, fields: Known): BytePair {
  const marks = differing(difference, fields.parts);
  const first = Math.max(0, Math.floor((difference.offset ?? 0) / perRow) - ROWS_BEFORE) * perRow;
  const view = (bytes: Uint8Array | null, marked: readonly boolean[], field: ByteRange | null) => {
    if (bytes === null) return null;
    // The other side may be longer.
    const from = Math.min(first, Math.max(0, Math.ceil(bytes.length / perRow) - 1) * perRow);
    const to = Math.min(bytes.length, from + perRow * rowsMax);
    const rows: ByteRow[] = [];
    for (let at = from; at < to; at += perRow) {
      const cells = Array.from(bytes.subarray(at, Math.min(at + perRow, to)), (byte, i) =>
        cell(byte, marked[at + i] === true, field !== null && isWithin(at + i, field)),
      );
      rows.push({ at, cells });
    }
    return { size: bytes.length, rows, before: from, after: bytes.length - to };
  };
  return {
    expected: view(difference.expected, marks.expected, fields.expected),
    actual: view(difference.actual, marks.actual, fields.actual),
  };
}

function cell(byte: number, differs: boolean, inField: boolean): ByteCell {
  const text = byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
  return { hex: byte.toString(16).padStart(2, '0'), text, differs, inField };
}

function isWithin(at: number, field: ByteRange): boolean {
  return at >= field.at && at < field.at + field.size;
}

interface Marks {
  readonly expected: readonly boolean[];
  readonly actual: readonly boolean[];
}

/** Field by field, so that a length which differs does not mark all that comes behind it. */
function differing({ expected, actual }: Bytes, parts: readonly Part[]): Marks {
  if (expected === null || actual === null) return { expected: [], actual: [] };
  const marks = {
    expected: new Array<boolean>(expected.length).fill(false),
    actual: new Array<boolean>(actual.length).fill(false),
  };
  const whole = { expected: { at: 0, size: expected.length }, actual: { at: 0, size: actual.length } };
  for (const part of parts.length === 0 ? [whole] : parts) {
    const [one, other] = [cut(expected, part.expected), cut(actual, part.actual)];
    const { start, end } = shared(one, other);
    const isSameSize = one.length === other.length;
    for (let i = start; i < one.length - end; i++) {
      marks.expected[part.expected.at + i] = !isSameSize || one[i] !== other[i];
    }
    for (let i = start; i < other.length - end; i++) {
      marks.actual[part.actual.at + i] = !isSameSize || one[i] !== other[i];
    }
  }
  return marks;
}

function cut(bytes: Uint8Array, { at, size }: ByteRange): Uint8Array {
  return bytes.subarray(at, at + size);
}

/** How many bytes both have at their start, and how many of the others at their end. */
function shared(one: Uint8Array, other: Uint8Array): { readonly start: number; readonly end: number } {
  const least = Math.min(one.length, other.length);
  let start = 0;
  while (start < least && one[start] === other[start]) start++;
  let end = 0;
  while (end < least - start && one.at(-1 - end) === other.at(-1 - end)) end++;
  return { start, end };
}
