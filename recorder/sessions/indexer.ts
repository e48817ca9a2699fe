/**
 * Finds the sessions of captures after they were recorded: by the same finder, told the same in the same order.
 *
 * Each capture is indexed in one transaction, so that whoever stops it in the middle leaves the file as it
 * was. Memory is bounded by what goes on at a time in a capture, not by its length; only captures of
 * format 1 need all of their connections' times at once.
 */
import type { Database } from 'better-sqlite3';
import { Failure } from '../../common/failure.ts';
import { protocols as allProtocols } from '../../protocol/registry.ts';
import type { Protocol } from '../../protocol/types.ts';
import { acquireLock } from '../lock.ts';
import { explainOpening, openCapture } from '../open.ts';
import { endLeftCaptures } from '../store.ts';
import { SessionFinder } from './finder.ts';
import { type CaptureRange, placeEvents } from './places.ts';
import { clearSessions, SessionRows } from './rows.ts';

export interface IndexOptions {
  /** This capture alone. */
  readonly capture?: number | null;
  /** Also those whose sessions are known. */
  readonly again?: boolean;
  readonly protocols?: readonly Protocol[];
  readonly onProgress?: Progress;
}

/** How many frames of how many have been read. */
export type Progress = (done: number, total: number) => void;

export interface IndexedCapture {
  readonly id: number;
  /** Its sessions were known already, and were left as they are. */
  readonly skipped: boolean;
  /** What of it this version cannot read, for which they were left although they were asked for again; else null. */
  readonly unreadable: string | null;
  readonly sessions: number;
  readonly frames: number;
}

const rowsPerPage = 500;
/** How often what was found is written down, and so forgotten. */
const framesPerWrite = 50_000;

interface CaptureRow extends CaptureRange {
  readonly frames: number;
  readonly ended: 'clean' | 'unclean';
  readonly endedAt: number;
  readonly sessionsThrough: number | null;
}

interface EventRow {
  readonly place: number;
  readonly after: number;
  readonly stage: 'opened' | 'identified' | 'closed';
  readonly conn: number;
  readonly protocol: number;
  readonly revision: number;
  readonly at: number;
  readonly fault: number;
  readonly endpoint: string;
  readonly toward: string;
  readonly nickname: string;
  readonly game: string;
  readonly gameName: string;
}

/** Sequence number, arrival, delay, ends, kind, outcome, bytes. */
type FrameRow = [number, number, number | null, number, number, number, number, Buffer];

/**
 * Failure codes: those of `openCapture` and `acquireLock`, `in-use` where somebody records into the file
 * among them; `no-such-capture`.
 */
export function indexCaptures(file: string, options: IndexOptions = {}): IndexedCapture[] {
  // What is not ours is refused before a lock file appears beside it.
  openCapture(file, { write: false }).close();
  const lock = acquireLock(file);
  let db: Database | null = null;
  try {
    db = openCapture(file, { write: true });
    return index(db, file, options);
  } catch (error) {
    throw explainOpening(file, error);
  } finally {
    db?.close();
    lock.release();
  }
}

