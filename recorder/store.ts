/**
 * Writes one capture. Runs on the recorder's own thread.
 *
 * What is written between `begin` and `commit` is in the file whole or not at all, the totals in the
 * capture's row included. Frames are gathered and inserted several at a time, so their bytes are
 * borrowed until `commit` or `rollback`. Times are nanoseconds since the capture's anchor.
 *
 * Sessions are found on the way. What the finder was told cannot be taken back, so that after a rollback
 * the capture has no sessions until somebody indexes it: none is better than wrong ones.
 */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Database, Statement } from 'better-sqlite3';
import { commonFaults, FAULTS_OWN } from '../protocol/fault.ts';
import type { GivenName } from '../protocol/given-names.ts';
import { UNFRAMED, unframed } from '../protocol/kind.ts';
import { Outcome, outcomes } from '../protocol/outcome.ts';
import { Direction, type Protocol } from '../protocol/types.ts';
import { latestMoment } from './captures.ts';
import { acquireLock, type Lock } from './lock.ts';
import { explainOpening, openCapture } from './open.ts';
import { SessionFinder } from './sessions/finder.ts';
import { clearSessions, endOpenSessions, SessionRows } from './sessions/rows.ts';

export interface CaptureMeta {
  /** Wall clock, microseconds since 1970-01-01 UTC: nanosecond 0 of the capture. */
  readonly startedAtMicros: number;
  readonly pid: number;
  /** Of the program. */
  readonly version: string;
  /** What the values of fields are called. */
  readonly names?: readonly GivenName[];
}

/** Rows of an insert. More are hardly faster: binding the values is what is left. */
const rowsPerInsert = 16;
const columns = 8;
const delayColumn = 2;
const outcomeColumn = 6;

interface Totals {
  lastSequence: number;
  frames: number;
  bytes: number;
  connections: number;
  lost: number;
  lastConnection: number;
  lastSlab: number;
  lastEvent: number;
}

interface CaptureRow extends Readonly<Totals> {
  readonly id: number;
  readonly frameBase: number;
  readonly connectionBase: number;
}

const captureRow = `id, frame_base AS frameBase, connection_base AS connectionBase,
  last_sequence AS lastSequence, frames, bytes, connections, lost, last_connection AS lastConnection,
  last_slab AS lastSlab, last_event AS lastEvent`;

export class CaptureStore {
  readonly captureId: number;
  /** For tests. */
  readonly db: Database;
  readonly #lock: Lock;
  readonly #file: string;
  readonly #inode: number;
  readonly #frameBase: number;
  readonly #connectionBase: number;
  /** By Protocol.id. */
  readonly #protocols: ReadonlyMap<number, Protocol>;

  readonly #begin: Statement;
  readonly #commit: Statement;
  readonly #insertFrame: Statement;
  readonly #insertFrames: Statement;
  readonly #setDelay: Statement;
  readonly #setOutcome: Statement;
  readonly #insertConnection: Statement;
  readonly #setIdentity: Statement;
  readonly #setClosed: Statement;
  readonly #insertGap: Statement;
  readonly #setTotals: Statement;
  readonly #setEnded: Statement;

  /** Frames that wait for their insert: their columns, one row after another. */
  readonly #waiting: (number | null | Uint8Array)[] = new Array<null>(rowsPerInsert * columns).fill(null);
  #waitingEnd = 0;
  readonly #totals: Totals;
  #committed: Totals;
  #trouble: string | null = null;
  /** Null once it has been told what is not in the file. */
  #finder: SessionFinder | null;
  readonly #sessions: SessionRows;
  /** The finder was told something in the transaction in hand. */
  #isTold = false;
  /** Sessions are in the file that are not to be relied on. */
  #mustClear = false;

  /**
   * Starts a capture, or goes on with the one that `resume` names, whose recorder died within this run.
   * Failure codes: those of `openCapture` and `acquireLock`.
   */
  static open(
    file: string,
    meta: CaptureMeta,
    protocols: readonly Protocol[],
    resume: number | null = null,
  ): CaptureStore {
    // A file that is not ours is refused before a lock file appears beside it.
    const bytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    if (bytes > 0) openCapture(file, { write: false }).close();
    const lock = acquireLock(file);
    let db: Database | null = null;
    try {
      db = openCapture(file, { write: true });
      const row = resume === null ? start(db, meta, protocols) : goOn(db, resume);
      return new CaptureStore(db, lock, row, protocols);
    } catch (error) {
      db?.close();
      lock.release();
      throw explainOpening(file, error);
    }
  }

