/**
 * Reads the table of games that `--game-db` names: which releases play together, and what games are called.
 * Either JSON, `{"crosslinks": {"ULES01213": "ULUS10391"}, "names": {"ULUS10391": "..."}}`, or the SQLite file
 * of the original server, with the tables `crosslinks(id_from, id_to)` and `productids(id, name)`.
 *
 * The rule: one wrong entry refuses the file, and the refusal says where it stands. A relay that left it
 * out would put players into a group of their own, and nobody would know why.
 */
import { readFileSync, statSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { Failure } from '../common/failure.ts';
import { GameTable, type GameTableEntries, GameTableError } from '../protocol/adhocctl/games.ts';
import { JsonLineError, parseSections } from './json-lines.ts';

/** Far more than there are games. */
export const GAME_DB_BYTES_MAX = 8 * 1024 * 1024;
export const GAME_DB_ENTRIES_MAX = 50_000;
/** A name goes into every capture, and onto every screen. */
export const GAME_NAME_CHARACTERS_MAX = 128;

type Section = keyof GameTableEntries;

interface Entry {
  readonly section: Section;
  readonly key: string;
  readonly value: unknown;
  /** As refusals name it: `games.json:7`, `games.db: crosslinks, row 7`. */
  readonly where: string;
}

const SQLITE_MAGIC = Buffer.from('SQLite format 3\0', 'latin1');
const SECTIONS: readonly string[] = ['crosslinks', 'names'] satisfies Section[];

/** Where the SQLite form has what the JSON form calls so. */
const tables: readonly { section: Section; table: string; key: string; value: string }[] = [
  { section: 'crosslinks', table: 'crosslinks', key: 'id_from', value: 'id_to' },
  { section: 'names', table: 'productids', key: 'id', value: 'name' },
];

/** Fails with `Failure('input', 'bad-game-db')`. */
export async function readGameDb(file: string): Promise<GameTable> {
  const bytes = readBytes(file);
  const isDatabase = bytes.subarray(0, SQLITE_MAGIC.length).equals(SQLITE_MAGIC);
  return toTable(file, isDatabase ? await fromDatabase(file) : fromJson(file, bytes));
}

function toTable(file: string, entries: readonly Entry[]): GameTable {
  if (entries.length > GAME_DB_ENTRIES_MAX)
    throw refused(`${file} has more than ${GAME_DB_ENTRIES_MAX} entries, which is the most that is taken`);
  const section = (name: Section) => entries.filter((entry) => entry.section === name);
  const seen = new Set<string>();
  for (const { section, key, value, where } of entries) {
    const id = `${section} ${key}`;
    if (seen.has(id)) throw refused(`${where}: ${JSON.stringify(key)} is there twice`);
    seen.add(id);
    if (typeof value === 'string' && value.length > GAME_NAME_CHARACTERS_MAX)
      throw refused(
        `${where}: ${JSON.stringify(key)} has a name of more than ${GAME_NAME_CHARACTERS_MAX} characters`,
      );
  }
  const record = (name: Section) => Object.fromEntries(section(name).map(({ key, value }) => [key, value]));
  try {
    return GameTable.from({ crosslinks: record('crosslinks'), names: record('names') });
  } catch (error) {
    if (!(error instanceof GameTableError)) throw error;
    const { section, key, reason } = error;
    const where = entries.find((entry) => entry.section === section && entry.key === key)?.where ?? file;
    throw refused(`${where}: ${JSON.stringify(key)} ${reason}`, error);
  }
}

function fromJson(file: string, bytes: Buffer): Entry[] {
  const text = bytes.toString('utf8').replace(/^\ufeff/, '');
  try {
    return parseSections(text).flatMap(({ key: section, value: entries, line }) => {
      if (!SECTIONS.includes(section))
        throw refused(
          `${file}:${line}: there is no section ${JSON.stringify(section)}, only ${SECTIONS.join(' and ')}`,
        );
      return entries.map(({ key, value, line }) => ({
        section: section as Section,
        key,
        value,
        where: `${file}:${line}`,
      }));
    });
  } catch (error) {
    if (error instanceof JsonLineError) throw refused(`${file}:${error.line}: ${error.message}`, error);
    throw error;
  }
}

/** The database is loaded only for this: a relay that records nothing has no other use for it. */
async function fromDatabase(file: string): Promise<Entry[]> {
  const { default: Database } = await import('better-sqlite3');
  try {
    const database = new Database(file, { readonly: true, fileMustExist: true });
    try {
      return tableEntries(database, file);
    } finally {
      database.close();
    }
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw refused(`cannot read the game table ${file}: ${(error as Error).message}`, error);
  }
}

function tableEntries(database: Database, file: string): Entry[] {
  const names = "SELECT lower(name) FROM sqlite_schema WHERE type = 'table'";
  const there = database.prepare(names).pluck().all();
  const wanted = tables.filter(({ table }) => there.includes(table));
  if (wanted.length === 0) throw refused(`${file} has neither a table crosslinks nor a table productids`);
  return wanted.flatMap(({ section, table, key, value }) => {
    // One row more than may be there shows that there are too many.
    const query = database.prepare(`SELECT ${key}, ${value} FROM ${table} LIMIT ?`).raw();
    const rows = query.all(GAME_DB_ENTRIES_MAX + 1) as [unknown, unknown][];
    return rows.map(([from, to], i) => ({
      section,
      key: String(from),
      value: to,
      where: `${file}: ${table}, row ${i + 1}`,
    }));
  });
}

function readBytes(file: string): Buffer {
  try {
    const stat = statSync(file);
    if (!stat.isFile()) throw refused(`cannot read the game table ${file}: it is no file`);
    if (stat.size > GAME_DB_BYTES_MAX)
      throw refused(
        `${file} is too large for a game table (${stat.size} bytes; ${GAME_DB_BYTES_MAX} are the most that are read)`,
      );
    return readFileSync(file);
  } catch (error) {
    if (error instanceof Failure) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : message;
    throw refused(`cannot read the game table ${file}: ${why}`, error);
  }
}

function refused(message: string, cause?: unknown): Failure {
  return new Failure('input', 'bad-game-db', message, cause);
}
