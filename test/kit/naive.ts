/** The slow and obvious way to cut a stream: from the layout tables alone, one field after the other. */
import { counterOf, dissect, endOf } from '../../protocol/layout.ts';
import type { Direction, FieldSpec, FrameKind, FrameSpec, Mode, Protocol } from '../../protocol/types.ts';
import { type Cut, kindsIn, modeAfter } from './generate.ts';

/** `length` is 0 where more bytes must come before it can be known, and `refused` where no frame fits. */
export interface Guess {
  readonly kind: FrameKind;
  readonly length: number;
  readonly refused: boolean;
}

const WAITS: Guess = { kind: -1, length: 0, refused: false };
const REFUSED: Guess = { kind: -1, length: 0, refused: true };
/** It said what it is, and is not that: so it is not what no other kind fits either. */
const BROKEN: Guess = { kind: -1, length: 0, refused: true };

/** What the next frame is, of those that may come under this mode. */
export function naiveMeasure(protocol: Protocol, mode: Mode, direction: Direction, bytes: Uint8Array): Guess {
  const kinds = kindsIn(protocol, mode, direction);
  const isLast = (kind: FrameKind) => protocol.frames[kind]?.otherwise === true;
  let guess = REFUSED;
  for (const kind of [...kinds.filter((it) => !isLast(it)), ...kinds.filter(isLast)]) {
    if (isLast(kind) && guess !== REFUSED) return guess;
    const found = measureAs(protocol.frames[kind]!, kind, bytes);
    if (found.length > 0) return found;
    if (!found.refused) guess = WAITS;
    else if (found === BROKEN && guess === REFUSED) guess = BROKEN;
  }
  return guess;
}

function measureAs(spec: FrameSpec, kind: FrameKind, bytes: Uint8Array): Guess {
  const rows = new Map(dissect(spec, bytes).map((row) => [row.name, row]));
  let length = 0;
  /** As soon as a text that is always the same has been that. */
  let refused = REFUSED;
  /** As a field says that counts the rest. */
  let total: number | null = null;
  for (const field of spec.fields) {
    const row = rows.get(field.name);
    const end = endOf(field);
    if (end !== null) {
      if (row === undefined) return WAITS;
      const place = bytes.subarray(row.at, row.at + end.max + 1).indexOf(end.until);
      if (place < 0) return bytes.length - row.at > end.max ? refused : WAITS;
    }
    // What would lie behind the end that was counted belongs to another frame.
    if (total !== null && typeof field.size === 'number' && length + field.size > total) return REFUSED;
    const whole = row !== undefined && (typeof field.size !== 'number' || row.size === field.size);
    const isTold = field.always !== undefined || field.min !== undefined || field.max !== undefined;
    if (isTold && !whole) return WAITS;
    // Whether a count of the rest is right cannot be told before the rest is there.
    if (
      whole &&
      row.fault !== null &&
      field.countsRest !== true &&
      field.inside === undefined &&
      counterOf(field) === null
    )
      return refused;
    if (typeof field.always === 'string') refused = BROKEN;
    if (field.countsRest === true) {
      if (!whole) return WAITS;
      if (typeof row.value !== 'number' || isOutside(field, row.value)) return REFUSED;
      total = row.at + row.size + row.value;
    }
    if (typeof field.size === 'number') {
      length += field.size;
    } else if (field.size === 'rest') {
      length = Math.max(total ?? bytes.length, length);
    } else if (field.size === 'controls') {
      if ((row?.size ?? 0) === 0) return REFUSED;
      length += row?.size ?? 0;
    } else if (end !== null) {
      length += row?.size ?? 0;
    } else {
      const counter = counterOf(field);
      const count = rows.get(counter?.from ?? '');
      if (typeof count?.value !== 'number') return WAITS;
      length += count.value * (counter?.times ?? 1);
    }
  }
  if (total !== null && total !== length) return REFUSED;
  return length > spec.bytesMax ? REFUSED : { kind, length, refused: false };
}

function isOutside({ min = 0, max = Infinity }: FieldSpec, value: number): boolean {
  return value < min || value > max;
}

export interface Reading {
  readonly cuts: readonly Cut[];
  /** Whether it stopped at bytes that no frame begins with. */
  readonly refused: boolean;
}

export function naiveRead(protocol: Protocol, start: Mode, direction: Direction, bytes: Uint8Array): Reading {
  const cuts: Cut[] = [];
  let mode = start;
  let at = 0;
  while (at < bytes.length) {
    const { kind, length, refused } = naiveMeasure(protocol, mode, direction, bytes.subarray(at));
    if (refused) return { cuts, refused };
    if (length === 0 || at + length > bytes.length) break;
    cuts.push({ kind, bytes: bytes.slice(at, at + length) });
    at += length;
    mode = modeAfter(protocol, mode, kind, direction);
    const body = announcedBody(protocol, cuts.at(-1)!, bytes.subarray(at));
    if (body === null) continue;
    cuts.push(body);
    at += body.bytes.length;
  }
  return { cuts, refused: false };
}

/** What a frame announces, as far as it is there. */
function announcedBody({ frames }: Protocol, { kind, bytes }: Cut, after: Uint8Array): Cut | null {
  const spec = frames[kind]!;
  const { announces } = spec;
  if (announces === undefined) return null;
  const size = dissect(spec, bytes).find(({ name }) => name === announces.field)?.value as number;
  const body = after.slice(0, size);
  return body.length === 0 ? null : { kind: announces.kind, bytes: body };
}