  private constructor(db: Database, lock: Lock, row: CaptureRow, protocols: readonly Protocol[]) {
    const { id, frameBase, connectionBase, ...totals } = row;
    this.captureId = id;
    this.db = db;
    this.#lock = lock;
    this.#file = resolve(db.name);
    this.#inode = statSync(this.#file).ino;
    this.#frameBase = frameBase;
    this.#connectionBase = connectionBase;
    this.#protocols = new Map(protocols.map((protocol) => [protocol.id, protocol]));
    this.#totals = totals;
    this.#committed = { ...totals };
    this.#sessions = new SessionRows(db, id, connectionBase);
    // What a recorder that died knew of the sessions is gone with it.
    const isNew = totals.lastSequence === 0 && totals.lastEvent === 0;
    this.#finder = isNew ? new SessionFinder(true) : null;

    this.#begin = db.prepare('BEGIN IMMEDIATE');
    this.#commit = db.prepare('COMMIT');
    this.#insertFrame = db.prepare(insertFrames(1));
    this.#insertFrames = db.prepare(insertFrames(rowsPerInsert));
    this.#setDelay = db.prepare('UPDATE frame SET delay = ? - arrived WHERE id = ?');
    this.#setOutcome = db.prepare('UPDATE frame SET outcome = ?, delay = NULL WHERE id = ?');
    this.#insertConnection = db.prepare(
      `INSERT INTO connection (id, protocol, revision, remote_address, remote_port, opened,
         opened_after, opened_event, transport)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#setIdentity = db.prepare(
      `UPDATE connection SET role = ?, endpoint = ?, toward = ?, stamp = ?, nickname = ?, game = ?,
              game_name = ?, identified_after = ?, identified_event = ?
       WHERE id = ?`,
    );
    this.#setClosed = db.prepare(
      'UPDATE connection SET fault = ?, closed = ?, closed_after = ?, closed_event = ? WHERE id = ?',
    );
    this.#insertGap = db.prepare(
      `INSERT INTO gap (capture, first_sequence, frames, events, noticed, reason)
       VALUES (${id}, ?, ?, ?, ?, ?)`,
    );
    this.#setTotals = db.prepare(
      `UPDATE capture SET last_sequence = ?, frames = ?, bytes = ?, connections = ?, lost = ?,
              last_connection = ?, last_slab = ?, last_event = ?, sessions_through = ?,
              trouble = coalesce(trouble, ?)
       WHERE id = ${id}`,
    );
    this.#setEnded = db.prepare(`UPDATE capture SET ended = 'clean', ended_at = ? WHERE id = ${id}`);
  }

  begin(): void {
    this.#begin.run();
  }

  /** The last that is stored or declared lost, the transaction in hand included. */
  get lastSequence(): number {
    return this.#totals.lastSequence;
  }

  /** The last slab that is in the file; one that comes again after a restart is there already. */
  get lastSlab(): number {
    return this.#committed.lastSlab;
  }

  /** Tells which slab this was, where it was one. After any error, here or since `begin`, call `rollback`. */
  commit(slab: number | null = null): void {
    this.#totals.lastSlab = slab ?? this.#totals.lastSlab;
    this.#insertWaiting();
    this.#writeSessions();
    this.#writeTotals();
    this.#commit.run();
    this.#committed = { ...this.#totals };
    this.#isTold = this.#mustClear = false;
  }

  /** Forgets all since `begin`. SQLite may have rolled back by itself, as it does when the disk is full. */
  rollback(): void {
    this.#waitingEnd = 0;
    Object.assign(this.#totals, this.#committed);
    if (this.#isTold) this.#giveUpSessions();
    if (this.db.inTransaction) this.db.exec('ROLLBACK');
  }

  /** `transport` is null for TCP. */
  opened(
    conn: number,
    protocolId: number,
    address: string,
    port: number,
    at: number,
    transport: 'udp' | null = null,
  ): void {
    const protocol = this.#protocols.get(protocolId) ?? null;
    const revision = protocol?.revision ?? 0;
    const totals = this.#totals;
    const id = this.#connectionBase + conn;
    const after = totals.lastSequence;
    const event = ++totals.lastEvent;
    this.#insertConnection.run(id, protocolId, revision, address, port, at, after, event, transport);
    totals.connections += 1;
    totals.lastConnection = Math.max(totals.lastConnection, conn);
    this.#tell()?.opened(conn, protocol, at, after);
  }

  identified(
    conn: number,
    role: string,
    endpoint: string,
    toward: string,
    stamp: Uint8Array,
    nickname = '',
    game = '',
    gameName = '',
  ): void {
    const id = this.#connectionBase + conn;
    const after = this.#totals.lastSequence;
    const event = ++this.#totals.lastEvent;
    this.#setIdentity.run(role, endpoint, toward, stamp, nickname, game, gameName, after, event, id);
    this.#tell()?.identified(conn, { endpoint, toward, nickname, game, gameName }, after);
  }

  closed(conn: number, fault: number, at: number): void {
    const after = this.#totals.lastSequence;
    this.#setClosed.run(fault, at, after, ++this.#totals.lastEvent, this.#connectionBase + conn);
    this.#tell()?.closed(conn, fault, at, after);
  }

  /** `from` and `to` are 0 for the relay; `delay` is null where the frame has not left, or never will. */
  frame(
    sequence: number,
    arrived: number,
    delay: number | null,
    from: number,
    to: number,
    kind: number,
    outcome: number,
    bytes: Uint8Array,
  ): void {
    const row = this.#waiting;
    const at = this.#waitingEnd;
    row[at] = this.#frameBase + sequence;
    row[at + 1] = arrived;
    row[at + delayColumn] = delay;
    row[at + 3] = from === 0 ? null : this.#connectionBase + from;
    row[at + 4] = to === 0 ? null : this.#connectionBase + to;
    row[at + 5] = kind;
    row[at + outcomeColumn] = outcome;
    row[at + 7] = bytes;
    this.#waitingEnd = at + columns;

    const totals = this.#totals;
    totals.lastSequence = sequence;
    totals.frames += 1;
    totals.bytes += bytes.length;
    // Their opening may have been lost in a gap.
    if (from > totals.lastConnection) totals.lastConnection = from;
    if (to > totals.lastConnection) totals.lastConnection = to;

    const departed = delay === null ? null : arrived + delay;
    this.#tell()?.frame(sequence, arrived, departed, from, to, kind, outcome, bytes);

    if (this.#waitingEnd === row.length) {
      this.#insertFrames.run(row);
      this.#waitingEnd = 0;
    }
  }

  /** For a frame whose target was slow. Harmless if the frame was lost in a gap. */
  departed(sequence: number, at: number): void {
    this.#tell()?.departed(sequence, at);
    const row = this.#findWaiting(sequence);
    if (row < 0) this.#setDelay.run(at, this.#frameBase + sequence);
    else this.#waiting[row + delayColumn] = at - (this.#waiting[row + 1] as number);
  }

  /** For a frame whose target was closed first. Harmless if the frame was lost in a gap. */
  undelivered(sequence: number): void {
    this.#tell()?.undelivered(sequence);
    const row = this.#findWaiting(sequence);
    if (row < 0) {
      this.#setOutcome.run(Outcome.undelivered, this.#frameBase + sequence);
    } else {
      this.#waiting[row + delayColumn] = null;
      this.#waiting[row + outcomeColumn] = Outcome.undelivered;
    }
  }

  gap(firstSequence: number, frames: number, events: number, at: number, reason: string): void {
    this.#insertGap.run(firstSequence, frames, events, at, reason);
    this.#totals.lost += frames;
    if (frames > 0) {
      this.#totals.lastSequence = Math.max(this.#totals.lastSequence, firstSequence + frames - 1);
    }
  }

  /** Marks the capture with the first thing that went wrong. Written by the next `commit` or `finish`. */
  trouble(text: string): void {
    this.#trouble ??= text;
  }

  /** Whether the file is still where it was: one that was removed or replaced takes all that is written with it. */
  isInPlace(): boolean {
    const stat = statSync(this.#file, { throwIfNoEntry: false });
    return stat?.ino === this.#inode;
  }

  /** Marks the capture as ended in good order, as a part of the transaction in hand. */
  end(at: number): void {
    this.#tell()?.end(at, this.#totals.lastSequence, true);
    this.#setEnded.run(at);
  }

  /** Ends the capture in good order, then closes, even if the ending could not be written. */
  finish(at: number): void {
    try {
      this.begin();
      this.end(at);
      this.commit();
    } finally {
      this.abandon();
    }
  }

  /** Closes and leaves the capture without an end. */
  abandon(): void {
    this.db.close();
    this.#lock.release();
  }

  /** Where a frame's row starts in `#waiting`, or -1. */
  #findWaiting(sequence: number): number {
    const id = this.#frameBase + sequence;
    for (let at = this.#waitingEnd - columns; at >= 0; at -= columns) {
      if (this.#waiting[at] === id) return at;
    }
    return -1;
  }

  #insertWaiting(): void {
    for (let at = 0; at < this.#waitingEnd; at += columns) {
      this.#insertFrame.run(this.#waiting.slice(at, at + columns));
    }
    this.#waitingEnd = 0;
  }

