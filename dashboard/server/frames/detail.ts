/** One frame whole, with what a browser needs to dissect it, and the filter for all that its two ends say to each other. */
import { endText } from '../../../analysis/filter/types.ts';
import { printable } from '../../../common/printable.ts';
import { Outcome } from '../../../protocol/outcome.ts';
import type { RecordedConnection, RecordedFrame } from '../../../recorder/captures.ts';
import type { Comment, FrameDetail } from '../../api/frames.ts';
import type { Told } from './rows.ts';

export function frameDetail(
  frame: RecordedFrame,
  { row, meaning }: Told,
  notes: readonly Comment[],
): FrameDetail {
  const { seen, protocol } = meaning;
  return {
    ...row,
    bytes: frame.bytes.toString('base64'),
    protocolId: protocol?.id ?? null,
    kindIndex: frame.kind,
    revision: (seen.from ?? seen.to)?.revision ?? null,
    payload: seen.inner === null ? null : { protocol: seen.inner.protocol.name, kind: seen.inner.kind },
    fromLabel: label(seen.from, frame.from, 'relay'),
    toLabel: label(seen.to, frame.to, isForRelay(frame) ? 'relay' : 'nobody'),
    conversation: conversationFilter(frame, seen.from, seen.to),
    notes: [...notes],
  };
}

function label(connection: RecordedConnection | null, conn: number, without: string): string {
  if (conn === 0) return without;
  if (connection === null) return `connection ${conn}`;
  const { endpoint, nickname, remoteAddress, remotePort } = connection;
  if (endpoint === null) return addressText(remoteAddress, remotePort);
  return printable(nickname === null || nickname === '' ? endpoint : `${nickname} (${endpoint})`);
}

function addressText(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Meant for the relay, or its own: what was dropped on the way to somebody also went no further. */
function isForRelay({ outcome }: RecordedFrame): boolean {
  return outcome === Outcome.consumed || outcome === Outcome.originated;
}

/** Both ways between the two ends; empty where there are not two. */
function conversationFilter(
  frame: RecordedFrame,
  from: RecordedConnection | null,
  to: RecordedConnection | null,
): string {
  const hasTwo = (frame.from !== 0 && frame.to !== 0) || isForRelay(frame);
  if (!hasTwo || frame.from === frame.to) return '';
  const [one, two] = [end(from, frame.from), end(to, frame.to)];
  return `(${one('from')} && ${two('to')}) || (${two('from')} && ${one('to')})`;
}

/** Whoever has said who it is goes by that: it may be there by several connections, one after the other. */
function end(connection: RecordedConnection | null, conn: number): (side: 'from' | 'to') => string {
  const endpoint = connection?.endpoint ?? '';
  if (conn === 0 || endpoint === '') return (side) => `${side}.conn == ${conn}`;
  return (side) => `${side} == ${endText(endpoint)}`;
}
