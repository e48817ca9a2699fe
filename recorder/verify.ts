/**
 * Checks that a capture file holds what it claims to hold, and nothing else.
 *
 * All is read in one snapshot, so a file that is being recorded into can be checked as well. Frames
 * are walked through once, in order, without their bytes.
 */
import type Database from 'better-sqlite3';
import { Failure } from '../common/failure.ts';
import { checkComments } from './comment-check.ts';
import { formatOf, latestFormat, oldestReadable } from './migrate.ts';
import { explainOpening, openCapture } from './open.ts';
import { checkReplays } from './replay-check.ts';
import { SessionCheck } from './sessions/check.ts';

export interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** What was found, in words. */
  readonly detail: string;
}

export interface VerifyReport {
  readonly checks: readonly Check[];
  readonly ok: boolean;
}

/** How many frames of how many are checked. */
export type Progress = (done: number, total: number) => void;

const framesPerReport = 100_000;

interface CaptureRow {
  readonly id: number;
  readonly frame_base: number;
  readonly connection_base: number;
  readonly ended: 'clean' | 'unclean' | null;
  readonly last_sequence: number;
  readonly last_connection: number;
  readonly frames: number;
  readonly bytes: number;
  readonly connections: number;
  readonly lost: number;
  readonly trouble: string | null;
  readonly sessions_through: number | null;
  /** Where the next capture starts; null for the newest. */
  readonly next_frame_base: number | null;
  readonly next_connection_base: number | null;
}

interface GapRow {
  readonly first: number;
  readonly frames: number;
  readonly events: number;
}

/** id, from_connection, to_connection, bytes. */
type FrameRow = [number, number | null, number | null, number];

interface ConnectionRow {
  readonly id: number;
  readonly opened: number;
  readonly closed: number | null;
}

/** Throws the failures of `openCapture`, except that a damaged file is what this is here to find. */
export function verifyCapture(file: string, onProgress: Progress = () => undefined): VerifyReport {
  const checks: Check[] = [];
  let db: Database.Database | null = null;
  try {
    db = openCapture(file, { write: false });
    db.exec('BEGIN');
    for (const check of verify(db, onProgress)) checks.push(check);
  } catch (error) {
    const failure = explainOpening(file, error);
    if (!(failure instanceof Failure) || failure.code !== 'damaged') throw failure;
    checks.push({ name: 'integrity', ok: false, detail: failure.message });
  } finally {
    db?.close();
  }
  return { checks, ok: checks.every(({ ok }) => ok) };
}

function* verify(db: Database.Database, onProgress: Progress): Generator<Check> {
  yield verifyFormat(db);
  yield verifyIntegrity(db);
  const captures = db
    .prepare<[], CaptureRow>(
      `SELECT *, lead(frame_base) OVER (ORDER BY id) AS next_frame_base,
              lead(connection_base) OVER (ORDER BY id) AS next_connection_base
       FROM capture ORDER BY id`,
    )
    .all();
  yield verifyStrays(db, captures[0]);
  const total = captures.reduce((sum, { frames }) => sum + frames, 0);
  let done = 0;
  for (const capture of captures) {
    yield* verifyCaptureRow(db, capture, () => {
      done += 1;
      if (done % framesPerReport === 0) onProgress(done, total);
    });
  }
  onProgress(done, total);
  yield verifyReplays(db);
  const { comments, findings } = checkComments(db);
  yield check('comments', new Findings(findings), `${comments} comments`);
}

function verifyReplays(db: Database.Database): Check {
  const { replays, unfinished, findings } = checkReplays(db);
  const some = unfinished === 0 ? '' : `, ${unfinished} of them without an end`;
  return check('replays', new Findings(findings), `${replays} replays${some}`);
}

function verifyFormat(db: Database.Database): Check {
  const format = formatOf(db);
  return {
    name: 'format',
    ok: format >= oldestReadable() && format <= latestFormat(),
    detail: `format ${format}`,
  };
}

function verifyIntegrity(db: Database.Database): Check {
  const lines = db.prepare<[], string>('PRAGMA integrity_check').pluck().all();
  const ok = lines.length === 1 && lines[0] === 'ok';
  return { name: 'integrity', ok, detail: ok ? 'the database is whole' : new Findings(lines).toString() };
}

/** Rows that come before the first capture. What comes after one is found with it. */
function verifyStrays(db: Database.Database, first: CaptureRow | undefined): Check {
  const count = db
    .prepare<[number, number], number>(
      'SELECT (SELECT count(*) FROM frame WHERE id <= ?) + (SELECT count(*) FROM connection WHERE id <= ?)',
    )
    .pluck();
  const strays = count.get(first?.frame_base ?? Infinity, first?.connection_base ?? Infinity)!;
  const detail = strays === 0 ? 'every row belongs to a capture' : `${strays} rows belong to no capture`;
  return { name: 'ownership', ok: strays === 0, detail };
}

