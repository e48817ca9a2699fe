/** Reads the replays of a file: what they came to, where they differed, and when each frame was sent. */
import type { Database, Statement } from 'better-sqlite3';
import type { Millis } from '../protocol/types.ts';
import {
  REPLAY_ROWS,
  type ReplayDifference,
  type ReplayEnd,
  type ReplayHold,
  type ReplayOutcome,
  type ReplayRole,
  type ReplayStart,
} from './replays.ts';

/** The most of one kind of rows that is answered at once. */
export const REPLAY_PAGE = 500;

/** One row of a list of replays. */
export interface ReplaySummary extends ReplayStart {
  readonly id: number;
  /** Null where it goes on, or was broken off before its end. */
  readonly outcome: ReplayOutcome | null;
  readonly lasted: Millis | null;
  readonly partial: string | null;
  readonly sent: number;
  readonly expected: number;
  readonly came: number;
  readonly equal: number;
  readonly first: number | null;
  /** What the first difference that fails says of itself; null where none does. */
  readonly firstText: string | null;
  /** How many there are to be read one by one. */
  readonly differences: number;
  readonly sendings: number;
}

export interface StoredReplay extends ReplaySummary, Pick<ReplayEnd, 'roles' | 'notes' | 'counts'> {
  readonly holds: readonly StoredHold[];
}

export interface StoredHold extends ReplayHold {
  readonly name: string;
}

export interface StoredDifference extends ReplayDifference {
  /** From 0, in the order of the verdict. */
  readonly place: number;
}

export interface StoredSending {
  /** Of the frame. */
  readonly sequence: number;
  readonly scheduled: Millis;
  readonly sent: Millis;
  /** A word of the legend: by what it was held. */
  readonly by: string;
}

/** The newest replays first: those older than this one, of a session unless it is null, and how many at most. */
export interface ReplaysBefore {
  readonly before?: number;
  readonly session?: number | null;
  readonly limit?: number;
}

/** Rows of one replay: those after this place or sequence number, and how many at most. */
export interface ReplayPage {
  readonly after?: number;
  readonly limit?: number;
}

/** What a replay of a session came to; null where it goes on, or was broken off. */
export interface SessionOutcome {
  readonly id: number;
  readonly session: number;
  readonly outcome: ReplayOutcome | null;
}

interface PageQuery {
  readonly replay: number;
  readonly after: number;
  readonly limit: number;
}

interface SummaryRow extends Omit<ReplaySummary, 'startedAt' | 'lasted'> {
  readonly startedMicros: number;
  readonly lasted: number | null;
}

type DifferenceRow = Omit<StoredDifference, 'fails' | 'isStream'> & {
  readonly fails: number;
  readonly isStream: number;
};

const MICROS = 1_000;

const summary = `SELECT id, capture, session, file, mode, target, compared_session AS comparedSession, role, pace,
  pid, version, started_at AS startedMicros, lasted, outcome, partial, sent, expected, came, equal, first,
  (SELECT text FROM replay_difference WHERE id = (replay.id << 32) + replay.first) AS firstText,
  differences, sendings
  FROM replay`;

/** SQL: the rows of a replay that come after a place. */
const after = `id > (:replay << 32) + :after AND id < (:replay + 1) << 32 ORDER BY id LIMIT :limit`;

export class ReplayReader {
  readonly #page: Statement<
    { readonly after: number; readonly session: number | null; readonly limit: number },
    SummaryRow
  >;
  readonly #newest: Statement<
    { readonly before: number; readonly session: number | null; readonly limit: number },
    SummaryRow
  >;
  readonly #outcomes: Statement<[{ readonly after: number; readonly limit: number }], SessionOutcome>;
  readonly #one: Statement<[number], SummaryRow>;
  readonly #roles: Statement<[number], ReplayRole>;
  readonly #notes: Statement<[number], string>;
  readonly #counts: Statement<[number], [string, number]>;
  readonly #holds: Statement<[number], StoredHold>;
  readonly #differences: Statement<PageQuery, DifferenceRow>;
  readonly #sendings: Statement<PageQuery, StoredSending>;
  /** In one snapshot. */
  readonly #read: (id: number) => StoredReplay | null;

