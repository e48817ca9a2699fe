/** What a frame says, in words: a line for lists, and for whom it was. */
import { escapedText } from '../escaped.ts';
import type { FrameView } from '../types.ts';
import { sizeOf } from './framing.ts';
import { BAR, Kind } from './layout.ts';
import { nameEndpoint } from './names.ts';

/** Where the name ends that a frame begins with. */
function nameEnd({ bytes, at, end }: FrameView): number {
  return at + bytes.subarray(at, end).indexOf(BAR);
}

function name(frame: FrameView): string {
  return `"${escapedText(frame.bytes, frame.at, nameEnd(frame)).replaceAll('"', '\\"')}"`;
}

function bytes(count: number): string {
  return count === 1 ? '1 byte' : `${count} bytes`;
}

/** By kind. Each is given a whole frame. */
const summaries: Readonly<Record<number, (frame: FrameView) => string>> = {
  [Kind.name]: (frame) => `is called ${name(frame)}`,
  [Kind.message]: (frame) => `${bytes(sizeOf(frame.view, frame.at, frame.end))} to ${name(frame)}`,
  [Kind.body]: ({ at, end }) => `${bytes(end - at)} of the message`,
  [Kind.delivered]: ({ at, end }) => `${bytes(end - at)} of messages`,
};

export function summarize(frame: FrameView): string {
  return summaries[frame.kind]?.(frame) ?? bytes(frame.end - frame.at);
}

/** What follows a message does not say for whom it is. */
export function addressee(frame: FrameView): string | null {
  return frame.kind === Kind.message ? nameEndpoint(frame.bytes, frame.at, nameEnd(frame)) : null;
}
