/** The fields of a difference's frames, side by side, and where the one lies that differs first. */
import { hex } from '../../protocol/address.ts';
import { dissect, type Field, flat } from '../../protocol/layout.ts';
import { payloadProtocols, type PayloadProtocol } from '../../protocol/payload.ts';
import type { FrameKind } from '../../protocol/types.ts';
import type { ByteRange, Difference } from '../types.ts';

export interface FieldPair {
  readonly name: string;
  /** In words; null where the frame has no such field. */
  readonly expected: string | null;
  readonly actual: string | null;
  readonly differs: boolean;
  /** It holds the first byte that differs. */
  readonly isNamed: boolean;
}

export interface FieldSides {
  readonly expected: readonly Field[];
  readonly actual: readonly Field[];
}

/** Of streams there are none: where their bytes begin and end means nothing. */
export function fieldSides({ conversation, field, ...sides }: Difference): FieldSides {
  const read = (kind: FrameKind | null, bytes: Uint8Array | null): readonly Field[] => {
    const spec = kind === null ? undefined : conversation.protocol.frames[kind];
    if (spec === undefined || bytes === null || conversation.isStream) return [];
    const fields = flat(dissect(spec, bytes));
    const inner = payloadProtocols.find(({ name }) => field?.startsWith(`${name}.`) === true);
    return inner === undefined ? fields : fields.flatMap((each) => withInner(inner, each));
  };
  return {
    expected: read(sides.expectedKind, sides.expected),
    actual: read(sides.actualKind, sides.actual),
  };
}

/** A payload is followed by the fields of what it carries. */
function withInner(inner: PayloadProtocol, field: Field): readonly Field[] {
  if (field.name !== 'payload' || !(field.value instanceof Uint8Array)) return [field];
  const spec = inner.frames[inner.classify(field.value)];
  if (spec === undefined) return [field];
  const fields = flat(dissect(spec, field.value));
  return [
    field,
    ...fields.map((each) => ({ ...each, name: `${inner.name}.${each.name}`, at: field.at + each.at })),
  ];
}

/** In the order of the expected frame; those that only the other has come last. */
export function fieldPairs({ expected, actual }: FieldSides, difference: Difference): readonly FieldPair[] {
  const named = plainName(difference.field);
  const names = new Set([...expected, ...actual].map(({ name }) => name));
  return Array.from(names, (name) => {
    const [one, other] = [expected, actual].map((fields) => fields.find((field) => field.name === name));
    const isSame = bytesOf(one, difference.expected) === bytesOf(other, difference.actual);
    return {
      name,
      expected: one === undefined ? null : fieldText(one),
      actual: other === undefined ? null : fieldText(other),
      differs: difference.expected !== null && difference.actual !== null && !isSame,
      isNamed: name === named,
    };
  });
}

/** `100 expected, 101 came`: what the field holds that differs first, or else the byte; null where neither is known. */
export function valuesText(difference: Difference): string | null {
  const { expected, actual, offset, field } = difference;
  const pair = fieldPairs(fieldSides(difference), difference).find(({ isNamed }) => isNamed);
  // Of a byte within a field that byte is told, and not the whole field, which may be long.
  if (pair !== undefined && field === plainName(field) && pair.expected !== pair.actual) {
    return `${pair.expected ?? 'none'} expected, ${pair.actual ?? 'none'} came`;
  }
  if (offset === null || expected === null || actual === null) return null;
  const byte = (bytes: Uint8Array) => {
    const value = bytes[offset];
    return value === undefined ? 'the end' : `0x${hex(Uint8Array.of(value))}`;
  };
  return `${byte(expected)} expected, ${byte(actual)} came`;
}

/** Where the field lies that holds the first byte that differs. */
export function namedRange(fields: readonly Field[], difference: Difference): ByteRange | null {
  const named = plainName(difference.field);
  return fields.find(({ name }) => name === named) ?? null;
}

/** `payload[12]` is a byte of `payload`. */
function plainName(field: string | null): string | null {
  return field?.replace(/\[\d+\]$/, '') ?? null;
}

function fieldText({ text, fault }: Field): string {
  return fault === null ? text : `${text} (${fault})`;
}

function bytesOf(field: Field | undefined, bytes: Uint8Array | null): string | null {
  return field === undefined || bytes === null ? null : hex(bytes.subarray(field.at, field.at + field.size));
}
