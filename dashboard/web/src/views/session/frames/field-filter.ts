/**
 * Filters made by pointing: at a field of a frame, or at a cell of the list.
 *
 * The rule: what is made can be read by the parser, and is true of the frame that was pointed at (`==`), or false of it
 * (`!=`). Where that cannot be written, nothing is offered.
 */
import type { FrameRow } from '../../../../../api/frames.ts';
import { FilterError } from '../../../../../../analysis/filter/errors.ts';
import { type Language, language } from '../../../../../../analysis/filter/language.ts';
import { parseFilter } from '../../../../../../analysis/filter/parse.ts';
import { nameText, quotedEscaped } from '../../../../../../analysis/filter/types.ts';
import type { FieldRow } from './fields.ts';

export type Sign = '==' | '!=';

/** Of bytes that a filter names whole. */
export const BYTES_NAMED_MAX = 256;

/** Null where there is no such filter. */
export function fieldFilter(
  { filterName, field, at, contentSize: size }: FieldRow,
  sign: Sign,
  frame: Uint8Array,
  words: Language = language,
): string | null {
  const known = filterName === null ? undefined : words.fields.get(filterName.toLowerCase());
  const compared = (name: string, by: string, value: string) => readable(`${name} ${by} ${value}`, words);
  if (known === undefined) return null;
  const { value } = field;
  if (known.type === 'bytes')
    return size > BYTES_NAMED_MAX
      ? null
      : compared(known.name, sign, bytesText(frame.subarray(at, at + size)));
  if (typeof value === 'number') return compared(known.name, sign, String(value));
  if (typeof value !== 'string') return null;
  if (known.type === 'escaped') return compared(known.name, sign, quotedEscaped(value));
  if (known.type === 'number') return null;
  if (known.type !== 'mac') return compared(known.name, sign, nameText(value));
  const macs = value.split(' ').filter((mac) => mac !== '');
  if (macs.length < 2) return macs[0] === undefined ? null : compared(known.name, sign, macs[0]);
  const any = `${known.name} in (${macs.join(', ')})`;
  return readable(sign === '==' ? any : `!(${any})`, words);
}

/** What a cell of the list says, as a filter. */
export function cellFilter(row: FrameRow, column: string, sign: Sign): string | null {
  const end = ({ conn, endpoint }: FrameRow['from'], name: string) =>
    conn === 0
      ? compared(name, sign, 'relay')
      : endpoint === null
        ? compared(`${name}.conn`, sign, String(conn))
        : compared(name, sign, quotedUnlessAddress(endpoint));
  switch (column) {
    case 'sequence':
      return compared('sequence', sign, String(row.sequence));
    case 'time':
    case 'delta':
      return compared('time', sign === '==' ? '>=' : '<', secondsOf(row.at));
    case 'from':
    case 'to':
      return end(row[column], column);
    case 'kind':
      return compared('kind', sign, nameText(row.kind));
    case 'size':
      return compared('size', sign, String(row.size));
    case 'outcome':
      return compared('outcome', sign, nameText(row.outcome));
    default:
      return null;
  }
}

/** Both of them: what was there, and what is added to it. What was there and cannot be read is given up. */
export function narrowed(filter: string, addition: string): string {
  if (filter.trim() === '') return addition;
  const has = bracketed(filter);
  return has === null ? addition : `${has} && ${bracketed(addition) ?? addition}`;
}

/** `aa:bb:cc`, as filters write bytes. */
export function bytesText(bytes: Uint8Array): string {
  if (bytes.length === 0) return '""';
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/** Nanoseconds as filters write seconds, exactly. */
export function secondsOf(nanos: number): string {
  const [whole, rest] = [Math.floor(nanos / 1e9), Math.round(nanos % 1e9)];
  return rest === 0 ? String(whole) : `${whole}.${String(rest).padStart(9, '0').replace(/0+$/, '')}`;
}

function compared(name: string, sign: string, value: string): string | null {
  return readable(`${name} ${sign} ${value}`);
}

function readable(filter: string, words?: Language): string | null {
  return bracketed(filter, words) === null ? null : filter;
}

/** In parentheses, where what stands beside it would take a part of it away. Null where it cannot be read. */
function bracketed(filter: string, words: Language = language): string | null {
  try {
    return parseFilter(filter, words).kind === 'or' ? `(${filter})` : filter;
  } catch (error) {
    if (error instanceof FilterError) return null;
    throw error;
  }
}

const ADDRESS = /^([0-9a-f]{2}:){5}[0-9a-f]{2}(\/\d{1,5})?$/;

/** A name such as `relay` is another thing than the endpoint that is called so. */
function quotedUnlessAddress(endpoint: string): string {
  return ADDRESS.test(endpoint) ? endpoint : `"${endpoint.replaceAll(/["\\]/g, '\\$&')}"`;
}
