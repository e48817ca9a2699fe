/**
 * Opens a capture file, or another database of ours, or says in one line why not.
 *
 * Capture files are read through SQLite and nothing else: when a process closes any other handle of
 * a database, the system drops the locks that its recorder holds on that database.
 */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { Failure } from '../common/failure.ts';
import { acquireLock, isBusy } from './lock.ts';
import { formatOf, latestFormat, migrate, migrations, oldestReadable } from './migrate.ts';

/** PRAGMA application_id of every capture file: "PREL". */
export const applicationId = 0x5052454c;

/** What tells the databases of one purpose from all others. */
export interface FileKind {
  readonly applicationId: number;
  readonly migrations: URL;
  /** As it is called in messages: `a capture`. */
  readonly noun: string;
  /** The failure code of a file that is something else. */
  readonly notOne: string;
}

const captures: FileKind = { applicationId, migrations, noun: 'a capture', notOne: 'not-a-capture' };

/** Larger pages than SQLite's own: fewer of them for each slab, and a whole datagram fits into one. */
const pageBytes = 8192;

/** What every SQLite database starts with. */
const headerBytes = 100;

/** How long others may keep a file to themselves, as SQLite does when it recovers one. */
const busyMs = 2000;

export interface OpenOptions {
  readonly write: boolean;
  readonly migrations?: URL;
}

/**
 * For writing, creates the file where it is missing or empty; the caller holds the lock of `lock.ts`.
 * For reading, changes nothing, except that a file of a format which is too old to be read as it is (see `migrate.ts`)
 * is migrated if nobody records into it. Failure codes: `no-such-file`, `not-a-capture`, `newer-format`, `damaged`,
 * `cannot-open`, `in-use`.
 */
export function openCapture(file: string, options: OpenOptions): Database.Database {
  const kind = { ...captures, migrations: options.migrations ?? migrations };
  try {
    return options.write ? openForWriting(file, kind) : openForReading(file, kind);
  } catch (error) {
    throw explainOpening(file, error);
  }
}

/** For writing, a file of another kind than captures; all else is as with those. */
export function openOther(file: string, kind: FileKind): Database.Database {
  try {
    return openForWriting(file, kind);
  } catch (error) {
    throw explainOpening(file, error, kind);
  }
}

/**
 * For writing beside whoever records into the file: no lock is held, so transactions are to be short, and to wait
 * for those of others. The file must be there; one of an older format is migrated if nobody records into it.
 * Failure codes: those of `openCapture`, and `read-only` from the first transaction on.
 */
export function openBeside(file: string, directory: URL = migrations): Database.Database {
  try {
    const kind = { ...captures, migrations: directory };
    openForReading(file, kind, latestFormat(directory)).close();
    return setUp(new Database(resolve(file), { fileMustExist: true, timeout: busyMs }), (db) => {
      checkFormat(db, file, kind);
      db.pragma('synchronous = NORMAL');
    });
  } catch (error) {
    throw explainOpening(file, error);
  }
}

/** What SQLite says, in our words. Anything else is a failure already, or our own mistake, and stays what it is. */
export function explainOpening(file: string, error: unknown, kind: FileKind = captures): unknown {
  if (!(error instanceof Database.SqliteError)) return error;
  if (isCode(error, 'SQLITE_NOTADB')) return isNone(file, kind, 'it is not a database');
  if (isBusy(error)) return new Failure('outside', 'in-use', `${file} is in use by another program`, error);
  const cannotWriteBeside = isCode(error, 'SQLITE_CANTOPEN') && existsSync(file) && isReadOnly(dirname(file));
  if (isCode(error, 'SQLITE_READONLY_DIRECTORY') || cannotWriteBeside) {
    const why =
      'its folder is read-only, and SQLite keeps two files beside it while it is open: copy it elsewhere';
    return new Failure('outside', 'cannot-open', `${file} cannot be opened: ${why}`, error);
  }
  if (isCode(error, 'SQLITE_READONLY')) {
    return new Failure('outside', 'read-only', `${file} is read-only`, error);
  }
  if (isCode(error, 'SQLITE_CORRUPT')) {
    return new Failure('outside', 'damaged', `${file} is damaged: ${error.message}`, error);
  }
  return new Failure('outside', 'cannot-open', `${file} cannot be opened: ${error.message}`, error);
}

