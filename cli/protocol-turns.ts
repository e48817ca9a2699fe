/**
 * What may come when: the kinds that may follow each other, each way, as far as tables and framing tell it.
 *
 * The rule: one whole frame of each kind is written by its table, and whatever rule of the framing takes it, it is at home
 * there.
 */
import { encode, endOf, type FieldValue, flatSpecs } from '../protocol/layout.ts';
import { span } from '../protocol/memory.ts';
import {
  Direction,
  type FieldSpec,
  type FrameKind,
  type FrameSpec,
  type Mode,
  type Protocol,
} from '../protocol/types.ts';

/** Bytes for what may hold any: one of them makes a frame that no other kind fits. */
const FILLINGS = [0x61, 0x00, 0xff, 0x7e];

export interface Turn {
  readonly direction: Direction;
  /** The frames after which this rule holds; none at the start of a connection, null for what comes by UDP. */
  readonly after: readonly FrameSpec[] | null;
  readonly kinds: readonly FrameSpec[];
}

/** In the order in which a connection comes to them. */
export function turnsOf(protocol: Protocol): readonly Turn[] {
  const { start, datagram } = protocol.framing;
  const turns: Turn[] = [];
  for (const direction of [Direction.toRelay, Direction.toPeer]) {
    const way = direction === Direction.toRelay ? 'toRelay' : 'toPeer';
    const modes = new Set<Mode>([start[way]]);
    for (const { then } of protocol.frames) if (then?.[way] !== undefined) modes.add(then[way]);
    for (const mode of modes) {
      const after = protocol.frames.filter(({ then }) => then?.[way] === mode);
      const kinds = kindsIn(protocol, mode, direction);
      if (kinds.length > 0) turns.push({ direction, after: mode === start[way] ? [] : after, kinds });
    }
    if (datagram === undefined || modes.has(datagram)) continue;
    const kinds = kindsIn(protocol, datagram, direction);
    if (kinds.length > 0) turns.push({ direction, after: null, kinds });
  }
  return turns;
}

function kindsIn({ frames, framing }: Protocol, mode: Mode, direction: Direction): readonly FrameSpec[] {
  const isTaken = (kind: FrameKind, bytes: Uint8Array) => {
    const { view } = span(bytes);
    const { length } = bytes;
    return (
      framing.measure(mode, view, 0, length) === length && framing.classify(mode, view, 0, length) === kind
    );
  };
  return frames.filter(
    (spec, kind) =>
      spec.direction === direction && FILLINGS.some((filling) => isTaken(kind, sampleOf(spec, filling))),
  );
}

/** A whole frame of this kind. */
export function sampleOf(spec: FrameSpec, filling: number): Uint8Array {
  const values: Record<string, FieldValue> = {};
  const counters = new Set(
    spec.fields.flatMap(({ size }) => (typeof size === 'object' && 'from' in size ? [size.from] : [])),
  );
  for (const field of flatSpecs(spec.fields)) {
    if (counters.has(field.name) || field.countsRest === true || field.inside !== undefined) continue;
    values[field.name] = field.always ?? sampleValue(field, spec, filling);
  }
  return encode(spec, values);
}

function sampleValue(field: FieldSpec, spec: FrameSpec, filling: number): FieldValue {
  const { type, size, min = 0, max = Infinity } = field;
  const least = typeof size === 'number' ? size : (endOf(field)?.min ?? 0);
  switch (type) {
    case 'mac':
      return '02:00:00:00:00:01';
    case 'macs':
      return '';
    case 'ascii':
    case 'utf8':
    case 'escaped':
    case 'line':
      return 'a'.repeat(least);
    case 'bytes':
    case 'padding':
      return size === 'controls'
        ? Uint8Array.of(0x0a)
        : new Uint8Array(typeof size === 'number' ? size : spec.pieces === true ? 1 : 0).fill(filling);
    default:
      return Math.min(Math.max(1, min), max);
  }
}
