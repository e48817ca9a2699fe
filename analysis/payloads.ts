/**
 * Which frames carry payloads, and who exchanges them. Pure, and one answer for all who ask: a protocol inside payloads is
 * recognised by the order of a conversation, so whoever reads payloads must agree on what a conversation is.
 */
import { counterOf } from '../protocol/layout.ts';
import { Direction, type FrameSpec } from '../protocol/types.ts';

/** Whether frames of this kind carry payloads that may be of a protocol of their own. */
export function carriesPayload(spec: FrameSpec): boolean {
  // Where a stream is cut into blocks or pieces means nothing.
  return (
    spec.direction === Direction.toRelay && spec.lossless !== true && spec.pieces !== true && hasPayload(spec)
  );
}

/** Datagrams may be lost; packets come in order, each whole; of a stream, where it is cut means nothing. */
export type Carriage = 'datagrams' | 'stream' | 'packets';

/** As what frames of this kind carry their payloads. */
export function carriageOf({ lossless, fields }: FrameSpec): Carriage {
  if (lossless !== true) return 'datagrams';
  const counter = fields.map(counterOf).find((counts) => counts !== null)?.from;
  // A block of a stream says how long it is, and nothing more.
  return fields.every(({ name, type }) => type === 'padding' || name === 'payload' || name === counter)
    ? 'stream'
    : 'packets';
}

/** The same for both ways between two endpoints. */
export function conversationOf(
  from: { readonly endpoint: string | null } | null,
  to: { readonly endpoint: string | null } | null,
  frame: { readonly from: number; readonly to: number },
): string {
  const ends = [from?.endpoint ?? String(frame.from), to?.endpoint ?? String(frame.to)];
  return ends.sort().join(' ');
}

/** `payload` is every layout's word for the game's own bytes. */
export function hasPayload(spec: FrameSpec): boolean {
  return spec.fields.some(({ name }) => name === 'payload');
}
