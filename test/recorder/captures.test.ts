import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { onTestFinished, describe, expect, it } from 'vitest';
import { dissect } from '../../protocol/layout.ts';
import { span } from '../../protocol/memory.ts';
import { protocolByName } from '../../protocol/registry.ts';
import { CaptureFile, type FrameCondition, type FrameRange } from '../../recorder/captures.ts';
import type { CaptureStore } from '../../recorder/store.ts';
import type { RecordedSession } from '../../recorder/sessions/session.ts';
import { mac } from '../kit/lobby.ts';
import { Play } from '../kit/play.ts';
import {
  addFrames,
  openConnections,
  openStore,
  protocol,
  record,
  recordElsewhere,
  temporaryFile,
  temporaryFolder,
  transaction,
} from '../kit/capture-file.ts';

function open(file: string): CaptureFile {
  const captures = CaptureFile.open(file);
  onTestFinished(() => captures.close());
  return captures;
}

/** Two captures, of 1 203 and of 10 frames. */
function twoCaptures(): CaptureFile {
  const file = temporaryFile();
  for (const last of [1203, 10]) {
    record(file, (store) => {
      openConnections(store, 3);
      addFrames(store, 1, last);
    });
  }
  return open(file);
}

const sequences = (captures: CaptureFile, id: number, range?: { after?: number; limit?: number }): number[] =>
  [...captures.frames(id, range)].map(({ sequence }) => sequence);

const upTo = (last: number, first = 1): number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i);

describe('the captures of a file', () => {
  it('are listed with what is in them, oldest first', () => {
    expect(twoCaptures().captures()).toEqual([
      {
        id: 1,
        startedAt: '2023-11-14T22:13:20.123Z',
        endedAt: '2023-11-14T22:13:29.123Z',
        ended: 'clean',
        connections: 3,
        frames: 1203,
        bytes: 9 + 90 * 2 + 900 * 3 + 204 * 4,
        gaps: 0,
        trouble: null,
        lastSequence: 1203,
        lasted: 9_000_000_000,
        hasSessions: true,
      },
      expect.objectContaining({ id: 2, frames: 10, bytes: 11 }),
    ]);
  });

  it('are found by their number, the newest without one', () => {
    const captures = twoCaptures();
    expect(captures.capture(1).id).toBe(1);
    expect(captures.capture().id).toBe(2);
  });

  it('that are not there are refused', () => {
    const captures = twoCaptures();
    const refusal: unknown = expect.objectContaining({ kind: 'input', code: 'no-such-capture' });
    expect(() => captures.capture(3)).toThrow(refusal);
    expect(() => captures.connections(3)).toThrow(refusal);
    expect(() => captures.gaps(0)).toThrow(refusal);
    expect(() => [...captures.frames(-1)]).toThrow(refusal);
  });

  it('say whether they are being recorded, or were left', () => {
    const file = temporaryFile();
    const store = openStore(file);
    transaction(store, () => {
      openConnections(store, 2);
      addFrames(store, 1, 3);
    });
    const captures = open(file);
    expect(captures.capture()).toMatchObject({ ended: 'recording', endedAt: null, frames: 3 });
    store.abandon();
    expect(captures.capture()).toMatchObject({ ended: 'unclean', endedAt: '2023-11-14T22:13:20.126Z' });
  });

  it('of another process are told from those that it left', async () => {
    const file = temporaryFile();
    const other = await recordElsewhere(file);
    const captures = open(file);
    expect(captures.capture().ended).toBe('recording');
    await other.kill();
    expect(captures.capture().ended).toBe('unclean');
    const next = await recordElsewhere(file);
    expect(captures.captures().map(({ ended }) => ended)).toEqual(['unclean', 'recording']);
    await next.finish();
    expect(captures.captures().map(({ ended }) => ended)).toEqual(['unclean', 'clean']);
  });
});