  #writeTotals(): void {
    const { lastSequence, frames, bytes, connections, lost, lastConnection, lastSlab, lastEvent } =
      this.#totals;
    this.#setTotals.run(
      lastSequence,
      frames,
      bytes,
      connections,
      lost,
      lastConnection,
      lastSlab,
      lastEvent,
      this.#finder === null ? null : lastSequence,
      this.#trouble,
    );
  }

  // Sessions ----------------------------------------------------------------------------------------

  #tell(): SessionFinder | null {
    this.#isTold = true;
    return this.#finder;
  }

  #writeSessions(): void {
    if (this.#finder !== null) this.#sessions.write(this.#finder);
    else if (this.#mustClear) clearSessions(this.db, this.captureId);
  }

  #giveUpSessions(): void {
    if (this.#finder === null) return;
    this.#finder = null;
    this.#mustClear = true;
  }
}

function insertFrames(rows: number): string {
  const values = new Array<string>(rows).fill('(?, ?, ?, ?, ?, ?, ?, ?)').join(', ');
  return `INSERT INTO frame (id, arrived, delay, from_connection, to_connection, kind, outcome, bytes)
          VALUES ${values}`;
}

/** The new capture's row, after those that were left without an end were given one. */
function start(db: Database, meta: CaptureMeta, protocols: readonly Protocol[]): CaptureRow {
  const insert = db.prepare<[number, number, string], CaptureRow>(
    `INSERT INTO capture (frame_base, connection_base, started_at, pid, version, sessions_through)
     SELECT coalesce(max(frame_base + last_sequence), 0),
            coalesce(max(connection_base + last_connection), 0), ?, ?, ?, 0
     FROM capture
     RETURNING ${captureRow}`,
  );
  return db
    .transaction(() => {
      endLeftCaptures(db);
      writeLegend(db, protocols);
      const row = insert.get(meta.startedAtMicros, meta.pid, meta.version)!;
      writeNames(db, row.id, meta.names ?? []);
      return row;
    })
    .immediate();
}

