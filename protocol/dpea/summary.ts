/** What a frame says, in a line for lists. */
import { numberText } from '../given-names.ts';
import type { FrameView, GivenNames } from '../types.ts';
import { Kind, LENGTH_AT } from './layout.ts';

type Summary = (frame: FrameView, names?: GivenNames) => string;

function type({ view, at }: FrameView, names?: GivenNames): string {
  const value = view.getUint32(at, true);
  return `type ${numberText(value, names?.get('type')?.[value])}`;
}

function length({ view, at }: FrameView): string {
  return bytes(view.getUint32(at + LENGTH_AT, true));
}

function bytes(count: number): string {
  return `${count} byte${count === 1 ? '' : 's'}`;
}

const packet: Summary = (frame, names) => `${type(frame, names)}, ${length(frame)}`;
const start: Summary = (frame, names) => `${type(frame, names)}, ${length(frame)} in parts`;
const part: Summary = ({ at, end }) => `${bytes(end - at)} of a long packet`;
const rawStart: Summary = (frame) => `not dpea: no packet has ${length(frame)}; raw from here on`;
const raw: Summary = ({ at, end }) => `${bytes(end - at)}, raw`;

/** By kind. Each is given a whole frame. */
const summaries: Readonly<Record<number, Summary>> = {
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

export function summarize(frame: FrameView, names?: GivenNames): string {
  return summaries[frame.kind]?.(frame, names) ?? bytes(frame.end - frame.at);
}
