import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { Outcome } from '../../../protocol/outcome.ts';
import { CaptureFile } from '../../../recorder/captures.ts';
import { indexCaptures } from '../../../recorder/sessions/indexer.ts';
import { verifyCapture } from '../../../recorder/verify.ts';
import { protocol, temporaryFile, temporaryFolder } from '../../kit/capture-file.ts';
import { field, FieldKind, lobby } from '../../kit/lobby.ts';
import { DELAY_NS, Play, sessionsOf } from '../../kit/play.ts';

const protocols = [lobby, field];

function change(file: string, sql: string): void {
  const db = new Database(file);
  db.exec(sql);
  db.close();
}

function forget(file: string, capture: number): void {
  const those = `(SELECT id FROM session WHERE capture = ${capture})`;
  change(
    file,
    `DELETE FROM session_player WHERE session IN ${those};
     DELETE FROM session_connection WHERE session IN ${those};
     DELETE FROM session WHERE capture = ${capture};
     UPDATE capture SET sessions_through = NULL WHERE id = ${capture};`,
  );
}

/** Two captures with a session each. */
function twoCaptures(): string {
  const file = temporaryFile();
  for (const n of [1, 3]) {
    const play = new Play(file);
    play.send(play.socket(n), play.socket(n + 1));
    play.end();
  }
  return file;
}

describe('index', () => {
  test('finds the sessions of captures that lack them, and leaves the others alone', () => {
    const file = twoCaptures();
    const before = sessionsOf(file);
    forget(file, 2);
    expect(sessionsOf(file)).toEqual(before.slice(0, 1));
    expect(indexCaptures(file, { protocols })).toEqual([
      { id: 1, skipped: true, unreadable: null, sessions: 1, frames: 3 },
      { id: 2, skipped: false, unreadable: null, sessions: 1, frames: 3 },
    ]);
    expect(sessionsOf(file)).toEqual(before);
  });

  test('fills in the delays that the recorder could not follow, and only where a frame of the session left', () => {
    const file = twoCaptures();
    const play = new Play(file);
    const [a, b] = [play.socket(5), play.socket(6)] as const;
    play.frame(a, b, FieldKind.send, Outcome.forwarded, '- x', false);
    // Of nobody in a session.
    play.send(play.open(), play.open());
    play.end();
    const before = sessionsOf(file);
    expect(before.map(({ delayMax }) => delayMax)).toEqual([DELAY_NS, DELAY_NS, null]);
    change(file, 'UPDATE session SET delay_p50 = NULL, delay_p99 = NULL, delay_max = NULL WHERE capture = 2');
    expect(sessionsOf(file)).not.toEqual(before);
    expect(indexCaptures(file, { protocols }).map(({ skipped }) => skipped)).toEqual([true, false, true]);
    expect(sessionsOf(file)).toEqual(before);
  });

  test('gives new ids to sessions that had none, and never one that another has', () => {
    const file = twoCaptures();
    forget(file, 1);
    indexCaptures(file, { protocols });
    expect(sessionsOf(file).map(({ id, captureId }) => [id, captureId])).toEqual([
      [3, 1],
      [2, 2],
    ]);
    const indexed = sessionsOf(file);
    indexCaptures(file, { protocols, again: true });
    expect(sessionsOf(file)).toEqual(indexed);
  });

  test('keeps to the capture that is named', () => {
    const file = twoCaptures();
    for (const capture of [1, 2]) forget(file, capture);
    expect(indexCaptures(file, { protocols, capture: 2 })).toMatchObject([{ id: 2, sessions: 1 }]);
    expect(sessionsOf(file)).toMatchObject([{ captureId: 2 }]);
    expect(() => indexCaptures(file, { capture: 3 })).toThrow(
      expect.objectContaining({ kind: 'input', code: 'no-such-capture' }),
    );
  });

  test('puts right what is wrong, when asked to do it again', () => {
    const file = twoCaptures();
    const before = sessionsOf(file);
    change(file, 'UPDATE session SET frames = 99, started = 0');
    indexCaptures(file, { protocols });
    expect(sessionsOf(file)).not.toEqual(before);
    indexCaptures(file, { protocols, again: true });
    expect(sessionsOf(file)).toEqual(before);
  });

  test('refuses a file that is being recorded into, and what is no capture', () => {
    const play = new Play();
    play.commit();
    expect(() => indexCaptures(play.file)).toThrow(expect.objectContaining({ code: 'in-use' }));
    expect(() => indexCaptures(temporaryFile())).toThrow(expect.objectContaining({ code: 'no-such-file' }));
  });

  test('ends a capture that was left, and so its sessions', () => {
    const play = new Play();
    play.send(play.socket(1), play.socket(2));
    const left = play.kill();
    indexCaptures(play.file, { protocols });
    const capture = CaptureFile.open(play.file);
    expect(capture.capture()).toMatchObject({ ended: 'unclean' });
    expect(capture.sessions()).toEqual(left);
    capture.close();
    expect(verifyCapture(play.file).ok).toBe(true);
  });

  test('that is stopped in the middle leaves the file as it was', () => {
    const file = twoCaptures();
    const before = sessionsOf(file);
    change(file, 'UPDATE session SET frames = 99 WHERE capture = 1');
    const wrong = sessionsOf(file);
    const stop = () => {
      throw new Error('stopped');
    };
    expect(() => indexCaptures(file, { protocols, again: true, onProgress: stop })).toThrow('stopped');
    expect(sessionsOf(file)).toEqual(wrong);
    indexCaptures(file, { protocols, again: true });
    expect(sessionsOf(file)).toEqual(before);
  });

  test('tells how far it is, over all captures', () => {
    const file = twoCaptures();
    const told: [number, number][] = [];
    indexCaptures(file, { protocols, again: true, onProgress: (done, total) => told.push([done, total]) });
    expect(told).toEqual([
      [3, 6],
      [6, 6],
    ]);
  });

  describe('of what was recorded with other protocols than this version reads', () => {
    /** A capture with a login in a group. */
    function grouped(): string {
      const play = new Play();
      play.join(play.login(1), 'RED', 1);
      expect(play.end()).toHaveLength(1);
      return play.file;
    }

    test('reads no bytes of another revision of a protocol: they may mean something else', () => {
      const file = grouped();
      forget(file, 1);
      indexCaptures(file, { protocols: [{ ...lobby, revision: 2 }] });
      expect(sessionsOf(file)).toEqual([]);
    });

    test.each([
      [
        'another revision',
        [{ ...lobby, revision: 2 }],
        'revision 1 of lobby, of which this version reads revision 2',
      ],
      ['an unknown protocol', [field], `protocol ${lobby.id}, which this version does not know`],
    ])('leaves better sessions as they are: %s', (_, others, unreadable) => {
      const file = grouped();
      const before = sessionsOf(file);
      new Play(file).end();
      expect(indexCaptures(file, { protocols: others, again: true })).toEqual([
        { id: 1, skipped: true, unreadable, sessions: 1, frames: 3 },
        { id: 2, skipped: false, unreadable: null, sessions: 0, frames: 0 },
      ]);
      expect(sessionsOf(file)).toEqual(before);
      expect(indexCaptures(file, { protocols: others, capture: 1 })).toMatchObject([{ unreadable: null }]);
    });
  });

  test('goes through many pages of frames and of connections', () => {
    const play = new Play();
    const a = play.socket(1);
    for (let n = 0; n < 700; n++) {
      const b = play.socket(2);
      play.send(a, b);
      play.close(b);
      if (n % 50 === 0) play.commit();
    }
    const live = play.end();
    expect(live[0]?.players[1]?.connections).toHaveLength(700);
    indexCaptures(play.file, { protocols, again: true });
    expect(sessionsOf(play.file)).toEqual(live);
  });
});