describe('frames', () => {
  it('come with all that is known of them', () => {
    const file = temporaryFile();
    record(file, (store) => openConnections(store, 5));
    record(file, (store) => {
      openConnections(store, 2);
      store.frame(1, 5000, 70, 1, 2, 3, 0, Buffer.from('ab'));
      store.frame(2, 6000, null, 2, 0, 4, 3, Buffer.alloc(0));
      store.frame(3, 7000, 80, 0, 1, 5, 2, Buffer.from('cd'));
    });
    expect([...open(file).frames(2)]).toEqual([
      {
        sequence: 1,
        arrived: 5000,
        departed: 5070,
        from: 1,
        to: 2,
        kind: 3,
        outcome: 0,
        bytes: Buffer.from('ab'),
      },
      {
        sequence: 2,
        arrived: 6000,
        departed: null,
        from: 2,
        to: 0,
        kind: 4,
        outcome: 3,
        bytes: Buffer.alloc(0),
      },
      {
        sequence: 3,
        arrived: 7000,
        departed: 7080,
        from: 0,
        to: 1,
        kind: 5,
        outcome: 2,
        bytes: Buffer.from('cd'),
      },
    ]);
  });

  it('come in order, and from one capture', () => {
    const captures = twoCaptures();
    expect(sequences(captures, 1)).toEqual(upTo(1203));
    expect(sequences(captures, 2)).toEqual(upTo(10));
  });

  it.each([0, 1, 499, 500, 501, 1000])('come from anywhere, and as many as asked for (%i)', (limit) => {
    const captures = twoCaptures();
    expect(sequences(captures, 1, { limit })).toEqual(upTo(limit));
    expect(sequences(captures, 1, { after: 100, limit })).toEqual(upTo(100 + limit, 101));
    expect(sequences(captures, 1, { after: 1203, limit })).toEqual([]);
  });

  it('may be walked through while other questions are asked', () => {
    const captures = twoCaptures();
    let frames = 0;
    for (const frame of captures.frames(1)) {
      expect(captures.connection(1, frame.from)?.conn).toBe(1);
      if (frame.sequence === 600) expect(sequences(captures, 2)).toHaveLength(10);
      frames += 1;
    }
    expect(frames).toBe(1203);
  });

  it('are seen by whole transactions', () => {
    const file = temporaryFile();
    const store = openStore(file);
    transaction(store, () => openConnections(store, 2));
    const captures = open(file);
    store.begin();
    addFrames(store, 1, 40);
    expect(sequences(captures, 1)).toEqual([]);
    expect(captures.capture().frames).toBe(0);
    store.commit();
    expect(sequences(captures, 1)).toEqual(upTo(40));
    expect(captures.capture().frames).toBe(40);
  });

  it('are seen by whole transactions while another process writes them', async () => {
    const file = temporaryFile();
    const other = await recordElsewhere(file);
    const captures = open(file);
    let after = 0;
    while (after < 500) {
      const page = sequences(captures, 1, { after });
      expect(page).toEqual(upTo(after + page.length, after + 1));
      expect(page.length % 10).toBe(0);
      after += page.length;
    }
    expect(captures.capture().lastSequence).toBeGreaterThanOrEqual(after);
    await other.finish();
    expect(sequences(captures, 1, { after: captures.capture().lastSequence })).toEqual([]);
    expect(captures.capture().ended).toBe('clean');
  });

  it('of a capture that begins meanwhile do not get into the one before it', () => {
    const file = temporaryFile();
    record(file, (store) => addFrames(store, 1, 600));
    const frames = open(file).frames(1);
    frames.next();
    record(file, (store) => addFrames(store, 1, 600));
    expect([...frames].map(({ sequence }) => sequence)).toEqual(upTo(600, 2));
  });
});

