/**
 * Replays and their verdicts as rows, and how they are written.
 *
 * The rule: a replay is written beside whoever records into the file, without the lock of `lock.ts`: in short
 * transactions, each of which waits for those of others. What a replay came to is written last of all, so that
 * one without an outcome never came to its end.
 */
import type { Database, Statement } from 'better-sqlite3';
import { Failure } from '../common/failure.ts';
import type { Millis } from '../protocol/types.ts';
import { explainWriting } from './explain-writing.ts';
import { openBeside } from './open.ts';

export const replayModes = ['relay', 'game', 'recording'] as const;
export type ReplayMode = (typeof replayModes)[number];

export const replayOutcomes = ['same', 'differs', 'unanswered'] as const;
export type ReplayOutcome = (typeof replayOutcomes)[number];

/** What is known of a replay when it begins. */
export interface ReplayStart {
  readonly capture: number;
  /** Null where all of the capture is replayed. */
  readonly session: number | null;
  readonly file: string;
  readonly mode: ReplayMode;
  readonly target: string;
  readonly comparedSession: number | null;
  readonly role: string | null;
  readonly pace: string | null;
  readonly pid: number;
  readonly version: string;
  /** ISO 8601, milliseconds. */
  readonly startedAt: string;
}

/** What is known of it at its end. */
export interface ReplayEnd {
  readonly lasted: Millis;
  readonly outcome: ReplayOutcome;
  readonly partial: string | null;
  readonly sent: number;
  readonly expected: number;
  readonly came: number;
  readonly equal: number;
  readonly first: number | null;
  readonly roles: readonly ReplayRole[];
  readonly notes: readonly string[];
  /** How many differences there were, by class. */
  readonly counts: Readonly<Record<string, number>>;
  readonly holds: readonly ReplayHold[];
}

export interface ReplayRole {
  readonly name: string;
  readonly player: string;
  readonly nickname: string;
}

export interface ReplayHold {
  /** A code of the legend's space `hold`. */
  readonly reason: number;
  readonly sends: number;
  readonly total: Millis;
  readonly longest: Millis;
}

export interface ReplayDifference {
  readonly class: string;
  readonly fails: boolean;
  readonly follows: number | null;
  /** Protocol.id. */
  readonly protocol: number;
  readonly fromRole: string;
  readonly fromEndpoint: string;
  readonly toRole: string;
  readonly toEndpoint: string;
  readonly kind: number | null;
  readonly isStream: boolean;
  readonly sequence: number;
  readonly at: Millis;
  readonly expectedKind: number | null;
  readonly expected: Uint8Array | null;
  readonly actualKind: number | null;
  readonly actual: Uint8Array | null;
  readonly byteOffset: number | null;
  readonly streamOffset: number | null;
  readonly field: string | null;
  readonly text: string;
}

/** What holds sends, by code. */
export interface HoldName {
  readonly name: string;
  /** A sentence without a full stop. */
  readonly text: string;
}

/** Rows of one replay begin here; what is added counts from 0, or is a sequence number. */
export const REPLAY_ROWS = 2 ** 32;
/** So that ids stay whole numbers. */
const REPLAYS_MAX = 2 ** 21 - 1;

/** Sendings that are gathered for one transaction. */
export const SENDINGS_PER_WRITE = 8_192;
/** Sendings that wait while others keep the file to themselves. Where there are more, whoever sends waits too. */
export const SENDINGS_WAITING_MAX = 65_536;
/** How many more must be there before a file that was busy is tried again. */
const SENDINGS_PER_TRY = 1_024;
const DIFFERENCES_PER_WRITE = 256;

/** How long a transaction that cannot be put off waits for those of others. */
const WAIT_MS = 5_000;

/** Rows of an insert. */
const rowsPerInsert = 64;
const columns = 4;
const MICROS = 1_000;

/** In messages. */
const THE_REPLAY = 'the replay';

export class ReplayWriter {
  readonly id: number;
  readonly #file: string;
  readonly #db: Database;
  readonly #waitMs: number;
  readonly #insertSending: Statement;
  readonly #insertSendings: Statement;
  readonly #countSendings: Statement;
  /** Their columns, one row after another. */
  readonly #waiting = new Float64Array(SENDINGS_WAITING_MAX * columns);
  #waitingEnd = 0;
  /** How many must wait before they are written. */
  #writeAt = SENDINGS_PER_WRITE;

