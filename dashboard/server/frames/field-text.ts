/** The value of a field as a column shows it: as a filter would write it, cut where it is long. */
import type { DecodedFrame } from '../../../analysis/filter/decode.ts';
import type { FilterField } from '../../../analysis/filter/fields.ts';
import type { Value } from '../../../analysis/filter/types.ts';
import { printable } from '../../../common/printable.ts';
import { hex } from '../../../protocol/address.ts';

/** Of bytes, and of text. */
export const BYTES_SHOWN_MAX = 32;
export const CHARACTERS_SHOWN_MAX = 200;

/** Null where the frame has no such field; several values have blanks between. */
export function fieldText(field: FilterField, frame: DecodedFrame): string | null {
  const values = field.values(frame);
  if (values.length === 0) return null;
  return shortened(values.map((value) => valueText(field, value)).join(' '));
}

function valueText({ scale, names, type }: FilterField, value: Value): string {
  if (value === null) return 'relay';
  if (typeof value === 'number') {
    const named = type === 'number' ? names.find((each) => each.value === value) : undefined;
    return named === undefined ? String(value / 10 ** scale) : `${named.name} (${value})`;
  }
  if (typeof value === 'string') return printable(value);
  const more = value.length > BYTES_SHOWN_MAX ? '…' : '';
  return hex(value.subarray(0, BYTES_SHOWN_MAX)) + more;
}

function shortened(text: string): string {
  if (text.length <= CHARACTERS_SHOWN_MAX) return text;
  return `${text.slice(0, CHARACTERS_SHOWN_MAX - 1)}…`;
}
