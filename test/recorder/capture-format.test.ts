/** docs/capture-format.md tells the truth: it names every column, and its queries run. */
import { readFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { CommentWriter } from '../../recorder/comments.ts';
import type { CaptureStore } from '../../recorder/store.ts';
import { openConnections, protocol, record, temporaryFile } from '../kit/capture-file.ts';
import { changed, madeVerdict, storeReplay } from '../kit/verdicts.ts';

const page = readFileSync(new URL('../../docs/capture-format.md', import.meta.url), 'utf8');
let db: Database.Database;

beforeEach(() => {
  const file = temporaryFile();
  const names = [{ protocolId: protocol.id, field: 'port', value: 7, name: 'SEVEN' }];
  const steps = (store: CaptureStore): void => {
    openConnections(store, 2);
    store.identified(1, 'pdp', 'a', '', Buffer.from('STAMP'));
    store.identified(2, 'pdp', 'b', '', Buffer.from(''), 'Bob');
    store.gap(1, 3, 0, 5, 'overload');
    store.frame(4, 1_000_000, 50_000, 1, 2, 0, 0, Buffer.from('start and rest'));
    store.closed(1, 7, 2_000_000);
  };
  record(file, steps, names);
  new CommentWriter(file).add({
    captureId: 1,
    sequence: 4,
    text: 'is this all?',
    marker: 'question',
    at: '2023-11-14T22:13:21.000Z',
  });
  storeReplay(file, madeVerdict([changed()]), [{ sequence: 4, scheduled: 1, sent: 3, by: 'answer' }]);
  db = new Database(file);
  onTestFinished(() => void db.close());
});

const queries = [...page.matchAll(/```sql\n(.*?)```/gs)].map(([, sql]) => sql!.trim());

it.each(queries)('this query finds something: %s', (sql) => {
  expect(db.prepare(sql).all()).not.toEqual([]);
});

it('the two that are easily wrong say what they should', () => {
  const find = (text: string): unknown => db.prepare(queries.find((sql) => sql.includes(text))!).get();
  expect(find(' AS went')).toEqual({
    came: Buffer.from('start and rest').toString('hex').toUpperCase(),
    went: Buffer.from('STAMP and rest').toString('hex').toUpperCase(),
  });
  expect(find(' AS kind')).toMatchObject({
    sequence: 4,
    kind: protocol.frames[0]!.name,
    outcome: 'forwarded',
  });
});

it('those of replays say what they should', () => {
  const find = (text: string): unknown => db.prepare(queries.find((sql) => sql.includes(text))!).get();
  expect(find(' AS first')).toMatchObject({ id: 1, outcome: 'differs', first: changed().text });
  expect(find(' AS place')).toMatchObject({ place: 0, field: 'port', expected: '64', actual: '65' });
  expect(find(' AS held_ms')).toEqual({ sequence: 4, seconds: 0.001, held_ms: 2, held_by: 'answer' });
});

it('that of comments says what it should', () => {
  const sql = queries.find((text) => text.includes('FROM comment'))!;
  expect(db.prepare(sql).all()).toEqual([
    {
      at: '2023-11-14 22:13:21',
      capture: 1,
      sequence: 4,
      seconds: 0.001,
      marker: 'question',
      text: 'is this all?',
    },
  ]);
});

it('has a page for every table', () => {
  const tables = db
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .pluck()
    .all() as string[];
  const sections = [...page.matchAll(/^## ([a-z_]+)$/gm)].map(([, name]) => name);
  expect(sections).toEqual(expect.arrayContaining(tables));
});

it('names a moment as it says', () => {
  const expression = /^ {4}(strftime\(.*\))$/m.exec(page)![1]!;
  const moment = db.prepare(`SELECT ${expression} FROM capture, frame`).pluck().get();
  expect(moment).toBe('2023-11-14 22:13:20.124');
});

it.each([
  'capture',
  'connection',
  'frame',
  'gap',
  'session',
  'session_player',
  'session_connection',
  'replay',
  'replay_role',
  'replay_note',
  'replay_count',
  'replay_hold',
  'replay_difference',
  'replay_sending',
  'comment',
  'given_name',
  'legend',
])('every column of %s is explained', (table) => {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${table}\n`))!;
  const columns = db.pragma(`table_info(${table})`) as { name: string }[];
  expect(columns.length).toBeGreaterThan(0);
  for (const { name } of columns) expect(section).toContain(`\`${name}\``);
});
