/**
 * The fields of a kind of frames as a table of bytes, in words.
 *
 * The rule: all of it is from the layout. An offset is told as far as it is the same in all frames of the kind.
 */
import { isControl } from '../protocol/layout.ts';
import type { FieldSize, FieldSpec, FieldType } from '../protocol/types.ts';
import { table } from './markdown.ts';

/** Of more named values than these, the page of filters has the list. */
const NAMES_SHOWN_MAX = 20;

const typeTexts: Readonly<Record<FieldType, string>> = {
  u8: 'number',
  u16le: 'number, little-endian',
  u32le: 'number, little-endian',
  i32le: 'signed number, little-endian',
  u16be: 'number, big-endian',
  u32be: 'number, big-endian',
  mac: 'MAC address',
  macs: 'MAC addresses, one after another',
  ascii: 'text, ASCII, up to the first NUL',
  utf8: 'text, UTF-8, up to the first NUL',
  escaped: 'any bytes, mostly text',
  decimal: 'number in ASCII digits',
  line: 'text, in which control characters mean nothing',
  bytes: 'bytes',
  padding: 'padding, whatever it holds',
};

export function fieldTable(fields: readonly FieldSpec[]): string[] {
  const rows: string[][] = [];
  let at: number | null = 0;
  for (const field of fields) {
    const { size } = field;
    rows.push([at === null ? 'then' : String(at), sizeText(size), ...told(field)]);
    for (const part of field.inside?.fields ?? []) rows.push(['inside', sizeText(part.size), ...told(part)]);
    at = at === null || typeof size !== 'number' ? null : at + size;
  }
  return table(['offset', 'bytes', 'field', 'type', 'what it is'], rows);
}

function told(field: FieldSpec): string[] {
  return [`\`${field.name}\``, typeTexts[field.type], meaning(field)];
}

function sizeText(size: FieldSize): string {
  if (typeof size === 'number') return String(size);
  if (size === 'rest') return 'the rest';
  if (size === 'controls') return 'as many control characters as there are';
  if ('from' in size)
    return size.times === undefined
      ? `as \`${size.from}\` says`
      : `${size.times} for each of \`${size.from}\``;
  if (!('until' in size)) return `${size.max} at most`;
  const [least, end] = [size.min ?? 0, byteText(size.until)];
  return `${least === 0 ? 'up to' : `${least} to`} ${size.max}, and ${end}`;
}

/** A byte as people write it. */
export function byteText(byte: number): string {
  const known: Readonly<Record<number, string>> = { 0x00: 'a NUL', 0x0a: 'a line feed', 0x20: 'a blank' };
  const plain = isControl(byte)
    ? `the byte 0x${byte.toString(16).padStart(2, '0')}`
    : `\`${String.fromCharCode(byte)}\``;
  return known[byte] ?? plain;
}

function meaning({
  always,
  min,
  max,
  names = {},
  countsRest,
  note,
  portOf,
  handle,
  inside,
}: FieldSpec): string {
  const name = typeof always === 'number' ? names[always] : undefined;
  const values = Object.entries(names);
  return [
    note ?? '',
    always === undefined ? '' : `always \`${always}\`${name === undefined ? '' : `, ${name}`}`,
    countsRest === true ? 'counts all bytes after it' : '',
    rangeText(min, max),
    portOf === undefined ? '' : `the port of \`${portOf}\``,
    handle === undefined ? '' : 'made up by the relay, and another in its next run',
    inside === undefined ? '' : 'in a notation of its own: the next rows are what it says',
    always !== undefined || values.length === 0
      ? ''
      : values.length > NAMES_SHOWN_MAX
        ? `[${values.length} values have names](../filter.md#names-of-values)`
        : values.map(([value, each]) => `${value} ${each}`).join(', '),
  ]
    .filter((part) => part !== '')
    .join('; ');
}

function rangeText(min: number | undefined, max: number | undefined): string {
  if (min !== undefined && max !== undefined) return `${min} to ${max}`;
  if (max !== undefined) return `${max} at most`;
  return min === undefined ? '' : `${min} at least`;
}
