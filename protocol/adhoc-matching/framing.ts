/**
 * Which message a payload is, if it can be one: an opcode that exists, and lengths that add up to the
 * payload exactly. Game data begins with small numbers too, so that anything less would name too much.
 */
import type { FrameKind } from '../types.ts';
import { COUNT_BYTES, Kind, MAC_BYTES, OPCODE_BYTES } from './layout.ts';

interface Shape {
  /** Up to the end of the last number that counts. */
  readonly headBytes: number;
  /** What those numbers count. Sums are far below 2 ** 53, so that none of them overflows. */
  readonly bodyBytes: (view: DataView) => number;
}

const OPT_AT = OPCODE_BYTES;
const SIBLINGS_AT = OPT_AT + COUNT_BYTES;

const none = (): number => 0;
const optBytes = (view: DataView): number => view.getUint32(OPT_AT, true);

const bare: Shape = { headBytes: OPCODE_BYTES, bodyBytes: none };
const counted: Shape = { headBytes: OPCODE_BYTES + COUNT_BYTES, bodyBytes: optBytes };
const address: Shape = { headBytes: OPCODE_BYTES + MAC_BYTES, bodyBytes: none };

const shapes: Readonly<Record<number, Shape>> = {
  [Kind.ping]: bare,
  [Kind.hello]: counted,
  [Kind.join]: counted,
  [Kind.accept]: {
    headBytes: SIBLINGS_AT + COUNT_BYTES,
    bodyBytes: (view) => optBytes(view) + view.getUint32(SIBLINGS_AT, true) * MAC_BYTES,
  },
  [Kind.cancel]: counted,
  [Kind.bulk]: counted,
  [Kind.bulkAbort]: bare,
  [Kind.birth]: address,
  [Kind.death]: address,
  [Kind.bye]: bare,
};

/** -1 if it is none. */
export function classify(payload: Uint8Array): FrameKind {
  const kind = payload[0] ?? -1;
  const shape = shapes[kind];
  if (shape === undefined || payload.length < shape.headBytes) return -1;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  return payload.length === shape.headBytes + shape.bodyBytes(view) ? kind : -1;
}
