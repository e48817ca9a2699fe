/**
 * Brings a capture file to the newest format: plain SQL files, NNNN_name.sql, in order.
 *
 * Each is applied in a transaction of its own together with the number of its format, so that a
 * file always is of exactly one format, whatever happens in between.
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { Database } from 'better-sqlite3';

/** Beside the source, and beside the built program. */
export const migrations = new URL('../migrations/', import.meta.url);

export interface Migrated {
  readonly from: number;
  readonly to: number;
}

/** Formats from this one on are read as they are: what they have no place for is nothing. */
const OLDEST_READABLE = 3;

/** The format that this program writes. */
export function latestFormat(directory: URL = migrations): number {
  return list(directory).length;
}

/** The oldest format that is read without being brought to a newer one. */
export function oldestReadable(directory: URL = migrations): number {
  return Math.min(OLDEST_READABLE, latestFormat(directory));
}

export function formatOf(db: Database): number {
  return db.pragma('user_version', { simple: true }) as number;
}

/** Throws what SQLite throws, and leaves the file at the last format that was reached. */
export function migrate(db: Database, directory: URL = migrations): Migrated {
  const from = formatOf(db);
  const names = list(directory);
  const apply = db.transaction((format: number, sql: string) => {
    db.exec(sql);
    db.pragma(`user_version = ${format}`);
  });
  for (let format = from + 1; format <= names.length; format += 1) {
    apply.immediate(format, readFileSync(new URL(names[format - 1]!, directory), 'utf8'));
  }
  return { from, to: Math.max(from, names.length) };
}

/** By format: the first is format 1. A number that is missing or used twice is our own mistake. */
function list(directory: URL): string[] {
  const names = readdirSync(directory)
    .filter((name) => /^\d{4}_.+\.sql$/.test(name))
    .sort();
  names.forEach((name, index) => {
    if (Number(name.slice(0, 4)) !== index + 1) throw new Error(`${name} is not migration ${index + 1}`);
  });
  return names;
}
