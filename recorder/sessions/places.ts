/**
 * Where the events of a capture of format 1 stood among its frames, from their times.
 *
 * The rule: an event comes before the first frame that arrived after it, and never on the wrong side of a
 * frame of its own connection. Who a connection is was not timed; its first frame says it.
 */
import type { Database } from 'better-sqlite3';

export interface CaptureRange {
  readonly id: number;
  readonly frameBase: number;
  readonly connectionBase: number;
  readonly lastSequence: number;
  readonly lastConnection: number;
}

/** id, opened, closed, 1 if it has said who it is. */
type Row = [number, number, number | null, 0 | 1];

interface Event {
  readonly conn: number;
  readonly stage: (typeof stages)[number];
  after: number;
}

const stages = ['opened', 'identified', 'closed'] as const;

const framesPerPage = 5000;

/** Does nothing where the places are known, as they are since format 2. */
export function placeEvents(db: Database, capture: CaptureRange): void {
  const { id, frameBase, connectionBase, lastSequence, lastConnection } = capture;
  const rows = db
    .prepare<[number, number], Row>(
      `SELECT id, opened, closed, role IS NOT NULL FROM connection
       WHERE id > ? AND id <= ? AND opened_after IS NULL ORDER BY id`,
    )
    .raw()
    .all(connectionBase, connectionBase + lastConnection);
  if (rows.length === 0) return;

  const timed = rows
    .flatMap(([conn, opened, closed]) => [
      { conn, stage: 'opened' as const, at: opened, after: lastSequence },
      ...(closed === null ? [] : [{ conn, stage: 'closed' as const, at: closed, after: lastSequence }]),
    ])
    .sort((one, two) => one.at - two.at);
  const firsts = new Map<number, number>();
  const lasts = new Map<number, number>();
  let placed = 0;
  for (const [sequence, arrived, from, to] of frames(db, frameBase, lastSequence)) {
    for (let next = timed[placed]; next !== undefined && next.at < arrived; next = timed[++placed]) {
      next.after = sequence - 1;
    }
    for (const conn of [from, to]) {
      if (conn === null) continue;
      if (!firsts.has(conn)) firsts.set(conn, sequence);
      lasts.set(conn, sequence);
    }
  }

  const events: Event[] = timed;
  for (const event of timed) {
    const first = firsts.get(event.conn);
    if (event.stage === 'closed') event.after = Math.max(event.after, lasts.get(event.conn) ?? 0);
    else if (first !== undefined) event.after = Math.min(event.after, first - 1);
  }
  const opened = new Map(timed.filter(({ stage }) => stage === 'opened').map((event) => [event.conn, event]));
  for (const [conn, , , isIdentified] of rows) {
    if (isIdentified === 0) continue;
    const after = firsts.get(conn) ?? (opened.get(conn) as Event).after;
    events.push({ conn, stage: 'identified', after });
  }
  events.sort(
    (one, two) =>
      one.after - two.after || one.conn - two.conn || stages.indexOf(one.stage) - stages.indexOf(two.stage),
  );
  const put = Object.fromEntries(
    stages.map((stage) => [
      stage,
      db.prepare(`UPDATE connection SET ${stage}_after = ?, ${stage}_event = ? WHERE id = ?`),
    ]),
  );
  events.forEach(({ conn, stage, after }, index) => put[stage]?.run(after, index + 1, conn));
  db.prepare('UPDATE capture SET last_event = ? WHERE id = ?').run(events.length, id);
}

/** Sequence number, arrival, and the ids of the connections at both ends. */
function* frames(
  db: Database,
  frameBase: number,
  lastSequence: number,
): Generator<[number, number, number | null, number | null]> {
  const page = db
    .prepare<[number, number, number, number], [number, number, number | null, number | null]>(
      `SELECT id - ?, arrived, from_connection, to_connection FROM frame
       WHERE id > ? AND id <= ? ORDER BY id LIMIT ?`,
    )
    .raw();
  for (let after = 0; ;) {
    const rows = page.all(frameBase, frameBase + after, frameBase + lastSequence, framesPerPage);
    yield* rows;
    if (rows.length < framesPerPage) return;
    after = (rows.at(-1) as (typeof rows)[number])[0];
  }
}
