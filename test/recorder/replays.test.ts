/** Replays as they are kept in a capture file: beside a recorder, whole or plainly not. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { postoffice } from '../../protocol/postoffice/index.ts';
import { CaptureFile } from '../../recorder/captures.ts';
import { acquireLock } from '../../recorder/lock.ts';
import { openBeside } from '../../recorder/open.ts';
import { REPLAY_PAGE } from '../../recorder/replay-reader.ts';
import {
  REPLAY_ROWS,
  ReplayWriter,
  SENDINGS_PER_WRITE,
  SENDINGS_WAITING_MAX,
} from '../../recorder/replays.ts';
import { verifyCapture } from '../../recorder/verify.ts';
import { Cast } from '../../replay/cast.ts';
import { beginReplay, storedVerdict, storeSending, storeVerdict } from '../../replay/stored.ts';
import {
  type Difference,
  differenceClasses,
  type DifferenceClass,
  holdReasons,
  paces,
  type Sending,
  type Subject,
  type Verdict,
} from '../../replay/types.ts';
import {
  addFrames,
  openConnections,
  openStore,
  record,
  recordElsewhere,
  temporaryFile,
  temporaryFolder,
  transaction,
} from '../kit/capture-file.ts';
import { PROPERTY_TIMEOUT_MS, runs } from '../kit/property.ts';
import { failureWhereReadOnly } from '../kit/read-only.ts';
import { changed, fullVerdict, madeVerdict, missing, storeReplay } from '../kit/verdicts.ts';

/** One capture with frames 1 to `frames`. */
function capture(frames = 10): string {
  const file = temporaryFile();
  record(file, (store) => {
    openConnections(store, 2);
    addFrames(store, 1, frames);
  });
  return file;
}

function open(file: string): CaptureFile {
  const reader = CaptureFile.open(file);
  onTestFinished(() => reader.close());
  return reader;
}

function begin(file: string, verdict: Verdict = madeVerdict()): ReplayWriter {
  const writer = beginReplay(file, { ...verdict, pid: 77, version: '1.2.3' });
  onTestFinished(() => writer.close());
  return writer;
}

/** What is wrong with a file after this was done to it behind the program's back. */
function wrongAfter(file: string, sql: string): string {
  const db = new Database(file);
  db.pragma('foreign_keys = OFF');
  db.exec(sql);
  db.close();
  const { checks, ok } = verifyCapture(file);
  const failed = checks.filter((check) => !check.ok);
  expect(ok).toBe(failed.length === 0);
  return failed.map(({ name, detail }) => `${name}: ${detail}`).join('; ');
}

/** `field` and its like; bytes as arrays, so that they compare whatever they are. */
function comparable(verdict: Verdict): unknown {
  const bytes = (each: Uint8Array | null) => (each === null ? null : [...each]);
  return {
    ...verdict,
    differences: verdict.differences.map((each) => ({
      ...each,
      expected: bytes(each.expected),
      actual: bytes(each.actual),
    })),
  };
}

