/** Reads the sessions of a file: their rows, and of which frames they are. */
import type { Database, Statement } from 'better-sqlite3';
import type { CaptureSummary } from '../captures.ts';
import type { ListedSession, RecordedSession, SessionPlace, SessionSpan } from './session.ts';

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

/** Which sessions; all that is null is left open. */
export interface SessionChoice {
  readonly capture: number | null;
  /** The code of a game, in whatever case. */
  readonly game: string | null;
  /** A nickname or an address, in whatever case. */
  readonly player: string | null;
}

/** Players of a session that a list names; it counts the others. */
export const PLAYERS_LISTED_MAX = 64;
/** The most sessions that are listed at once. */
export const SESSIONS_LISTED_MAX = 500;

/** Sessions of a list: those before a place, newest first. */
export interface ListQuery {
  /** From the newest on, where it is null. */
  readonly before: SessionPlace | null;
  readonly capture: number | null;
  readonly limit: number;
}

/** What sessions are looked for by; all that is null is left open. */
export interface SessionSearch {
  /** A part of the game's code or name, of the group's name, or of a player's address or nickname, in whatever case. */
  readonly text: string | null;
  /** The code of a game. */
  readonly game: string | null;
  /** An address. */
  readonly player: string | null;
  /** One that has no end is let through whatever is asked for: its capture says what has become of it. */
  readonly ended: string | null;
}

/** A look through so many sessions of a list, however few of them are wanted. */
export interface ListLookQuery extends Omit<ListQuery, 'limit'> {
  readonly search: SessionSearch;
  readonly rows: number;
}

export interface ListLook {
  /** Newest first: all that pass, and at times one that does not. */
  readonly ids: readonly number[];
  /** The last that was looked at; where to go on. */
  readonly through: SessionPlace | null;
  readonly more: boolean;
}

type LookParams = Record<'first' | 'before' | 'number' | 'rows', number> & SessionSearch;
type LookRow = readonly [ids: string, rows: number, captureId: number, number: number, place: number];

interface ListedRow extends Omit<ListedSession, 'players'> {
  /** JSON: pairs of player and nickname. */
  readonly named: string;
}

/** SQL: the table of those whose ids are in `:ids`, a JSON array, with the captures that they are in. */
const chosen = `json_each(:ids) AS wanted JOIN session ON session.id = wanted.value
  JOIN capture ON capture.id = session.capture`;

/** SQL: all by which a session is searched, in lines. */
const texts = `game || char(10) || game_name || char(10) || coalesce(group_name, '') || char(10) || coalesce(
  (SELECT group_concat(player || char(10) || nickname, char(10)) FROM session_player
   WHERE session = session.id), '')`;

/** SQL: what a search asks for, of a row of `session`. */
const wanted = `(:game IS NULL OR game = :game) AND (:ended IS NULL OR ended IS NULL OR ended = :ended)
  AND (:player IS NULL OR EXISTS (SELECT 1 FROM session_player WHERE session = session.id AND player = :player))
  AND (:text IS NULL OR has_text(${texts}, :text))`;

interface Chosen {
  readonly ids: string;
}

interface Rows {
  readonly sessions: SessionRow[];
  readonly players: Map<number, PlayerRow[]>;
  readonly spans: Map<string, SpanRow[]>;
}

export class SessionReader {
  readonly #ids: Statement<[SessionChoice], number>;
  readonly #list: Statement<[Record<'first' | 'before' | 'number' | 'limit' | 'named', number>], ListedRow>;
  readonly #look: Statement<[LookParams], LookRow>;
  readonly #listed: Statement<[{ readonly ids: string; readonly named: number }], ListedRow>;
  readonly #live: Statement<[number], [player: string, session: number]>;
  readonly #open: Statement<[number, number, number], number>;
  /** In one snapshot. */
  readonly #rows: (ids: readonly number[]) => Rows;

