/**
 * Names that a relay makes up for its clients, as text in frames: the same names under others.
 *
 * The rule: where they stand is for the tables to say (`FieldSpec.handle`), inside other fields as well. A frame that is not
 * as its table says stays as it is.
 */
import {
  counterOf,
  dissect,
  encode,
  type Field,
  type FieldValue,
  flat,
  flatSpecs,
} from '../protocol/layout.ts';
import type { FieldSpec, FrameSpec } from '../protocol/types.ts';

/** The fields that hold such a name. */
export function textHandles(spec: FrameSpec): readonly FieldSpec[] {
  let fields = known.get(spec);
  if (fields === undefined) {
    fields = flatSpecs(spec.fields).filter(({ type, handle }) => handle !== undefined && isText(type));
    known.set(spec, fields);
  }
  return fields;
}

const known = new WeakMap<FrameSpec, readonly FieldSpec[]>();

function isText(type: FieldSpec['type']): boolean {
  return type === 'utf8' || type === 'escaped' || type === 'ascii';
}

/** The same array where nothing changes, and another frame otherwise. */
export function rename(spec: FrameSpec, bytes: Uint8Array, nameOf: (name: string) => string): Uint8Array {
  const handles = textHandles(spec);
  if (handles.length === 0) return bytes;
  const rows = flat(dissect(spec, bytes));
  if (rows.some(({ fault }) => fault !== null)) return bytes;
  const values = ownValues(spec, rows);
  let changes = false;
  for (const { name } of handles) {
    const value = values[name];
    if (typeof value !== 'string' || value === '') continue;
    values[name] = nameOf(value);
    changes ||= values[name] !== value;
  }
  return changes ? encode(spec, values) : bytes;
}

/** Whether the relay tells somebody by it under which name others find them. */
export function givesNames(spec: FrameSpec): boolean {
  return textHandles(spec).some(isGiven);
}

function isGiven({ handle }: FieldSpec): boolean {
  return handle === 'given';
}

/** Where the relay gives somebody a name: that name; null in frames that give none. */
export function givenName(spec: FrameSpec, bytes: Uint8Array): string | null {
  const field = textHandles(spec).find(isGiven);
  if (field === undefined) return null;
  const value = flat(dissect(spec, bytes)).find(({ name }) => name === field.name)?.value;
  return typeof value === 'string' && value !== '' ? value : null;
}

/** What is counted, and what holds others, follows from these. */
function ownValues({ fields }: FrameSpec, rows: readonly Field[]): Record<string, FieldValue> {
  const follows = new Set(fields.flatMap((field) => counterOf(field)?.from ?? []));
  for (const { name, inside, countsRest } of fields)
    if (inside !== undefined || countsRest === true) follows.add(name);
  return Object.fromEntries(
    rows.filter(({ name }) => !follows.has(name)).map(({ name, value }) => [name, value]),
  );
}
