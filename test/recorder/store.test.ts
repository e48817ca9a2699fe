import { readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { CommonFault, FAULTS_OWN } from '../../protocol/fault.ts';
import { Outcome } from '../../protocol/outcome.ts';
import { protocols } from '../../protocol/registry.ts';
import { CaptureFile } from '../../recorder/captures.ts';
import { CaptureStore } from '../../recorder/store.ts';
import { verifyCapture } from '../../recorder/verify.ts';
import {
  addFrames,
  meta,
  openConnections,
  openStore,
  protocol,
  record,
  recordElsewhere,
  temporaryFile,
  transaction,
} from '../kit/capture-file.ts';

/** All rows of a query, as plain SQLite sees them. */
function query(file: string, sql: string): unknown[] {
  const db = new Database(file);
  try {
    return db.prepare(sql).all();
  } finally {
    db.close();
  }
}

describe('a frame', () => {
  it('is stored with all that is known of it', () => {
    const file = temporaryFile();
    record(file, (store) => {
      openConnections(store, 2);
      store.frame(1, 5000, 70, 1, 2, 3, Outcome.forwarded, Buffer.from('ab'));
      store.frame(2, 6000, null, 1, 0, 4, Outcome.noTarget, Buffer.from('cd'));
      store.frame(3, 7000, 80, 0, 2, 5, Outcome.originated, Buffer.alloc(0));
    });
    expect(query(file, 'SELECT * FROM frame')).toEqual([
      row({ id: 1, arrived: 5000, delay: 70, from: 1, to: 2, kind: 3, outcome: 0, bytes: 'ab' }),
      row({ id: 2, arrived: 6000, delay: null, from: 1, to: null, kind: 4, outcome: 3, bytes: 'cd' }),
      row({ id: 3, arrived: 7000, delay: 80, from: null, to: 2, kind: 5, outcome: 2, bytes: '' }),
    ]);
  });

  const row = (frame: Record<string, unknown>): unknown => {
    const { from, to, bytes, ...rest } = frame;
    return { ...rest, from_connection: from, to_connection: to, bytes: Buffer.from(bytes as string) };
  };

  it.each([1, 15, 16, 17, 32, 100])('is stored once, in a transaction of %i', (count) => {
    const file = temporaryFile();
    record(file, (store) => {
      openConnections(store, 2);
      addFrames(store, 1, count);
    });
    const expected = Array.from({ length: count }, (_, index) => String(index + 1));
    expect(query(file, 'SELECT CAST(bytes AS TEXT) AS text FROM frame ORDER BY id')).toEqual(
      expected.map((text) => ({ text })),
    );
    expect(verifyCapture(file).ok).toBe(true);
  });

  it('may be a window on shared memory, which may change after the commit', () => {
    const file = temporaryFile();
    const shared = new SharedArrayBuffer(4096);
    const memory = new Uint8Array(shared).map((_, index) => index);
    new Uint8Array(shared).set(memory);
    const store = openStore(file);
    transaction(store, () => {
      openConnections(store, 1);
      for (let sequence = 1; sequence <= 20; sequence += 1) {
        const bytes = Buffer.from(shared, sequence * 100, 50);
        store.frame(sequence, 1, null, 1, 0, 0, Outcome.consumed, bytes);
      }
    });
    new Uint8Array(shared).fill(0xff);
    store.finish(1);
    const captures = CaptureFile.open(file);
    for (const { sequence, bytes } of captures.frames(1)) {
      expect(bytes).toEqual(Buffer.from(memory.subarray(sequence * 100, sequence * 100 + 50)));
    }
    captures.close();
  });

  it('keeps every nanosecond of a hundred days', () => {
    const file = temporaryFile();
    const late = 100 * 86_400 * 1e9 + 123_456_789;
    record(file, (store) => {
      openConnections(store, 1);
      store.frame(1, late, 2 ** 33 + 1, 1, 0, 0, Outcome.consumed, Buffer.alloc(1));
    });
    expect(query(file, 'SELECT arrived, delay, typeof(arrived) AS type FROM frame')).toEqual([
      { arrived: late, delay: 2 ** 33 + 1, type: 'integer' },
    ]);
  });

  it.each([
    ['in the same transaction', false],
    ['in a later one', true],
  ])('may be told to have departed, or to be undelivered, %s', (_, later) => {
    const file = temporaryFile();
    const store = openStore(file);
    store.begin();
    openConnections(store, 2);
    for (let sequence = 1; sequence <= 20; sequence += 1) {
      store.frame(sequence, 1000, null, 1, 2, 0, Outcome.forwarded, Buffer.alloc(1));
    }
    if (later) {
      store.commit();
      store.begin();
    }
    for (const sequence of [2, 20]) store.departed(sequence, 1700);
    for (const sequence of [3, 19]) store.undelivered(sequence);
    store.commit();
    store.finish(2000);
    expect(
      query(file, 'SELECT id, delay, outcome FROM frame WHERE delay IS NOT NULL OR outcome <> 0 ORDER BY id'),
    ).toEqual([
      { id: 2, delay: 700, outcome: Outcome.forwarded },
      { id: 3, delay: null, outcome: Outcome.undelivered },
      { id: 19, delay: null, outcome: Outcome.undelivered },
      { id: 20, delay: 700, outcome: Outcome.forwarded },
    ]);
  });

  it('that was lost may be told to have departed, and nothing comes of it', () => {
    const file = temporaryFile();
    record(file, (store) => {
      store.gap(1, 5, 0, 1, 'overload');
      store.departed(3, 100);
      store.undelivered(4);
    });
    expect(query(file, 'SELECT * FROM frame')).toEqual([]);
  });
});

describe('a connection', () => {
  it('is stored as it was opened, identified and closed', () => {
    const file = temporaryFile();
    record(file, (store) => {
      store.opened(1, protocol.id, '2001:db8::1', 65_535, 100);
      store.identified(1, 'pdp', '02:00:00:00:00:01/1', '', Buffer.from([1, 2, 3]), 'Ann', 'G', 'Game');
      store.frame(1, 150, null, 1, 0, 0, Outcome.consumed, Buffer.alloc(1));
      store.closed(1, CommonFault.lost, 200);
      store.opened(2, protocol.id, '192.0.2.1', 1, 300, 'udp');
      store.identified(2, 'ptp', 'a', 'b', new Uint8Array(0));
    });
    expect(query(file, 'SELECT * FROM connection')).toEqual([
      {
        id: 1,
        protocol: protocol.id,
        revision: protocol.revision,
        remote_address: '2001:db8::1',
        remote_port: 65_535,
        opened: 100,
        closed: 200,
        fault: CommonFault.lost,
        role: 'pdp',
        endpoint: '02:00:00:00:00:01/1',
        toward: '',
        stamp: Buffer.from([1, 2, 3]),
        nickname: 'Ann',
        game: 'G',
        game_name: 'Game',
        opened_after: 0,
        opened_event: 1,
        identified_after: 0,
        identified_event: 2,
        closed_after: 1,
        closed_event: 3,
        transport: null,
      },
      expect.objectContaining({
        id: 2,
        closed: null,
        fault: null,
        toward: 'b',
        stamp: Buffer.alloc(0),
        nickname: '',
        opened_after: 1,
        opened_event: 4,
        closed_event: null,
        transport: 'udp',
      }),
    ]);
  });

  it('whose opening was lost keeps its number for itself', () => {
    const file = temporaryFile();
    record(file, (store) => {
      store.gap(1, 3, 1, 1, 'overload');
      store.identified(7, 'pdp', 'a', '', new Uint8Array(0));
      store.frame(4, 1, 1, 7, 9, 0, 0, Buffer.alloc(1));
      store.closed(7, 0, 2);
    });
    record(file, (store) => store.opened(1, protocol.id, '192.0.2.1', 1, 1));
    expect(query(file, 'SELECT id FROM connection')).toEqual([{ id: 10 }]);
  });
});

describe('a capture', () => {
  it('follows on the one before it in the same file', () => {
    const file = temporaryFile();
    for (const count of [20, 30, 5]) {
      record(file, (store) => {
        openConnections(store, 3);
        addFrames(store, 1, count);
      });
    }
    expect(query(file, 'SELECT id, frame_base, connection_base, last_sequence FROM capture')).toEqual([
      { id: 1, frame_base: 0, connection_base: 0, last_sequence: 20 },
      { id: 2, frame_base: 20, connection_base: 3, last_sequence: 30 },
      { id: 3, frame_base: 50, connection_base: 6, last_sequence: 5 },
    ]);
    expect(verifyCapture(file).ok).toBe(true);
  });

  it('keeps its totals in each transaction', () => {
    const file = temporaryFile();
    const store = openStore(file);
    transaction(store, () => {
      openConnections(store, 2);
      addFrames(store, 1, 9);
      store.gap(10, 5, 2, 77, 'overload');
    });
    expect(query(file, 'SELECT * FROM capture')).toEqual([
      {
        id: 1,
        frame_base: 0,
        connection_base: 0,
        started_at: meta.startedAtMicros,
        ended_at: null,
        ended: null,
        trouble: null,
        pid: meta.pid,
        version: meta.version,
        last_sequence: 14,
        frames: 9,
        bytes: 9,
        connections: 2,
        lost: 5,
        last_connection: 2,
        last_slab: 0,
        last_event: 2,
        sessions_through: 14,
      },
    ]);
    expect(query(file, 'SELECT * FROM gap')).toEqual([
      { id: 1, capture: 1, first_sequence: 10, frames: 5, events: 2, noticed: 77, reason: 'overload' },
    ]);
  });

  it('that ends is marked, and is all in its file', () => {
    const file = temporaryFile();
    record(file, (store) => addFrames(store, 1, 100));
    expect(readdirSync(dirname(file))).toEqual([basename(file), `${basename(file)}-lock`]);
    expect(query(file, 'SELECT ended, ended_at FROM capture')).toEqual([
      { ended: 'clean', ended_at: 9_000_000_000 },
    ]);
  });

  it('is marked with the first thing that went wrong', () => {
    const file = temporaryFile();
    const store = openStore(file);
    store.trouble('the disk is full');
    store.trouble('the disk is on fire');
    transaction(store, () => undefined);
    expect(query(file, 'SELECT trouble FROM capture')).toEqual([{ trouble: 'the disk is full' }]);
    store.trouble('the house is gone');
    store.finish(1);
    expect(query(file, 'SELECT trouble FROM capture')).toEqual([{ trouble: 'the disk is full' }]);
  });

  it.each([
    ['the last frame', 21_050_000, () => undefined],
    ['a connection', 30_000_000, (store: ReturnType<typeof openStore>) => store.closed(1, 0, 30_000_000)],
    [
      'a gap',
      40_000_000,
      (store: ReturnType<typeof openStore>) => store.gap(22, 1, 0, 40_000_000, 'overload'),
    ],
  ])('that was left without an end is marked unclean by the next, at the time of %s', (_, latest, last) => {
    const file = temporaryFile();
    const store = openStore(file);
    transaction(store, () => {
      openConnections(store, 2);
      addFrames(store, 1, 21);
      last(store);
    });
    store.abandon();
    openStore(file);
    expect(query(file, 'SELECT ended, ended_at FROM capture')).toEqual([
      { ended: 'unclean', ended_at: latest },
      { ended: null, ended_at: null },
    ]);
  });

  it('can be gone on with by the run that it belongs to, from the last slab that is in the file', () => {
    const file = temporaryFile();
    record(file, (store) => {
      openConnections(store, 2);
      addFrames(store, 1, 7);
    });
    const died = openStore(file);
    died.begin();
    openConnections(died, 2);
    addFrames(died, 1, 20);
    died.commit(1);
    died.begin();
    addFrames(died, 21, 40);
    died.abandon();

    const store = CaptureStore.open(file, meta, protocols, died.captureId);
    expect(store.captureId).toBe(2);
    expect(store.lastSlab).toBe(1);
    store.begin();
    addFrames(store, 21, 40);
    store.closed(1, 0, 99);
    store.commit(2);
    expect(store.lastSlab).toBe(2);
    store.finish(100);
    expect(query(file, 'SELECT id, ended, frames, connections, last_slab FROM capture')).toEqual([
      { id: 1, ended: 'clean', frames: 7, connections: 2, last_slab: 0 },
      { id: 2, ended: 'clean', frames: 40, connections: 2, last_slab: 2 },
    ]);
    expect(verifyCapture(file).ok).toBe(true);
    expect(() => CaptureStore.open(file, meta, protocols, 2)).toThrow('not one to go on with');
    openStore(file).finish(1);
  });

  it('of a process that was killed is whole up to its last transaction', async () => {
    const file = temporaryFile();
    const other = await recordElsewhere(file);
    await other.kill();
    record(file, (store) => openConnections(store, 1));
    const [killed, next] = query(file, 'SELECT ended, frames, last_sequence FROM capture') as {
      ended: string;
      frames: number;
      last_sequence: number;
    }[];
    expect(killed!.ended).toBe('unclean');
    expect(killed!.frames).toBeGreaterThanOrEqual(10);
    expect(killed!.frames % 10).toBe(0);
    expect(killed!.last_sequence).toBe(killed!.frames);
    expect(next!.ended).toBe('clean');
    expect(verifyCapture(file)).toMatchObject({ ok: true });
  });
});

describe('a transaction', () => {
  it('that is rolled back leaves nothing, neither in the file nor in the totals', () => {
    const file = temporaryFile();
    const store = openStore(file);
    transaction(store, () => {
      openConnections(store, 2);
      addFrames(store, 1, 3);
    });
    store.begin();
    store.opened(3, protocol.id, '192.0.2.1', 1, 1);
    store.gap(4, 10, 1, 1, 'overload');
    addFrames(store, 14, 40);
    store.rollback();
    transaction(store, () => addFrames(store, 4, 5));
    store.finish(1);
    expect(
      query(file, 'SELECT frames, connections, lost, last_sequence, last_connection FROM capture'),
    ).toEqual([{ frames: 5, connections: 2, lost: 0, last_sequence: 5, last_connection: 2 }]);
    expect(verifyCapture(file).ok).toBe(true);
  });

  it('that does not fit on the disk can be rolled back, and the next one works once there is space', () => {
    const file = temporaryFile();
    const store = openStore(file);
    transaction(store, () => {
      openConnections(store, 2);
      addFrames(store, 1, 10);
    });
    const pages = store.db.pragma('page_count', { simple: true }) as number;
    store.db.pragma(`max_page_count = ${pages + 3}`);
    const tooMuch = (): void => {
      for (let sequence = 11; sequence <= 200; sequence += 1) {
        store.frame(sequence, 1, 1, 1, 2, 0, 0, Buffer.alloc(1000));
      }
    };
    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect(() => transaction(store, tooMuch)).toThrow(expect.objectContaining({ code: 'SQLITE_FULL' }));
      store.rollback();
    }
    store.db.pragma('max_page_count = 1000000');
    transaction(store, () => {
      store.trouble('the disk was full');
      store.gap(11, 190, 0, 2, 'the disk was full');
      addFrames(store, 201, 210);
    });
    store.finish(1);
    expect(query(file, 'SELECT frames, lost, last_sequence, trouble FROM capture')).toEqual([
      { frames: 20, lost: 190, last_sequence: 210, trouble: 'the disk was full' },
    ]);
    expect(verifyCapture(file).ok).toBe(true);
  });
});

it('a file says by itself what its numbers mean', () => {
  const file = temporaryFile();
  record(file, () => undefined);
  record(file, () => undefined);
  const legend = query(file, 'SELECT * FROM legend');
  const entry = (space: string, of: number, code: number, name: string): unknown =>
    expect.objectContaining({ space, protocol: of, code, name });
  expect(legend).toContainEqual(entry('protocol', protocol.id, protocol.revision, protocol.name));
  expect(legend).toContainEqual(entry('outcome', 0, Outcome.noTarget, 'no-target'));
  expect(legend).toContainEqual(entry('fault', 0, CommonFault.tooSlow, 'too-slow'));
  protocol.faults.forEach(({ name }, index) => {
    expect(legend).toContainEqual(entry('fault', protocol.id, FAULTS_OWN + index, name));
  });
  protocol.frames.forEach(({ name }, kind) => {
    expect(legend).toContainEqual(entry('kind', protocol.id, kind, name));
  });
});