  constructor(db: Database) {
    // SQLite's own `lower` knows ASCII alone.
    db.function('lower_case', { deterministic: true }, (text) => String(text).toLowerCase());
    db.function('has_text', { deterministic: true }, (text, part) =>
      Number(String(text).toLowerCase().includes(String(part))),
    );
    this.#ids = db
      .prepare<[SessionChoice], number>(
        `SELECT session.id FROM session JOIN capture ON capture.id = session.capture
         WHERE (:capture IS NULL OR session.capture = :capture)
           AND (:game IS NULL OR lower_case(game) = :game)
           AND (:player IS NULL OR EXISTS (
             SELECT 1 FROM session_player WHERE session = session.id
             AND (lower_case(player) = :player OR lower_case(nickname) = :player)))
         ORDER BY started_at * 1000 + started, session.capture, session.id`,
      )
      .pluck();
    const listed = `SELECT ${columns}, number, (SELECT count(*) FROM session_player WHERE session = session.id) AS playerCount,
        (SELECT json_group_array(json_array(player, nickname)) FROM (
           SELECT player, nickname FROM session_player WHERE session = session.id
           ORDER BY session_player.first_sequence, player LIMIT :named)) AS named
      FROM`;
    // The index on these two is walked backwards, so that a page costs the same wherever it is.
    const before = `capture >= :first AND (capture, number) < (:before, :number)
       ORDER BY capture DESC, number DESC`;
    this.#list = db.prepare(`${listed} session WHERE ${before} LIMIT :limit`);
    // With min(), SQLite answers the other columns of the row that has it: of the last that was looked at.
    this.#look = db
      .prepare<[LookParams], LookRow>(
        `SELECT json_group_array(id) FILTER (WHERE ${wanted}), count(*), capture, number, min(capture << 32 | number)
         FROM (SELECT id, capture, number, game, game_name, group_name, ended
               FROM session WHERE ${before} LIMIT :rows) AS session`,
      )
      .raw();
    this.#listed = db.prepare(
      `${listed} json_each(:ids) AS wanted JOIN session ON session.id = wanted.value ORDER BY wanted.key`,
    );
    this.#live = db
      .prepare<[number], [player: string, session: number]>(
        `SELECT player, max(session.id) FROM session JOIN session_player ON session = session.id
         WHERE capture = ? AND ended IS NULL GROUP BY player`,
      )
      .raw();
    this.#open = db
      .prepare<[number, number, number], number>(
        `SELECT id FROM session WHERE capture = ? AND number > ? AND number <= ? AND ended IS NULL
         ORDER BY number DESC`,
      )
      .pluck();
    const sessions = db.prepare<[Chosen], SessionRow>(`SELECT ${columns} FROM ${chosen} ORDER BY wanted.key`);
    const players = db.prepare<[Chosen], PlayerRow>(
      `SELECT session, player, nickname FROM ${chosen} JOIN session_player ON session = session.id
       ORDER BY session_player.first_sequence, player`,
    );
    const spans = db.prepare<[Chosen], SpanRow>(
      `SELECT session, player, connection - connection_base AS conn,
              session_connection.first_sequence AS "first", session_connection.last_sequence AS last
       FROM ${chosen} JOIN session_connection ON session = session.id
       ORDER BY session_connection.first_sequence, connection`,
    );
    this.#rows = db.transaction((those: readonly number[]) => {
      const ids = JSON.stringify(those);
      return {
        sessions: sessions.all({ ids }),
        players: groups(players.all({ ids }), ({ session }) => session),
        spans: groups(spans.all({ ids }), ({ session, player }) => spanKey(session, player)),
      };
    });
  }

  /** The numbers of sessions, oldest first. */
  ids({ capture, game, player }: SessionChoice): number[] {
    return this.#ids.all({
      capture,
      game: game?.toLowerCase() ?? null,
      player: player?.toLowerCase() ?? null,
    });
  }

  /** Newest first: by capture, and within one by when they were found, which never changes. */
  list({ before, capture, limit }: ListQuery, named = PLAYERS_LISTED_MAX): ListedSession[] {
    const rows = this.#list.all({
      ...beginning(before, capture),
      limit: Math.min(limit, SESSIONS_LISTED_MAX),
      named,
    });
    return rows.map(listedSession);
  }

  /** Goes through sessions in the order of `list`, and answers those that pass. */
  look({ before, capture, search, rows }: ListLookQuery): ListLook {
    const { text, game, player, ended } = search;
    const params = { text: text?.toLowerCase() ?? null, game, player, ended };
    const looked = this.#look.get({ ...beginning(before, capture), ...params, rows }) as LookRow;
    const [ids, count, captureId, number] = looked;
    return {
      ids: JSON.parse(ids) as number[],
      through: count === 0 ? before : { captureId, number },
      more: count === rows,
    };
  }

  /** As `list` does, in the order of `ids`, without those that are not there. */
  listed(ids: readonly number[], named = PLAYERS_LISTED_MAX): ListedSession[] {
    return this.#listed.all({ ids: JSON.stringify(ids), named }).map(listedSession);
  }

  /** Of each player, the newest session that goes on. */
  live(capture: number): Map<string, number> {
    return new Map(this.#live.all(capture));
  }

  open(captureId: number, after: number, last: number): number[] {
    return this.#open.all(captureId, after, last);
  }

  /** In the order of `ids`, without those that are not there. `captureOf` is asked for the capture of each. */
  read(ids: readonly number[], captureOf: (id: number) => CaptureSummary): RecordedSession[] {
    const { sessions, players, spans } = this.#rows(ids);
    return sessions.map((row) => {
      const capture = captureOf(row.captureId);
      // One that went on when its capture broke off, which nobody has written down yet.
      const broken = row.ended === null && capture.ended === 'unclean' ? capture : null;
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

/** Where a list begins that goes on after a place, of one capture or of all. */
function beginning(
  before: SessionPlace | null,
  capture: number | null,
): Record<'first' | 'before' | 'number', number> {
  const past = { captureId: (capture ?? Number.MAX_SAFE_INTEGER - 1) + 1, number: 0 };
  const from = before === null || before.captureId >= past.captureId ? past : before;
  return { first: capture ?? 0, before: from.captureId, number: from.number };
}

function listedSession({ named, ...row }: ListedRow): ListedSession {
  const players = (JSON.parse(named) as [string, string][]).map(([player, nickname]) => ({
    player,
    nickname,
  }));
  return { ...row, players };
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