describe('frames that meet a condition', () => {
  const where = (where: string, ...params: (string | number | Uint8Array)[]) => ({ where, params });
  const found = (captures: CaptureFile, condition: FrameCondition, range: FrameRange = {}) =>
    [...captures.frames(1, { ...range, where: condition })].map(({ sequence }) => sequence);

  it('come in order and from one capture, with the connections at their ends to ask for', () => {
    const captures = twoCaptures();
    expect(found(captures, where('frame.bytes IN (?, ?)', Buffer.from('7'), Buffer.from('1111')))).toEqual([
      7, 1111,
    ]);
    expect(found(captures, where('frame.id - capture.frame_base > ?', 1200))).toEqual(upTo(1203, 1201));
    const ends = where('source.remote_port = ? AND target.remote_port = ?', 40_001, 40_002);
    expect(found(captures, ends)).toEqual(upTo(1203));
    expect(found(captures, ends, { after: 10, limit: 600 })).toEqual(upTo(610, 11));
    expect(found(captures, where('0'))).toEqual([]);
    expect(found(captures, where('1 OR 1'), { after: 1203 })).toEqual([]);
  });

  it('come with their own connections only: the row of another capture is none', () => {
    const file = temporaryFile();
    record(file, (store) => {
      openConnections(store, 1);
      store.frame(1, 0, null, 1, 0, 0, 0, Buffer.alloc(0));
    });
    record(file, (store) => openConnections(store, 1));
    const db = new Database(file);
    db.exec('UPDATE frame SET from_connection = 2, to_connection = 2');
    db.close();
    const captures = open(file);
    expect(found(captures, where('source.id IS NULL AND target.id IS NULL'))).toEqual([1]);
  });

  it('are looked for in bounded looks, each of which says how far it came', () => {
    const file = temporaryFile();
    record(file, (store) => {
      openConnections(store, 2);
      addFrames(store, 1, 30_000);
      store.gap(30_001, 50_000, 0, 0, 'full');
      addFrames(store, 80_001, 80_010);
    });
    const captures = open(file);
    const condition = where('frame.bytes = ?', Buffer.from('80005'));
    const throughs: number[] = [];
    let frames = 0;
    for (let after = 0, more = true; more;) {
      const look = captures.look(1, { after, where: condition });
      expect(look.through - after).toBeLessThanOrEqual(20_000);
      throughs.push(look.through);
      frames += look.frames.length;
      ({ through: after, more } = look);
    }
    expect(throughs).toEqual([20_000, 40_000, 60_000, 80_000, 80_010]);
    expect(frames).toBe(1);
    const all = captures.look(1, { where: where('1') });
    expect([all.frames.length, all.through, all.more]).toEqual([500, 500, true]);
    const plain = captures.look(1, { after: 79_000 });
    expect([plain.frames.length, plain.through, plain.more]).toEqual([10, 80_010, false]);
  });

  it('leave other questions free to be asked between two looks', () => {
    const captures = twoCaptures();
    let count = 0;
    for (const { sequence } of captures.frames(1, { where: where('1') })) {
      expect(captures.connection(1, 1)?.conn).toBe(1);
      count += sequence > 0 ? 1 : 0;
    }
    expect(count).toBe(1203);
  });
});

describe('names that were given', () => {
  const dpea = protocolByName('dpea')!;
  const names = [
    { protocolId: dpea.id, field: 'type', value: 1, name: 'HELLO' },
    { protocolId: dpea.id, field: 'type', value: 2 ** 32 - 1, name: 'LAST' },
    { protocolId: 99, field: 'type', value: 1, name: 'OF_ANOTHER_VERSION' },
  ];
  const header = Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0);
  const packet = { ...span(header), kind: 0, at: 0, end: 8 };

  it('are those of the protocols of their own capture alone, in fields and in summaries', () => {
    const file = temporaryFile();
    record(file, (store) => store.opened(1, dpea.id, '192.0.2.1', 1, 1));
    const steps = (store: CaptureStore): void => {
      store.opened(1, dpea.id, '192.0.2.1', 1, 1);
      store.opened(2, protocol.id, '192.0.2.1', 1, 1);
    };
    record(file, steps, names);
    const captures = open(file);
    expect(captures.givenNames(2)).toEqual(names);
    expect(captures.givenNames(1)).toEqual([]);
    const all = captures.connections(2);
    const named = all.get(1)!.protocol!;
    expect(dissect(named.frames[0]!, header)[0]!.text).toBe('HELLO (1)');
    expect(named.summarize(packet)).toBe('type HELLO (1), 0 bytes');
    expect(captures.connection(2, 1)!.protocol).toBe(named);
    expect(captures.connectionsBetween(2, 0, 9)[0]!.protocol).toBe(named);
    expect(all.get(2)!.protocol).toBe(protocol);
    expect(captures.connection(1, 1)!.protocol).toBe(dpea);
    expect(dpea.summarize(packet)).toBe('type 1, 0 bytes');
    expect(() => captures.givenNames(3)).toThrow('no capture 3');
  });

  it('appear in a file that had no place for them, once there are some', () => {
    const file = join(temporaryFolder(), 'older.db');
    copyFileSync(fileURLToPath(new URL('../fixtures/captures/format-4.db', import.meta.url)), file);
    const captures = open(file);
    expect(captures.givenNames(1)).toEqual([]);
    expect(captures.connection(1, 1)).toMatchObject({ transport: null });
    const store = openStore(file, names);
    transaction(store, () => store.opened(1, dpea.id, '192.0.2.1', 1, 1, 'udp'));
    expect(captures.givenNames(2)).toEqual(names);
    expect(captures.connection(2, 1)).toMatchObject({ transport: 'udp' });
    expect(captures.connection(2, 1)!.protocol!.summarize(packet)).toBe('type HELLO (1), 0 bytes');
    store.finish(1);
  });
});

