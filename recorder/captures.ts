/**
 * Reads captures, while they are recorded or later.
 *
 * Memory is bounded by a page of frames, not by the capture. Between two pages no statement is open,
 * so that callers may ask other questions while they walk through frames, and a slow caller does not
 * keep the recorder's log from being folded into the file.
 */
import type { Database, Statement } from 'better-sqlite3';
import { Failure } from '../common/failure.ts';
import type { GivenName } from '../protocol/given-names.ts';
import type { Protocol } from '../protocol/types.ts';
import { type CommentRange, CommentReader, type StoredComment } from './comment-reader.ts';
import { ConnectionReader } from './connection-reader.ts';
import { FrameLooks, framePage, FRAMES_PER_PAGE } from './frame-looks.ts';
import { FramePages, type FrameHead } from './frame-pages.ts';
import { isRecording } from './lock.ts';
import { openCapture } from './open.ts';
import {
  type ReplayPage,
  ReplayReader,
  type ReplaysBefore,
  type SessionOutcome,
  type ReplaySummary,
  type StoredDifference,
  type StoredReplay,
  type StoredSending,
} from './replay-reader.ts';
import {
  inSession,
  type ListLook,
  type ListLookQuery,
  type ListQuery,
  SessionReader,
  type SessionChoice,
} from './sessions/reader.ts';
import type { ListedSession, RecordedSession } from './sessions/session.ts';

/** Of what is walked through: pages of large frames have fewer of them. The first one is small, for all that is known. */
export const PAGE_BYTES = 256 * 1024;
export const FIRST_PAGE_FRAMES = 50;

const sessionsPerPage = 200;

export interface CaptureSummary {
  readonly id: number;
  /** ISO 8601, milliseconds. */
  readonly startedAt: string;
  /** Of an unclean end: the latest moment that is known of it. */
  readonly endedAt: string | null;
  readonly ended: 'clean' | 'unclean' | 'recording';
  readonly connections: number;
  readonly frames: number;
  readonly bytes: number;
  /** Frames that are declared lost. */
  readonly gaps: number;
  readonly trouble: string | null;
  readonly lastSequence: number;
  /** Nanoseconds from its start to its end, or to the latest moment that is known of it. */
  readonly lasted: number;
  /** Its sessions are known; else it is to be indexed. */
  readonly hasSessions: boolean;
}

/** A session, and the capture that it is in. */
export interface FoundSession {
  readonly session: RecordedSession;
  readonly capture: CaptureSummary;
}

/** Times in nanoseconds since the capture's start. What a connection has not said is null. */
export interface RecordedConnection {
  /** Its number within the capture. */
  readonly conn: number;
  /** With the names that were given in this capture. Null where this version does not know it. */
  readonly protocol: Protocol | null;
  readonly protocolId: number;
  /** Of the protocol, when this was recorded. */
  readonly revision: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** Null for TCP, and where nobody wrote it down. */
  readonly transport: 'udp' | null;
  readonly opened: number;
  readonly closed: number | null;
  readonly fault: number | null;
  readonly role: string | null;
  readonly endpoint: string | null;
  readonly toward: string | null;
  readonly stamp: Uint8Array | null;
  readonly nickname: string | null;
  readonly game: string | null;
  readonly gameName: string | null;
}

/**
 * Where a connection's beginning and end stand among the frames: behind which sequence number, and which events of the
 * capture they were. Null where there was no such event, or where nobody knows.
 */
export interface ConnectionPlaces {
  readonly conn: number;
  readonly openedAfter: number | null;
  readonly openedEvent: number | null;
  readonly identifiedAfter: number | null;
  readonly closedAfter: number | null;
  readonly closedEvent: number | null;
}

export interface RecordedFrame {
  readonly sequence: number;
  readonly arrived: number;
  readonly departed: number | null;
  /** 0 for the relay itself. */
  readonly from: number;
  /** 0 where it went no further than the relay. */
  readonly to: number;
  readonly kind: number;
  readonly outcome: number;
  /** Memory that it shares with its neighbours: copied by whoever keeps it. */
  readonly bytes: Buffer;
}

export interface RecordedGap {
  readonly firstSequence: number;
  readonly frames: number;
  /** Connection events lost beside them. */
  readonly events: number;
  readonly noticed: number;
  readonly reason: string;
}

