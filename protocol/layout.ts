/**
 * Reads and writes frames by their layout tables: slowly, obviously, and the same for all protocols.
 *
 * The relay never uses this. The dissector, the docs and the tests do, and the tests hold every
 * protocol's fast path against it.
 */
import { hex, macBytes, macText } from './address.ts';
import { escapedBytes, escapedText } from './escaped.ts';
import { numberText } from './given-names.ts';
import type { FieldSpec, FrameSpec } from './types.ts';
import { utf8Bytes, utf8Text } from './utf8.ts';

/**
 * A field's value: a number for the integer types and `decimal`, text for `mac`, `macs`, `ascii`, `utf8`, `escaped` and
 * `line`, else bytes.
 */
export type FieldValue = number | string | Uint8Array;

/** All that reading and writing fields needs of a table: frames have more, payloads do not. */
export type Layout = Pick<FrameSpec, 'name' | 'fields'>;

/** A row of the field tree. `at` and `size` are the bytes to highlight, from the start of the frame. */
export interface Field {
  readonly name: string;
  readonly at: number;
  readonly size: number;
  readonly value: FieldValue;
  readonly text: string;
  /** Why this field cannot be right, where that is so. */
  readonly fault: string | null;
  /** Bytes of it are missing: its value is those that are there, whatever its type. */
  readonly isCut?: true;
  /** What is in it, where it has an inside. */
  readonly inside?: readonly Field[];
}

/** No number of a protocol is longer. */
const DECIMAL = /^[0-9]{1,15}$/;

const MAC_BYTES = 6;
/** With the blank behind it. */
const MAC_TEXT_LENGTH = '02:aa:bb:cc:dd:01 '.length;

/** Whether a byte is an ASCII control character. */
export function isControl(byte: number): boolean {
  return byte < 0x20 || byte === 0x7f;
}

interface Codec {
  readonly read: (bytes: Uint8Array, at: number, size: number) => FieldValue;
  readonly write: (bytes: Uint8Array, at: number, size: number, value: FieldValue) => void;
}

function integer(width: number, littleEndian: boolean, signed = false): Codec {
  return {
    read(bytes, at) {
      let value = 0;
      for (let i = 0; i < width; i++) {
        const place = littleEndian ? i : width - 1 - i;
        value += (bytes[at + i] as number) * 2 ** (8 * place);
      }
      return signed && value >= 2 ** (8 * width - 1) ? value - 2 ** (8 * width) : value;
    },
    write(bytes, at, _size, value) {
      const unsigned = (value as number) < 0 ? (value as number) + 2 ** (8 * width) : (value as number);
      for (let i = 0; i < width; i++) {
        const place = littleEndian ? i : width - 1 - i;
        bytes[at + i] = Math.floor(unsigned / 2 ** (8 * place)) % 256;
      }
    },
  };
}

const raw: Codec = {
  read: (bytes, at, size) => bytes.slice(at, at + size),
  write: (bytes, at, _size, value) => bytes.set(value as Uint8Array, at),
};

const codecs: Readonly<Record<FieldSpec['type'], Codec>> = {
  u8: integer(1, true),
  u16le: integer(2, true),
  u32le: integer(4, true),
  i32le: integer(4, true, true),
  u16be: integer(2, false),
  u32be: integer(4, false),
  mac: {
    read: (bytes, at) => macText(bytes, at),
    write(bytes, at, _size, value) {
      const mac = macBytes(value as string);
      if (mac === null) throw new RangeError(`not a MAC address: ${String(value)}`);
      bytes.set(mac, at);
    },
  },
  macs: {
    read(bytes, at, size) {
      const macs: string[] = [];
      for (let i = at; i + MAC_BYTES <= at + size; i += MAC_BYTES) macs.push(macText(bytes, i));
      return macs.join(' ');
    },
    write(bytes, at, size, value) {
      const macs = (value as string) === '' ? [] : (value as string).split(' ');
      for (const [i, mac] of macs.entries()) codecs.mac.write(bytes, at + i * MAC_BYTES, size, mac);
    },
  },
  utf8: {
    read: (bytes, at, size) => utf8Text(bytes, at, at + size),
    write(bytes, at, size, value) {
      bytes.fill(0, at, at + size);
      bytes.set(utf8Bytes(value as string).subarray(0, size), at);
    },
  },
  ascii: {
    read(bytes, at, size) {
      let text = '';
      for (let i = at; i < at + size && bytes[i] !== 0; i++) text += String.fromCharCode(bytes[i] as number);
      return text;
    },
    write(bytes, at, size, value) {
      for (let i = 0; i < size; i++) bytes[at + i] = (value as string).charCodeAt(i) || 0;
    },
  },
  escaped: {
    read: (bytes, at, size) => escapedText(bytes, at, at + size),
    write: (bytes, at, size, value) => bytes.set(escapedBytes(value as string).subarray(0, size), at),
  },
  decimal: {
    // What is no number stays text, and is at fault.
    read(bytes, at, size) {
      const text = escapedText(bytes, at, at + size);
      return DECIMAL.test(text) ? Number(text) : text;
    },
    write: (bytes, at, size, value) => bytes.set(utf8Bytes(String(value)).subarray(0, size), at),
  },
  line: {
    read(bytes, at, size) {
      const seen = bytes.subarray(at, at + size).filter((byte) => !isControl(byte));
      return escapedText(seen, 0, seen.length);
    },
    write: (bytes, at, size, value) => bytes.set(escapedBytes(value as string).subarray(0, size), at),
  },
  bytes: raw,
  // Whatever it holds means nothing, and it is written as zeros.
  padding: { read: raw.read, write: (bytes, at, size) => bytes.fill(0, at, at + size) },
};

