/**
 * One writer for each capture file, and for each other database of ours.
 *
 * The writer holds an exclusive lock on a second, empty database beside the file for as long as it
 * lives. The operating system lets go of it when the process ends, however it ends, so a lock never
 * outlives its owner and the lock file is never a sign of anything: it stays where it is.
 */
import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { Failure } from '../common/failure.ts';

/** Readers that ask whether somebody records hold the lock for a moment, which is waited for. */
const waitMs = 1000;

export interface Lock {
  release(): void;
}

/** `owner` says who else it may be that has it. Failure codes: `in-use`, `cannot-open`. */
export function acquireLock(file: string, owner: (file: string) => string = recordingOwner): Lock {
  let db: Database.Database | null = null;
  try {
    db = new Database(lockFile(file), { timeout: waitMs });
    // Without this, a journal would be put beside the lock file.
    db.pragma('journal_mode = MEMORY');
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db?.close();
    if (isBusy(error)) {
      const message = `${file} is being written to by another program (${owner(file)})`;
      throw new Failure('outside', 'in-use', message, error);
    }
    throw new Failure(
      'outside',
      'cannot-open',
      `${file} cannot be locked: ${(error as Error).message}`,
      error,
    );
  }
  const held = db;
  return { release: () => void held.close() };
}

function recordingOwner(file: string): string {
  return `a relay that records${describeRelay(file)}, or postreel index`;
}

/** Whether somebody, in this process or another, records into this file or indexes it now. */
export function isRecording(file: string): boolean {
  const name = lockFile(file);
  if (!existsSync(name)) return false;
  const db = new Database(name, { readonly: true, fileMustExist: true, timeout: 0 });
  try {
    db.prepare('SELECT 1 FROM sqlite_master').all();
    return false;
  } catch (error) {
    if (isBusy(error)) return true;
    throw error;
  } finally {
    db.close();
  }
}

/** Somebody else holds a lock that is needed. */
export function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && /^SQLITE_(BUSY|LOCKED)/.test(error.code);
}

/** One name for one file, by whatever links it is reached. */
function lockFile(file: string): string {
  if (existsSync(file)) return `${realpathSync(file)}-lock`;
  const folder = dirname(file);
  return `${join(existsSync(folder) ? realpathSync(folder) : folder, basename(file))}-lock`;
}

/** The relay that has not ended its capture, alive or not: an empty string where there is none, or it cannot be read. */
function describeRelay(file: string): string {
  try {
    const db = new Database(file, { readonly: true, fileMustExist: true });
    try {
      const pid = db.prepare('SELECT pid FROM capture WHERE ended IS NULL ORDER BY id DESC').pluck().get();
      return typeof pid === 'number' ? `, pid ${pid}` : '';
    } finally {
      db.close();
    }
  } catch {
    return '';
  }
}