/**
 * A condition in SQL over `frame`, its `capture`, and `source` and `target`, the connections at its ends, which
 * may be missing. It must be our own; what users gave is in the parameters.
 */
export interface FrameCondition {
  readonly where: string;
  readonly params: readonly (string | number | Uint8Array)[];
}

export interface FrameRange {
  /** Starts after this sequence number. */
  readonly after?: number;
  /** Ends with this one, at the latest. */
  readonly last?: number;
  readonly limit?: number;
  /** Only those of this session of the capture. */
  readonly session?: number;
  /** Leaves out the frames that do not meet it. */
  readonly where?: FrameCondition;
  /** Of the rows in the range, a look goes through no more than that, however few of them are asked for. */
  readonly rows?: number;
}

/** From the end: before `before`, and not before `first`. */
export interface BackRange extends Omit<FrameRange, 'after' | 'last'> {
  readonly before: number;
  readonly first?: number;
}

/** How far one had to look. */
export interface Looked {
  /** All frames up to this sequence number have been looked at; of a look back, down to it. */
  readonly through: number;
  /** There may be more after it, or before it. */
  readonly more: boolean;
}

export interface FrameLook extends Looked {
  readonly frames: readonly RecordedFrame[];
}

export interface HeadLook extends Looked {
  readonly heads: readonly FrameHead[];
}

export interface SequenceLook extends Looked {
  readonly sequences: readonly number[];
}

/** SQL: the latest time known of a row of `capture`, in nanoseconds. */
export const latestMoment = `(
  SELECT max(coalesce(arrived + coalesce(delay, 0), 0), coalesce(event, 0), coalesce(noticed, 0))
  FROM (SELECT (SELECT max(max(opened, coalesce(closed, 0))) FROM connection
                WHERE connection.id > connection_base
                  AND connection.id <= connection_base + last_connection) AS event,
               (SELECT max(noticed) FROM gap WHERE gap.capture = capture.id) AS noticed)
  LEFT JOIN frame ON frame.id = (SELECT max(id) FROM frame
                                 WHERE id > frame_base AND id <= frame_base + last_sequence)
)`;

interface SummaryRow extends Omit<
  CaptureSummary,
  'startedAt' | 'endedAt' | 'ended' | 'lasted' | 'hasSessions'
> {
  readonly startedMicros: number;
  readonly endedNanos: number | null;
  readonly ended: 'clean' | 'unclean' | null;
  readonly sessionsThrough: number | null;
}

interface PageQuery {
  readonly capture: number;
  readonly after: number;
  readonly last: number;
  readonly limit: number;
}

export class CaptureFile {
  readonly #file: string;
  readonly #db: Database;
  readonly #summaries: Statement<[], SummaryRow>;
  readonly #exists: Statement<[number], 1>;
  readonly #page: FramePages<[PageQuery]>;
  readonly #sessionPage: FramePages<[PageQuery & { readonly session: number }]>;
  readonly #lastSequence: Statement<[number], number>;
  readonly #looks: FrameLooks;
  readonly #connections: ConnectionReader;
  readonly #places: Statement<{ readonly capture: number }, ConnectionPlaces>;
  readonly #gaps: Statement<[number], RecordedGap>;
  readonly #sessions: SessionReader;
  readonly #replays: ReplayReader;
  readonly #comments: CommentReader;

  /** Failure codes: those of `openCapture`. */
  static open(file: string): CaptureFile {
    return new CaptureFile(file, openCapture(file, { write: false }));
  }

