/** Whether the rows of replays are what their replays say, as `verify` asks. */
import type { Database } from 'better-sqlite3';

interface Wrong {
  readonly replay: number;
  readonly found: number;
}

/** Each answers a row for every replay, or part of one, that is not as it should be. */
const questions: readonly { readonly sql: string; readonly text: (wrong: Wrong) => string }[] = [
  {
    sql: `SELECT id AS replay, capture AS found FROM replay
          WHERE NOT EXISTS (SELECT 1 FROM capture WHERE capture.id = replay.capture)`,
    text: ({ replay, found }) => `replay ${replay} is of capture ${found}, which is not there`,
  },
  ...['difference', 'sending'].map((name) => ({
    sql: `SELECT rows.replay, found FROM
            (SELECT id >> 32 AS replay, count(*) AS found FROM replay_${name} GROUP BY id >> 32) AS rows
          WHERE NOT EXISTS (SELECT 1 FROM replay WHERE replay.id = rows.replay)`,
    text: ({ replay, found }: Wrong) => `${found} ${name}s are of replay ${replay}, which is not there`,
  })),
  ...['role', 'note', 'count', 'hold'].map((name) => ({
    sql: `SELECT replay, count(*) AS found FROM replay_${name}
          WHERE NOT EXISTS (SELECT 1 FROM replay WHERE replay.id = replay_${name}.replay) GROUP BY replay`,
    text: ({ replay, found }: Wrong) => `${found} ${name}s are of replay ${replay}, which is not there`,
  })),
  ...['difference', 'sending'].map((name) => ({
    sql: `SELECT id AS replay, found FROM
            (SELECT id, ${name}s, (SELECT count(*) FROM replay_${name} AS rows
                                   WHERE rows.id >= replay.id << 32 AND rows.id < (replay.id + 1) << 32) AS found
             FROM replay)
          WHERE ${name}s <> found`,
    text: ({ replay, found }: Wrong) => `replay ${replay} has ${found} ${name}s, and claims another number`,
  })),
  {
    sql: `SELECT id AS replay, (SELECT max(id) FROM replay_difference AS rows
                                WHERE rows.id >= replay.id << 32 AND rows.id < (replay.id + 1) << 32)
                               - (replay.id << 32) AS found
          FROM replay WHERE found >= differences`,
    text: ({ replay, found }) => `replay ${replay} has a difference ${found}, and lacks one before it`,
  },
  {
    sql: `SELECT id >> 32 AS replay, id & 0xffffffff AS found FROM replay_difference AS rows
          WHERE NOT EXISTS (SELECT 1 FROM replay_difference AS cause
                            WHERE cause.id = (rows.id >> 32 << 32) + rows.follows AND cause.id <> rows.id)
            AND follows IS NOT NULL`,
    text: ({ replay, found }) => `difference ${found} of replay ${replay} follows from one that is not there`,
  },
  {
    sql: `SELECT id AS replay, first AS found FROM replay
          WHERE first IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM replay_difference AS rows
                            WHERE rows.id = (replay.id << 32) + first AND fails = 1 AND follows IS NULL)`,
    text: ({ replay, found }) =>
      `replay ${replay} names difference ${found} as its first, which it cannot be`,
  },
  {
    sql: `SELECT replay.id AS replay, rows.id & 0xffffffff AS found
          FROM replay JOIN capture ON capture.id = replay.capture
          JOIN replay_sending AS rows ON rows.id = (SELECT max(id) FROM replay_sending AS last
                                                    WHERE last.id < (replay.id + 1) << 32)
          WHERE rows.id >> 32 = replay.id AND found > capture.last_sequence`,
    text: ({ replay, found }) => `replay ${replay} has sent frame ${found}, which its capture does not have`,
  },
  {
    sql: `SELECT id AS replay, 0 AS found FROM replay WHERE (outcome IS NULL) <> (lasted IS NULL)`,
    text: ({ replay }) => `replay ${replay} has an end without an outcome, or an outcome without an end`,
  },
];

export interface ReplayCheck {
  readonly replays: number;
  /** Those without an outcome. */
  readonly unfinished: number;
  readonly findings: readonly string[];
}

export function checkReplays(db: Database): ReplayCheck {
  const counted = db
    .prepare<[], { replays: number; unfinished: number }>(
      'SELECT count(*) AS replays, count(*) FILTER (WHERE outcome IS NULL) AS unfinished FROM replay',
    )
    .get()!;
  const findings = questions.flatMap(({ sql, text }) => db.prepare<[], Wrong>(sql).all().map(text));
  return { ...counted, findings };
}
