/**
 * Sessions as rows: writes what a finder has found since it was last asked.
 *
 * The rule: it writes within the transaction in which the frames are written that it is about, so that
 * a capture's sessions are at every moment those of the frames that are in the file.
 */
import type { Database, Statement } from 'better-sqlite3';
import type { SessionFinder } from './finder.ts';
import type { Tally } from './tally.ts';

export class SessionRows {
  readonly #connectionBase: number;
  readonly #put: Statement;
  readonly #putPlayer: Statement;
  readonly #putSpan: Statement;
  readonly #dropSpan: Statement;
  readonly #movePlayers: Statement;
  readonly #moveSpans: Statement;
  readonly #dropPlayers: Statement;
  readonly #drop: Statement;
  /** By number, those that these sessions had before: whoever finds them again finds them by the same. */
  readonly #ids: ReadonlyMap<number, number>;
  /** Before the ids of new sessions. */
  readonly #idBase: number;

  /** `ids` as answered by `clearSessions`. */
  constructor(
    db: Database,
    captureId: number,
    connectionBase: number,
    ids: ReadonlyMap<number, number> = new Map(),
  ) {
    this.#connectionBase = connectionBase;
    this.#ids = ids;
    const highest = db.prepare<[], number | null>('SELECT max(id) FROM session').pluck().get() ?? 0;
    this.#idBase = [...ids.values()].reduce((id, other) => Math.max(id, other), highest);
    this.#put = db.prepare(
      `INSERT INTO session (id, capture, number, started, last_seen, ended, game, game_name, group_name,
         first_sequence, last_sequence, frames, bytes, delay_p50, delay_p99, delay_max)
       VALUES (?, ${captureId}, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET started = excluded.started, last_seen = excluded.last_seen,
         ended = excluded.ended, game = excluded.game, game_name = excluded.game_name,
         group_name = excluded.group_name,
         first_sequence = excluded.first_sequence, last_sequence = excluded.last_sequence,
         frames = excluded.frames, bytes = excluded.bytes, delay_p50 = excluded.delay_p50,
         delay_p99 = excluded.delay_p99, delay_max = excluded.delay_max`,
    );
    const known = `ON CONFLICT (session, player) DO UPDATE SET
         first_sequence = min(first_sequence, excluded.first_sequence), nickname = `;
    this.#putPlayer = db.prepare(
      `INSERT INTO session_player (session, player, nickname, first_sequence) VALUES (?, ?, ?, ?)
       ${known} excluded.nickname`,
    );
    this.#putSpan = db.prepare(
      `INSERT OR REPLACE INTO session_connection (session, connection, first_sequence, last_sequence, player)
       VALUES (?, ?, ?, ?, ?)`,
    );
    this.#dropSpan = db.prepare(
      'DELETE FROM session_connection WHERE session = ? AND connection = ? AND first_sequence = ?',
    );
    // "WHERE true" tells SQLite that what follows is no join. Of two nicknames the tally knows which counts.
    this.#movePlayers = db.prepare(
      `INSERT INTO session_player (session, player, nickname, first_sequence)
       SELECT ?, player, nickname, first_sequence FROM session_player WHERE session = ? AND true
       ${known} iif(excluded.nickname = '', nickname, excluded.nickname)`,
    );
    this.#moveSpans = db.prepare('UPDATE OR REPLACE session_connection SET session = ? WHERE session = ?');
    this.#dropPlayers = db.prepare('DELETE FROM session_player WHERE session = ?');
    this.#drop = db.prepare('DELETE FROM session WHERE id = ?');
  }

  write(finder: SessionFinder): void {
    const { changed, merged } = finder.take();
    for (const tally of changed) this.#writeRow(tally);
    for (const gone of merged) this.#move(gone);
    for (const tally of changed) this.#writeMembers(tally);
  }

  #writeRow(tally: Tally): void {
    const { p50, p99, max } = tally.delays;
    if (tally.row === 0) tally.row = this.#ids.get(tally.number) ?? this.#idBase + tally.number;
    this.#put.run(
      tally.row,
      tally.number,
      tally.started,
      tally.lastSeen,
      tally.ended,
      tally.game,
      tally.gameName,
      tally.group,
      tally.first,
      Math.max(tally.last, tally.first - 1),
      tally.frames,
      tally.bytes,
      p50,
      p99,
      max,
    );
  }

  #move(gone: Tally): void {
    if (gone.row === 0) return;
    const { row } = gone.root;
    this.#movePlayers.run(row, gone.row);
    this.#moveSpans.run(row, gone.row);
    this.#dropPlayers.run(gone.row);
    this.#drop.run(gone.row);
  }

  #writeMembers(tally: Tally): void {
    for (const [player, first] of tally.members) {
      this.#putPlayer.run(tally.row, player, tally.nicknameOf(player), first);
    }
    tally.members.clear();
    // What goes goes first: a span that came to nothing may have begun where another now does.
    for (const span of tally.spans) {
      if (span.isEmpty && span.isWritten)
        this.#dropSpan.run(tally.row, this.#connectionBase + span.conn, span.first);
    }
    for (const span of tally.spans) {
      span.isListed = false;
      if (span.isEmpty) continue;
      this.#putSpan.run(tally.row, this.#connectionBase + span.conn, span.first, span.last, span.player);
      span.isWritten = true;
    }
    tally.spans.length = 0;
  }
}

/** Removes the sessions of a capture; answers their ids by their numbers. */
export function clearSessions(db: Database, captureId: number): Map<number, number> {
  const ids = db
    .prepare<[number], [number, number]>('SELECT number, id FROM session WHERE capture = ?')
    .raw()
    .all(captureId);
  for (const table of ['session_player', 'session_connection']) {
    const those = 'session IN (SELECT id FROM session WHERE capture = ?)';
    db.prepare(`DELETE FROM ${table} WHERE ${those}`).run(captureId);
  }
  db.prepare('DELETE FROM session WHERE capture = ?').run(captureId);
  db.prepare('UPDATE capture SET sessions_through = NULL WHERE id = ?').run(captureId);
  return new Map(ids);
}

/** Gives an end to the sessions that went on when their captures ended unclean. */
export function endOpenSessions(db: Database): void {
  const open = `session.ended IS NULL AND capture.ended = 'unclean'`;
  db.exec(
    `UPDATE session_connection SET last_sequence = capture.last_sequence
     FROM session, capture
     WHERE session_connection.last_sequence IS NULL AND session.id = session_connection.session
       AND capture.id = session.capture AND ${open};
     DELETE FROM session_connection WHERE last_sequence < first_sequence;
     UPDATE session SET ended = 'unclean', last_seen = max(last_seen, capture.ended_at),
       last_sequence = max(session.last_sequence, capture.last_sequence)
     FROM capture WHERE capture.id = session.capture AND ${open};`,
  );
}
