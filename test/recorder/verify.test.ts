import { closeSync, openSync, truncateSync, writeSync } from 'node:fs';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { type CheckedCapture, SessionCheck } from '../../recorder/sessions/check.ts';
import { verifyCapture, type VerifyReport } from '../../recorder/verify.ts';
import { Play } from '../kit/play.ts';
import {
  addFrames,
  openConnections,
  openStore,
  record,
  recordElsewhere,
  temporaryFile,
  transaction,
} from '../kit/capture-file.ts';

/** Two captures; the second has frames 1 to 100, of which 41 to 50 and 61 are declared lost. */
function capturesWithGaps(): string {
  const file = temporaryFile();
  record(file, (store) => {
    openConnections(store, 3);
    addFrames(store, 1, 30);
  });
  record(file, (store) => {
    openConnections(store, 2);
    addFrames(store, 1, 40);
    store.gap(41, 10, 0, 5, 'overload');
    addFrames(store, 51, 60);
    store.gap(61, 1, 0, 6, 'overload');
    addFrames(store, 62, 100);
  });
  return file;
}

/** What is found wrong after this was done to the file behind the program's back. */
function failuresAfter(file: string, sql: string): Record<string, string> {
  const db = new Database(file);
  db.exec(sql);
  db.close();
  return failures(verifyCapture(file));
}

function failures(report: VerifyReport): Record<string, string> {
  const failed = report.checks.filter(({ ok }) => !ok);
  expect(report.ok).toBe(failed.length === 0);
  return Object.fromEntries(failed.map(({ name, detail }) => [name, detail]));
}

describe('finds nothing wrong with', () => {
  it('captures with declared gaps', () => {
    const report = verifyCapture(capturesWithGaps());
    expect(report.ok).toBe(true);
    expect(report.checks).toContainEqual({
      name: 'capture 2: sequence',
      ok: true,
      detail: '1 to 100 without holes, 11 declared lost',
    });
    expect(report.checks).toContainEqual({ name: 'capture 2: end', ok: true, detail: 'ended in good order' });
  });

  it('a capture with nothing in it, one with a gap alone, and one that ends with a gap', () => {
    const file = temporaryFile();
    record(file, () => undefined);
    record(file, (store) => store.gap(1, 20, 0, 1, 'overload'));
    record(file, (store) => {
      openConnections(store, 2);
      addFrames(store, 1, 3);
      store.gap(4, 2, 0, 1, 'overload');
      store.gap(6, 3, 0, 1, 'overload');
      store.gap(9, 0, 4, 1, 'overload');
    });
    expect(failures(verifyCapture(file))).toEqual({});
  });

  it('a capture that was left, and says so', () => {
    const file = temporaryFile();
    openStore(file).abandon();
    record(file, () => undefined);
    expect(verifyCapture(file)).toMatchObject({ ok: true });
    expect(verifyCapture(file).checks).toContainEqual({
      name: 'capture 1: end',
      ok: true,
      detail: 'ended unclean: readable to its last transaction',
    });
  });

  it('a connection whose opening is declared lost', () => {
    const file = temporaryFile();
    record(file, (store) => {
      store.gap(1, 3, 1, 1, 'overload');
      store.frame(4, 1, 1, 7, 7, 0, 0, Buffer.alloc(1));
    });
    expect(failures(verifyCapture(file))).toEqual({});
  });

  it('a file that is being recorded into', async () => {
    const file = temporaryFile();
    const other = await recordElsewhere(file);
    for (let round = 0; round < 10; round += 1) expect(failures(verifyCapture(file))).toEqual({});
    await other.kill();
    expect(failures(verifyCapture(file))).toEqual({});
  });
});

/** One session, of which an end is not there any more, and one that nobody has left. */
function captureWithSessions(): string {
  const play = new Play();
  const [a, b] = [play.socket(1), play.socket(2)] as const;
  play.send(a, b);
  play.close(a).close(b);
  play.send(play.socket(3), play.socket(4));
  play.end();
  return play.file;
}

