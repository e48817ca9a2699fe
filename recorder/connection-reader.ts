/**
 * Reads the connections of captures, and the names that were given to the numbers that they say.
 *
 * The rule: a file whose format has no place for some of it is read all the same, and has none of that. It may get a place
 * while it is open, so it is asked each time until it has one.
 */
import type { Database, Statement } from 'better-sqlite3';
import { type GivenName, protocolsWith } from '../protocol/given-names.ts';
import { protocols } from '../protocol/registry.ts';
import type { Protocol } from '../protocol/types.ts';
import type { RecordedConnection } from './captures.ts';
import { formatOf } from './migrate.ts';

/** Since which format there are names and transports. */
const FORMAT_WITH_NAMES = 5;

type ConnectionRow = Omit<RecordedConnection, 'protocol'>;

interface Statements {
  readonly hasNames: boolean;
  readonly after: Statement<{ readonly capture: number; readonly after: number }, ConnectionRow>;
  readonly one: Statement<{ readonly capture: number; readonly conn: number }, ConnectionRow>;
  readonly between: Statement<
    { readonly capture: number; readonly from: number; readonly to: number },
    ConnectionRow
  >;
}

export class ConnectionReader {
  readonly #db: Database;
  #statements: Statements;
  /** As they are in each capture, by its id. A capture has all of its names when it begins. */
  readonly #protocols = new Map<number, readonly Protocol[]>();

  constructor(db: Database) {
    this.#db = db;
    this.#statements = prepare(db);
  }

  /** Those with a higher number, by number. */
  *after(capture: number, after: number): IterableIterator<RecordedConnection> {
    const known = this.#known(capture);
    for (const row of this.#prepared().after.iterate({ capture, after })) yield withProtocol(row, known);
  }

  one(capture: number, conn: number): RecordedConnection | null {
    const row = this.#prepared().one.get({ capture, conn });
    return row === undefined ? null : withProtocol(row, this.#known(capture));
  }

  /** Those that were open at some time from `from` to `to`, both included. */
  between(capture: number, from: number, to: number): RecordedConnection[] {
    const known = this.#known(capture);
    return this.#prepared()
      .between.all({ capture, from, to })
      .map((row) => withProtocol(row, known));
  }

  /** By protocol, field and value. */
  givenNames(capture: number): readonly GivenName[] {
    if (!this.#prepared().hasNames) return [];
    return this.#db
      .prepare<[number], GivenName>(
        `SELECT protocol AS protocolId, field, value, name FROM given_name WHERE capture = ?
         ORDER BY protocol, field, value`,
      )
      .all(capture);
  }

  #known(capture: number): readonly Protocol[] {
    const known = this.#protocols.get(capture) ?? protocolsWith(this.givenNames(capture), protocols);
    this.#protocols.set(capture, known);
    return known;
  }

  #prepared(): Statements {
    if (!this.#statements.hasNames && formatOf(this.#db) >= FORMAT_WITH_NAMES)
      this.#statements = prepare(this.#db);
    return this.#statements;
  }
}

function prepare(db: Database): Statements {
  const hasNames = formatOf(db) >= FORMAT_WITH_NAMES;
  const connections = `SELECT connection.id - connection_base AS conn, protocol AS protocolId, revision,
            remote_address AS remoteAddress, remote_port AS remotePort,
            ${hasNames ? 'transport' : 'NULL AS transport'}, opened, closed, fault,
            role, endpoint, toward, stamp, nickname, game, game_name AS gameName
     FROM capture JOIN connection`;
  return {
    hasNames,
    after: db.prepare(
      `${connections} ON connection.id > connection_base + :after
                     AND connection.id <= connection_base + last_connection
       WHERE capture.id = :capture ORDER BY connection.id`,
    ),
    one: db.prepare(
      `${connections} ON connection.id = connection_base + :conn AND :conn BETWEEN 1 AND last_connection
       WHERE capture.id = :capture`,
    ),
    between: db.prepare(
      `${connections} ON connection.id > connection_base
                     AND connection.id <= connection_base + last_connection
                     AND opened <= :to AND coalesce(closed, :from) >= :from
       WHERE capture.id = :capture ORDER BY connection.id`,
    ),
  };
}

function withProtocol(row: ConnectionRow, known: readonly Protocol[]): RecordedConnection {
  return { ...row, protocol: known.find(({ id }) => id === row.protocolId) ?? null };
}
