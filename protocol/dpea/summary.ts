/** What a frame says, in a line for lists. */
import type { FrameView } from '../types.ts';
import { Kind, LENGTH_AT } from './layout.ts';

function type({ view, at }: FrameView): string {
  return `type ${view.getUint32(at, true)}`;
}

function length({ view, at }: FrameView): string {
  return bytes(view.getUint32(at + LENGTH_AT, true));
}

function bytes(count: number): string {
  return `${count} byte${count === 1 ? '' : 's'}`;
}

const packet = (frame: FrameView): string => `${type(frame)}, ${length(frame)}`;
const start = (frame: FrameView): string => `${type(frame)}, ${length(frame)} in parts`;
const part = ({ at, end }: FrameView): string => `${bytes(end - at)} of a long packet`;
const rawStart = (frame: FrameView): string => `not dpea: no packet has ${length(frame)}; raw from here on`;
const raw = ({ at, end }: FrameView): string => `${bytes(end - at)}, raw`;

/** By kind. Each is given a whole frame. */
const summaries: Readonly<Record<number, (frame: FrameView) => string>> = {
  [Kind.packet]: packet,
  [Kind.packetStart]: start,
  [Kind.packetPart]: part,
  [Kind.rawStart]: rawStart,
  [Kind.raw]: raw,
  [Kind.packetDelivered]: packet,
  [Kind.packetStartDelivered]: start,
  [Kind.packetPartDelivered]: part,
  [Kind.rawStartDelivered]: rawStart,
  [Kind.rawDelivered]: raw,
};

export function summarize(frame: FrameView): string {
  return summaries[frame.kind]?.(frame) ?? bytes(frame.end - frame.at);
}