describe('a verdict that is stored', () => {
  it('is read as it was', () => {
    const file = capture(40);
    const verdict = fullVerdict({ partial: 'it was stopped' });
    const id = storeReplay(file, verdict);
    const reader = open(file);
    expect(comparable(storedVerdict(reader, id))).toEqual(comparable(verdict));
    expect(reader.replay(id)).toMatchObject({
      mode: 'relay',
      target: '127.0.0.1:27313',
      pid: 77,
      version: '1.2.3',
      firstText: 'Bob got a datagram from Ann with port 101 where it was 100',
      differences: 9,
    });
    expect(verifyCapture(file).checks).toContainEqual({ name: 'replays', ok: true, detail: '1 replays' });
  });

  it('is read as it was, whatever is in it', { timeout: PROPERTY_TIMEOUT_MS }, () => {
    const file = capture();
    const reader = open(file);
    fc.assert(
      fc.property(anyVerdict(), (verdict) => {
        const id = storeReplay(file, verdict);
        expect(comparable(storedVerdict(reader, id))).toEqual(comparable(verdict));
      }),
      runs(60),
    );
    expect(verifyCapture(file).checks.filter(({ ok }) => !ok)).toEqual([]);
  });

  it('keeps more differences than are read or written at once, and each in its place', () => {
    const file = capture();
    const many = Array.from({ length: REPLAY_PAGE * 2 + 7 }, (_, i) => missing({ text: `number ${i}` }));
    const [first, second] = [
      storeReplay(file, madeVerdict(many)),
      storeReplay(file, madeVerdict([changed()])),
    ];
    const reader = open(file);
    expect(storedVerdict(reader, first).differences.map(({ text }) => text)).toEqual(
      many.map(({ text }) => text),
    );
    expect(storedVerdict(reader, second).differences).toHaveLength(1);
    expect(reader.replayDifferences(first, { after: 2, limit: 2 }).map(({ place }) => place)).toEqual([3, 4]);
    expect(reader.replayDifferences(first, { limit: 9_999 })).toHaveLength(REPLAY_PAGE);
  });

  it('is refused where a newer version stored it, in one line', () => {
    const file = capture();
    const id = storeReplay(file, madeVerdict([changed()]));
    const db = new Database(file);
    const read = () => storedVerdict(open(file), id);
    db.exec("UPDATE replay_difference SET class = 'shifted'");
    expect(read).toThrow(expect.objectContaining({ kind: 'input', code: 'newer-replay' }));
    expect(read).toThrow('speaks of "shifted", which this version does not know');
    db.exec("UPDATE replay_difference SET class = 'changed', protocol = 200");
    expect(read).toThrow('speaks of protocol 200');
    db.close();
  });

  it('is not there where no such replay is', () => {
    expect(() => open(capture()).replay(1)).toThrow(
      expect.objectContaining({ kind: 'input', code: 'no-such-replay' }),
    );
  });

  it('says in words what held sends, to whoever reads it without this program', () => {
    const file = capture();
    const writer = begin(file);
    holdReasons.forEach((by, i) => storeSending(writer, { sequence: i + 1, scheduled: 1, sent: 2, by }));
    storeVerdict(writer, madeVerdict());
    const db = new Database(file, { readonly: true });
    const names = db
      .prepare(
        `SELECT name FROM replay_sending JOIN legend ON space = 'hold' AND protocol = 0 AND code = held_by ORDER BY id`,
      )
      .pluck()
      .all();
    db.close();
    expect(names).toEqual([...holdReasons]);
  });
});

