/** Captures of test suites are opened, and left as they are. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { acquireLock } from '../../recorder/lock.ts';
import { type Fixture, openFixture } from '../../testing/fixture.ts';
import {
  addFrames,
  openConnections,
  openStore,
  record,
  temporaryFile,
  transaction,
} from '../kit/capture-file.ts';

async function opened(file: string): Promise<Fixture> {
  const fixture = await openFixture(file);
  onTestFinished(() => fixture.close());
  return fixture;
}

test('a capture is read from a copy, which is gone once it is closed', async () => {
  const file = temporaryFile();
  record(file, (store) => {
    openConnections(store, 2);
    addFrames(store, 1, 5);
  });
  const before = [readFileSync(file).toString('hex'), readdirSync(dirname(file))];
  const fixture = await openFixture(file);
  expect(fixture.reader.capture().frames).toBe(5);
  expect([readFileSync(file).toString('hex'), readdirSync(dirname(file))]).toEqual(before);
  const copy = dirname(fixture.path);
  expect(copy).not.toBe(dirname(file));
  await fixture.close();
  expect(existsSync(copy)).toBe(false);
});

test('what is still in the log of a capture is read as well', async () => {
  const file = temporaryFile();
  const store = openStore(file);
  transaction(store, () => {
    openConnections(store, 2);
    addFrames(store, 1, 5);
  });
  expect((await opened(file)).reader.capture().frames).toBe(5);
});

test('a capture that is being recorded is read where it is', async () => {
  const file = temporaryFile();
  record(file, (store) => openConnections(store, 2));
  const lock = acquireLock(file);
  onTestFinished(() => lock.release());
  expect((await opened(file)).path).toBe(file);
});

test('what cannot be opened is named as it was', async () => {
  const file = temporaryFile();
  await expect(openFixture(file)).rejects.toThrow(`${file} does not exist`);
  await expect(openFixture(dirname(file))).rejects.toThrow(
    `${dirname(file)} is not a capture: it is a folder`,
  );
});