  private constructor(file: string, db: Database) {
    this.#file = file;
    this.#db = db;
    this.#summaries = db.prepare(
      `SELECT id, started_at AS startedMicros, ended,
              CASE WHEN ended IS NULL THEN ${latestMoment} ELSE ended_at END AS endedNanos,
              connections, frames, bytes, lost AS gaps, trouble, last_sequence AS lastSequence,
              sessions_through AS sessionsThrough
       FROM capture ORDER BY id`,
    );
    this.#exists = db.prepare<[number], 1>('SELECT 1 FROM capture WHERE id = ?').pluck();
    this.#page = new FramePages(db, framePage());
    this.#sessionPage = new FramePages(db, framePage(inSession));
    this.#lastSequence = db
      .prepare<[number], number>('SELECT last_sequence FROM capture WHERE id = ?')
      .pluck();
    this.#looks = new FrameLooks(db);
    this.#connections = new ConnectionReader(db);
    this.#places = db.prepare(
      `SELECT connection.id - connection_base AS conn, opened_after AS openedAfter, opened_event AS openedEvent,
              identified_after AS identifiedAfter, closed_after AS closedAfter, closed_event AS closedEvent
       FROM capture JOIN connection ON connection.id > connection_base
                                   AND connection.id <= connection_base + last_connection
       WHERE capture.id = :capture ORDER BY connection.id`,
    );
    this.#sessions = new SessionReader(db);
    this.#replays = new ReplayReader(db);
    this.#comments = new CommentReader(db);
    this.#gaps = db.prepare(
      `SELECT first_sequence AS firstSequence, frames, events, noticed, reason
       FROM gap WHERE capture = ? ORDER BY first_sequence, id`,
    );
  }

  /** Oldest first. */
  captures(): CaptureSummary[] {
    const rows = this.#summaries.all();
    if (rows.every(({ ended }) => ended !== null)) return rows.map((row) => summarize(row, false));
    if (isRecording(this.#file)) return rows.map((row) => summarize(row, true));
    // Whoever recorded into the last of them is gone, but may have ended it in good order just now,
    // and another may have begun.
    const last = rows.at(-1)?.id ?? 0;
    return this.#summaries.all().map((row) => summarize(row, row.id > last));
  }

  /** The newest, where none is asked for. Failure code: `no-such-capture`. */
  capture(id?: number): CaptureSummary {
    const captures = this.captures();
    const found = id === undefined ? captures.at(-1) : captures.find((capture) => capture.id === id);
    return found ?? this.#refuse(id);
  }

  /**
   * By number. Given the map of an earlier call, brings it up to date: adds what is new and reads
   * again what was still open.
   */
  connections(
    captureId: number,
    known = new Map<number, RecordedConnection>(),
  ): Map<number, RecordedConnection> {
    this.#check(captureId);
    let after = 0;
    for (const { conn, closed } of known.values()) {
      after = Math.max(after, conn);
      if (closed !== null) continue;
      const now = this.connection(captureId, conn);
      if (now !== null) known.set(conn, now);
    }
    for (const each of this.#connections.after(captureId, after)) known.set(each.conn, each);
    return known;
  }

  connection(captureId: number, conn: number): RecordedConnection | null {
    return this.#connections.one(captureId, conn);
  }

  /** What whoever recorded it calls the values of fields. */
  givenNames(captureId: number): readonly GivenName[] {
    this.#check(captureId);
    return this.#connections.givenNames(captureId);
  }

  /** In order of their sequence numbers; those committed while they are walked through are included. */
  *frames(captureId: number, range: FrameRange = {}): IterableIterator<RecordedFrame> {
    this.#check(captureId);
    let after = range.after ?? 0;
    let left = range.limit ?? Infinity;
    let size = FIRST_PAGE_FRAMES;
    for (let more = true; more && left > 0;) {
      const look = this.look(captureId, { ...range, after, limit: Math.min(left, size) });
      for (const frame of look.frames) yield frame;
      size = nextPageSize(look.frames, size);
      after = look.through;
      left -= look.frames.length;
      more = look.more;
    }
  }

  /**
   * The next page of `frames`: it takes little memory, and little time even where a condition is rarely met,
   * so that whoever searches can say how far it is, and be stopped.
   */
  look(captureId: number, range: FrameRange): FrameLook {
    this.#check(captureId);
    const { after = 0, last = Number.MAX_SAFE_INTEGER, session, where, rows } = range;
    if (where !== undefined || rows !== undefined) {
      const { found, ...looked } = this.#looks.forward(
        'frames',
        captureId,
        this.lastSequence(captureId),
        range,
      );
      return { frames: found, ...looked };
    }
    const limit = Math.min(range.limit ?? Infinity, FRAMES_PER_PAGE);
    const frames = this.#pageOf({ capture: captureId, after, last, limit }, session);
    return { frames, through: frames.at(-1)?.sequence ?? after, more: frames.length === limit };
  }

  /** As `look` with a condition, without bytes: of as many frames as there are in the rows that it goes through. */
  lookAtHeads(captureId: number, range: FrameRange): HeadLook {
    const { found, ...looked } = this.#looks.forward('heads', captureId, this.lastSequence(captureId), range);
    return { heads: found, ...looked };
  }

  /** As `lookAtHeads`, for which frames there are and nothing else. */
  lookForSequences(captureId: number, range: FrameRange): SequenceLook {
    const last = this.lastSequence(captureId);
    const { found, ...looked } = this.#looks.forward('sequences', captureId, last, range);
    return { sequences: found, ...looked };
  }

  /** The last frames of a range, in ascending order: as bounded as `look` with a condition. */
  lookBack(captureId: number, range: BackRange): FrameLook {
    const { found, ...looked } = this.#looks.back(captureId, this.lastSequence(captureId), range);
    return { frames: found, ...looked };
  }

  /** Those of these sequence numbers that are there, in ascending order: for few. */
  framesAt(captureId: number, sequences: readonly number[]): RecordedFrame[] {
    this.#check(captureId);
    return this.#looks.at(captureId, sequences);
  }

  /** The last that is stored or declared lost so far. Failure code: `no-such-capture`. */
  lastSequence(captureId: number): number {
    return this.#lastSequence.get(captureId) ?? this.#refuse(captureId);
  }

  #pageOf(query: PageQuery, session: number | undefined): RecordedFrame[] {
    return session === undefined ? this.#page.read(query) : this.#sessionPage.read({ ...query, session });
  }

  /** Of all of its connections, by number. */
  places(captureId: number): ConnectionPlaces[] {
    this.#check(captureId);
    return this.#places.all({ capture: captureId });
  }

  /** Those that were open at some time from `fromNs` to `toNs`, both included. */
  connectionsBetween(captureId: number, fromNs: number, toNs: number): RecordedConnection[] {
    this.#check(captureId);
    return this.#connections.between(captureId, fromNs, toNs);
  }

  /**
   * Oldest first. Memory is bounded by a page of sessions, and eight bytes for each that is to come. A capture
   * without `hasSessions` has none. Failure code: `no-such-capture`.
   */
  *eachSession(choice: Partial<SessionChoice> = {}): IterableIterator<FoundSession> {
    const { capture = null, game = null, player = null } = choice;
    if (capture !== null) this.#check(capture);
    const ids = this.#sessions.ids({ capture, game, player });
    // Read later than the sessions, so that none of them is in a capture which began in between.
    const captureOf = this.#captureFinder();
    for (let at = 0; at < ids.length; at += sessionsPerPage) {
      for (const session of this.#sessions.read(ids.slice(at, at + sessionsPerPage), captureOf)) {
        yield { session, capture: captureOf(session.captureId) };
      }
    }
  }

  /** All of `eachSession` at once: for few. */
  sessions(captureId?: number): RecordedSession[] {
    return Array.from(this.eachSession({ capture: captureId ?? null }), ({ session }) => session);
  }

  /** Of each player of a capture that is recorded, the newest session that goes on: by what its endpoints have before the port. */
  liveSessions(captureId: number): Map<string, number> {
    return this.#sessions.live(captureId);
  }

  /** Failure code: `no-such-session`. */
  session(id: number): RecordedSession {
    const [found] = this.#sessions.read([id], (capture) => this.capture(capture));
    if (found !== undefined) return found;
    throw new Failure('input', 'no-such-session', `${this.#file} has no session ${id}`);
  }

  /** Sessions of all captures, newest first, a page at a time: of one that broke off, as it was left. */
  listSessions(query: ListQuery): ListedSession[] {
    return this.#sessions.list(query);
  }

  /** Goes through sessions in the same order for those that are searched for: so many rows at most. */
  lookForSessions(query: ListLookQuery): ListLook {
    return this.#sessions.look(query);
  }

  /** In the order of these ids, without those that are not there. */
  listedSessions(ids: readonly number[]): ListedSession[] {
    return this.#sessions.listed(ids);
  }

  /** Of a capture's sessions with these numbers (the first excluded), those that have no end. Newest first. */
  openSessions(captureId: number, after: number, last: number): number[] {
    return this.#sessions.open(captureId, after, last);
  }

  /** Another number whenever somebody else has changed the file. */
  get dataVersion(): number {
    return this.#db.pragma('data_version', { simple: true }) as number;
  }

  /** Captures by their numbers, as they are now. */
  #captureFinder(): (id: number) => CaptureSummary {
    const captures = new Map(this.captures().map((capture) => [capture.id, capture]));
    return (id) => captures.get(id) ?? this.#refuse(id);
  }

  /** In order of their sequence numbers. */
  sessionFrames(session: RecordedSession, range: FrameRange = {}): IterableIterator<RecordedFrame> {
    return this.frames(session.captureId, sessionRange(session, range));
  }

  /** In order of their sequence numbers. */
  gaps(captureId: number): RecordedGap[] {
    this.#check(captureId);
    return this.#gaps.all(captureId);
  }

  /** Oldest first; those of one session alone where one is named. Memory is bounded by a page of them. */
  replays(session: number | null = null): IterableIterator<ReplaySummary> {
    return this.#replays.list(session);
  }

  /** A page of them, newest first. */
  newestReplays(page: ReplaysBefore = {}): ReplaySummary[] {
    return this.#replays.newest(page);
  }

  /** A page of what replays came to, oldest first: those after this one. The session is 0 where it was all of a capture. */
  replayOutcomes(after: number, limit?: number): SessionOutcome[] {
    return this.#replays.outcomes(after, limit);
  }

  /** Failure code: `no-such-replay`. */
  replay(id: number): StoredReplay {
    const found = this.#replays.read(id);
    if (found !== null) return found;
    throw new Failure('input', 'no-such-replay', `${this.#file} has no replay ${id}`);
  }

  /** A page of a replay's differences, in the verdict's order; `after` is the place of one. */
  replayDifferences(replayId: number, page: ReplayPage = {}): StoredDifference[] {
    return this.#replays.differences(replayId, page);
  }

  /** A page of what a replay has sent, in the order of its frames; `after` is a sequence number. */
  replaySendings(replayId: number, page: ReplayPage = {}): StoredSending[] {
    return this.#replays.sendings(replayId, page);
  }

  /** What was said about these frames of a capture, in their order; all of a file that has no place for comments is silent. */
  comments(captureId: number, range: CommentRange): IterableIterator<StoredComment> {
    return this.#comments.list(captureId, range);
  }

  /** How many comments each frame from one sequence number to another has, both included; those without any are left out. */
  commentCounts(captureId: number, firstSequence: number, lastSequence: number): Map<number, number> {
    return this.#comments.counts(captureId, firstSequence, lastSequence);
  }

  close(): void {
    this.#db.close();
  }

  #check(captureId: number): void {
    if (this.#exists.get(captureId) === undefined) this.#refuse(captureId);
  }

  #refuse(id: number | undefined): never {
    const what = id === undefined ? 'no captures' : `no capture ${id}`;
    throw new Failure('input', 'no-such-capture', `${this.#file} has ${what}`);
  }
}

