/** While it is recorded, a capture has right sessions or none. */
import { expect, describe, test } from 'vitest';
import { CaptureFile } from '../../../recorder/captures.ts';
import { indexCaptures } from '../../../recorder/sessions/indexer.ts';
import { CaptureStore } from '../../../recorder/store.ts';
import { verifyCapture } from '../../../recorder/verify.ts';
import { meta } from '../../kit/capture-file.ts';
import { field, lobby } from '../../kit/lobby.ts';
import { Play, sessionsOf } from '../../kit/play.ts';

const protocols = [lobby, field];

function hasSessions(file: string, id = 1): boolean {
  const capture = CaptureFile.open(file);
  try {
    return capture.capture(id).hasSessions;
  } finally {
    capture.close();
  }
}

function expectWhole(file: string): void {
  expect(verifyCapture(file).checks.filter(({ ok }) => !ok)).toEqual([]);
}

/** How many rows were ever written. */
function changes({ store }: Play): number {
  return store.db.prepare<[], number>('SELECT total_changes()').pluck().get() as number;
}

describe('each transaction', () => {
  test('leaves the sessions of the frames that are in the file', () => {
    const play = new Play();
    const [a, b] = [play.socket(1), play.socket(2)] as const;
    expect(play.sessions()).toEqual([]);
    play.send(a, b);
    expect(play.sessions()).toMatchObject([{ frames: 3, lastSequence: 3, ended: null }]);
    play.send(a, b);
    expect(sessionsOf(play.file)).toMatchObject([{ frames: 3 }]);
    expect(play.sessions()).toMatchObject([{ frames: 4, lastSequence: 4 }]);
    expectWhole(play.file);
    play.close(a).close(b);
    // Nobody has to send anything for it to be seen that they are gone.
    expect(play.sessions()).toMatchObject([{ ended: 'left' }]);
    expectWhole(play.file);
  });

  test('that has nothing new writes nothing about sessions', () => {
    const play = new Play();
    play.send(play.socket(1), play.socket(2));
    play.commit();
    const before = changes(play);
    play.commit();
    // The capture's own row.
    expect(changes(play)).toBe(before + 1);
  });
});

describe('a transaction that fails', () => {
  test('takes the capture’s sessions with it, and index brings them back', () => {
    const play = new Play();
    const [a, b] = [play.socket(1), play.socket(2)] as const;
    play.send(a, b);
    play.commit();
    expect(hasSessions(play.file)).toBe(true);
    play.send(a, b);
    play.store.rollback();
    play.sequence -= 1;
    play.store.begin();
    play.send(b, a);
    play.close(a);
    expect(play.sessions()).toEqual([]);
    expect(hasSessions(play.file)).toBe(false);
    expectWhole(play.file);
    const before = changes(play);
    play.commit();
    expect(changes(play)).toBe(before + 1);
    play.end();
    expect(hasSessions(play.file)).toBe(false);
    indexCaptures(play.file, { protocols });
    expect(sessionsOf(play.file)).toMatchObject([{ id: 1, frames: 4, ended: 'stopped' }]);
    expect(hasSessions(play.file)).toBe(true);
    expectWhole(play.file);
  });

  test('before anything was told does not', () => {
    const play = new Play();
    play.send(play.socket(1), play.socket(2));
    play.commit();
    play.store.rollback();
    play.store.begin();
    expect(play.end()).toMatchObject([{ frames: 3, ended: 'stopped' }]);
  });

  test('and fails again while it clears them is tried once more', () => {
    const play = new Play();
    const [a, b] = [play.socket(1), play.socket(2)] as const;
    play.send(a, b);
    play.commit();
    play.send(a, b);
    play.store.rollback();
    play.store.db.exec(
      "CREATE TEMP TRIGGER no BEFORE DELETE ON session BEGIN SELECT raise(ABORT, 'no'); END",
    );
    play.store.begin();
    expect(() => play.store.commit()).toThrow('no');
    play.store.rollback();
    play.store.db.exec('DROP TRIGGER temp.no');
    play.store.begin();
    expect(play.sessions()).toEqual([]);
    expect(hasSessions(play.file)).toBe(false);
  });
});

describe('a recorder that was started again', () => {
  test('knows nothing of the sessions before, and says so', () => {
    const play = new Play();
    const [a, b] = [play.socket(1), play.socket(2)] as const;
    play.send(a, b);
    const live = play.sessions();
    play.store.rollback();
    play.store.abandon();
    const store = CaptureStore.open(play.file, meta, protocols, 1);
    expect(sessionsOf(play.file)).toEqual([]);
    store.begin();
    store.closed(a, 0, 9e9);
    store.commit();
    store.finish(10e9);
    expect(hasSessions(play.file)).toBe(false);
    expectWhole(play.file);
    indexCaptures(play.file, { protocols });
    // Events of both recorders are in one order.
    expect(sessionsOf(play.file)).toMatchObject([{ id: 1, frames: live[0]?.frames, ended: 'stopped' }]);
    expect(store.db.open).toBe(false);
  });

  test('before anything was stored has lost nothing', () => {
    const play = new Play();
    play.store.rollback();
    play.store.abandon();
    CaptureStore.open(play.file, meta, protocols, 1).finish(1);
    expect(hasSessions(play.file)).toBe(true);
  });
});
