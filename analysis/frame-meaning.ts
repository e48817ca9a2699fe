/**
 * What a recorded frame is, in the words that every view of frames uses: commands, downloads and the dashboard.
 *
 * The rule: what is told of a frame depends on its bytes, its connections and what its conversation is known to be, and on
 * nothing else; so all views say the same.
 */
import { printable } from '../common/printable.ts';
import { kindName, UNFRAMED } from '../protocol/kind.ts';
import { span } from '../protocol/memory.ts';
import { outcomes } from '../protocol/outcome.ts';
import type { Protocol } from '../protocol/types.ts';
import type { RecordedConnection, RecordedFrame } from '../recorder/captures.ts';
import { see, type PayloadReadings, type SeenFrame } from './observe.ts';

/** Null for the relay itself, and for a connection of which the recording knows nothing. */
export type LookUp = (conn: number) => RecordedConnection | null;

const PREVIEW_BYTES = 40;

export interface FrameMeaning {
  readonly seen: SeenFrame;
  readonly protocol: Protocol | null;
  readonly kind: string;
  readonly outcome: string;
  /** As it is: what is in it may come from peers. */
  readonly summary: string;
}

export function meaningOf(frame: RecordedFrame, lookUp: LookUp, inner: PayloadReadings): FrameMeaning {
  const seen = see({ get: (conn) => lookUp(conn) ?? undefined }, frame, inner);
  const protocol = (seen.from ?? seen.to)?.protocol ?? null;
  return {
    seen,
    protocol,
    kind: kindName(protocol, frame.kind),
    outcome: outcomeName(frame.outcome),
    summary: summaryOf(seen, protocol),
  };
}

/** An unknown one (of a newer version, say) is named by its number. */
export function outcomeName(outcome: number): string {
  return outcomes[outcome]?.name ?? `outcome-${outcome}`;
}

/** Empty where the bytes may be damaged, or of a version that counted its kinds differently. */
function summaryOf({ frame, spec, payload, inner }: SeenFrame, protocol: Protocol | null): string {
  if (frame.kind === UNFRAMED) return unframedText(frame.bytes);
  if (spec === null || protocol === null) return '';
  const { bytes, view } = span(frame.bytes);
  const outer = protocol.summarize({ bytes, view, kind: frame.kind, at: 0, end: bytes.length });
  if (inner === null || payload === null) return outer;
  return `${outer}, ${inner.protocol.summarize(inner.kind, payload)}`;
}

/** What ended a connection is often text, of a browser or a scanner. */
function unframedText(bytes: Buffer): string {
  const start = printable(bytes.toString('latin1', 0, PREVIEW_BYTES));
  return `no frame: ${start}${bytes.length > PREVIEW_BYTES ? '...' : ''}`;
}