describe('of sessions, finds', () => {
  it('nothing wrong with what the recorder found, and says how many there are', () => {
    expect(verifyCapture(captureWithSessions()).checks).toContainEqual({
      name: 'capture 1: sessions',
      ok: true,
      detail: '2 sessions',
    });
  });

  it('and says where there are none yet', () => {
    const file = temporaryFile();
    record(file, () => undefined);
    const db = new Database(file);
    db.exec('UPDATE capture SET sessions_through = NULL');
    db.close();
    expect(verifyCapture(file).checks).toContainEqual({
      name: 'capture 1: sessions',
      ok: true,
      detail: 'not looked for',
    });
  });

  it.each([
    ['frames that are not theirs', 'UPDATE session SET frames = 4 WHERE id = 1', '4 frames and has 3'],
    ['bytes that are not theirs', 'UPDATE session SET bytes = 4 WHERE id = 1', 'claims 4 bytes and has'],
    [
      'a range beyond the capture',
      'UPDATE session SET last_sequence = 9 WHERE id = 2',
      'session 2 is of frames 4 to 9, which the capture does not have',
    ],
    ['one that never ended', 'UPDATE session SET ended = NULL WHERE id = 2', 'though its capture has ended'],
    ['one without players', 'DELETE FROM session_player WHERE session = 1', 'has no players'],
    [
      'a player who is not listed',
      "DELETE FROM session_player WHERE player LIKE '%01'",
      'connection 1 in session 1 is of nobody',
    ],
    [
      'a connection beyond its session',
      'UPDATE session_connection SET last_sequence = 5 WHERE connection = 1',
      'takes part from 1 to 5, beyond the session',
    ],
    [
      'a connection of another capture',
      'UPDATE session_connection SET connection = 77 WHERE connection = 1',
      'is of another capture',
    ],
    [
      'a connection that has no end',
      'UPDATE session_connection SET last_sequence = NULL WHERE connection = 1',
      'though the session has ended',
    ],
    [
      'a connection in two at a time',
      "INSERT INTO session_connection VALUES (1, 3, 3, 3, '02:00:00:00:00:01'), (2, 3, 3, 9, '')",
      'takes part in another session at the same time',
    ],
    ['that some are missing', 'UPDATE capture SET sessions_through = 3', 'found up to frame 3, and 6 is'],
    ['some that are not to be there', 'UPDATE capture SET sessions_through = NULL', 'is not indexed'],
  ])('%s', (_, sql, text) => {
    const db = new Database(captureWithSessions());
    const file = db.name;
    db.pragma('foreign_keys = OFF');
    db.exec(sql);
    db.close();
    const report = verifyCapture(file);
    expect(report.ok).toBe(false);
    const lines: string[] = [];
    const opened = new Database(file, { readonly: true });
    const [capture] = opened.prepare<[], CheckedCapture>('SELECT * FROM capture').all();
    const check = new SessionCheck(opened, capture as CheckedCapture);
    const frames = opened.prepare<[], [number, number | null, number | null, number]>(
      'SELECT id, from_connection, to_connection, length(bytes) FROM frame',
    );
    for (const frame of frames.raw().all()) check.frame(...frame);
    for (const line of check.findings()) lines.push(line);
    opened.close();
    expect(lines.join('\n')).toContain(text);
  });
});

