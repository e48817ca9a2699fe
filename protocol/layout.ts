/**
 * Reads and writes frames by their layout tables: slowly, obviously, and the same for all protocols.
 *
 * The relay never uses this. The dissector, the docs and the tests do, and the tests hold every
 * protocol's fast path against it.
 */
import { hex, macBytes, macText } from './address.ts';
import type { FieldSpec, FrameSpec } from './types.ts';
import { utf8Bytes, utf8Text } from './utf8.ts';

/** A field's value: a number for the integer types, text for `mac`, `macs`, `ascii` and `utf8`, else bytes. */
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
}

const MAC_BYTES = 6;
/** With the blank behind it. */
const MAC_TEXT_LENGTH = '02:aa:bb:cc:dd:01 '.length;

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
  bytes: raw,
  // Whatever it holds means nothing, and it is written as zeros.
  padding: { read: raw.read, write: (bytes, at, size) => bytes.fill(0, at, at + size) },
};

function sizeOf(field: FieldSpec, values: ReadonlyMap<string, FieldValue>, left: number): number {
  if (field.size === 'rest') return left;
  if (typeof field.size === 'number') return field.size;
  return (values.get(field.size.from) as number) * (field.size.times ?? 1);
}

/** Bytes that a value takes where its field has whatever size the value has. */
function bytesOf({ type }: FieldSpec, value: FieldValue | undefined): number {
  if (typeof value === 'number' || value === undefined) return 0;
  if (type === 'macs') return Math.ceil(value.length / MAC_TEXT_LENGTH) * MAC_BYTES;
  return type === 'utf8' ? utf8Bytes(value as string).length : value.length;
}

function isText({ type }: FieldSpec): boolean {
  return type === 'ascii' || type === 'utf8';
}

function textOf(field: FieldSpec, value: FieldValue): string {
  if (typeof value === 'number') {
    const name = field.names?.[value];
    return name === undefined ? String(value) : `${name} (${value})`;
  }
  if (typeof value === 'string') return isText(field) ? JSON.stringify(value) : value;
  return value.length > 16 ? `${hex(value.subarray(0, 16))}... (${value.length} bytes)` : hex(value);
}

/** All fields of one whole frame, in order. A frame that ends early or late gets a field that says so. */
export function dissect(spec: Layout, bytes: Uint8Array): readonly Field[] {
  const fields: Field[] = [];
  const values = new Map<string, FieldValue>();
  let at = 0;
  for (const field of spec.fields) {
    const left = bytes.length - at;
    const size = sizeOf(field, values, left);
    if (size > left) {
      const value = bytes.slice(at);
      const fault = `${size} bytes belong here, ${left} are there`;
      fields.push({ name: field.name, at, size: left, value, text: hex(value), fault });
      return fields;
    }
    const value = codecs[field.type].read(bytes, at, size);
    const fault =
      field.always !== undefined && value !== field.always
        ? `is always ${field.always} in ${spec.name}`
        : null;
    values.set(field.name, value);
    fields.push({ name: field.name, at, size, value, text: textOf(field, value), fault });
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

/** Writes one frame from the values of its fields; `padding`, `always` and counted lengths need none. */
export function encode(spec: Layout, values: Readonly<Record<string, FieldValue>>): Uint8Array {
  const known = new Map<string, FieldValue>(Object.entries(values));
  for (const field of spec.fields) {
    if (field.always !== undefined) known.set(field.name, field.always);
    if (typeof field.size === 'object' && !known.has(field.size.from)) {
      known.set(field.size.from, bytesOf(field, known.get(field.name)) / (field.size.times ?? 1));
    }
  }
  const sizes = spec.fields.map((field) => sizeOf(field, known, bytesOf(field, known.get(field.name))));
  const bytes = new Uint8Array(sizes.reduce((sum, size) => sum + size, 0));
  let at = 0;
  for (const [i, field] of spec.fields.entries()) {
    const size = sizes[i] as number;
    const value = known.get(field.name);
    if (value === undefined && field.type !== 'padding')
      throw new RangeError(`${spec.name}: no value for ${field.name}`);
    codecs[field.type].write(bytes, at, size, value ?? 0);
    at += size;
  }
  return bytes;
}