  /**
   * `holds` says what the codes of hold reasons mean; `waitMs` is how long others may keep the file to themselves. Failure codes: those of `openBeside`, `no-such-capture`,
   * and those of all that writes: `read-only`, `in-use`, `disk-full`, `cannot-write`.
   */
  static begin(
    file: string,
    start: ReplayStart,
    holds: readonly HoldName[],
    waitMs: number = WAIT_MS,
  ): ReplayWriter {
    const db = openBeside(file);
    try {
      db.pragma(`busy_timeout = ${waitMs}`);
      return new ReplayWriter(file, db, waitMs, begin(file, db, start, holds));
    } catch (error) {
      db.close();
      throw explainWriting(file, THE_REPLAY, error);
    }
  }

  private constructor(file: string, db: Database, waitMs: number, id: number) {
    this.id = id;
    this.#file = file;
    this.#db = db;
    this.#waitMs = waitMs;
    this.#insertSending = db.prepare(insertSendings(1));
    this.#insertSendings = db.prepare(insertSendings(rowsPerInsert));
    this.#countSendings = db.prepare(`UPDATE replay SET sendings = sendings + ? WHERE id = ${id}`);
  }

  /** Sendings that are not in the file yet. */
  get waiting(): number {
    return this.#waitingEnd / columns;
  }

  /**
   * The frame of this sequence number was sent; of one that is sent again, the first time is kept. Cheap, except that
   * now and then it writes, and waits for others only where it must.
   */
  sending(sequence: number, scheduled: Millis, sent: Millis, by: number): void {
    if (!(sequence >= 1 && sequence < REPLAY_ROWS))
      throw new RangeError(`no frame has the number ${sequence}`);
    if (this.waiting === SENDINGS_WAITING_MAX) this.#write(true);
    const at = this.#waitingEnd;
    const row = this.#waiting;
    const begun = Math.round(scheduled * MICROS);
    row[at] = this.id * REPLAY_ROWS + sequence;
    row[at + 1] = begun;
    row[at + 2] = Math.max(0, Math.round(sent * MICROS) - begun);
    row[at + 3] = by;
    this.#waitingEnd = at + columns;
    if (this.waiting >= this.#writeAt) this.#write(false);
  }

  /** Writes what waits. */
  flush(): void {
    if (this.waiting > 0) this.#write(true);
  }

  /** Writes all that is to be said of it, and closes: after an error as well. It then stays without an outcome. */
  finish(end: ReplayEnd, differences: readonly ReplayDifference[]): void {
    try {
      this.flush();
      for (let at = 0; at < differences.length; at += DIFFERENCES_PER_WRITE) {
        const some = differences.slice(at, at + DIFFERENCES_PER_WRITE);
        this.#transaction(() => writeDifferences(this.#db, this.id, at, some));
      }
      this.#transaction(() => writeEnd(this.#db, this.id, end));
    } finally {
      this.close();
    }
  }

  /** Leaves it without an outcome, if it has none. What waits is not written. Harmless where it is closed already. */
  close(): void {
    this.#db.close();
  }

  #write(mustWait: boolean): void {
    try {
      if (!mustWait) this.#db.pragma('busy_timeout = 0');
      this.#transaction(() => this.#writeSendings());
      this.#waitingEnd = 0;
      this.#writeAt = SENDINGS_PER_WRITE;
    } catch (error) {
      if (mustWait || (error as Failure).code !== 'in-use') throw error;
      this.#writeAt = Math.min(this.waiting + SENDINGS_PER_TRY, SENDINGS_WAITING_MAX);
    } finally {
      if (!mustWait) this.#db.pragma(`busy_timeout = ${this.#waitMs}`);
    }
  }

  #writeSendings(): void {
    const all = this.#waiting.subarray(0, this.#waitingEnd);
    const size = rowsPerInsert * columns;
    const whole = all.length - (all.length % size);
    const row = new Array<number>(size);
    let written = 0;
    for (let at = 0; at < whole; at += size) {
      for (let i = 0; i < size; i++) row[i] = all[at + i] as number;
      written += this.#insertSendings.run(row).changes;
    }
    for (let at = whole; at < all.length; at += columns) {
      written += this.#insertSending.run([...all.subarray(at, at + columns)]).changes;
    }
    this.#countSendings.run(written);
  }

  #transaction(body: () => void): void {
    try {
      this.#db.transaction(body).immediate();
    } catch (error) {
      throw explainWriting(this.#file, THE_REPLAY, error);
    }
  }
}

