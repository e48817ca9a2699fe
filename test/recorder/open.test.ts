import {
  existsSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { acquireLock } from '../../recorder/lock.ts';
import { latestFormat } from '../../recorder/migrate.ts';
import { applicationId, openCapture } from '../../recorder/open.ts';
import { CaptureStore } from '../../recorder/store.ts';
import {
  addFrames,
  meta,
  openConnections,
  record,
  temporaryFile,
  temporaryFolder,
} from '../kit/capture-file.ts';

function foreignDatabase(): string {
  const file = temporaryFile();
  const db = new Database(file);
  db.exec('CREATE TABLE bookmark (url TEXT)');
  db.close();
  return file;
}

function smallCapture(): string {
  const file = temporaryFile();
  record(file, (store) => {
    openConnections(store, 2);
    addFrames(store, 1, 500);
  });
  return file;
}

describe('for reading', () => {
  const read = (file: string) => () => openCapture(file, { write: false });

  it('refuses a file that does not exist, and does not create it', () => {
    const file = temporaryFile();
    expect(read(file)).toThrow(expect.objectContaining({ kind: 'input', code: 'no-such-file' }));
    expect(existsSync(file)).toBe(false);
  });

  it('refuses a folder', () => {
    const folder = temporaryFolder();
    expect(read(folder)).toThrow(expect.objectContaining({ kind: 'outside', code: 'not-a-capture' }));
  });

  it('refuses an empty file', () => {
    const file = temporaryFile();
    writeFileSync(file, '');
    expect(read(file)).toThrow(expect.objectContaining({ kind: 'outside', code: 'not-a-capture' }));
    expect(statSync(file).size).toBe(0);
  });

  it.each(['x', 'Dear diary, '.repeat(1000)])('refuses text', (text) => {
    const file = temporaryFile();
    writeFileSync(file, text);
    expect(read(file)).toThrow(expect.objectContaining({ kind: 'outside', code: 'not-a-capture' }));
    expect(read(file)).toThrow(`${file} is not a capture: it is not a database`);
  });

  it('refuses the database of another program', () => {
    const file = foreignDatabase();
    expect(read(file)).toThrow(`${file} is not a capture: it is the database of another program`);
  });

  it('refuses a file of a newer format, and names both formats', () => {
    const file = smallCapture();
    const db = new Database(file);
    db.pragma('user_version = 99');
    db.close();
    expect(read(file)).toThrow(expect.objectContaining({ kind: 'input', code: 'newer-format' }));
    expect(read(file)).toThrow(`it is of format 99, and this version knows formats up to ${latestFormat()}`);
  });

  it('refuses a file that is cut off within its header', () => {
    const file = smallCapture();
    truncateSync(file, 60);
    expect(read(file)).toThrow(expect.objectContaining({ kind: 'outside', code: 'not-a-capture' }));
  });

  it('refuses a file that is cut off', () => {
    const file = smallCapture();
    truncateSync(file, 8192);
    expect(read(file)).toThrow(expect.objectContaining({ kind: 'outside', code: 'damaged' }));
  });

  it('refuses a file that another program keeps to itself', () => {
    const file = smallCapture();
    const db = new Database(file);
    db.pragma('locking_mode = EXCLUSIVE');
    db.exec('BEGIN EXCLUSIVE');
    expect(read(file)).toThrow(expect.objectContaining({ kind: 'outside', code: 'in-use' }));
    db.close();
  });

  it('gives a connection that cannot change anything', () => {
    const db = openCapture(smallCapture(), { write: false });
    expect(() => db.exec('DELETE FROM frame')).toThrow('readonly');
    db.close();
  });

  it('leaves nothing beside a file that was ended in good order', () => {
    const file = smallCapture();
    const before = readdirSync(dirname(file));
    const db = openCapture(file, { write: false });
    db.prepare('SELECT count(*) FROM frame').get();
    db.close();
    expect(readdirSync(dirname(file))).toEqual(before);
    expect(before).toEqual([basename(file), `${basename(file)}-lock`]);
  });

  it('takes a name for a name, whatever it looks like', () => {
    const file = join(temporaryFolder(), 'file:100%?mode=memory#1.db');
    record(file, () => undefined);
    const db = openCapture(file, { write: false });
    expect(db.prepare('SELECT count(*) FROM capture').pluck().get()).toBe(1);
    db.close();
  });
});

describe('for writing', () => {
  const write = (file: string) => () => CaptureStore.open(file, meta, []);

  it('makes a capture of a file that does not exist', () => {
    const file = temporaryFile();
    const db = openCapture(file, { write: true });
    expect(db.pragma('application_id', { simple: true })).toBe(applicationId);
    expect(db.pragma('user_version', { simple: true })).toBe(latestFormat());
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
    db.close();
  });

  it('makes a capture of an empty file', () => {
    const file = temporaryFile();
    writeFileSync(file, '');
    write(file)().abandon();
    openCapture(file, { write: false }).close();
  });

  it('refuses a file that is not ours, and leaves nothing beside it', () => {
    const file = foreignDatabase();
    expect(write(file)).toThrow(expect.objectContaining({ kind: 'outside', code: 'not-a-capture' }));
    expect(readdirSync(dirname(file))).toEqual([basename(file)]);
  });

  it('refuses a folder, and a folder that does not exist', () => {
    const folder = temporaryFolder();
    expect(write(folder)).toThrow(expect.objectContaining({ code: 'not-a-capture' }));
    expect(write(join(folder, 'none', 'some.db'))).toThrow(expect.objectContaining({ code: 'cannot-open' }));
  });

  it('gives the lock back if the file cannot be taken', () => {
    const file = smallCapture();
    const db = new Database(file);
    db.pragma('user_version = 99');
    db.close();
    expect(write(file)).toThrow(expect.objectContaining({ code: 'newer-format' }));
    acquireLock(file).release();
  });

  it('follows links', () => {
    const file = smallCapture();
    const folder = join(dirname(file), 'elsewhere');
    mkdirSync(folder);
    const link = join(folder, 'link.db');
    symlinkSync(file, link);
    const store = CaptureStore.open(link, meta, []);
    expect(store.captureId).toBe(2);
    expect(write(file)).toThrow(expect.objectContaining({ code: 'in-use' }));
    store.abandon();
  });
});