describe('connections', () => {
  it('come with all that is known of them', () => {
    const file = temporaryFile();
    record(file, (store) => openConnections(store, 5));
    record(file, (store) => {
      store.opened(1, protocol.id, '2001:db8::1', 1234, 100);
      store.identified(1, 'pdp', 'a', 'b', Buffer.from([1, 2]), 'Ann', 'GAME00001', 'A Game');
      store.closed(1, 7, 200);
      store.opened(2, 99, '192.0.2.1', 1, 300, 'udp');
    });
    const captures = open(file);
    const first = {
      conn: 1,
      protocol,
      protocolId: protocol.id,
      revision: protocol.revision,
      remoteAddress: '2001:db8::1',
      remotePort: 1234,
      transport: null,
      opened: 100,
      closed: 200,
      fault: 7,
      role: 'pdp',
      endpoint: 'a',
      toward: 'b',
      stamp: Buffer.from([1, 2]),
      nickname: 'Ann',
      game: 'GAME00001',
      gameName: 'A Game',
    };
    expect(captures.connection(2, 1)).toEqual(first);
    const all = captures.connections(2);
    expect([...all.keys()]).toEqual([1, 2]);
    expect(all.get(1)).toEqual(first);
    expect(all.get(2)).toMatchObject({
      protocol: null,
      protocolId: 99,
      transport: 'udp',
      closed: null,
      role: null,
      stamp: null,
      nickname: null,
      game: null,
      gameName: null,
    });
  });

  it('are looked for in their own capture alone', () => {
    const captures = twoCaptures();
    expect(captures.connection(1, 3)).not.toBeNull();
    expect(captures.connection(1, 4)).toBeNull();
    expect(captures.connection(2, 0)).toBeNull();
    expect(captures.connection(9, 1)).toBeNull();
    expect(captures.connections(1).size).toBe(3);
  });

  it('can be brought up to date', () => {
    const file = temporaryFile();
    const store = openStore(file);
    transaction(store, () => openConnections(store, 2));
    const captures = open(file);
    const known = captures.connections(1);
    transaction(store, () => {
      store.closed(1, 0, 50);
      store.identified(2, 'pdp', 'a', '', new Uint8Array(0));
      store.opened(3, protocol.id, '192.0.2.1', 1, 60);
    });
    expect(captures.connections(1, known)).toBe(known);
    expect([...known.keys()]).toEqual([1, 2, 3]);
    expect(known.get(1)?.closed).toBe(50);
    expect(known.get(2)?.role).toBe('pdp');
  });
});

describe('connections between two moments', () => {
  it('are those that were open at some time from the one to the other', () => {
    const file = temporaryFile();
    record(file, (store) => {
      store.opened(1, protocol.id, '192.0.2.1', 1, 100);
      store.closed(1, 0, 199);
      store.opened(2, protocol.id, '192.0.2.1', 1, 150);
      store.closed(2, 0, 200);
      store.opened(3, protocol.id, '192.0.2.1', 1, 250);
      store.opened(4, protocol.id, '192.0.2.1', 1, 300);
      store.opened(5, protocol.id, '192.0.2.1', 1, 301);
    });
    const between = open(file).connectionsBetween(1, 200, 300);
    expect(between.map(({ conn }) => conn)).toEqual([2, 3, 4]);
    expect(between[0]).toMatchObject({ protocol, closed: 200 });
  });
});