  constructor(db: Database) {
    this.#page = db.prepare(
      `${summary} WHERE id > :after AND (:session IS NULL OR session = :session) ORDER BY id LIMIT :limit`,
    );
    this.#newest = db.prepare(
      `${summary} WHERE id < :before AND (:session IS NULL OR session = :session) ORDER BY id DESC LIMIT :limit`,
    );
    this.#outcomes = db.prepare(
      `SELECT id, coalesce(session, 0) AS session, outcome FROM replay WHERE id > :after ORDER BY id LIMIT :limit`,
    );
    this.#one = db.prepare(`${summary} WHERE id = ?`);
    this.#roles = db.prepare(
      'SELECT name, player, nickname FROM replay_role WHERE replay = ? ORDER BY place',
    );
    this.#notes = db
      .prepare<[number], string>('SELECT text FROM replay_note WHERE replay = ? ORDER BY place')
      .pluck();
    this.#counts = db
      .prepare<[number], [string, number]>('SELECT class, differences FROM replay_count WHERE replay = ?')
      .raw();
    const holdName = (code: string) => `coalesce(
      (SELECT name FROM legend WHERE space = 'hold' AND protocol = 0 AND code = ${code}), 'hold-' || ${code})`;
    this.#holds = db.prepare(
      `SELECT reason, ${holdName('reason')} AS name, sends, total / ${MICROS}.0 AS total,
              longest / ${MICROS}.0 AS longest
       FROM replay_hold WHERE replay = ? ORDER BY reason`,
    );
    this.#differences = db.prepare(
      `SELECT id - (:replay << 32) AS place, class, fails, follows, protocol, from_role AS fromRole,
              from_endpoint AS fromEndpoint, to_role AS toRole, to_endpoint AS toEndpoint, kind,
              is_stream AS isStream, sequence, at / ${MICROS}.0 AS at, expected_kind AS expectedKind, expected,
              actual_kind AS actualKind, actual, byte_offset AS byteOffset, stream_offset AS streamOffset,
              field, text
       FROM replay_difference WHERE ${after}`,
    );
    this.#sendings = db.prepare(
      `SELECT id - (:replay << 32) AS sequence, scheduled / ${MICROS}.0 AS scheduled,
              (scheduled + held) / ${MICROS}.0 AS sent, ${holdName('held_by')} AS "by"
       FROM replay_sending WHERE ${after}`,
    );
    this.#read = db.transaction((id: number) => {
      const row = this.#one.get(id);
      if (row === undefined) return null;
      return {
        ...summarize(row),
        roles: this.#roles.all(id),
        notes: this.#notes.all(id),
        counts: Object.fromEntries(this.#counts.all(id)),
        holds: this.#holds.all(id),
      };
    });
  }

  /** Oldest first; those of one session alone unless it is null. Memory is bounded by a page of them. */
  *list(session: number | null): IterableIterator<ReplaySummary> {
    for (let last = 0; ;) {
      const rows = this.#page.all({ after: last, session, limit: REPLAY_PAGE });
      for (const row of rows) yield summarize(row);
      last = rows.at(-1)?.id ?? last;
      if (rows.length < REPLAY_PAGE) return;
    }
  }

  /** Newest first. At most `REPLAY_PAGE`. */
  newest({ before, session, limit }: ReplaysBefore): ReplaySummary[] {
    const query = {
      before: before ?? Number.MAX_SAFE_INTEGER,
      session: session ?? null,
      limit: Math.min(limit ?? REPLAY_PAGE, REPLAY_PAGE),
    };
    return this.#newest.all(query).map(summarize);
  }

  /** Oldest first, also of replays of no session, which is 0. At most `REPLAY_PAGE`. */
  outcomes(after: number, limit = REPLAY_PAGE): SessionOutcome[] {
    return this.#outcomes.all({ after, limit: Math.min(limit, REPLAY_PAGE) });
  }

  read(id: number): StoredReplay | null {
    return this.#read(id);
  }

  /** In the verdict's order; `after` is a place. At most `REPLAY_PAGE`. */
  differences(id: number, page: ReplayPage): StoredDifference[] {
    const rows = this.#differences.all(query(id, page, -1));
    return rows.map((row) => ({ ...row, fails: row.fails !== 0, isStream: row.isStream !== 0 }));
  }

  /** In the order of their frames; `after` is a sequence number. At most `REPLAY_PAGE`. */
  sendings(id: number, page: ReplayPage): StoredSending[] {
    return this.#sendings.all(query(id, page, 0));
  }
}

function query(replay: number, page: ReplayPage, before: number): PageQuery {
  return {
    replay,
    after: Math.min(page.after ?? before, REPLAY_ROWS - 1),
    limit: Math.min(page.limit ?? REPLAY_PAGE, REPLAY_PAGE),
  };
}

function summarize({ startedMicros, lasted, ...row }: SummaryRow): ReplaySummary {
  return {
    ...row,
    startedAt: new Date(startedMicros / MICROS).toISOString(),
    lasted: lasted === null ? null : lasted / MICROS,
  };
}