/** How many bytes a field takes of those that are left. More than there are where it is not whole. */
function sizeOf(
  { size }: FieldSpec,
  values: ReadonlyMap<string, FieldValue>,
  bytes: Uint8Array,
  at: number,
): number {
  const left = bytes.length - at;
  if (typeof size === 'number') return size;
  if (size === 'rest') return left;
  if (size === 'controls') return controlsAt(bytes, at);
  if ('until' in size) return untilSize(bytes, at, size.until, size.max);
  if ('from' in size) return (values.get(size.from) as number) * (size.times ?? 1);
  throw new RangeError('only the inside of a field says where its parts end');
}

/** What counts the bytes of a field; null where no other field does. */
export function counterOf({ size }: FieldSpec): { readonly from: string; readonly times?: number } | null {
  return typeof size === 'object' && 'from' in size ? size : null;
}

/** What ends a field, where a byte does. */
export function endOf({
  size,
}: FieldSpec): { readonly until: number; readonly max: number; readonly min?: number } | null {
  return typeof size === 'object' && 'until' in size ? size : null;
}

function controlsAt(bytes: Uint8Array, at: number): number {
  let end = at;
  while (end < bytes.length && isControl(bytes[end] as number)) end++;
  return end - at;
}

/** With its end; one more than is left where that is missing. */
function untilSize(bytes: Uint8Array, at: number, until: number, max: number): number {
  const found = bytes.subarray(at, at + max + 1).indexOf(until);
  return found < 0 ? bytes.length - at + 1 : found + 1;
}

/** Bytes that a value takes where its field has whatever size the value has. */
function bytesOf({ type }: FieldSpec, value: FieldValue | undefined): number {
  if (value === undefined) return 0;
  if (type === 'decimal') return String(value).length;
  if (typeof value === 'number') return 0;
  if (type === 'macs') return Math.ceil(value.length / MAC_TEXT_LENGTH) * MAC_BYTES;
  if (type === 'utf8') return utf8Bytes(value as string).length;
  return type === 'escaped' || type === 'line' ? escapedBytes(value as string).length : value.length;
}

const QUOTED: ReadonlySet<FieldSpec['type']> = new Set(['ascii', 'utf8', 'escaped', 'line']);

function textOf(field: FieldSpec, value: FieldValue): string {
  if (typeof value === 'number') {
    return numberText(value, field.names?.[value]);
  }
  if (typeof value === 'string') return QUOTED.has(field.type) ? quoted(value) : value;
  return value.length > 16 ? `${hex(value.subarray(0, 16))}... (${value.length} bytes)` : hex(value);
}

/** Escaped text has its backslashes already. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll('\\\\', '\\');
}

/** Why a field that is whole cannot be right. */
function faultOf(spec: Layout, field: FieldSpec, value: FieldValue, rest: number): string | null {
  const { always, min, max, type, size, countsRest } = field;
  if (always !== undefined && value !== always) return `is always ${always} in ${spec.name}`;
  if (type === 'decimal' && typeof value !== 'number') return 'is not a decimal number';
  if (typeof size === 'object' && 'until' in size && bytesOf(field, value) < (size.min ?? 0))
    return `is shorter than ${size.min} bytes`;
  if (typeof value !== 'number') return null;
  if (min !== undefined && value < min) return `is ${min} at least in ${spec.name}`;
  if (max !== undefined && value > max) return `is ${max} at most in ${spec.name}`;
  return countsRest === true && value !== rest ? `counts what comes after it, which is ${rest} bytes` : null;
}

/** Fields and what is in them, one after the other. */
export function flat(fields: readonly Field[]): readonly Field[] {
  return fields.flatMap((field) => (field.inside === undefined ? [field] : [field, ...field.inside]));
}

