import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { expect, it } from 'vitest';
import { acquireLock, isRecording } from '../../recorder/lock.ts';
import { CaptureStore } from '../../recorder/store.ts';
import { meta, openStore, recordElsewhere, temporaryFile } from '../kit/capture-file.ts';

it('a file has one writer, within a process', () => {
  const file = temporaryFile();
  const store = openStore(file);
  expect(() => CaptureStore.open(file, meta, [])).toThrow(
    expect.objectContaining({
      kind: 'outside',
      code: 'in-use',
      message: `${file} is being written to by another program (a relay that records, pid ${meta.pid}, or postreel index)`,
    }),
  );
  store.finish(1);
  openStore(file).finish(1);
});

it('a file has one writer, among processes, and the other is named', async () => {
  const file = temporaryFile();
  const other = await recordElsewhere(file);
  expect(() => CaptureStore.open(file, meta, [])).toThrow(
    `${file} is being written to by another program (a relay that records, pid ${other.pid}, or postreel index)`,
  );
  await other.finish();
  openStore(file).finish(1);
});

it('a writer may be one that records nothing', () => {
  const file = temporaryFile();
  openStore(file).finish(1);
  const lock = acquireLock(file);
  expect(() => CaptureStore.open(file, meta, [])).toThrow(
    `${file} is being written to by another program (a relay that records, or postreel index)`,
  );
  lock.release();
});

it('a writer that was killed holds nothing', async () => {
  const file = temporaryFile();
  const other = await recordElsewhere(file);
  expect(isRecording(file)).toBe(true);
  await other.kill();
  expect(isRecording(file)).toBe(false);
  acquireLock(file).release();
});

it('the lock file is empty, is alone, and stays', () => {
  const file = temporaryFile();
  const lock = acquireLock(file);
  expect(readdirSync(dirname(file))).toEqual([`${basename(file)}-lock`]);
  lock.release();
  expect(readdirSync(dirname(file))).toEqual([`${basename(file)}-lock`]);
  expect(statSync(`${file}-lock`).size).toBe(0);
});

it('to ask whether somebody records leaves no lock file', () => {
  const file = temporaryFile();
  expect(isRecording(file)).toBe(false);
  expect(existsSync(`${file}-lock`)).toBe(false);
});

it('knows about this process too', () => {
  const file = temporaryFile();
  const lock = acquireLock(file);
  expect(isRecording(file)).toBe(true);
  lock.release();
  expect(isRecording(file)).toBe(false);
});