function index(db: Database, file: string, options: IndexOptions): IndexedCapture[] {
  const { capture: only = null, again = false, onProgress = () => undefined } = options;
  db.transaction(() => endLeftCaptures(db)).immediate();
  const captures = db
    .prepare<[number | null, number | null], CaptureRow>(
      `SELECT id, frame_base AS frameBase, connection_base AS connectionBase, last_sequence AS lastSequence,
              last_connection AS lastConnection, frames, ended, ended_at AS endedAt,
              sessions_through AS sessionsThrough
       FROM capture WHERE ? IS NULL OR id = ? ORDER BY id`,
    )
    .all(only, only);
  if (only !== null && captures.length === 0) {
    throw new Failure('input', 'no-such-capture', `${file} has no capture ${only}`);
  }
  const known = new Map((options.protocols ?? allProtocols).map((protocol) => [protocol.id, protocol]));
  const wanted = captures.filter((capture) => again || isDue(db, capture));
  // Sessions that somebody found who could read more are better than those that we would put in their place.
  const unreadable = new Map(
    wanted
      .filter(({ sessionsThrough }) => sessionsThrough !== null)
      .flatMap((capture) => {
        const what = unreadableOf(db, capture, known);
        return what === null ? [] : [[capture.id, what] as const];
      }),
  );
  const due = new Set(wanted.filter(({ id }) => !unreadable.has(id)));
  const total = [...due].reduce((sum, { frames }) => sum + frames, 0);
  let done = 0;
  const count = db.prepare<[number], number>('SELECT count(*) FROM session WHERE capture = ?').pluck();
  return captures.map((capture) => {
    const { id, frames } = capture;
    if (due.has(capture)) {
      const before = done;
      const indexOne = db.transaction(() =>
        indexCapture(db, capture, known, (read) => onProgress(before + read, total)),
      );
      indexOne.immediate();
      done += frames;
    }
    return {
      id,
      skipped: !due.has(capture),
      unreadable: unreadable.get(id) ?? null,
      sessions: count.get(id) ?? 0,
      frames,
    };
  });
}

/** It has no sessions, or one that has no delays though a frame of it left. */
function isDue(db: Database, { id, sessionsThrough, frameBase, lastSequence }: CaptureRow): boolean {
  if (sessionsThrough === null) return true;
  const spans = `FROM session JOIN session_connection AS span ON span.session = session.id
     WHERE capture = :id AND delay_max IS NULL`;
  if (db.prepare(`SELECT 1 ${spans} LIMIT 1`).get({ id }) === undefined) return false;
  // The frames are read once, however many sessions there are: hence the order of the join.
  const leaving = (end: string) =>
    `SELECT 1 FROM frame CROSS JOIN undelayed ON connection = ${end}
       AND id - :frameBase BETWEEN first_sequence AND coalesce(last_sequence, :lastSequence)
     WHERE delay IS NOT NULL AND id > :frameBase AND id <= :frameBase + :lastSequence`;
  const found = db.prepare(
    `WITH undelayed AS MATERIALIZED (SELECT connection, span.first_sequence, span.last_sequence ${spans})
     SELECT 1 WHERE EXISTS (${leaving('from_connection')}) OR EXISTS (${leaving('to_connection')})`,
  );
  return found.get({ id, frameBase, lastSequence }) !== undefined;
}

/** In words: the first protocol of the capture that is not read here, if there is one. */
function unreadableOf(
  db: Database,
  { connectionBase, lastConnection }: CaptureRow,
  protocols: ReadonlyMap<number, Protocol>,
): string | null {
  const used = db
    .prepare<[number, number], { readonly protocol: number; readonly revision: number }>(
      'SELECT DISTINCT protocol, revision FROM connection WHERE id > ? AND id <= ? ORDER BY protocol, revision',
    )
    .all(connectionBase, connectionBase + lastConnection);
  for (const { protocol: id, revision } of used) {
    const protocol = protocols.get(id);
    if (protocol === undefined) return `protocol ${id}, which this version does not know`;
    if (protocol.revision !== revision)
      return `revision ${revision} of ${protocol.name}, of which this version reads revision ${protocol.revision}`;
  }
  return null;
}

