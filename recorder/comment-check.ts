/** Whether comments are on frames that are there, as `verify` asks. A file whose format has none yet has none that are wrong. */
import type { Database } from 'better-sqlite3';
import { hasComments } from './comment-reader.ts';

export interface CommentCheck {
  readonly comments: number;
  readonly findings: readonly string[];
}

export function checkComments(db: Database): CommentCheck {
  if (!hasComments(db)) return { comments: 0, findings: [] };
  const comments = db.prepare<[], number>('SELECT count(*) FROM comment').pluck().get()!;
  const strays = db
    .prepare<[], { id: number; capture: number; sequence: number }>(
      `SELECT id, capture, sequence FROM comment
       WHERE NOT EXISTS (SELECT 1 FROM capture JOIN frame ON frame.id = frame_base + comment.sequence
                         WHERE capture.id = comment.capture AND comment.sequence BETWEEN 1 AND last_sequence)
       ORDER BY id`,
    )
    .all();
  return {
    comments,
    findings: strays.map(
      ({ id, capture, sequence }) =>
        `comment ${id} is on frame ${sequence} of capture ${capture}, which is not there`,
    ),
  };
}
