/**
 * Copies a session into a capture file of its own: its frames and connections, the gaps within it, what was said about its
 * frames, and its replays.
 *
 * The rule: a capture has no holes that it does not declare, so frames get new numbers, and whatever names one or stands
 * between two is renumbered with them, in the same order. All else is as it was. It goes forward in pieces; between two the
 * caller may do other things, or stop. Nobody has the new file open meanwhile, and one that is not whole is worth nothing.
 */
import { resolve } from 'node:path';
import type { Database } from 'better-sqlite3';
import type { CaptureSummary } from './captures.ts';
import { openCapture } from './open.ts';
import type { RecordedSession } from './sessions/session.ts';

/** Rows that one piece goes through: for some milliseconds. */
const ROWS_PER_PIECE = 1_000;

/** The number of the session in the new file, and of its capture. */
const ONLY = 1;

export interface CopyRequest {
  /** The capture file that it is in. */
  readonly file: string;
  readonly session: RecordedSession;
  readonly capture: CaptureSummary;
  /** Nothing is there yet. */
  readonly target: string;
}

interface Bases {
  readonly frameBase: number;
  readonly connectionBase: number;
}

interface GapRow {
  readonly first: number;
  readonly frames: number;
  readonly events: number;
  readonly noticed: number;
  readonly reason: string;
}

/** Failure codes: those of `openCapture`. What goes wrong while it writes is thrown as SQLite says it. */
export function* copySession(request: CopyRequest): Generator<undefined, void> {
  const db = openCapture(request.target, { write: true });
  try {
    // The file is thrown away if this ends early, and is to be a single one.
    db.pragma('journal_mode = MEMORY');
    db.pragma('synchronous = OFF');
    db.pragma('foreign_keys = OFF');
    db.prepare('ATTACH ? AS source').run(resolve(request.file));
    yield;
    const copy = new Copy(db, request);
    yield* copy.frames();
    copy.rest();
    yield;
    yield* copy.sayings();
    db.exec('DETACH source');
  } finally {
    db.close();
  }
}

/** SQL: how many numbers are given to what had this one or a smaller one; NULL where it is NULL. */
function placeOf(sequence: string): string {
  return `iif(${sequence} IS NULL, NULL, coalesce((
    SELECT place FROM temp.kept WHERE kept.sequence <= ${sequence} ORDER BY kept.sequence DESC LIMIT 1), 0))`;
}

class Copy {
  readonly #db: Database;
  readonly #request: CopyRequest;
  readonly #bases: Bases;
  readonly #last: number;
  /** Numbers that are given so far, and what there is of frames. */
  #place = 0;
  #lost = 0;
  #frames = 0;
  #bytes = 0;