function indexCapture(
  db: Database,
  capture: CaptureRow,
  protocols: ReadonlyMap<number, Protocol>,
  onRead: (frames: number) => void,
): void {
  const { id, connectionBase, lastSequence, ended, endedAt } = capture;
  const rows = new SessionRows(db, id, connectionBase, clearSessions(db, id));
  placeEvents(db, capture);
  const finder = new SessionFinder(false);
  const events = eventsOf(db, capture);
  let event = events.next();
  const tellUpTo = (sequence: number): void => {
    for (; event.done !== true && event.value.after < sequence; event = events.next()) {
      tell(finder, event.value, protocols);
    }
  };
  let read = 0;
  for (const [sequence, arrived, delay, from, to, kind, outcome, bytes] of framesOf(db, capture)) {
    tellUpTo(sequence);
    finder.frame(sequence, arrived, delay === null ? null : arrived + delay, from, to, kind, outcome, bytes);
    read += 1;
    if (read % framesPerWrite !== 0) continue;
    rows.write(finder);
    onRead(read);
  }
  tellUpTo(Infinity);
  finder.end(endedAt, lastSequence, ended === 'clean');
  rows.write(finder);
  db.prepare('UPDATE capture SET sessions_through = ? WHERE id = ?').run(lastSequence, id);
  onRead(read);
}

function tell(finder: SessionFinder, event: EventRow, protocols: ReadonlyMap<number, Protocol>): void {
  const { stage, conn, after, at } = event;
  if (stage === 'opened') {
    const protocol = protocols.get(event.protocol);
    // Bytes of another revision mean something else.
    const isReadable = protocol?.revision === event.revision;
    finder.opened(conn, isReadable ? (protocol ?? null) : null, at, after);
  } else if (stage === 'identified') finder.identified(conn, event, after);
  else finder.closed(conn, event.fault, at, after);
}

/** The events of the capture's connections, in the order in which they were recorded. */
function* eventsOf(db: Database, capture: CaptureRow): Generator<EventRow, void> {
  db.exec(
    `DROP TABLE IF EXISTS temp.place;
     CREATE TEMP TABLE place (id INTEGER PRIMARY KEY, stage TEXT, after INTEGER, connection INTEGER)`,
  );
  const stages = ['opened', 'identified', 'closed'].map(
    (stage) =>
      `SELECT '${stage}' AS stage, ${stage}_after AS after, ${stage}_event AS event, id FROM connection
       WHERE id > :first AND id <= :last AND ${stage}_event IS NOT NULL`,
  );
  db.prepare(
    `INSERT INTO place (stage, after, connection)
     SELECT stage, after, id FROM (${stages.join(' UNION ALL ')}) ORDER BY event`,
  ).run({ first: capture.connectionBase, last: capture.connectionBase + capture.lastConnection });
  const page = db.prepare<[number, number, number], EventRow>(
    `SELECT place.id AS place, after, stage, connection.id - ? AS conn, protocol, revision,
            CASE stage WHEN 'closed' THEN closed ELSE opened END AS at, coalesce(fault, 0) AS fault,
            coalesce(endpoint, '') AS endpoint, coalesce(toward, '') AS toward,
            coalesce(nickname, '') AS nickname, coalesce(game, '') AS game,
            coalesce(game_name, '') AS gameName
     FROM place JOIN connection ON connection.id = place.connection
     WHERE place.id > ? ORDER BY place.id LIMIT ?`,
  );
  for (let after = 0; ;) {
    const rows = page.all(capture.connectionBase, after, rowsPerPage);
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < rowsPerPage) break;
    after = last.place;
  }
  db.exec('DROP TABLE temp.place');
}

function* framesOf(
  db: Database,
  { frameBase, connectionBase, lastSequence }: CaptureRow,
): Generator<FrameRow> {
  const page = db
    .prepare<[number, number, number, number, number, number], FrameRow>(
      `SELECT id - ?, arrived, delay, coalesce(from_connection - ?, 0), coalesce(to_connection - ?, 0),
              kind, outcome, bytes
       FROM frame WHERE id > ? AND id <= ? ORDER BY id LIMIT ?`,
    )
    .raw();
  for (let after = 0; ;) {
    const [from, to] = [frameBase + after, frameBase + lastSequence];
    const rows = page.all(frameBase, connectionBase, connectionBase, from, to, rowsPerPage);
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < rowsPerPage) return;
    after = last[0];
  }
}
