/** Frames and gaps of a capture as aligned lines, for people. */
import { meaningOf, type LookUp } from '../analysis/frame-meaning.ts';
import { printable } from '../common/printable.ts';
import { Outcome, outcomes } from '../protocol/outcome.ts';
import type { PayloadReader } from '../protocol/payload.ts';
import { protocols } from '../protocol/registry.ts';
import type { Protocol } from '../protocol/types.ts';
import type { RecordedFrame, RecordedGap } from '../recorder/captures.ts';
import { countText, hostPortText, millisText, plural } from './format.ts';
import type { Paint } from './style.ts';

const NANOS_PER_SECOND = 1e9;
const NANOS_PER_MILLI = 1e6;

const ENDPOINT_WIDTH = '02:aa:bb:cc:dd:01/12345'.length;
/** As wide as names usually are; longer ones push the rest of their line to the right. */
const KIND_WIDTH = 'adhocctl/peer-disconnected'.length;
const OUTCOME_WIDTH = longest(outcomes);

/** The names of the columns of `frameLine`. */
export function frameHeading(paint: Paint): string {
  return paint(
    'bold',
    arrange('sequence', 'seconds', 'delay', 'from', 'to', 'kind', 'size', 'outcome', 'summary'),
  );
}

/** `inner` must have been given every frame before this one, by this function or by others that read payloads. */
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

export function gapLine({ frames, events, reason }: RecordedGap, paint: Paint): string {
  const what = frames === 0 ? plural(events, 'connection event') : plural(frames, 'frame');
  return paint('red', `-- ${what} lost here: ${printable(reason)} --`);
}

function endText(conn: number, lookUp: LookUp): string {
  const connection = lookUp(conn);
  if (connection === null) return `connection ${countText(conn)}`;
  const { endpoint, remoteAddress, remotePort } = connection;
  return endpoint === null ? hostPortText(remoteAddress, remotePort) : printable(endpoint);
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
