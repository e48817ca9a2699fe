/**
 * Where in a frame a byte lies, in the words of its protocol's table: `size`, `payload[12]`, `matching.opcode`.
 *
 * The rule: names and values are the dissector's. Bytes of a field that is nothing but bytes are told by their
 * place in it.
 */
import { hasPayload } from '../../analysis/payloads.ts';
import { payloadOf } from '../../analysis/observe.ts';
import { endpointText, hex } from '../../protocol/address.ts';
import { dissect, type Field, flat, flatSpecs } from '../../protocol/layout.ts';
import type { PayloadReading } from '../../protocol/payload.ts';
import type { FrameKind, FrameSpec, Protocol } from '../../protocol/types.ts';
import type { Unit } from '../types.ts';

export type Frame = Pick<Unit, 'kind' | 'bytes'>;

export interface Naming {
  /** As in `Difference`. */
  readonly field: string | null;
  /** `size is 63 instead of 64`; null where nothing can be said. */
  readonly detail: string | null;
}

interface FieldPlace {
  readonly name: string;
  /** The value, or the one byte, as people write it. */
  readonly text: string;
}

/** The field in which two frames first differ, and what it holds in each. */
export function fieldsAt(
  { frames }: Protocol,
  expected: Frame,
  actual: Frame,
  offset: number,
  readingOf: (frame: Frame) => PayloadReading | null,
): Naming {
  const due = fieldAt(frames[expected.kind], expected.bytes, offset, readingOf(expected));
  const came = fieldAt(frames[actual.kind], actual.bytes, offset, readingOf(actual));
  if (due === null && came === null) return { field: null, detail: null };
  if (due === null)
    return { field: (came as FieldPlace).name, detail: 'it goes on where the recorded one ends' };
  if (came === null) return { field: due.name, detail: `it ends before ${due.name}` };
  // The same number may be written in two ways, and a line may hold what is not shown.
  const isTold = came.name === due.name && came.text !== due.text;
  const text = isTold ? came.text : byteText(actual.bytes, offset);
  const dueText = isTold || came.name !== due.name ? due.text : byteText(expected.bytes, offset);
  return { field: due.name, detail: `${due.name} is ${text} instead of ${dueText}` };
}

/** Null where there is no such byte, or where nothing is known of the frame. */
function fieldAt(
  spec: FrameSpec | undefined,
  bytes: Uint8Array,
  offset: number,
  inner: PayloadReading | null,
): FieldPlace | null {
  if (spec === undefined) return null;
  const field = holding(dissect(spec, bytes), offset);
  if (field === null) return null;
  const reading = field.name === 'payload' && field.fault === null ? inner : null;
  const innerSpec = reading?.protocol.frames[reading.kind];
  if (reading !== null && innerSpec !== undefined) {
    const payload = bytes.subarray(field.at, field.at + field.size);
    const row = holding(dissect(innerSpec, payload), offset - field.at);
    if (row !== null) return told(row, payload, offset - field.at, `${reading.protocol.name}.`);
  }
  return told(field, bytes, offset, '');
}

/** The innermost. */
function holding(fields: readonly Field[], offset: number): Field | null {
  return flat(fields).findLast(({ at, size }) => at <= offset && offset < at + size) ?? null;
}

function told(
  { name, at, value, text }: Field,
  bytes: Uint8Array,
  offset: number,
  within: string,
): FieldPlace {
  if (!(value instanceof Uint8Array)) return { name: `${within}${name}`, text };
  return { name: `${within}${name}[${offset - at}]`, text: byteText(bytes, offset) };
}

export function byteText(bytes: Uint8Array, at: number): string {
  return `0x${hex(bytes.subarray(at, at + 1))}`;
}

/** The game's own bytes in a whole frame of this kind; null where it has none. Borrowed from the frame. */
export function payloadIn(protocol: Protocol, kind: FrameKind, bytes: Uint8Array): Uint8Array | null {
  const spec = protocol.frames[kind];
  return spec === undefined || !hasPayload(spec) || bytes.length < spec.bytesMin
    ? null
    : payloadOf(spec, bytes);
}

/** The endpoints that a frame names: each address, with the port that goes with it where it has one. */
export function endpointsIn(protocol: Protocol, kind: FrameKind, bytes: Uint8Array): readonly string[] {
  const spec = protocol.frames[kind];
  if (spec === undefined) return [];
  const values = new Map(flat(dissect(spec, bytes)).map(({ name, value }) => [name, value]));
  const specs = flatSpecs(spec.fields);
  return specs.flatMap(({ name, type }) => {
    const address = values.get(name);
    const portField = specs.find(({ portOf }) => portOf === name);
    if ((type !== 'mac' && portField === undefined) || typeof address !== 'string') return [];
    const port = values.get(portField?.name ?? '');
    return [typeof port === 'number' ? endpointText(address, port) : address];
  });
}
