/** Reads the sessions of a file: their rows, and of which frames they are. */
import type { Database } from 'better-sqlite3';
import type { CaptureSummary } from '../captures.ts';
import type { RecordedSession, SessionSpan } from './session.ts';

/**
 * SQL: whether a row of `frame` belongs to the session `:session`; to be used where `capture` is joined.
 * Of one that goes on, its connections say where it ends.
 */
export const inSession = `EXISTS (
  SELECT 1 FROM session_connection
  WHERE session = :session AND connection IN (frame.from_connection, frame.to_connection)
    AND frame.id - frame_base >= session_connection.first_sequence
    AND frame.id - frame_base <= coalesce(session_connection.last_sequence, frame.id)
)`;

type SessionRow = Omit<RecordedSession, 'players'>;

interface PlayerRow {
  readonly session: number;
  readonly player: string;
  readonly nickname: string;
}

interface SpanRow extends SessionSpan {
  readonly session: number;
  readonly player: string;
}

const columns = `session.id, capture AS captureId, started, last_seen AS lastSeen, session.ended, game,
  game_name AS gameName, group_name AS "group", first_sequence AS firstSequence,
  session.last_sequence AS lastSequence, session.frames, session.bytes, delay_p50 AS delayP50,
  delay_p99 AS delayP99, delay_max AS delayMax`;

/** Those of one capture, or one alone. */
interface Which {
  readonly capture: number | null;
  readonly session: number | null;
}

const which = `(:session IS NULL OR session.id = :session) AND (:capture IS NULL OR session.capture = :capture)`;

interface Rows {
  readonly sessions: SessionRow[];
  readonly players: Map<number, PlayerRow[]>;
  readonly spans: Map<string, SpanRow[]>;
}

export class SessionReader {
  /** In one snapshot. */
  readonly #all: (which: Which) => Rows;

  constructor(db: Database) {
    const sessions = db.prepare<[Which], SessionRow>(
      `SELECT ${columns} FROM session WHERE ${which} ORDER BY capture, started, session.id`,
    );
    const players = db.prepare<[Which], PlayerRow>(
      `SELECT session, player, nickname FROM session_player JOIN session ON session.id = session
       WHERE ${which} ORDER BY session_player.first_sequence, player`,
    );
    const spans = db.prepare<[Which], SpanRow>(
      `SELECT session, player, connection - connection_base AS conn,
              session_connection.first_sequence AS "first", session_connection.last_sequence AS last
       FROM session_connection JOIN session ON session.id = session JOIN capture ON capture.id = session.capture
       WHERE ${which} ORDER BY session_connection.first_sequence, connection`,
    );
    this.#all = db.transaction((which: Which) => ({
      sessions: sessions.all(which),
      players: groups(players.all(which), ({ session }) => session),
      spans: groups(spans.all(which), ({ session, player }) => spanKey(session, player)),
    }));
  }

  /** Oldest first. `captures` are all of the file's. */
  read(which: Which, captures: readonly CaptureSummary[]): RecordedSession[] {
    const summaries = new Map(captures.map((capture) => [capture.id, capture]));
    const { sessions, players, spans } = this.#all(which);
    return sessions.map((row) => {
      const capture = summaries.get(row.captureId);
      // One that went on when its capture broke off, which nobody has written down yet.
      const broken = row.ended === null && capture?.ended === 'unclean' ? capture : null;
      return {
        ...(broken === null ? row : brokenOff(row, broken)),
        players: (players.get(row.id) ?? []).map(({ player, nickname }) => ({
          player,
          nickname,
          connections: (spans.get(spanKey(row.id, player)) ?? [])
            .map(({ conn, first, last }) => ({ conn, first, last: last ?? broken?.lastSequence ?? null }))
            .filter(({ first, last }) => last === null || first <= last),
        })),
      };
    });
  }
}

function brokenOff(row: SessionRow, { lasted, lastSequence }: CaptureSummary): SessionRow {
  return { ...row, ended: 'unclean', lastSeen: Math.max(row.lastSeen, lasted), lastSequence };
}

function spanKey(session: number, player: string): string {
  return `${session} ${player}`;
}

function groups<K, T>(rows: readonly T[], keyOf: (row: T) => K): Map<K, T[]> {
  const found = new Map<K, T[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = found.get(key);
    if (group === undefined) found.set(key, [row]);
    else group.push(row);
  }
  return found;
}
