/**
 * One session, with its lanes: the connections of its players.
 *
 * The rule: what it costs is bounded by the limits below, however many came and went; the others are counted.
 */
import { Failure } from '../../../common/failure.ts';
import { describeFault } from '../../../protocol/fault.ts';
import type { CaptureFile, CaptureSummary, RecordedConnection } from '../../../recorder/captures.ts';
import type { RecordedSession } from '../../../recorder/sessions/session.ts';
import type { Lane, SessionDetail, SessionRow } from '../../api/sessions.ts';
import type { Listing } from './listing.ts';

/** Connections that are shown, those that were opened first. Timelines count in the same. */
export const LANES_MAX = 256;
export const GAPS_MAX = 500;

type Reader = Pick<CaptureFile, 'session' | 'capture' | 'listedSessions' | 'connection' | 'gaps'>;

/** Failure code: `no-such-session`. */
export function detailOf(reader: Reader, rows: Pick<Listing, 'row'>, id: number): SessionDetail {
  const session = reader.session(id);
  const capture = reader.capture(session.captureId);
  const [listed] = reader.listedSessions([id]);
  if (listed === undefined)
    throw new Failure('input', 'no-such-session', `there is no session ${id} any more`);
  return sessionDetail(reader, rows.row(listed, capture), session, capture);
}

function sessionDetail(
  reader: Reader,
  row: SessionRow,
  session: RecordedSession,
  capture: CaptureSummary,
): SessionDetail {
  const owners = laneOwners(session);
  const gaps = reader.gaps(session.captureId).filter(({ firstSequence, frames }) => {
    return (
      firstSequence <= session.lastSequence && firstSequence + Math.max(frames, 1) > session.firstSequence
    );
  });
  return {
    ...row,
    started: session.started,
    lastSeen: session.lastSeen,
    firstSequence: session.firstSequence,
    lastSequence: session.lastSequence,
    captureStartedAt: capture.startedAt,
    recording: capture.ended === 'recording',
    lanes: [...owners].slice(0, LANES_MAX).flatMap(([conn, player]) => {
      const connection = reader.connection(session.captureId, conn);
      return connection === null ? [] : [laneOf(connection, player)];
    }),
    lanesBeyond: Math.max(0, owners.size - LANES_MAX),
    gaps: gaps.slice(0, GAPS_MAX).map(({ firstSequence: first, frames, events, noticed, reason }) => {
      return { first, frames, events, noticed, reason };
    }),
    gapsBeyond: Math.max(0, gaps.length - GAPS_MAX),
  };
}

/** Whose each connection is, in the order in which they were opened. */
export function laneOwners({ players }: RecordedSession): Map<number, string> {
  const owned = players.flatMap(({ player, connections }) =>
    connections.map(({ conn }) => [conn, player] as const),
  );
  return new Map(owned.sort(([one], [other]) => one - other));
}

function laneOf(connection: RecordedConnection, player: string): Lane {
  const { conn, protocol, role, endpoint, toward, opened, closed, fault } = connection;
  const { remoteAddress, remotePort, transport } = connection;
  return {
    conn,
    player,
    protocol: protocol?.name ?? null,
    role,
    endpoint,
    toward: toward === '' ? null : toward,
    address: `${remoteAddress.includes(':') ? `[${remoteAddress}]` : remoteAddress}:${remotePort}${transport === null ? '' : ` (${transport})`}`,
    opened,
    closed,
    fault: fault === null ? null : faultOf(connection, fault),
  };
}

function faultOf({ protocol }: RecordedConnection, fault: number): NonNullable<Lane['fault']> {
  const { name, text } = describeFault(protocol, fault);
  return { name, text };
}