function* verifyCaptureRow(
  db: Database.Database,
  capture: CaptureRow,
  onFrame: () => void,
): Generator<Check> {
  const gaps = db
    .prepare<[number], GapRow>(
      'SELECT first_sequence AS "first", frames, events FROM gap WHERE capture = ? ORDER BY first_sequence, id',
    )
    .all(capture.id);
  const connections = new Connections(db, capture);
  const sequence = new Sequence(gaps);
  const sessions = new SessionCheck(db, capture);
  let frames = 0;
  let bytes = 0;
  const rows = db
    .prepare<[number, number], FrameRow>(
      `SELECT id, from_connection, to_connection, length(bytes) FROM frame
       WHERE id > ? AND id <= ? ORDER BY id`,
    )
    .raw();
  for (const [id, from, to, length] of rows.iterate(
    capture.frame_base,
    capture.next_frame_base ?? Infinity,
  )) {
    const at = id - capture.frame_base;
    sequence.found(at);
    connections.used(from, at);
    connections.used(to, at);
    sessions.frame(at, from, to, length);
    frames += 1;
    bytes += length;
    onFrame();
  }
  sequence.end(capture.last_sequence);

  const lost = gaps.reduce((sum, gap) => sum + gap.frames, 0);
  const eventsLost = gaps.reduce((sum, gap) => sum + gap.events, 0);
  const name = (what: string): string => `capture ${capture.id}: ${what}`;
  const declared = lost === 0 ? 'none lost' : `${lost} declared lost`;
  yield check(
    name('sequence'),
    sequence.findings,
    `1 to ${capture.last_sequence} without holes, ${declared}`,
  );
  yield check(name('connections'), connections.findings(eventsLost), `${connections.count} connections`);

  const found = capture.sessions_through === null ? 'not looked for' : `${sessions.count} sessions`;
  yield check(name('sessions'), new Findings(sessions.findings()), found);

  const totals = new Findings();
  const compare = (what: string, claimed: number, found: number): void => {
    if (claimed !== found) totals.add(`${claimed} ${what} in the capture's row, ${found} in the file`);
  };
  compare('frames', capture.frames, frames);
  compare('bytes', capture.bytes, bytes);
  compare('connections', capture.connections, connections.count);
  compare('lost frames', capture.lost, lost);
  yield check(name('totals'), totals, `${frames} frames, ${bytes} bytes`);

  const end = { clean: 'ended in good order', unclean: 'ended unclean: readable to its last transaction' };
  const detail = capture.ended === null ? 'without an end so far' : end[capture.ended];
  const trouble = capture.trouble === null ? '' : `; trouble: ${capture.trouble}`;
  yield { name: name('end'), ok: true, detail: detail + trouble };
}

function check(name: string, findings: Findings, detail: string): Check {
  return findings.count === 0 ? { name, ok: true, detail } : { name, ok: false, detail: findings.toString() };
}

/** What is wrong: the first of it in words, the rest as a number, however much it is. */
class Findings {
  count = 0;
  #first = '';

  constructor(texts: Iterable<string> = []) {
    for (const text of texts) this.add(text);
  }

  add(text: string): void {
    if (this.count === 0) this.#first = text;
    this.count += 1;
  }

  toString(): string {
    return this.count > 1 ? `${this.#first}; and ${this.count - 1} more` : this.#first;
  }
}

/** Sequence numbers, each of which is either found once or declared lost once. */
class Sequence {
  readonly findings = new Findings();
  readonly #gaps: readonly GapRow[];
  #gap = 0;
  #next = 1;

  constructor(gaps: readonly GapRow[]) {
    this.#gaps = gaps.filter(({ frames }) => frames > 0);
  }

  found(sequence: number): void {
    this.#advance(sequence);
    if (sequence < this.#next) this.findings.add(`frame ${sequence} is there, though it is declared lost`);
    else this.#next = sequence + 1;
  }

  end(lastSequence: number): void {
    this.#advance(lastSequence + 1);
    if (this.#next === lastSequence + 1) return;
    this.findings.add(`${this.#next - 1} is the last, not ${lastSequence} as in the capture's row`);
  }

  /** Accounts for all before `sequence`, and for a gap that starts at it. */
  #advance(sequence: number): void {
    for (
      let gap = this.#gaps[this.#gap];
      gap !== undefined && gap.first <= sequence;
      gap = this.#gaps[this.#gap]
    ) {
      this.#skip(gap.first);
      if (gap.first < this.#next)
        this.findings.add(`the gap at ${gap.first} covers what is accounted for already`);
      this.#next = Math.max(this.#next, gap.first + gap.frames);
      this.#gap += 1;
    }
    this.#skip(sequence);
  }

  #skip(sequence: number): void {
    if (sequence <= this.#next) return;
    this.findings.add(`${range(this.#next, sequence - 1)} missing, and not declared lost`);
    this.#next = sequence;
  }
}

/** The connections of a capture, and those that its frames speak of. */
class Connections {
  readonly #base: number;
  readonly #ids = new Set<number>();
  readonly #missing = new Set<number>();
  readonly #findings = new Findings();

  constructor(db: Database.Database, capture: CaptureRow) {
    this.#base = capture.connection_base;
    const rows = db.prepare<[number, number], ConnectionRow>(
      'SELECT id, opened, closed FROM connection WHERE id > ? AND id <= ? ORDER BY id',
    );
    for (const { id, opened, closed } of rows.iterate(this.#base, capture.next_connection_base ?? Infinity)) {
      this.#ids.add(id);
      const conn = id - this.#base;
      if (conn > capture.last_connection) {
        this.#findings.add(`connection ${conn} is there, though ${capture.last_connection} is the last`);
      }
      if (closed !== null && closed < opened) {
        this.#findings.add(`connection ${conn} closed before it opened`);
      }
    }
  }

  get count(): number {
    return this.#ids.size;
  }

  used(id: number | null, sequence: number): void {
    if (id === null || this.#ids.has(id) || this.#missing.has(id)) return;
    this.#missing.add(id);
    this.#findings.add(`frame ${sequence} speaks of connection ${id - this.#base}, which is not there`);
  }

  /** A connection may be missing where its opening is among the events that are declared lost. */
  findings(eventsLost: number): Findings {
    const excused = this.#missing.size <= eventsLost && this.#findings.count === this.#missing.size;
    return excused ? new Findings() : this.#findings;
  }
}

function range(first: number, last: number): string {
  return first === last ? `frame ${first} is` : `frames ${first} to ${last} are`;
}
