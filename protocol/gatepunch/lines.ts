/** Lines of text, in which control characters mean nothing: where they end, and what they say. */
import { isControl } from '../layout.ts';
import type { FrameView } from '../types.ts';
import { utf8Text } from '../utf8.ts';
import { GatepunchFault } from './faults.ts';
import { LINE_BYTES_MAX, LINE_FEED } from './layout.ts';

/** Where the text that starts at `at` ends, the byte that ends it included; 0 where that has not come, `-fault` where it is too late. */
export function textEnd(view: DataView, at: number, end: number, until: number, bytesMax: number): number {
  const most = Math.min(end, at + bytesMax + 1);
  for (let i = at; i < most; i++) if (view.getUint8(i) === until) return i + 1;
  return end - at > bytesMax ? -GatepunchFault.lineTooLong : 0;
}

export function lineEnd(view: DataView, at: number, end: number): number {
  return textEnd(view, at, end, LINE_FEED, LINE_BYTES_MAX);
}

/** Where so many lines end, in the same way. */
export function linesEnd(view: DataView, at: number, end: number, count: number): number {
  let to = at;
  for (let i = 0; i < count; i++) {
    to = lineEnd(view, to, end);
    if (to <= 0) break;
  }
  return to;
}

/** Where the control characters that start at `at` end. */
export function controlsEnd(view: DataView, at: number, end: number): number {
  while (at < end && isControl(view.getUint8(at))) at++;
  return at;
}

/** A line that may be a command, each byte as the letter of its number. */
export function commandText(view: DataView, at: number, end: number): string {
  let text = '';
  for (let i = at; i < end; i++)
    if (!isControl(view.getUint8(i))) text += String.fromCharCode(view.getUint8(i));
  return text;
}

/** All lines of a frame that is made of lines, as text; what is no UTF-8 in them becomes U+FFFD. */
export function frameLines({ bytes, at, end }: FrameView): readonly string[] {
  const lines: string[] = [];
  for (let from = at; from < end;) {
    const to = bytes.indexOf(LINE_FEED, from);
    const line = bytes.subarray(from, to).filter((byte) => !isControl(byte));
    lines.push(utf8Text(line, 0, line.length));
    from = to + 1;
  }
  return lines;
}
