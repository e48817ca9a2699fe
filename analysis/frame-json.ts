/** Frames and gaps of a capture as JSON, an object a line: for scripts, and for downloads, which are the same. */
import type { RecordedFrame, RecordedGap } from '../recorder/captures.ts';
import { meaningOf, type LookUp } from './frame-meaning.ts';
import type { PayloadReadings } from './observe.ts';

/** One object with every field; times in nanoseconds since the capture's start. `inner` must have been given every frame before. */
export function frameJson(frame: RecordedFrame, lookUp: LookUp, inner: PayloadReadings): string {
  const { protocol, kind, outcome, summary } = meaningOf(frame, lookUp, inner);
  return JSON.stringify({
    sequence: frame.sequence,
    time: frame.arrived,
    departed: frame.departed,
    from: endJson(frame.from, lookUp),
    to: endJson(frame.to, lookUp),
    protocol: protocol?.name ?? null,
    kind,
    size: frame.bytes.length,
    outcome,
    summary,
    bytes: frame.bytes.toString('hex'),
  });
}

export function gapJson({ firstSequence, frames, events, noticed, reason }: RecordedGap): string {
  return JSON.stringify({ gap: { firstSequence, frames, events, noticed, reason } });
}

function endJson(conn: number, lookUp: LookUp): Readonly<Record<string, unknown>> {
  const connection = conn === 0 ? null : lookUp(conn);
  return {
    conn,
    endpoint: connection?.endpoint ?? null,
    address: connection?.remoteAddress ?? null,
    port: connection?.remotePort ?? null,
    role: connection?.role ?? null,
  };
}