function openForWriting(file: string, kind: FileKind): Database.Database {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat?.isDirectory() === true) throw isNone(file, kind, 'it is a folder');
  if (!existsSync(dirname(file))) {
    throw new Failure('outside', 'cannot-open', `${file} cannot be created: its folder does not exist`);
  }
  return setUp(new Database(resolve(file), { timeout: busyMs }), (db) => {
    if (stat === undefined || stat.size === 0) {
      db.pragma(`page_size = ${pageBytes}`);
      // First of all, so that a file is never ours without saying so.
      db.pragma(`application_id = ${kind.applicationId}`);
    }
    checkFormat(db, file, kind);
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = NORMAL');
    upgrade(db, file, kind.migrations);
  });
}

function upgrade(db: Database.Database, file: string, directory: URL): void {
  try {
    migrate(db, directory);
  } catch (error) {
    if (!(error instanceof Database.SqliteError) || isBusy(error)) throw error;
    const steps = `from format ${formatOf(db)} to ${formatOf(db) + 1}`;
    const message = `${file} cannot be brought ${steps}: ${error.message}`;
    throw new Failure('outside', 'cannot-open', message, error);
  }
}

/** A file of a format before `oldest` is migrated first. */
function openForReading(
  file: string,
  kind: FileKind,
  oldest: number = oldestReadable(kind.migrations),
): Database.Database {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) throw new Failure('input', 'no-such-file', `${file} does not exist`);
  if (stat.isDirectory()) throw isNone(file, kind, 'it is a folder');
  if (stat.size === 0) throw isNone(file, kind, 'it is empty');
  // SQLite takes less than a header for a database with nothing in it.
  if (stat.size < headerBytes) throw isNone(file, kind, 'it is not a database');
  const db = connectForReading(file, kind);
  if (formatOf(db) >= oldest) return db;
  db.close();
  migrateAlone(file, kind);
  return connectForReading(file, kind);
}

/**
 * A connection that cannot change anything, yet was opened for writing: the last one to close a file
 * folds its write-ahead log back into it, which a read-only connection would leave lying beside it.
 */
function connectForReading(file: string, kind: FileKind): Database.Database {
  return setUp(new Database(resolve(file), { fileMustExist: true, timeout: busyMs }), (db) => {
    db.pragma('query_only = ON');
    checkFormat(db, file, kind);
  });
}

function migrateAlone(file: string, kind: FileKind): void {
  const lock = acquireLock(file);
  try {
    openForWriting(file, kind).close();
  } finally {
    lock.release();
  }
}

/** Refuses what is of another kind, or is too new. */
function checkFormat(db: Database.Database, file: string, kind: FileKind): void {
  if (db.pragma('application_id', { simple: true }) !== kind.applicationId) {
    throw isNone(file, kind, 'it is the database of another program');
  }
  const format = formatOf(db);
  const latest = latestFormat(kind.migrations);
  if (format <= latest) return;
  const why = `it is of format ${format}, and this version knows formats up to ${latest}`;
  throw new Failure('input', 'newer-format', `${file} was written by a newer version: ${why}`);
}

function setUp(db: Database.Database, steps: (db: Database.Database) => void): Database.Database {
  try {
    steps(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function isReadOnly(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return false;
  } catch {
    return true;
  }
}

function isNone(file: string, { noun, notOne }: FileKind, why: string): Failure {
  return new Failure('outside', notOne, `${file} is not ${noun}: ${why}`);
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith(code);
}