describe('finds', () => {
  it('a hole, and says where', () => {
    // The second capture's frames have the ids 31 to 130.
    const found = failuresAfter(capturesWithGaps(), 'DELETE FROM frame WHERE id IN (47 - 10, 47 - 9, 125)');
    expect(found).toEqual({
      'capture 2: sequence': 'frames 7 to 8 are missing, and not declared lost; and 1 more',
      'capture 2: totals': expect.stringContaining(
        "89 frames in the capture's row, 86 in the file",
      ) as unknown,
    });
  });

  it.each([
    ['at the start', 'id = 31', 'frame 1 is missing, and not declared lost'],
    ['before a gap', 'id = 70', 'frame 40 is missing, and not declared lost'],
    ['after a gap', 'id = 81', 'frame 51 is missing, and not declared lost'],
    ['around a gap', 'id BETWEEN 90 AND 92', 'frame 60 is missing, and not declared lost; and 1 more'],
    ['at the end', 'id >= 129', 'frames 99 to 100 are missing, and not declared lost'],
  ])('a hole %s', (_, which, text) => {
    const found = failuresAfter(capturesWithGaps(), `DELETE FROM frame WHERE ${which}`);
    expect(found['capture 2: sequence']).toBe(text);
  });

  it('a frame that is declared lost', () => {
    const found = failuresAfter(
      capturesWithGaps(),
      "INSERT INTO frame VALUES (30 + 45, 1, 1, 4, 5, 0, 0, x'00')",
    );
    expect(found['capture 2: sequence']).toBe('frame 45 is there, though it is declared lost');
  });

  it('gaps that overlap', () => {
    const found = failuresAfter(capturesWithGaps(), 'UPDATE gap SET frames = 21 WHERE first_sequence = 41');
    expect(found['capture 2: sequence']).toContain('frame 51 is there, though it is declared lost');
    expect(found['capture 2: totals']).toBe("11 lost frames in the capture's row, 22 in the file");
  });

  it('frames after the last', () => {
    const found = failuresAfter(
      capturesWithGaps(),
      "INSERT INTO frame VALUES (131, 1, 1, 4, 5, 0, 0, x'00')",
    );
    expect(found['capture 2: sequence']).toBe("101 is the last, not 100 as in the capture's row");
  });

  it('rows that belong to no capture', () => {
    const found = failuresAfter(capturesWithGaps(), "INSERT INTO frame VALUES (0, 1, 1, 1, 1, 0, 0, x'00')");
    expect(found).toEqual({ ownership: '1 rows belong to no capture' });
  });

  it('a frame whose connection is not there', () => {
    const found = failuresAfter(capturesWithGaps(), 'UPDATE frame SET to_connection = 8 WHERE id = 33');
    expect(found).toEqual({
      'capture 2: connections': 'frame 3 speaks of connection 5, which is not there',
    });
  });

  it("a frame whose connection is another capture's", () => {
    const found = failuresAfter(capturesWithGaps(), 'UPDATE frame SET to_connection = 4 WHERE id = 3');
    expect(found).toEqual({
      'capture 1: connections': 'frame 3 speaks of connection 4, which is not there',
    });
  });

  it('a connection that closed before it opened', () => {
    const found = failuresAfter(capturesWithGaps(), 'UPDATE connection SET closed = 0 WHERE id = 2');
    expect(found).toEqual({ 'capture 1: connections': 'connection 2 closed before it opened' });
  });

  it.each([
    ['frames', "30 frames in the capture's row, 30 in the file"],
    ['bytes', "51 bytes in the capture's row, 51 in the file"],
    ['connections', "3 connections in the capture's row, 3 in the file"],
    ['lost', "0 lost frames in the capture's row, 0 in the file"],
  ])('a wrong total of %s', (column, text) => {
    const found = failuresAfter(
      capturesWithGaps(),
      `UPDATE capture SET ${column} = ${column} + 7 WHERE id = 1`,
    );
    expect(found).toEqual({
      'capture 1: totals': text.replace(/^\d+/, (number) => String(Number(number) + 7)),
    });
  });

  const pageBytes = 8192;

  function fullCapture(): string {
    const file = temporaryFile();
    record(file, (store) => {
      openConnections(store, 2);
      addFrames(store, 1, 5000);
    });
    return file;
  }

  it('that a file is cut off', () => {
    const file = fullCapture();
    truncateSync(file, 10 * pageBytes);
    expect(failures(verifyCapture(file))).toEqual({
      integrity: `${file} is damaged: database disk image is malformed`,
    });
  });

  it('that a page is damaged', () => {
    const file = fullCapture();
    const handle = openSync(file, 'r+');
    writeSync(handle, Buffer.alloc(pageBytes, 0x5a), 0, pageBytes, 15 * pageBytes);
    closeSync(handle);
    expect(failures(verifyCapture(file))).toEqual({
      integrity: `${file} is damaged: database disk image is malformed`,
    });
  });
});

it('reports how far it is', () => {
  const reports: number[][] = [];
  verifyCapture(capturesWithGaps(), (done, total) => reports.push([done, total]));
  expect(reports.at(-1)).toEqual([119, 119]);
});

it('throws what opening a file throws', () => {
  expect(() => verifyCapture(temporaryFile())).toThrow(expect.objectContaining({ code: 'no-such-file' }));
});

it('reads one moment of a file that is being recorded into', () => {
  const file = temporaryFile();
  const store = openStore(file);
  transaction(store, () => {
    openConnections(store, 2);
    addFrames(store, 1, 10);
  });
  const report = verifyCapture(file, () => transaction(store, () => addFrames(store, 11, 20)));
  expect(failures(report)).toEqual({});
  expect(report.checks).toContainEqual({
    name: 'capture 1: totals',
    ok: true,
    detail: '10 frames, 11 bytes',
  });
});
