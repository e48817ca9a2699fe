/** Who a frame is from and for, as endpoints: also where it reached nobody, or where the recording lacks a connection. */
import { span } from '../protocol/memory.ts';
import type { FrameView } from '../protocol/types.ts';
import type { RecordedConnection, RecordedFrame } from '../recorder/captures.ts';
import type { SeenFrame } from './observe.ts';

export function endpointOf(connection: RecordedConnection | null, conn: number): string {
  return connection?.endpoint ?? `connection ${conn}`;
}

/** Where the frame names nobody, it is for the one whom its connection talks to. */
export function targetOf({ frame, from, to, spec }: SeenFrame): string {
  if (frame.to !== 0) return endpointOf(to, frame.to);
  const addressee = spec === null ? null : (from?.protocol?.addressee?.(frameView(frame)) ?? null);
  const toward = from?.toward ?? '';
  return addressee ?? (toward === '' ? 'nobody' : toward);
}

export function frameView({ bytes, kind }: RecordedFrame): FrameView {
  return { ...span(bytes), kind, at: 0, end: bytes.length };
}
