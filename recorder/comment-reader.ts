/**
 * Reads what people have said about frames.
 *
 * The rule: a file whose format has no comments yet is read all the same, and has none. It may get some while it is
 * open, so it is asked each time until it has them.
 */
import type { Database, Statement } from 'better-sqlite3';
import { formatOf } from './migrate.ts';
import { inSession } from './sessions/reader.ts';

export const commentMarkers = ['note', 'question', 'problem', 'good'] as const;
export type CommentMarker = (typeof commentMarkers)[number];

export interface StoredComment {
  readonly id: number;
  readonly captureId: number;
  /** Of the frame. */
  readonly sequence: number;
  /** Empty for a marker that says nothing. */
  readonly text: string;
  readonly marker: CommentMarker;
  /** ISO 8601, milliseconds. */
  readonly at: string;
}

/** Since which format there are any. */
const FORMAT_WITH_COMMENTS = 4;
/** The most that are answered at once. */
export const COMMENTS_PAGE = 500;

/** Those of these frames, both included; of a session's frames alone unless it is null. */
export interface CommentRange {
  readonly first: number;
  readonly last: number;
  readonly session?: number | null;
}

interface RangeQuery extends Required<CommentRange> {
  readonly capture: number;
  /** The place of one: those of its frame that came later are next. */
  readonly sequence: number;
  readonly id: number;
  readonly limit: number;
}

type CommentRow = Omit<StoredComment, 'at'> & { readonly micros: number };

const columns = 'comment.id, comment.capture AS captureId, sequence, text, marker, at AS micros';

interface Statements {
  readonly page: Statement<[RangeQuery], CommentRow>;
  readonly one: Statement<[number], CommentRow>;
  readonly counts: Statement<
    [capture: number, first: number, last: number],
    [sequence: number, count: number]
  >;
}

/** Whether the file is of a format that has a place for comments. */
export function hasComments(db: Database): boolean {
  return formatOf(db) >= FORMAT_WITH_COMMENTS;
}

export class CommentReader {
  readonly #db: Database;
  #statements: Statements | null = null;

  constructor(db: Database) {
    this.#db = db;
  }

  /** In order of their frames, the oldest of one frame first. Memory is bounded by a page of them. */
  *list(capture: number, { first, last, session = null }: CommentRange): IterableIterator<StoredComment> {
    const statements = this.#prepared();
    if (statements === null) return;
    for (let place = { sequence: first, id: 0 }; ;) {
      const query = { capture, first, last, session, ...place, limit: COMMENTS_PAGE };
      const rows = statements.page.all(query);
      for (const row of rows) yield storedComment(row);
      const end = rows.at(-1);
      if (end === undefined || rows.length < COMMENTS_PAGE) return;
      place = { sequence: end.sequence, id: end.id };
    }
  }

  one(id: number): StoredComment | null {
    const row = this.#prepared()?.one.get(id);
    return row === undefined ? null : storedComment(row);
  }

  /** How many each of these frames has; frames without any are not in it. */
  counts(capture: number, first: number, last: number): Map<number, number> {
    return new Map(this.#prepared()?.counts.all(capture, first, last) ?? []);
  }

  /** Null while the file has no place for any. */
  #prepared(): Statements | null {
    if (this.#statements !== null) return this.#statements;
    if (!hasComments(this.#db)) return null;
    this.#statements = {
      page: this.#db.prepare(
        `SELECT ${columns} FROM comment JOIN capture ON capture.id = comment.capture
         WHERE comment.capture = :capture AND (sequence, comment.id) > (:sequence, :id)
           AND sequence BETWEEN :first AND :last
           AND (:session IS NULL OR EXISTS (
             SELECT 1 FROM frame WHERE frame.id = frame_base + sequence AND ${inSession}))
         ORDER BY sequence, comment.id LIMIT :limit`,
      ),
      one: this.#db.prepare(`SELECT ${columns} FROM comment WHERE id = ?`),
      counts: this.#db
        .prepare<[number, number, number], [number, number]>(
          `SELECT sequence, count(*) FROM comment WHERE capture = ? AND sequence BETWEEN ? AND ?
           GROUP BY sequence`,
        )
        .raw(),
    };
    return this.#statements;
  }
}

function storedComment({ micros, ...row }: CommentRow): StoredComment {
  return { ...row, at: new Date(micros / 1000).toISOString() };
}