describe('a capture of format 1', () => {
  const fixture = fileURLToPath(new URL('../../fixtures/captures/format-1.db', import.meta.url));

  test('has no sessions until it is indexed, and the same ones ever after', () => {
    const file = join(temporaryFolder(), 'old.db');
    copyFileSync(fixture, file);
    expect(sessionsOf(file)).toEqual([]);
    expect(verifyCapture(file).ok).toBe(true);
    expect(indexCaptures(file)).toEqual([
      { id: 1, skipped: false, unreadable: null, sessions: 2, frames: 34 },
    ]);
    const found = sessionsOf(file);
    expect(found).toMatchObject([
      { frames: 25, ended: 'stopped', players: [{}, {}, { connections: [] }] },
      { frames: 8, ended: 'stopped', players: [{ connections: [{}, {}] }, { connections: [{}] }] },
    ]);
    expect(verifyCapture(file).ok).toBe(true);
    indexCaptures(file, { again: true });
    expect(sessionsOf(file)).toEqual(found);
  });

  test('has its events where they stand in a recording that tells', () => {
    const play = new Play();
    const [a, b] = [play.socket(1), play.socket(2)] as const;
    play.send(a, b);
    play.close(a);
    const c = play.socket(3, 1, `${mac2}/1`);
    play.close(c).wait(5).send(b, play.socket(1));
    const live = play.end();
    const places = `SELECT opened_after, opened_event, identified_after, identified_event, closed_after,
                           closed_event FROM connection ORDER BY id`;
    const read = () => {
      const db = new Database(play.file, { readonly: true });
      try {
        return db.prepare(places).all();
      } finally {
        db.close();
      }
    };
    const told = read();
    change(
      play.file,
      `UPDATE connection SET opened_after = NULL, opened_event = NULL, identified_after = NULL,
         identified_event = NULL, closed_after = NULL, closed_event = NULL`,
    );
    forget(play.file, 1);
    indexCaptures(play.file, { protocols });
    expect(read()).toEqual(told);
    expect(sessionsOf(play.file)).toEqual(live);
  });

  test('may have frames that arrived out of order, and connections without any', () => {
    const play = new Play();
    const { store } = play;
    store.opened(1, field.id, '192.0.2.1', 1, 100);
    store.identified(1, 'socket', `${mac2}/1`, '', new Uint8Array(0));
    store.opened(2, protocol.id, '192.0.2.1', 1, 5000);
    store.frame(1, 3000, null, 1, 0, 0, 1, Buffer.from('x'));
    store.frame(2, 2000, null, 1, 0, 0, 1, Buffer.from('x'));
    store.closed(1, 0, 2500);
    store.closed(2, 0, 6000);
    play.end();
    change(
      play.file,
      `UPDATE connection SET opened_after = NULL, opened_event = NULL, identified_after = NULL,
         identified_event = NULL, closed_after = NULL, closed_event = NULL`,
    );
    forget(play.file, 1);
    indexCaptures(play.file, { protocols });
    const db = new Database(play.file, { readonly: true });
    expect(
      db.prepare('SELECT opened_after, identified_after, closed_after FROM connection').raw().all(),
    ).toEqual([
      [0, 1, 2],
      [2, null, 2],
    ]);
    db.close();
  });
});

const mac2 = '02:00:00:00:00:02';