describe('sessions', () => {
  /** A pair in each of two captures, and beside the first one somebody else; 602 frames of the pair. */
  function twoSessions(): CaptureFile {
    const file = temporaryFile();
    for (const n of [1, 4]) {
      const play = new Play(file);
      const alone = play.socket(n + 2);
      const [a, b] = [play.socket(n), play.socket(n + 1)] as const;
      for (let i = 0; i < 600; i++) {
        play.send(a, b);
        if (i % 3 === 0) play.send(alone, alone);
      }
      play.close(a).close(b);
      play.send(alone, alone);
      play.end();
    }
    return open(file);
  }

  it('are listed, of all captures or of one, and found by their number', () => {
    const captures = twoSessions();
    expect(captures.sessions().map(({ id, captureId }) => [id, captureId])).toEqual([
      [1, 1],
      [2, 2],
    ]);
    expect(captures.sessions(2)).toEqual([captures.session(2)]);
    expect(captures.session(2).players.map(({ player }) => player)).toEqual([mac(4), mac(5)]);
    expect(() => captures.session(3)).toThrow(
      expect.objectContaining({ kind: 'input', code: 'no-such-session' }),
    );
    expect(() => captures.sessions(3)).toThrow(expect.objectContaining({ code: 'no-such-capture' }));
  });

  /** A capture with `count` sessions of two, of whom one is called by the session's number. */
  function manySessions(count: number): Play {
    const play = new Play();
    for (let n = 1; n <= count; n++) {
      const [a, b] = [play.socket(1, 1, '', `Évelyne ${n}`), play.socket(2)] as const;
      play.send(a, b);
      play.close(a).close(b).wait(31_000);
    }
    return play;
  }

  it('are walked through page by page, and nothing is open in between', () => {
    const play = manySessions(450);
    play.commit();
    const captures = open(play.file);
    const walk = captures.eachSession();
    const first = walk.next();
    const ids = first.done === true ? [] : [first.value.session.id];
    // Whoever is slow keeps neither other questions nor the recorder waiting.
    expect(captures.capture()).toMatchObject({ id: 1, ended: 'recording' });
    const before = captures.session(450);
    play.send(play.socket(7), play.socket(8));
    play.end();
    const db = new Database(play.file);
    expect(db.pragma('wal_checkpoint(TRUNCATE)')).toMatchObject([{ busy: 0 }]);
    db.exec("UPDATE session SET game_name = 'changed since' WHERE id = 450");
    db.close();
    let last: RecordedSession | null = null;
    for (const { session } of walk) ids.push((last = session).id);
    expect(ids).toEqual(Array.from({ length: 450 }, (_, i) => i + 1));
    expect(last).toEqual({ ...before, gameName: 'changed since' });
  });

  it('can be chosen by game and by player, in whatever case', () => {
    const play = manySessions(3);
    const login = play.login(5, 'Ann', 'GAME00001');
    play.join(login, 'RED', 5);
    play.end();
    const captures = open(play.file);
    const ids = (choice: Parameters<CaptureFile['eachSession']>[0]) =>
      Array.from(captures.eachSession(choice), ({ session }) => session.id);
    expect(ids({})).toEqual([1, 2, 3, 4]);
    expect(ids({ player: 'ÉVELYNE 2' })).toEqual([2]);
    expect(ids({ player: 'Évelyne' })).toEqual([]);
    expect(ids({ player: '%' })).toEqual([]);
    expect(ids({ player: mac(2).toUpperCase() })).toEqual([1, 2, 3]);
    expect(ids({ game: 'game00001' })).toEqual([4]);
    expect(ids({ game: 'game00001', player: mac(2) })).toEqual([]);
    expect(ids({ game: 'game00001', player: 'ann', capture: 1 })).toEqual([4]);
  });

  it('give their frames, and no others, from anywhere and as many as asked for', () => {
    const captures = twoSessions();
    const session = captures.session(2);
    const all = [...captures.sessionFrames(session)];
    expect(all).toHaveLength(session.frames);
    expect(all.every(({ from, to }) => from === 2 || from === 3 || to === 3)).toBe(true);
    expect(all[0]?.sequence).toBe(session.firstSequence);
    expect(all.at(-1)?.sequence).toBeLessThanOrEqual(session.lastSequence);
    const after = all[99]?.sequence as number;
    expect([...captures.sessionFrames(session, { after, limit: 501 })]).toEqual(all.slice(100, 601));
    expect([...captures.sessionFrames(session, { after: all[601]?.sequence as number })]).toEqual([]);
  });

  it('that go on give the frames that come while they are read', () => {
    const play = new Play();
    const [a, b] = [play.socket(1), play.socket(2)] as const;
    for (let i = 0; i < 500; i++) play.send(a, b);
    play.commit();
    const captures = open(play.file);
    const session = captures.session(1);
    const frames = captures.sessionFrames(session);
    frames.next();
    play.send(a, b);
    play.commit();
    expect([...frames]).toHaveLength(session.frames);
  });
});

it('gaps come in order, from one capture', () => {
  const file = temporaryFile();
  record(file, (store) => store.gap(1, 1, 0, 5, 'of another capture'));
  record(file, (store) => {
    store.gap(1, 10, 2, 100, 'overload');
    addFrames(store, 11, 12);
    store.gap(13, 5, 0, 200, 'overload');
  });
  const captures = open(file);
  expect(captures.gaps(2)).toEqual([
    { firstSequence: 1, frames: 10, events: 2, noticed: 100, reason: 'overload' },
    { firstSequence: 13, frames: 5, events: 0, noticed: 200, reason: 'overload' },
  ]);
  expect(captures.capture()).toMatchObject({ gaps: 15, frames: 2, lastSequence: 17 });
});

it('a capture without anything in it can be read', () => {
  const file = temporaryFile();
  record(file, () => undefined);
  const captures = open(file);
  expect(captures.capture()).toMatchObject({ frames: 0, connections: 0, lastSequence: 0, ended: 'clean' });
  expect(sequences(captures, 1)).toEqual([]);
  expect(captures.connections(1).size).toBe(0);
});
