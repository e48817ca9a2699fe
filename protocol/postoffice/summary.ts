/** What a frame says, in words: a line for lists, and for whom it was. */
import { endpointText, macText } from '../address.ts';
import type { FrameView } from '../types.ts';
import { Kind, PDP_HEADER_BYTES, PTP_HEADER_BYTES } from './layout.ts';

function address(frame: FrameView, at: number): string {
  return endpointText(macText(frame.bytes, frame.at + at), frame.view.getUint16(frame.at + at + 8, true));
}

function size(frame: FrameView, headerBytes: number): string {
  const bytes = frame.end - frame.at - headerBytes;
  return bytes === 1 ? '1 byte' : `${bytes} bytes`;
}

/** By kind. Each is given a whole frame. */
const summaries: Readonly<Record<number, (frame: FrameView) => string>> = {
  [Kind.pdpOpen]: (frame) => `opens PDP ${address(frame, 4)}`,
  [Kind.ptpListen]: (frame) => `listens for PTP at ${address(frame, 4)}`,
  [Kind.ptpConnect]: (frame) => `asks for PTP ${address(frame, 4)} to ${address(frame, 14)}`,
  [Kind.ptpAccept]: (frame) => `accepts PTP at ${address(frame, 4)} from ${address(frame, 14)}`,
  [Kind.pdp]: (frame) => `${size(frame, PDP_HEADER_BYTES)} to ${address(frame, 0)}`,
  [Kind.ptp]: (frame) => `${size(frame, PTP_HEADER_BYTES)} of the stream`,
  [Kind.ignored]: (frame) => `${size(frame, 0)} that nobody asked for`,
  [Kind.pdpDelivered]: (frame) => `${size(frame, PDP_HEADER_BYTES)} from ${address(frame, 0)}`,
  [Kind.ptpDelivered]: (frame) => `${size(frame, PTP_HEADER_BYTES)} of the stream`,
  [Kind.ptpRequest]: (frame) => `${address(frame, 0)} asks for a stream`,
  [Kind.ptpReady]: (frame) => `the stream with ${address(frame, 0)} stands`,
};

export function summarize(frame: FrameView): string {
  return summaries[frame.kind]?.(frame) ?? size(frame, 0);
}

/** Only datagrams name their target. */
export function addressee(frame: FrameView): string | null {
  return frame.kind === Kind.pdp ? address(frame, 0) : null;
}

/** Only delivered datagrams name who sent them: a stream has one other end. */
export function sender(frame: FrameView): string | null {
  return frame.kind === Kind.pdpDelivered ? address(frame, 0) : null;
}