/** What of a range are a session's frames: of one that goes on, those that are still to come too. */
export function sessionRange(session: RecordedSession, range: FrameRange = {}): FrameRange {
  const { id, ended, firstSequence, lastSequence } = session;
  const after = Math.max(range.after ?? 0, firstSequence - 1);
  const last = Math.min(range.last ?? Infinity, ended === null ? Number.MAX_SAFE_INTEGER : lastSequence);
  return { ...range, after, last, session: id };
}

/** As many frames as come to a page of `PAGE_BYTES` if they go on like these. */
export function nextPageSize(frames: readonly RecordedFrame[], size: number): number {
  const bytes = frames.reduce((sum, frame) => sum + frame.bytes.length, 0);
  if (bytes === 0) return size;
  return Math.min(Math.max(Math.floor((frames.length * PAGE_BYTES) / bytes), 1), FRAMES_PER_PAGE);
}

function summarize(
  { startedMicros, endedNanos, sessionsThrough, ...row }: SummaryRow,
  recording: boolean,
): CaptureSummary {
  const ended = row.ended ?? (recording ? 'recording' : 'unclean');
  return {
    ...row,
    ended,
    startedAt: isoTime(startedMicros),
    endedAt: ended === 'recording' ? null : isoTime(startedMicros + (endedNanos ?? 0) / 1000),
    lasted: endedNanos ?? 0,
    hasSessions: sessionsThrough !== null,
  };
}

function isoTime(micros: number): string {
  return new Date(micros / 1000).toISOString();
}
