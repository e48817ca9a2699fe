/** Frames and gaps of a capture as lines: aligned ones for people, JSON for scripts. */
import { see, type SeenFrame } from '../analysis/observe.ts';
import { kindName, UNFRAMED } from '../protocol/kind.ts';
import { Outcome, outcomes } from '../protocol/outcome.ts';
import { span } from '../protocol/memory.ts';
import type { PayloadReader } from '../protocol/payload.ts';
import { protocols } from '../protocol/registry.ts';
import type { Protocol } from '../protocol/types.ts';
import type { RecordedConnection, RecordedFrame, RecordedGap } from '../recorder/captures.ts';
import { countText, hostPortText, millisText, plural, printable } from './format.ts';
import type { Paint } from './style.ts';

/** Null for the relay itself, and for a connection of which the recording knows nothing. */
export type LookUp = (conn: number) => RecordedConnection | null;

const NANOS_PER_SECOND = 1e9;
const NANOS_PER_MILLI = 1e6;

const PREVIEW_BYTES = 40;
const ENDPOINT_WIDTH = '02:aa:bb:cc:dd:01/12345'.length;
const KIND_WIDTH = Math.max(
  ...protocols.flatMap((protocol) => protocol.frames.map(({ name }) => kindText(protocol, name).length)),
);
const OUTCOME_WIDTH = longest(outcomes);

/** The names of the columns of `frameLine`. */
export function frameHeading(paint: Paint): string {
  return paint(
    'bold',
    arrange('sequence', 'seconds', 'delay', 'from', 'to', 'kind', 'size', 'outcome', 'summary'),
  );
}

/** `inner` must have been given every frame before this one, by this function or by `frameJson`. */
export function frameLine(frame: RecordedFrame, lookUp: LookUp, inner: PayloadReader, paint: Paint): string {
  const { protocol, kind, outcome, summary } = meaningOf(frame, lookUp, inner);
  const toNobody = frame.outcome === Outcome.consumed ? 'relay' : '-';
  const line = arrange(
    String(frame.sequence),
    (frame.arrived / NANOS_PER_SECOND).toFixed(6),
    frame.departed === null ? '-' : millisText((frame.departed - frame.arrived) / NANOS_PER_MILLI),
    frame.from === 0 ? 'relay' : endText(frame.from, lookUp),
    frame.to === 0 ? toNobody : endText(frame.to, lookUp),
    kindText(protocol, kind),
    String(frame.bytes.length),
    outcome,
    printable(summary),
  );
  return frame.outcome > Outcome.originated ? paint('yellow', line) : line;
}

/** With its protocol, where there is more than one that it could be of. */
function kindText(protocol: Protocol | null, kind: string): string {
  return protocols.length > 1 && protocol !== null ? `${protocol.name}/${kind}` : kind;
}

/** One object with every field; times in nanoseconds since the capture's start. `inner` as for `frameLine`. */
export function frameJson(frame: RecordedFrame, lookUp: LookUp, inner: PayloadReader): string {
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

export function gapLine({ frames, events, reason }: RecordedGap, paint: Paint): string {
  const what = frames === 0 ? plural(events, 'connection event') : plural(frames, 'frame');
  return paint('red', `-- ${what} lost here: ${printable(reason)} --`);
}

export function gapJson({ firstSequence, frames, events, noticed, reason }: RecordedGap): string {
  return JSON.stringify({ gap: { firstSequence, frames, events, noticed, reason } });
}

interface Meaning {
  readonly protocol: Protocol | null;
  readonly kind: string;
  readonly outcome: string;
  readonly summary: string;
}

function meaningOf(frame: RecordedFrame, lookUp: LookUp, inner: PayloadReader): Meaning {
  const seen = see({ get: (conn) => lookUp(conn) ?? undefined }, frame, inner);
  const protocol = (seen.from ?? seen.to)?.protocol ?? null;
  return {
    protocol,
    kind: kindName(protocol, frame.kind),
    outcome: outcomes[frame.outcome]?.name ?? `outcome-${frame.outcome}`,
    summary: summaryOf(seen, protocol),
  };
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

function endText(conn: number, lookUp: LookUp): string {
  const connection = lookUp(conn);
  if (connection === null) return `connection ${countText(conn)}`;
  const { endpoint, remoteAddress, remotePort } = connection;
  return endpoint === null ? hostPortText(remoteAddress, remotePort) : printable(endpoint);
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

function arrange(
  sequence: string,
  seconds: string,
  delay: string,
  from: string,
  to: string,
  kind: string,
  size: string,
  outcome: string,
  summary: string,
): string {
  return [
    sequence.padStart(8),
    seconds.padStart(12),
    delay.padStart(9),
    from.padEnd(ENDPOINT_WIDTH),
    to.padEnd(ENDPOINT_WIDTH),
    kind.padEnd(KIND_WIDTH),
    size.padStart(6),
    outcome.padEnd(OUTCOME_WIDTH),
    summary,
  ]
    .join('  ')
    .trimEnd();
}

function longest(named: readonly { readonly name: string }[]): number {
  return Math.max(...named.map(({ name }) => name.length));
}