  constructor(db: Database, request: CopyRequest) {
    const { session, capture } = request;
    this.#db = db;
    this.#request = request;
    this.#bases = db
      .prepare<[number], Bases>(
        'SELECT frame_base AS frameBase, connection_base AS connectionBase FROM source.capture WHERE id = ?',
      )
      .get(capture.id) as Bases;
    this.#last = session.ended === null ? capture.lastSequence : session.lastSequence;
    db.exec(
      `CREATE TEMP TABLE span (
         conn INTEGER, first INTEGER, last INTEGER, player TEXT, open INTEGER, PRIMARY KEY (conn, first)
       ) WITHOUT ROWID;
       -- What has a number in the copy, by what it had; of a gap, its last.
       CREATE TEMP TABLE kept (sequence INTEGER PRIMARY KEY, place INTEGER);
       -- Connections that take part, or that frames speak of.
       CREATE TEMP TABLE party (conn INTEGER PRIMARY KEY)`,
    );
    const put = db.prepare('INSERT INTO temp.span VALUES (?, ?, ?, ?, ?)');
    for (const { player, connections } of session.players) {
      for (const { conn, first, last } of connections)
        put.run(conn, first, Math.min(last ?? Infinity, this.#last), player, last === null ? 1 : 0);
    }
    db.exec('INSERT OR IGNORE INTO temp.party SELECT conn FROM temp.span');
  }

  *frames(): Generator<undefined, void> {
    const { session } = this.#request;
    let after = session.firstSequence - 1;
    for (const gap of this.#gaps()) {
      yield* this.#stretch(after, gap.first - 1);
      after = Math.max(after, gap.first - 1);
      this.#putGap(gap);
    }
    yield* this.#stretch(after, this.#last);
  }

  #gaps(): readonly GapRow[] {
    const { session, capture } = this.#request;
    return this.#db
      .prepare<[number, number, number], GapRow>(
        `SELECT first_sequence AS "first", frames, events, noticed, reason FROM source.gap
         WHERE capture = ? AND first_sequence >= ? AND first_sequence <= ? ORDER BY first_sequence, id`,
      )
      .all(capture.id, session.firstSequence, this.#last);
  }

  #putGap({ first, frames, events, noticed, reason }: GapRow): void {
    this.#db
      .prepare(
        'INSERT INTO main.gap (capture, first_sequence, frames, events, noticed, reason) VALUES (?, ?, ?, ?, ?, ?)',
      )
      .run(ONLY, this.#place + 1, frames, events, noticed, reason);
    this.#place += frames;
    this.#lost += frames;
    if (frames > 0)
      this.#db.prepare('INSERT INTO temp.kept (sequence, place) VALUES (?, ?)').run(first, this.#place);
  }

  /** The session's frames behind one sequence number, up to another. */
  *#stretch(from: number, to: number): Generator<undefined, void> {
    const { frameBase, connectionBase } = this.#bases;
    const keep = this.#db.prepare(
      `INSERT INTO temp.kept (sequence, place)
       SELECT id - :frameBase, :place + row_number() OVER (ORDER BY id) FROM source.frame
       WHERE id > :frameBase + :after AND id <= :frameBase + :last AND EXISTS (
         SELECT 1 FROM temp.span
         WHERE conn IN (from_connection - :connectionBase, to_connection - :connectionBase)
           AND id - :frameBase BETWEEN first AND last)`,
    );
    const put = this.#db.prepare(
      `INSERT INTO main.frame (id, arrived, delay, from_connection, to_connection, kind, outcome, bytes)
       SELECT place, arrived, delay, from_connection - :connectionBase, to_connection - :connectionBase,
              kind, outcome, bytes
       FROM temp.kept JOIN source.frame ON frame.id = :frameBase + sequence
       WHERE sequence > :after AND sequence <= :last`,
    );
    const meet = this.#db.prepare<[{ readonly before: number }]>(
      `INSERT OR IGNORE INTO temp.party
       SELECT value FROM (SELECT from_connection AS value FROM main.frame WHERE id > :before
                          UNION SELECT to_connection FROM main.frame WHERE id > :before)
       WHERE value IS NOT NULL`,
    );
    const weigh = this.#db
      .prepare<[number], number>('SELECT sum(length(bytes)) FROM main.frame WHERE id > ?')
      .pluck();
    for (let after = from; after < to; after += ROWS_PER_PIECE) {
      const last = Math.min(to, after + ROWS_PER_PIECE);
      const range = { frameBase, connectionBase, after, last };
      const before = this.#place;
      const { changes } = keep.run({ ...range, place: before });
      this.#place += changes;
      this.#frames += changes;
      put.run(range);
      meet.run({ before });
      this.#bytes += weigh.get(before) ?? 0;
      yield;
    }
  }

  /** All that is told of the frames: connections, the session, and the capture itself. */
  rest(): void {
    const { connectionBase } = this.#bases;
    this.#db.exec('INSERT OR REPLACE INTO main.legend SELECT * FROM source.legend');
    this.#db
      .prepare(
        `INSERT INTO main.connection (id, protocol, revision, remote_address, remote_port, opened, closed, fault, role,
           endpoint, toward, stamp, nickname, game, game_name, opened_after, opened_event, identified_after,
           identified_event, closed_after, closed_event, transport)
         SELECT id - :base, protocol, revision, remote_address, remote_port, opened, closed, fault, role,
           endpoint, toward, stamp, nickname, game, game_name, ${placeOf('opened_after')}, opened_event,
           ${placeOf('identified_after')}, identified_event, ${placeOf('closed_after')}, closed_event,
           ${this.#has('given_name') ? 'transport' : 'NULL'}
         FROM source.connection
         WHERE id IN (SELECT :base + conn FROM temp.party)`,
      )
      .run({ base: connectionBase });
    this.#putCapture();
    this.#putNames();
    this.#putSession();
    if (this.#isMissing()) this.#putLostEvents();
  }

  #putCapture(): void {
    const { session, capture } = this.#request;
    this.#db
      .prepare(
        `INSERT INTO main.capture (id, frame_base, connection_base, started_at, ended_at, ended, trouble, pid, version,
           last_sequence, frames, bytes, connections, lost, last_connection, last_slab, last_event, sessions_through)
         SELECT ${ONLY}, 0, 0, started_at, :endedAt, :ended, trouble, pid, version, :place,
           :frames, :bytes, (SELECT count(*) FROM main.connection), :lost,
           (SELECT coalesce(max(conn), 0) FROM temp.party),
           0, last_event, :place
         FROM source.capture WHERE id = :capture`,
      )
      .run({
        capture: capture.id,
        place: this.#place,
        lost: this.#lost,
        frames: this.#frames,
        bytes: this.#bytes,
        ...this.#end(session, capture),
      });
  }

  #putNames(): void {
    if (!this.#has('given_name')) return;
    this.#db
      .prepare(
        `INSERT INTO main.given_name (capture, protocol, field, value, name)
         SELECT ${ONLY}, protocol, field, value, name FROM source.given_name WHERE capture = ?`,
      )
      .run(this.#request.capture.id);
  }

  /** A session that is over is whole, whatever goes on in its capture. */
  #end(session: RecordedSession, capture: CaptureSummary): { ended: string | null; endedAt: number | null } {
    if (session.ended === null) return { ended: null, endedAt: null };
    if (capture.ended !== 'recording') return { ended: capture.ended, endedAt: capture.lasted };
    const closed = this.#db.prepare<[], number>('SELECT max(closed) FROM main.connection').pluck().get() ?? 0;
    return { ended: 'clean', endedAt: Math.max(session.lastSeen, closed) };
  }

  #putSession(): void {
    const { session } = this.#request;
    const { started, lastSeen, ended, game, gameName, group, delayP50, delayP99, delayMax } = session;
    this.#db
      .prepare(
        `INSERT INTO main.session (id, capture, number, started, last_seen, ended, game, game_name, group_name,
           first_sequence, last_sequence, frames, bytes, delay_p50, delay_p99, delay_max)
         SELECT ${ONLY}, ${ONLY}, 1, ?, ?, ?, ?, ?, ?, 1, last_sequence, frames, bytes, ?, ?, ?
         FROM main.capture`,
      )
      .run(started, lastSeen, ended, game, gameName, group, delayP50, delayP99, delayMax);
    this.#db
      .prepare(
        `INSERT INTO main.session_player (session, player, nickname, first_sequence)
         SELECT ${ONLY}, player, nickname, ${placeOf('first_sequence - 1')} + 1
         FROM source.session_player WHERE session = ?`,
      )
      .run(session.id);
    // One that took part while nothing was said is nothing in the copy.
    this.#db.exec(
      `INSERT INTO main.session_connection (session, connection, first_sequence, last_sequence, player)
       SELECT ${ONLY}, conn, ${placeOf('first - 1')} + 1, iif(open, NULL, ${placeOf('last')}), player FROM temp.span
       WHERE ${placeOf('last')} > ${placeOf('first - 1')} OR open`,
    );
  }

  /** A frame speaks of a connection that has no row. */
  #isMissing(): boolean {
    const missing = this.#db.prepare(
      'SELECT 1 FROM temp.party WHERE conn NOT IN (SELECT id FROM main.connection)',
    );
    return missing.get() !== undefined;
  }

  /** What was lost elsewhere in the capture may be why. */
  #putLostEvents(): void {
    const { session, capture } = this.#request;
    this.#db
      .prepare(
        `INSERT INTO main.gap (capture, first_sequence, frames, events, noticed, reason)
         SELECT ${ONLY}, 1, 0, events, noticed, reason FROM source.gap
         WHERE capture = ? AND events > 0 AND NOT first_sequence BETWEEN ? AND ?`,
      )
      .run(capture.id, session.firstSequence, this.#last);
  }

  /** What has been said of the frames, by people and by replays. */
  *sayings(): Generator<undefined, void> {
    const { session, capture } = this.#request;
    if (this.#has('comment')) {
      this.#db
        .prepare(
          `INSERT INTO main.comment (id, capture, sequence, marker, text, at)
           SELECT id, ${ONLY}, place, marker, text, at
           FROM source.comment JOIN temp.kept ON kept.sequence = comment.sequence WHERE capture = ?`,
        )
        .run(capture.id);
    }
    const replays = this.#db
      .prepare<[number], number>('SELECT id FROM source.replay WHERE session = ? ORDER BY id')
      .pluck()
      .all(session.id);
    for (const replay of replays) {
      this.#copyRows('replay', 'id = :replay', replay, { capture: String(ONLY), session: String(ONLY) });
      for (const table of ['replay_role', 'replay_note', 'replay_count', 'replay_hold'])
        this.#copyRows(table, 'replay = :replay', replay);
      yield;
      yield* this.#copyRange('replay_difference', replay, {
        sequence: `iif(sequence = 0, 0, ${placeOf('rows.sequence')})`,
      });
      yield* this.#copyRange('replay_sending', replay, {
        id: `((id >> 32) << 32) + ${placeOf('rows.id & 0xffffffff')}`,
      });
    }
  }

  /** Of what is said of one replay in a range of ids. */
  *#copyRange(
    table: string,
    replay: number,
    otherwise: Readonly<Record<string, string>>,
  ): Generator<undefined, void> {
    const after = this.#db
      .prepare<[number, number], number | null>(
        `SELECT max(id) FROM (SELECT id FROM source.${table}
         WHERE id > ? AND id < ? ORDER BY id LIMIT ${ROWS_PER_PIECE})`,
      )
      .pluck();
    const end = (replay + 1) * 2 ** 32;
    for (let from = replay * 2 ** 32; ;) {
      const to = after.get(from, end) ?? null;
      if (to === null) return;
      this.#copyRows(table, `id > ${from} AND id <= ${to} AND :replay > 0`, replay, otherwise);
      from = to;
      yield;
    }
  }

  /** All columns as they are, but for those that are said otherwise. */
  #copyRows(
    table: string,
    where: string,
    replay: number,
    otherwise: Readonly<Record<string, string>> = {},
  ): void {
    const columns = this.#columnsOf(table);
    const values = columns.map((name) => otherwise[name] ?? `"${name}"`);
    const list = columns.map((name) => `"${name}"`).join(', ');
    this.#db
      .prepare(
        `INSERT INTO main.${table} (${list}) SELECT ${values.join(', ')} FROM source.${table} AS rows WHERE ${where}`,
      )
      .run({ replay });
  }

  #columnsOf(table: string): string[] {
    return this.#db.prepare<[string], string>('SELECT name FROM pragma_table_info(?)').pluck().all(table);
  }

  /** A file that is recorded into by an older version may lack what came later. */
  #has(table: string): boolean {
    return this.#db.prepare('SELECT 1 FROM source.sqlite_master WHERE name = ?').get(table) !== undefined;
  }
}