/** SQL. Sendings are few bytes each, and their order is that of their frames. */
function insertSendings(rows: number): string {
  const values = new Array<string>(rows).fill('(?, ?, ?, ?)').join(', ');
  return `INSERT OR IGNORE INTO replay_sending (id, scheduled, held, held_by) VALUES ${values}`;
}

function begin(file: string, db: Database, start: ReplayStart, holds: readonly HoldName[]): number {
  const exists = db.prepare('SELECT 1 FROM capture WHERE id = ?');
  const put = db.prepare(
    `INSERT INTO replay (capture, session, file, mode, target, compared_session, role, pace, pid, version,
       started_at)
     VALUES (:capture, :session, :file, :mode, :target, :comparedSession, :role, :pace, :pid, :version,
       :startedMicros)`,
  );
  const name = db.prepare(
    `INSERT OR REPLACE INTO legend (space, protocol, code, name, text) VALUES ('hold', 0, ?, ?, ?)`,
  );
  return db
    .transaction(() => {
      if (exists.get(start.capture) === undefined) {
        throw new Failure('input', 'no-such-capture', `${file} has no capture ${start.capture}`);
      }
      const { lastInsertRowid } = put.run({ ...start, startedMicros: Date.parse(start.startedAt) * MICROS });
      const id = Number(lastInsertRowid);
      if (id > REPLAYS_MAX) {
        const message = `${file} holds ${REPLAYS_MAX} replays, and there is no room for another`;
        throw new Failure('outside', 'too-many-replays', message);
      }
      holds.forEach((hold, code) => name.run(code, hold.name, hold.text));
      return id;
    })
    .immediate();
}

function writeDifferences(db: Database, id: number, from: number, some: readonly ReplayDifference[]): void {
  const put = db.prepare(
    `INSERT INTO replay_difference (id, class, fails, follows, protocol, from_role, from_endpoint, to_role,
       to_endpoint, kind, is_stream, sequence, at, expected_kind, expected, actual_kind, actual, byte_offset,
       stream_offset, field, text)
     VALUES (:id, :class, :fails, :follows, :protocol, :fromRole, :fromEndpoint, :toRole, :toEndpoint, :kind,
       :isStream, :sequence, :at, :expectedKind, :expected, :actualKind, :actual, :byteOffset, :streamOffset,
       :field, :text)`,
  );
  some.forEach((difference, i) => {
    put.run({
      ...difference,
      id: id * REPLAY_ROWS + from + i,
      fails: Number(difference.fails),
      isStream: Number(difference.isStream),
      at: Math.round(difference.at * MICROS),
    });
  });
  db.prepare(`UPDATE replay SET differences = differences + ? WHERE id = ${id}`).run(some.length);
}

function writeEnd(db: Database, id: number, end: ReplayEnd): void {
  const role = db.prepare(`INSERT INTO replay_role VALUES (${id}, ?, ?, ?, ?)`);
  end.roles.forEach(({ name, player, nickname }, place) => role.run(place, name, player, nickname));
  const note = db.prepare(`INSERT INTO replay_note VALUES (${id}, ?, ?)`);
  end.notes.forEach((text, place) => note.run(place, text));
  const count = db.prepare(`INSERT INTO replay_count VALUES (${id}, ?, ?)`);
  for (const [name, differences] of Object.entries(end.counts)) {
    if (differences > 0) count.run(name, differences);
  }
  const hold = db.prepare(`INSERT INTO replay_hold VALUES (${id}, ?, ?, ?, ?)`);
  for (const { reason, sends, total, longest } of end.holds) {
    hold.run(reason, sends, Math.round(total * MICROS), Math.round(longest * MICROS));
  }
  const { outcome, partial, sent, expected, came, equal, first } = end;
  db.prepare(
    `UPDATE replay SET lasted = ?, outcome = ?, partial = ?, sent = ?, expected = ?, came = ?, equal = ?,
            first = ?
     WHERE id = ${id}`,
  ).run(Math.round(end.lasted * MICROS), outcome, partial, sent, expected, came, equal, first);
}
