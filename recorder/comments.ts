/**
 * Writes what people say about frames into the capture that has them.
 *
 * The rule: it is written beside whoever records into the file, as `replays.ts` does: in short transactions, each of
 * which waits for those of others. The file is opened for one change and closed again, so that nobody else waits.
 */
import type { Database } from 'better-sqlite3';
import { Failure } from '../common/failure.ts';
import { type CommentMarker, CommentReader, type StoredComment } from './comment-reader.ts';
import { explainWriting } from './explain-writing.ts';
import { openBeside } from './open.ts';

/** In one comment, in characters as SQL counts them. */
export const COMMENT_TEXT_MAX = 10_000;
/** In one capture, and how long they may be together. All of a session's are shown at once. */
export const COMMENTS_PER_CAPTURE_MAX = 5_000;
export const COMMENTS_TEXT_MAX = 2_000_000;

/** How long others may keep the file to themselves. Whoever waits does nothing else meanwhile. */
const WAIT_MS = 1_000;

export interface NewComment {
  readonly captureId: number;
  readonly sequence: number;
  readonly text: string;
  readonly marker: CommentMarker;
  /** ISO 8601. */
  readonly at: string;
}

export class CommentWriter {
  readonly #file: string;
  readonly #waitMs: number;

  /** Failure codes of all that it does: those of `openBeside`, and `in-use`, `read-only`, `disk-full`, `cannot-write`. */
  constructor(file: string, waitMs: number = WAIT_MS) {
    this.#file = file;
    this.#waitMs = waitMs;
  }

  /** Failure codes: `no-such-frame`, `too-long`, `too-many-comments`. */
  add({ captureId, sequence, text, marker, at }: NewComment): StoredComment {
    return this.#change((db) => {
      const frame = db.prepare(
        `SELECT 1 FROM capture JOIN frame ON frame.id = frame_base + :sequence
         WHERE capture.id = :captureId AND :sequence BETWEEN 1 AND last_sequence`,
      );
      if (frame.get({ captureId, sequence }) === undefined)
        throw input('no-such-frame', `${this.#file} has no frame ${sequence} in capture ${captureId}`);
      this.#checkRoom(db, captureId, text, { id: 0, isNew: true });
      const { lastInsertRowid } = db
        .prepare('INSERT INTO comment (capture, sequence, marker, text, at) VALUES (?, ?, ?, ?, ?)')
        .run(captureId, sequence, marker, text, Date.parse(at) * 1000);
      return this.#one(db, Number(lastInsertRowid));
    });
  }

  /** Failure codes: `no-such-comment`, `too-long`, `too-many-comments`. */
  edit(id: number, { text, marker }: Pick<NewComment, 'text' | 'marker'>): StoredComment {
    return this.#change((db) => {
      const { captureId } = this.#one(db, id);
      this.#checkRoom(db, captureId, text, { id, isNew: false });
      db.prepare('UPDATE comment SET text = ?, marker = ? WHERE id = ?').run(text, marker, id);
      return this.#one(db, id);
    });
  }

  /** Failure code: `no-such-comment`. */
  drop(id: number): void {
    this.#change((db) => {
      this.#one(db, id);
      db.prepare('DELETE FROM comment WHERE id = ?').run(id);
    });
  }

  #one(db: Database, id: number): StoredComment {
    const found = new CommentReader(db).one(id);
    if (found === null) throw input('no-such-comment', `${this.#file} has no comment ${id}`);
    return found;
  }

  /** Whether there is room for this text, in place of what the comment `id` said. */
  #checkRoom(
    db: Database,
    capture: number,
    text: string,
    { id, isNew }: { id: number; isNew: boolean },
  ): void {
    const { length, count, total } = db
      .prepare<[string, number, number], { length: number; count: number; total: number }>(
        `SELECT length(?) AS length, count(*) AS count, coalesce(sum(length(text)), 0) AS total
         FROM comment WHERE capture = ? AND id <> ?`,
      )
      .get(text, capture, id)!;
    if (length > COMMENT_TEXT_MAX)
      throw input('too-long', `a comment has ${COMMENT_TEXT_MAX} characters at most, and this one ${length}`);
    if (isNew && count >= COMMENTS_PER_CAPTURE_MAX)
      throw input(
        'too-many-comments',
        `capture ${capture} has ${count} comments, and there is no room for another`,
      );
    if (total + length > COMMENTS_TEXT_MAX)
      throw input(
        'too-many-comments',
        `the comments of capture ${capture} would be longer than ${COMMENTS_TEXT_MAX} characters together`,
      );
  }

  #change<T>(body: (db: Database) => T): T {
    const db = openBeside(this.#file);
    try {
      db.pragma(`busy_timeout = ${this.#waitMs}`);
      return db.transaction(body).immediate(db);
    } catch (error) {
      throw explainWriting(this.#file, 'the comment', error);
    } finally {
      db.close();
    }
  }
}

function input(code: string, message: string): Failure {
  return new Failure('input', code, message);
}