describe('a list of replays', () => {
  it('tells them oldest first, of all sessions or of one, more than are read at once', () => {
    const file = capture();
    const db = new Database(file);
    db.exec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${REPLAY_PAGE + 5})
      INSERT INTO replay (capture, session, file, mode, target, pid, version, started_at)
      SELECT 1, i % 2, 'f', 'relay', 't', 1, 'v', i FROM n`);
    db.close();
    const reader = open(file);
    const ids = Array.from(reader.replays(), ({ id }) => id);
    expect(ids).toEqual(Array.from({ length: REPLAY_PAGE + 5 }, (_, i) => i + 1));
    expect(Array.from(reader.replays(1), ({ id }) => id)).toEqual(ids.filter((id) => id % 2 === 1));
    expect([...reader.replays(3)]).toEqual([]);
  });

  it('tells one that was broken off from one that came to its end', () => {
    const file = capture(200_000);
    const script = join(temporaryFolder(), 'replay.mjs');
    const dist = new URL('../../dist/', import.meta.url).href;
    writeFileSync(
      script,
      `import { ReplayWriter } from '${dist}recorder/replays.js';
       const start = { capture: 1, session: null, file: 'f', mode: 'relay', target: 't', comparedSession: null, role: null,
         pace: 'max', pid: 1, version: '1', startedAt: '2024-01-01T00:00:00.000Z' };
       const writer = ReplayWriter.begin(process.argv[2], start, []);
       for (let i = 1; i <= ${SENDINGS_PER_WRITE} + 5; i++) writer.sending(i, i, i + 1, 0);
       process.kill(process.pid, 'SIGKILL');`,
    );
    const { signal, stderr } = spawnSync(process.execPath, [script, file], { encoding: 'utf8' });
    expect(signal, stderr).toBe('SIGKILL');
    storeReplay(file, madeVerdict());
    const reader = open(file);
    expect([...reader.replays()]).toMatchObject([
      { id: 1, outcome: null, lasted: null, sendings: SENDINGS_PER_WRITE },
      { id: 2, outcome: 'same' },
    ]);
    expect(() => storedVerdict(reader, 1)).toThrow(expect.objectContaining({ code: 'no-verdict' }));
    expect(verifyCapture(file).checks).toContainEqual({
      name: 'replays',
      ok: true,
      detail: '2 replays, 1 of them without an end',
    });
  });
});

describe('what was sent', () => {
  const sendings: readonly Sending[] = [
    { sequence: 3, scheduled: 0.25, sent: 0.5, by: 'answer' },
    { sequence: 1, scheduled: 0.001, sent: 0.001, by: 'nothing' },
    { sequence: 10, scheduled: 3_600_000.125, sent: 3_700_000.126, by: 'hand' },
  ];

  it('is read in the order of its frames, to the microsecond', () => {
    const file = capture();
    const id = storeReplay(file, madeVerdict(), sendings);
    const other = storeReplay(file, madeVerdict(), [{ sequence: 2, scheduled: 1, sent: 1, by: 'time' }]);
    const reader = open(file);
    const [third, first, tenth] = sendings;
    expect(reader.replaySendings(id)).toEqual([first, third, tenth]);
    expect(reader.replaySendings(id, { after: 1, limit: 1 })).toEqual([third]);
    expect(reader.replaySendings(id, { after: 10 })).toEqual([]);
    expect(reader.replaySendings(other)).toMatchObject([{ sequence: 2, by: 'time' }]);
    expect(reader.replay(id).sendings).toBe(3);
    expect(verifyCapture(file).ok).toBe(true);
  });

  it('is kept once for each frame, the first time', () => {
    const file = capture();
    const twice = [...sendings, { sequence: 3, scheduled: 9, sent: 9, by: 'rate' } as const];
    const id = storeReplay(file, madeVerdict(), twice);
    expect(open(file).replaySendings(id, { after: 2, limit: 1 })).toEqual([sendings[0]]);
    expect(open(file).replay(id).sendings).toBe(3);
  });

  it('has numbers that frames have', () => {
    const writer = begin(capture());
    for (const sequence of [0, -1, REPLAY_ROWS, Number.NaN]) {
      expect(() => writer.sending(sequence, 1, 1, 0)).toThrow(RangeError);
    }
  });

  it('is written many at a time, whole rows of inserts or not', () => {
    const file = capture(30_000);
    const writer = begin(file);
    for (let i = 1; i < SENDINGS_PER_WRITE; i++) writer.sending(i, i, i, 0);
    expect(writer.waiting).toBe(SENDINGS_PER_WRITE - 1);
    expect(open(file).replay(writer.id).sendings).toBe(0);
    writer.sending(SENDINGS_PER_WRITE, 1, 1, 0);
    expect(writer.waiting).toBe(0);
    for (let i = 1; i <= 67; i++) writer.sending(SENDINGS_PER_WRITE + i, i, i, 0);
    writer.flush();
    expect(open(file).replay(writer.id).sendings).toBe(SENDINGS_PER_WRITE + 67);
    storeVerdict(writer, madeVerdict());
    expect(verifyCapture(file).ok).toBe(true);
  });
});

describe('beside others', () => {
  it('is written while another process records into the file', async () => {
    const file = temporaryFile();
    const other = await recordElsewhere(file);
    const writer = begin(file);
    for (let i = 1; i <= 10; i++) {
      writer.sending(i, i, i, 1);
      writer.flush();
    }
    storeVerdict(writer, madeVerdict([changed()]));
    await other.finish();
    expect(verifyCapture(file).checks.filter(({ ok }) => !ok)).toEqual([]);
    const reader = open(file);
    expect(reader.captures()).toMatchObject([{ ended: 'clean', gaps: 0, trouble: null }]);
    expect(reader.replay(writer.id)).toMatchObject({ outcome: 'differs', sendings: 10 });
  });

  it('two replays of one capture do not meet', () => {
    const file = capture();
    const [one, two] = [begin(file), begin(file)];
    for (let i = 1; i <= 10; i++) (i % 2 === 0 ? one : two).sending(i, i, i, 0);
    storeVerdict(one, madeVerdict([changed()]));
    storeVerdict(two, madeVerdict([missing(), missing()]));
    const reader = open(file);
    expect([one, two].map(({ id }) => reader.replay(id))).toMatchObject([
      { sendings: 5, differences: 1 },
      { sendings: 5, differences: 2 },
    ]);
    expect(verifyCapture(file).ok).toBe(true);
  });

  it('does not wait for a file that others keep to themselves, until it holds all that it may', () => {
    const file = capture(SENDINGS_WAITING_MAX + 10);
    begin(file);
    const [start] = [...open(file).replays()];
    const writer = ReplayWriter.begin(file, start!, [], 5);
    onTestFinished(() => writer.close());
    const other = new Database(file);
    other.exec('BEGIN IMMEDIATE');
    for (let i = 1; i <= SENDINGS_WAITING_MAX; i++) writer.sending(i, i, i, 0);
    expect(writer.waiting).toBe(SENDINGS_WAITING_MAX);
    const next = () => writer.sending(SENDINGS_WAITING_MAX + 1, 1, 1, 0);
    for (let i = 0; i < 3; i++) expect(next).toThrow(expect.objectContaining({ code: 'in-use' }));
    expect(writer.waiting).toBe(SENDINGS_WAITING_MAX);
    other.exec('ROLLBACK');
    other.close();
    next();
    expect(writer.waiting).toBe(1);
    writer.flush();
    expect(open(file).replay(writer.id).sendings).toBe(SENDINGS_WAITING_MAX + 1);
    expect(verifyCapture(file).ok).toBe(true);
  });

  it('says in one line that others kept the file to themselves', () => {
    const file = capture();
    const { id } = begin(file);
    const [start] = [...open(file).replays()];
    const writer = ReplayWriter.begin(file, start!, [], 5);
    onTestFinished(() => writer.close());
    expect(writer.id).toBe(id + 1);
    writer.sending(1, 1, 1, 0);
    const other = new Database(file);
    other.exec('BEGIN IMMEDIATE');
    expect(() => writer.flush()).toThrow(expect.objectContaining({ kind: 'outside', code: 'in-use' }));
    expect(writer.waiting).toBe(1);
    other.exec('ROLLBACK');
    other.close();
    writer.flush();
    expect(open(file).replay(writer.id).sendings).toBe(1);
  });

  it('a file of an older format is left alone while somebody records into it', () => {
    const file = temporaryFile();
    const older = new Database(file);
    older.exec('PRAGMA application_id = 0x5052454c; CREATE TABLE some (x); PRAGMA user_version = 1');
    older.close();
    const lock = acquireLock(file);
    expect(() => begin(file)).toThrow(expect.objectContaining({ kind: 'outside', code: 'in-use' }));
    lock.release();
    // There is nothing else in it, so that the next step cannot be made.
    expect(() => begin(file)).toThrow(`${file} cannot be brought from format 1 to 2`);
  });
});

describe('fails in one line', () => {
  it('where the capture is not there', () => {
    const file = capture();
    expect(() => begin(file, madeVerdict([], { capture: 2 }))).toThrow(
      expect.objectContaining({
        kind: 'input',
        code: 'no-such-capture',
        message: `${file} has no capture 2`,
      }),
    );
    expect([...open(file).replays()]).toEqual([]);
  });

  it('where the file is not there', () => {
    const file = temporaryFile();
    expect(() => begin(file)).toThrow(expect.objectContaining({ code: 'no-such-file' }));
    expect(() => openBeside(file)).toThrow(expect.objectContaining({ code: 'no-such-file' }));
  });

  it('where the file, or its folder, may only be read', () => {
    const file = capture();
    const begin = `const { ReplayWriter } = await load('recorder/replays.js');
      const start = { capture: 1, session: null, file: 'f', mode: 'relay', target: 't', comparedSession: null, role: null,
        pace: 'max', pid: 1, version: '1', startedAt: '2024-01-01T00:00:00.000Z' };
      ReplayWriter.begin(file, start, []);`;
    const folder = file.slice(0, file.lastIndexOf('/'));
    // With the two files beside it there is room for its log, and not for what is in it.
    const reader = open(file);
    expect(failureWhereReadOnly(file, file, begin)).toEqual(['outside', 'read-only', `${file} is read-only`]);
    reader.close();
    const [kind, , message] = failureWhereReadOnly(folder, file, begin);
    expect([kind, message]).toEqual(['outside', expect.stringContaining(file)]);
    expect(message).toMatch(/read-only/);
    expect(message).not.toContain('\n');
  });
});

describe('verify finds', () => {
  function stored(): string {
    const file = capture();
    storeReplay(file, fullVerdict(), [{ sequence: 3, scheduled: 1, sent: 1, by: 'answer' }]);
    return file;
  }

  const harm: readonly (readonly [string, string, string])[] = [
    [
      'a replay of no capture',
      'UPDATE replay SET capture = 9',
      'replay 1 is of capture 9, which is not there',
    ],
    ['rows of no replay', 'DELETE FROM replay', '9 differences are of replay 1, which is not there; and'],
    [
      'sendings of no replay',
      'UPDATE replay_sending SET id = (5 << 32) + 3',
      '1 sendings are of replay 5, which is not there',
    ],
    [
      'roles of no replay',
      'UPDATE replay_role SET replay = 4',
      '2 roles are of replay 4, which is not there',
    ],
    [
      'differences that are gone',
      'DELETE FROM replay_difference WHERE id = (1 << 32) + 8',
      'replay 1 has 8 differences, and claims another number',
    ],
    [
      'a difference that is in another place',
      'UPDATE replay_difference SET id = (1 << 32) + 70 WHERE id = (1 << 32) + 8',
      'replay 1 has a difference 70, and lacks one before it',
    ],
    [
      'sendings that are gone',
      'DELETE FROM replay_sending',
      'replay 1 has 0 sendings, and claims another number',
    ],
    [
      'a difference that follows from nothing',
      'UPDATE replay_difference SET follows = 77 WHERE follows = 2',
      'difference 3 of replay 1 follows from one that is not there',
    ],
    [
      'one that follows from itself',
      'UPDATE replay_difference SET follows = 3 WHERE follows = 2',
      'difference 3 of replay 1 follows from one that is not there',
    ],
    ...[0, 2, 50].map(
      (first) =>
        [
          `a first difference that is none: ${first}`,
          `UPDATE replay SET first = ${first}`,
          `replay 1 names difference ${first} as its first, which it cannot be`,
        ] as const,
    ),
    [
      'a frame that was never recorded',
      'UPDATE replay_sending SET id = (1 << 32) + 11',
      'replay 1 has sent frame 11, which its capture does not have',
    ],
    ['half an end', 'UPDATE replay SET lasted = NULL', 'replay 1 has an end without an outcome'],
  ];

  it.each(harm)('%s', (_, sql, text) => {
    expect(wrongAfter(stored(), sql)).toContain(`replays: ${text}`);
  });

  it('nothing wrong while one is being written', () => {
    const file = stored();
    const store = openStore(file);
    transaction(store, (it) => openConnections(it, 1));
    const writer = begin(file);
    writer.sending(1, 1, 1, 0);
    writer.flush();
    expect(verifyCapture(file).ok).toBe(true);
  });
});

// Verdicts of all kinds ---------------------------------------------------------------------------

function anyVerdict(): fc.Arbitrary<Verdict> {
  const micros = fc.nat({ max: 2 ** 40 }).map((value) => value / 1000);
  // SQLite ends texts at zeros for some that read it, and keeps no halves of characters.
  const text = fc.string({ unit: 'binary', maxLength: 20 }).filter((each) => !each.includes('\0'));
  const orNull = <T>(each: fc.Arbitrary<T>) => fc.option(each, { nil: null });
  const count = fc.nat({ max: 2 ** 40 });
  const classes = Object.keys(differenceClasses) as DifferenceClass[];
  const role = fc.record({ name: text, player: text, nickname: text });
  const bytes = orNull(fc.uint8Array({ maxLength: 40 }));
  const kind = orNull(fc.nat({ max: 255 }));
  const cast = new Cast([]);
  const conversation = fc
    .record({ from: text, to: text, kind })
    .map(({ from, to, kind: each }) => cast.conversation(postoffice, cast.end(from), cast.end(to), each));
  const difference: fc.Arbitrary<Difference> = fc.record({
    class: fc.constantFrom(...classes),
    fails: fc.boolean(),
    follows: fc.constant(null),
    conversation,
    sequence: fc.nat(),
    at: micros,
    expectedKind: kind,
    expected: bytes,
    actualKind: kind,
    actual: bytes,
    offset: orNull(fc.nat()),
    field: orNull(text),
    streamOffset: orNull(count),
    text,
  });
  const pace = fc.constantFrom(...paces);
  const subject: fc.Arbitrary<Subject> = fc.oneof(
    fc.record({ mode: fc.constant('relay' as const), target: text, pace }),
    fc.record({ mode: fc.constant('recording' as const), file: text, session: fc.nat() }),
    fc.record({
      mode: fc.constant('game' as const),
      role: fc.constant({ name: 'P2', player: 'b', nickname: '' }),
      target: text,
      pace,
    }),
  );
  return fc
    .record({
      outcome: fc.constantFrom('same' as const, 'differs' as const, 'unanswered' as const),
      subject,
      file: text,
      capture: fc.constant(1),
      session: orNull(fc.integer({ min: 1, max: 1000 })),
      startedAt: fc
        .date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true })
        .map((at) => at.toISOString()),
      lasted: micros,
      partial: orNull(text),
      notes: fc.array(text, { maxLength: 4 }),
      roles: fc
        .array(role, { maxLength: 4 })
        .map((roles) => [
          { name: 'P2', player: 'b', nickname: '' },
          ...roles.filter(({ name }) => name !== 'P2'),
        ]),
      counts: fc.record({
        sent: count,
        expected: count,
        came: count,
        equal: count,
        differences: fc.record(
          Object.fromEntries(classes.map((name) => [name, count])) as Record<
            DifferenceClass,
            fc.Arbitrary<number>
          >,
        ),
      }),
      holds: fc
        .subarray([...holdReasons])
        .chain((reasons) =>
          fc.tuple(
            ...reasons.map((by) =>
              fc.record({ by: fc.constant(by), sends: count, total: micros, longest: micros }),
            ),
          ),
        ),
      differences: fc.array(difference, { maxLength: 6 }),
    })
    .map((verdict) => {
      const first = verdict.differences.findIndex(({ fails }) => fails);
      return { ...verdict, first: first === -1 ? null : first };
    });
}