/** The specs of all values that a layout has, those inside others included. */
export function flatSpecs(fields: readonly FieldSpec[]): readonly FieldSpec[] {
  return fields.flatMap((field) => (field.inside === undefined ? [field] : [field, ...field.inside.fields]));
}

/** Bytes of a field that is whole, without the one that ends it, where one does. */
export function contentSize(spec: FieldSpec, { size }: Field): number {
  return endOf(spec) === null ? size : size - 1;
}

function insideOf(field: FieldSpec, bytes: Uint8Array, at: number, end: number): readonly Field[] | null {
  const rows = field.inside?.read(bytes, at, end) ?? null;
  if (rows === null) return null;
  return rows.map((row) => {
    const spec = field.inside?.fields.find(({ name }) => name === row.name);
    return { ...row, text: spec === undefined ? String(row.value) : textOf(spec, row.value), fault: null };
  });
}

/** All fields of one whole frame, in order. A frame that ends early or late gets a field that says so. */
export function dissect(spec: Layout, bytes: Uint8Array): readonly Field[] {
  const fields: Field[] = [];
  const values = new Map<string, FieldValue>();
  let at = 0;
  for (const field of spec.fields) {
    const left = bytes.length - at;
    const size = sizeOf(field, values, bytes, at);
    // A counter that is no number says nothing at all.
    if (!(size <= left)) {
      const value = bytes.slice(at);
      fields.push({
        name: field.name,
        at,
        size: left,
        value,
        text: hex(value),
        fault: missing(field, size, left),
        isCut: true,
      });
      return fields;
    }
    const content = typeof field.size === 'object' && 'until' in field.size ? size - 1 : size;
    const value = codecs[field.type].read(bytes, at, content);
    const inside = field.inside === undefined ? undefined : insideOf(field, bytes, at, at + size);
    const fault =
      inside === null ? 'is not in its notation' : faultOf(spec, field, value, bytes.length - at - size);
    values.set(field.name, value);
    const row = { name: field.name, at, size, value, text: textOf(field, value), fault };
    fields.push(inside === undefined || inside === null ? row : { ...row, inside });
    at += size;
  }
  if (at < bytes.length) {
    const value = bytes.slice(at);
    fields.push({
      name: 'surplus',
      at,
      size: value.length,
      value,
      text: hex(value),
      fault: 'belongs to no field',
    });
  }
  return fields;
}

function missing({ size }: FieldSpec, wants: number, left: number): string {
  if (typeof size === 'object' && 'until' in size)
    return `no ${JSON.stringify(String.fromCharCode(size.until))} ends it within ${size.max} bytes`;
  return Number.isNaN(wants)
    ? 'how long it is cannot be told'
    : `${wants} bytes belong here, ${left} are there`;
}

/**
 * Writes one frame from the values of its fields; `padding`, `always` and counted lengths need none, and what has an
 * inside takes the values of what is in it, where it has none of its own.
 */
export function encode(spec: Layout, values: Readonly<Record<string, FieldValue>>): Uint8Array {
  const known = new Map<string, FieldValue>(Object.entries(values));
  for (const field of spec.fields) {
    const { name, always, inside, size } = field;
    if (always !== undefined) known.set(name, always);
    if (inside !== undefined && !known.has(name)) known.set(name, inside.write(values));
    if (typeof size === 'object' && 'from' in size && !known.has(size.from))
      known.set(size.from, bytesOf(field, known.get(name)) / (size.times ?? 1));
  }
  // From the last on, because a field may count what comes after it.
  const parts: Uint8Array[] = [];
  for (const field of spec.fields.toReversed()) {
    const rest = parts.reduce((sum, part) => sum + part.length, 0);
    if (field.countsRest === true && !known.has(field.name)) known.set(field.name, rest);
    parts.unshift(part(spec, field, known));
  }
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const written of parts) {
    bytes.set(written, at);
    at += written.length;
  }
  return bytes;
}

function part(spec: Layout, field: FieldSpec, known: ReadonlyMap<string, FieldValue>): Uint8Array {
  const { name, type, size } = field;
  const value = known.get(name);
  if (value === undefined && type !== 'padding') throw new RangeError(`${spec.name}: no value for ${name}`);
  const own = bytesOf(field, value);
  const content =
    typeof size === 'number'
      ? size
      : typeof size === 'object' && 'from' in size
        ? (known.get(size.from) as number) * (size.times ?? 1)
        : own;
  const until = typeof size === 'object' && 'until' in size ? [size.until] : [];
  const bytes = new Uint8Array(content + until.length);
  codecs[type].write(bytes, 0, content, value ?? 0);
  bytes.set(until, content);
  return bytes;
}