function writeNames(db: Database, capture: number, names: readonly GivenName[]): void {
  const put = db.prepare(
    'INSERT INTO given_name (capture, protocol, field, value, name) VALUES (?, ?, ?, ?, ?)',
  );
  for (const { protocolId, field, value, name } of names) put.run(capture, protocolId, field, value, name);
}

function goOn(db: Database, captureId: number): CaptureRow {
  const row = db
    .prepare<[number], CaptureRow>(`SELECT ${captureRow} FROM capture WHERE id = ? AND ended IS NULL`)
    .get(captureId);
  if (row === undefined) throw new Error(`capture ${captureId} is not one to go on with`);
  db.transaction(() => clearSessions(db, captureId)).immediate();
  return row;
}

/** Ends the captures that nobody records into any more. Whoever asks holds the file's lock. */
export function endLeftCaptures(db: Database): void {
  db.exec(`UPDATE capture SET ended = 'unclean', ended_at = ${latestMoment} WHERE ended IS NULL`);
  endOpenSessions(db);
}

function writeLegend(db: Database, protocols: readonly Protocol[]): void {
  const put = db.prepare<[string, number, number, string, string]>(
    'INSERT OR REPLACE INTO legend (space, protocol, code, name, text) VALUES (?, ?, ?, ?, ?)',
  );
  outcomes.forEach(({ name, text }, code) => put.run('outcome', 0, code, name, text));
  commonFaults.forEach(({ name, text }, code) => put.run('fault', 0, code, name, text));
  for (const { id, revision, name, title, frames, faults } of protocols) {
    put.run('protocol', id, revision, name, title);
    faults.forEach((fault, index) => put.run('fault', id, FAULTS_OWN + index, fault.name, fault.text));
    frames.forEach((frame, code) => {
      const direction = frame.direction === Direction.toRelay ? 'to the relay' : 'from the relay';
      const text = frame.note === undefined ? direction : `${direction}: ${frame.note}`;
      put.run('kind', id, code, frame.name, text);
    });
    put.run('kind', id, UNFRAMED, unframed.name, unframed.text);
  }
}
