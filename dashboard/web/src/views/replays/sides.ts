/**
 * A difference, side by side: what was recorded and what came, by field and by byte, with what differs marked.
 *
 * The rule: bytes are compared field by field, so that a length which differs does not mark all that comes behind it. Streams
 * have no fields, because where their bytes begin and end means nothing.
 */
import type { Difference } from '../../../../api/replays.ts';
import { dissect, type Field, flat } from '../../../../../protocol/layout.ts';
import { payloadProtocols } from '../../../../../protocol/payload.ts';
import { protocolById } from '../../../../../protocol/registry.ts';

export interface FieldPair {
  readonly name: string;
  /** In words; null where the frame has no such field. */
  readonly expected: string | null;
  readonly actual: string | null;
  readonly differs: boolean;
}

export interface Side {
  readonly bytes: Uint8Array;
  /** By byte. */
  readonly differs: readonly boolean[];
}

export interface Sides {
  readonly fields: readonly FieldPair[];
  /** Null where there is none. */
  readonly expected: Side | null;
  readonly actual: Side | null;
}

type Shown = Pick<
  Difference,
  'protocol' | 'isStream' | 'expected' | 'expectedKind' | 'actual' | 'actualKind' | 'field'
>;

export function sidesOf(difference: Shown): Sides {
  const [expected, actual] = [bytesOf(difference.expected), bytesOf(difference.actual)];
  const due = fieldsOf(difference, difference.expectedKind, expected);
  const came = fieldsOf(difference, difference.actualKind, actual);
  const marks = marksOf(expected, actual, partsOf(due, came));
  return {
    fields: pairsOf(due, came, expected, actual),
    expected: expected === null ? null : { bytes: expected, differs: marks.expected },
    actual: actual === null ? null : { bytes: actual, differs: marks.actual },
  };
}

export interface ByteRow {
  readonly at: number;
  readonly cells: readonly { readonly hex: string; readonly text: string; readonly differs: boolean }[];
}

export function rowsOf({ bytes, differs }: Side, perRow: number): readonly ByteRow[] {
  return Array.from({ length: Math.ceil(bytes.length / perRow) }, (_, row) => ({
    at: row * perRow,
    cells: Array.from(bytes.subarray(row * perRow, (row + 1) * perRow), (byte, i) => ({
      hex: byte.toString(16).padStart(2, '0'),
      text: byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.',
      differs: differs[row * perRow + i] === true,
    })),
  }));
}

function bytesOf(base64: string | null): Uint8Array | null {
  return base64 === null ? null : Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

function fieldsOf(
  { protocol, isStream, field }: Shown,
  kind: number | null,
  bytes: Uint8Array | null,
): readonly Field[] {
  const spec = kind === null ? undefined : protocolById(protocol)?.frames[kind];
  if (spec === undefined || bytes === null || isStream) return [];
  // What the payload is, the verdict says by the name of the field that differs.
  const inner = payloadProtocols.find(({ name }) => field?.startsWith(`${name}.`) === true);
  return flat(dissect(spec, bytes)).flatMap((each) => {
    if (each.name !== 'payload' || !(each.value instanceof Uint8Array) || inner === undefined) return [each];
    const layout = inner.frames[inner.classify(each.value)];
    if (layout === undefined) return [each];
    return [
      each,
      ...flat(dissect(layout, each.value)).map((part) => ({
        ...part,
        name: `${inner.name}.${part.name}`,
        at: each.at + part.at,
      })),
    ];
  });
}

/** In the order of the expected frame; what only the other has comes last. */
function pairsOf(
  due: readonly Field[],
  came: readonly Field[],
  expected: Uint8Array | null,
  actual: Uint8Array | null,
): readonly FieldPair[] {
  const text = (field: Field | undefined) =>
    field === undefined ? null : field.fault === null ? field.text : `${field.text} (${field.fault})`;
  const raw = (field: Field | undefined, bytes: Uint8Array | null) =>
    field === undefined || bytes === null ? null : bytes.subarray(field.at, field.at + field.size).join();
  return Array.from(new Set([...due, ...came].map(({ name }) => name)), (name) => {
    const [one, other] = [due, came].map((fields) => fields.find((field) => field.name === name));
    return {
      name,
      expected: text(one),
      actual: text(other),
      differs: expected !== null && actual !== null && raw(one, expected) !== raw(other, actual),
    };
  });
}

type Range = Pick<Field, 'at' | 'size'>;
type Part = readonly [expected: Range, actual: Range];

/** None where the two do not have the same fields. What lies within a field is not a part of its own. */
function partsOf(due: readonly Field[], came: readonly Field[]): readonly Part[] {
  if (due.length !== came.length) return [];
  const parts: Part[] = [];
  let end = 0;
  for (const [i, field] of due.entries()) {
    const other = came[i];
    if (other?.name !== field.name) return [];
    if (field.at < end) continue;
    parts.push([field, other]);
    end = field.at + field.size;
  }
  return parts;
}

function marksOf(
  expected: Uint8Array | null,
  actual: Uint8Array | null,
  parts: readonly Part[],
): { readonly expected: boolean[]; readonly actual: boolean[] } {
  if (expected === null || actual === null) return { expected: [], actual: [] };
  const marks = {
    expected: new Array<boolean>(expected.length).fill(false),
    actual: new Array<boolean>(actual.length).fill(false),
  };
  const whole: Part = [
    { at: 0, size: expected.length },
    { at: 0, size: actual.length },
  ];
  for (const [one, other] of parts.length === 0 ? [whole] : parts) {
    const due = expected.subarray(one.at, one.at + one.size);
    const came = actual.subarray(other.at, other.at + other.size);
    const isSameSize = due.length === came.length;
    const [start, end] = isSameSize ? [0, 0] : shared(due, came);
    for (let i = start; i < due.length - end; i++)
      marks.expected[one.at + i] = !isSameSize || due[i] !== came[i];
    for (let i = start; i < came.length - end; i++)
      marks.actual[other.at + i] = !isSameSize || due[i] !== came[i];
  }
  return marks;
}

/** How many bytes both have at their start, and how many of the others at their end. */
function shared(one: Uint8Array, other: Uint8Array): readonly [start: number, end: number] {
  const least = Math.min(one.length, other.length);
  let start = 0;
  while (start < least && one[start] === other[start]) start++;
  let end = 0;
  while (end < least - start && one.at(-1 - end) === other.at(-1 - end)) end++;
  return [start, end];
}
