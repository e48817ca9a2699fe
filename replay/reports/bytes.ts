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

/** Both sides from the same row on. `fields` say where the field lies in each. */
export function bytePair(
  difference: Bytes,
  { perRow, rowsMax }: ByteLayout,
  fields: { readonly expected: ByteRange | null; readonly actual: ByteRange | null },
): BytePair {
  const marks = differing(difference);
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

/** Byte by byte where both are equally long; else what is left between a start and an end that both share. */
function differing({ expected, actual }: Bytes): Marks {
  if (expected === null || actual === null) return { expected: [], actual: [] };
  if (expected.length === actual.length) {
    const marks = Array.from(expected, (byte, at) => byte !== actual[at]);
    return { expected: marks, actual: marks };
  }
  const least = Math.min(expected.length, actual.length);
  let start = 0;
  while (start < least && expected[start] === actual[start]) start++;
  let end = 0;
  while (end < least - start && expected.at(-1 - end) === actual.at(-1 - end)) end++;
  const between = ({ length }: Uint8Array) =>
    Array.from({ length }, (_, at) => at >= start && at < length - end);
  return { expected: between(expected), actual: between(actual) };
}
