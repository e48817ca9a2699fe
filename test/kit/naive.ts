/** The slow and obvious way to cut a stream: from the layout tables alone, one field after the other. */
import { dissect } from '../../protocol/layout.ts';
import type { Direction, FrameKind, FrameSpec, Mode, Protocol } from '../../protocol/types.ts';
import { type Cut, kindsIn, modeAfter } from './generate.ts';

/** `length` is 0 where more bytes must come before it can be known, and `refused` where no frame fits. */
export interface Guess {
  readonly kind: FrameKind;
  readonly length: number;
  readonly refused: boolean;
}

const WAITS: Guess = { kind: -1, length: 0, refused: false };
const REFUSED: Guess = { kind: -1, length: 0, refused: true };

/** What the next frame is, of those that may come under this mode. */
export function naiveMeasure(protocol: Protocol, mode: Mode, direction: Direction, bytes: Uint8Array): Guess {
  let guess = REFUSED;
  for (const kind of kindsIn(protocol, mode, direction)) {
    const found = measureAs(protocol.frames[kind]!, kind, bytes);
    if (found.length > 0) return found;
    if (!found.refused) guess = WAITS;
  }
  return guess;
}

function measureAs(spec: FrameSpec, kind: FrameKind, bytes: Uint8Array): Guess {
  const rows = new Map(dissect(spec, bytes).map((row) => [row.name, row]));
  let length = 0;
  for (const field of spec.fields) {
    const row = rows.get(field.name);
    const whole = row !== undefined && (typeof field.size !== 'number' || row.size === field.size);
    if (field.always !== undefined) {
      if (!whole) return WAITS;
      if (row.value !== field.always) return REFUSED;
    }
    if (typeof field.size === 'number') {
      length += field.size;
    } else if (field.size === 'rest') {
      length = bytes.length;
    } else {
      const count = rows.get(field.size.from);
      if (typeof count?.value !== 'number') return WAITS;
      length += count.value * (field.size.times ?? 1);
    }
  }
  return length > spec.bytesMax ? REFUSED : { kind, length, refused: false };
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
  }
  return { cuts, refused: false };
}
