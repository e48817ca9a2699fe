import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { acquireLock } from '../../recorder/lock.ts';
import { latestFormat, migrate, migrations } from '../../recorder/migrate.ts';
import { openBeside, openCapture } from '../../recorder/open.ts';
import { record, temporaryFile, temporaryFolder } from '../kit/capture-file.ts';

/** A folder of migrations, the first being number 1. */
function directoryOf(...scripts: string[]): URL {
  const folder = join(temporaryFolder(), 'migrations');
  mkdirSync(folder);
  scripts.forEach((sql, index) => writeFileSync(join(folder, `000${index + 1}_step.sql`), sql));
  writeFileSync(join(folder, 'README.md'), 'not a migration');
  return pathToFileURL(`${folder}/`);
}

/** What comes after the formats that there are: one more format for each script. */
function directoryAfterLatest(...scripts: string[]): URL {
  const directory = directoryOf();
  for (let format = 1; format <= latestFormat(); format += 1) {
    writeFileSync(new URL(`000${format}_step.sql`, directory), '');
  }
  scripts.forEach((sql, index) => {
    writeFileSync(new URL(`000${latestFormat() + index + 1}_step.sql`, directory), sql);
  });
  return directory;
}

function formatOf(file: string): unknown {
  const db = new Database(file);
  try {
    return db.pragma('user_version', { simple: true });
  } finally {
    db.close();
  }
}

it('applies what a file lacks, in order, once', () => {
  const db = new Database(temporaryFile());
  const first = directoryOf('CREATE TABLE a (x)');
  const both = directoryOf('CREATE TABLE a (x)', 'ALTER TABLE a ADD COLUMN y; INSERT INTO a VALUES (1, 2)');
  expect(migrate(db, first)).toEqual({ from: 0, to: 1 });
  expect(migrate(db, both)).toEqual({ from: 1, to: 2 });
  expect(migrate(db, both)).toEqual({ from: 2, to: 2 });
  expect(db.prepare('SELECT * FROM a').all()).toEqual([{ x: 1, y: 2 }]);
  db.close();
});

it('leaves nothing of a step that fails, and all of those before it', () => {
  const db = new Database(temporaryFile());
  const directory = directoryOf('CREATE TABLE a (x)', 'CREATE TABLE b (x); INSERT INTO missing VALUES (1)');
  expect(() => migrate(db, directory)).toThrow('no such table: missing');
  expect(db.pragma('user_version', { simple: true })).toBe(1);
  expect(db.prepare('SELECT name FROM sqlite_master').pluck().all()).toEqual(['a']);
  db.close();
});

it('does not accept a folder in which a number is missing', () => {
  const directory = directoryOf('', '');
  copyFileSync(new URL('0002_step.sql', directory), new URL('0004_step.sql', directory));
  expect(() => latestFormat(directory)).toThrow('0004_step.sql is not migration 3');
});

it('finds the migrations of this program', () => {
  expect(latestFormat()).toBeGreaterThan(0);
  const db = new Database(':memory:');
  expect(migrate(db, migrations)).toEqual({ from: 0, to: latestFormat() });
  db.close();
});

/** A capture of a format that is too old to be read as it is. */
function oldCapture(): string {
  const file = temporaryFile();
  record(file, () => undefined);
  const db = new Database(file);
  db.pragma('user_version = 2');
  db.close();
  return file;
}

it.each([true, false])('an old capture is migrated when it is opened (for writing: %s)', (write) => {
  const file = oldCapture();
  const directory = directoryOf('', '', "ALTER TABLE capture ADD COLUMN mood TEXT DEFAULT 'fine'");
  const db = openCapture(file, { write, migrations: directory });
  expect(db.prepare('SELECT id, mood FROM capture').all()).toEqual([{ id: 1, mood: 'fine' }]);
  db.close();
  expect(formatOf(file)).toBe(3);
});

it.each([
  openBeside,
  (file: string, directory: URL) => openCapture(file, { write: true, migrations: directory }),
])('an older capture is migrated when it is written to, and read as it is until then', (write) => {
  const file = temporaryFile();
  record(file, () => undefined);
  const directory = directoryAfterLatest('CREATE TABLE a (x)');
  openCapture(file, { write: false, migrations: directory }).close();
  expect(formatOf(file)).toBe(latestFormat());
  write(file, directory).close();
  expect(formatOf(file)).toBe(latestFormat() + 1);
});

it('an older capture that cannot be migrated is refused, and says at which step', () => {
  const file = temporaryFile();
  record(file, () => undefined);
  const directory = directoryAfterLatest('CREATE TABLE a (x)', 'INSERT INTO missing VALUES (1)');
  const [from, to] = [latestFormat() + 1, latestFormat() + 2];
  expect(() => openCapture(file, { write: true, migrations: directory })).toThrow(
    `${file} cannot be brought from format ${from} to ${to}: no such table: missing`,
  );
  expect(formatOf(file)).toBe(from);
});

it('an old capture is left alone while somebody records into it', () => {
  const file = oldCapture();
  const lock = acquireLock(file);
  const directory = directoryOf('', '', 'CREATE TABLE a (x)');
  expect(() => openCapture(file, { write: false, migrations: directory })).toThrow(
    expect.objectContaining({ kind: 'outside', code: 'in-use' }),
  );
  lock.release();
  expect(formatOf(file)).toBe(2);
});
