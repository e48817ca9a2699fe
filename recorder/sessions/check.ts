/** Whether the sessions of a capture are what its frames and connections say, as `verify` asks. */
import type { Database } from 'better-sqlite3';

export interface CheckedCapture {
  readonly id: number;
  readonly connection_base: number;
  readonly last_sequence: number;
  readonly last_connection: number;
  readonly sessions_through: number | null;
  readonly ended: string | null;
}

interface Session {
  readonly id: number;
  readonly first: number;
  readonly last: number;
  readonly frames: number;
  readonly bytes: number;
  readonly ended: string | null;
  readonly players: number;
  framesFound: number;
  bytesFound: number;
}

interface Span {
  readonly session: number;
  readonly connection: number;
  readonly first: number;
  readonly last: number | null;
  readonly isListed: 0 | 1;
}

export class SessionCheck {
  readonly #capture: CheckedCapture;
  readonly #sessions: ReadonlyMap<number, Session>;
  /** By connection.id, in the order of their first. */
  readonly #spans = new Map<number, Span[]>();

  constructor(db: Database, capture: CheckedCapture) {
    this.#capture = capture;
    const sessions = db
      .prepare<[number], Session>(
        `SELECT id, first_sequence AS "first", last_sequence AS last, frames, bytes, ended,
                (SELECT count(*) FROM session_player WHERE session = session.id) AS players,
                0 AS framesFound, 0 AS bytesFound
         FROM session WHERE capture = ?`,
      )
      .all(capture.id);
    this.#sessions = new Map(sessions.map((session) => [session.id, session]));
    const spans = db
      .prepare<[number], Span>(
        `SELECT spans.session, connection, spans.first_sequence AS "first", spans.last_sequence AS last,
                EXISTS (SELECT 1 FROM session_player AS players
                        WHERE players.session = spans.session AND players.player = spans.player) AS isListed
         FROM session_connection AS spans JOIN session ON session.id = spans.session
         WHERE capture = ? ORDER BY connection, spans.first_sequence`,
      )
      .all(capture.id);
    for (const span of spans) {
      const others = this.#spans.get(span.connection);
      if (others === undefined) this.#spans.set(span.connection, [span]);
      else others.push(span);
    }
  }

  get count(): number {
    return this.#sessions.size;
  }

  /** `from` and `to` are of `connection.id`. */
  frame(sequence: number, from: number | null, to: number | null, bytes: number): void {
    if (this.#spans.size === 0) return;
    const one = this.#sessionOf(from, sequence);
    const two = this.#sessionOf(to, sequence);
    for (const session of one === two ? [one] : [one, two]) {
      if (session === undefined) continue;
      session.framesFound += 1;
      session.bytesFound += bytes;
    }
  }

  #sessionOf(connection: number | null, sequence: number): Session | undefined {
    if (connection === null) return undefined;
    const span = this.#spans
      .get(connection)
      ?.find(({ first, last }) => first <= sequence && sequence <= (last ?? Infinity));
    return span && this.#sessions.get(span.session);
  }

  /** What is wrong, once all frames were told. */
  *findings(): Generator<string> {
    const { last_sequence: lastSequence, sessions_through: through } = this.#capture;
    if (through === null) {
      if (this.count > 0) yield `${this.count} sessions are there, though the capture is not indexed`;
    } else if (through !== lastSequence) {
      yield `sessions are found up to frame ${through}, and ${lastSequence} is the last`;
    }
    for (const session of this.#sessions.values()) yield* this.#wrongWith(session);
    for (const spans of this.#spans.values()) yield* this.#wrongAmong(spans);
  }

  *#wrongWith(session: Session): Generator<string> {
    const { id, first, last, frames, framesFound, bytes, bytesFound, players, ended } = session;
    const name = `session ${id}`;
    if (first < 1 || last < first - 1 || last > this.#capture.last_sequence) {
      yield `${name} is of frames ${first} to ${last}, which the capture does not have`;
    }
    if (frames !== framesFound) yield `${name} claims ${frames} frames and has ${framesFound}`;
    if (bytes !== bytesFound) yield `${name} claims ${bytes} bytes and has ${bytesFound}`;
    if (players === 0) yield `${name} has no players`;
    if (ended === null && this.#capture.ended !== null) yield `${name} goes on, though its capture has ended`;
  }

  *#wrongAmong(spans: readonly Span[]): Generator<string> {
    const { connection_base: base, last_connection: lastConnection } = this.#capture;
    let taken = 0;
    for (const { session: id, connection, first, last, isListed } of spans) {
      const session = this.#sessions.get(id) as Session;
      const name = `connection ${connection - base} in session ${id}`;
      if (connection <= base || connection > base + lastConnection) yield `${name} is of another capture`;
      if (first < session.first || (last !== null && (last < first || last > session.last))) {
        yield `${name} takes part from ${first} to ${last ?? 'now'}, beyond the session`;
      }
      if (last === null && session.ended !== null) yield `${name} takes part, though the session has ended`;
      if (first <= taken) yield `${name} takes part in another session at the same time`;
      if (isListed === 0) yield `${name} is of nobody among the session's players`;
      taken = last ?? Infinity;
    }
  }
}
