/** Gathers all that is known of a session before its frames are read. */
import { CommonFault, refusals } from '../protocol/fault.ts';
import type {
  CaptureSummary,
  FrameRange,
  RecordedConnection,
  RecordedFrame,
  RecordedGap,
} from '../recorder/captures.ts';
import type { RecordedSession } from '../recorder/sessions/session.ts';
import type { SessionView } from './observe.ts';

/** Of others, who were turned away while the session went on, no more are taken. */
export const REFUSED_MAX = 1000;

/** What sessions are read from: a capture file, or a test. */
export interface SessionSource {
  /** Failure code: `no-such-session`. */
  session(id: number): RecordedSession;
  /** In order of their sequence numbers. */
  sessionFrames(session: RecordedSession, range?: FrameRange): Iterable<RecordedFrame>;
  capture(id: number): CaptureSummary;
  connection(captureId: number, conn: number): RecordedConnection | null;
  /** Those that were open at some time between these two, in nanoseconds. */
  connectionsBetween(captureId: number, from: number, to: number): Iterable<RecordedConnection>;
  gaps(captureId: number): readonly RecordedGap[];
}

/** And those whom it let in before. */
const turnedAway: ReadonlySet<number | null> = new Set([...refusals, CommonFault.loggedOut]);

/** Failure code: `no-such-session`. */
export function viewSession(source: SessionSource, id: number): SessionView {
  const steps = viewingSession(source, id);
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

/** Connections that one step asks for. */
const CONNECTIONS_PER_STEP = 200;

/** The same in steps that take little time each. */
export function* viewingSession(source: SessionSource, id: number): Generator<void, SessionView> {
  const session = source.session(id);
  const { captureId, started, lastSeen, firstSequence, lastSequence } = session;
  const connections = new Map<number, RecordedConnection>();
  for (const { conn } of session.players.flatMap((player) => player.connections)) {
    const connection = source.connection(captureId, conn);
    if (connection !== null) connections.set(conn, connection);
    if (connections.size % CONNECTIONS_PER_STEP === 0) yield;
  }
  const most = connections.size + REFUSED_MAX;
  for (const connection of source.connectionsBetween(captureId, started, lastSeen)) {
    if (connections.size >= most) break;
    if (turnedAway.has(connection.fault)) connections.set(connection.conn, connection);
  }
  const gaps = source
    .gaps(captureId)
    .filter(
      ({ firstSequence: first, frames }) =>
        first <= lastSequence && first + Math.max(frames, 1) > firstSequence,
    );
  return { capture: source.capture(captureId), session, connections, gaps };
}
