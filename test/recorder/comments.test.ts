/** What people say about frames: kept beside a recorder, bounded, and only where there is a frame. */
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CaptureFile } from '../../recorder/captures.ts';
import { COMMENTS_PAGE } from '../../recorder/comment-reader.ts';
import {
  COMMENT_TEXT_MAX,
  COMMENTS_PER_CAPTURE_MAX,
  COMMENTS_TEXT_MAX,
  CommentWriter,
  type NewComment,
} from '../../recorder/comments.ts';
import { explainWriting } from '../../recorder/explain-writing.ts';
import { acquireLock } from '../../recorder/lock.ts';
import { latestFormat } from '../../recorder/migrate.ts';
import { verifyCapture } from '../../recorder/verify.ts';
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
import { failureWhereReadOnly } from '../kit/read-only.ts';

const AT = '2026-11-21T12:34:56.789Z';
const everything = { first: 0, last: Number.MAX_SAFE_INTEGER };

/** Two captures, of 30 and 20 frames. */
function captures(): string {
  const file = temporaryFile();
  for (const frames of [30, 20]) {
    record(file, (store) => {
      openConnections(store, 2);
      addFrames(store, 1, frames);
    });
  }
  return file;
}

function open(file: string): CaptureFile {
  const reader = CaptureFile.open(file);
  onTestFinished(() => reader.close());
  return reader;
}

const comment = (told: Partial<NewComment> = {}): NewComment => ({
  captureId: 1,
  sequence: 7,
  text: 'why twice?',
  marker: 'question',
  at: AT,
  ...told,
});

function format(file: string): unknown {
  const db = new Database(file);
  const found = db.pragma('user_version', { simple: true });
  db.close();
  return found;
}

const failure = (kind: string, code: string): unknown => expect.objectContaining({ kind, code });

describe('a comment', () => {
  it('is read as it was written, by those who have the file open', () => {
    const file = captures();
    const reader = open(file);
    const text = "😀 “why” 'twice'?\n\0 second line";
    const kept = new CommentWriter(file).add(comment({ text }));
    expect(kept).toEqual({ id: 1, captureId: 1, sequence: 7, text, marker: 'question', at: AT });
    expect([...reader.comments(1, everything)]).toEqual([kept]);
    expect([...reader.comments(2, everything)]).toEqual([]);
  });

  it('is changed, and keeps its place and its moment', () => {
    const file = captures();
    const writer = new CommentWriter(file);
    const { id } = writer.add(comment());
    const changed = writer.edit(id, { text: '', marker: 'good' });
    expect(changed).toEqual({ ...comment({ text: '', marker: 'good' }), id });
    expect([...open(file).comments(1, everything)]).toEqual([changed]);
  });

  it('that is removed is gone, and its number is nobody else’s', () => {
    const file = captures();
    const writer = new CommentWriter(file);
    const { id } = writer.add(comment());
    writer.drop(id);
    expect([...open(file).comments(1, everything)]).toEqual([]);
    expect(writer.add(comment()).id).toBe(id + 1);
    expect(() => writer.drop(id)).toThrow(failure('input', 'no-such-comment'));
    expect(() => writer.edit(id, comment())).toThrow(failure('input', 'no-such-comment'));
  });

  it('is on a frame that is there', () => {
    const writer = new CommentWriter(captures());
    for (const told of [{ sequence: 31 }, { sequence: 0 }, { captureId: 3 }, { captureId: 2, sequence: 21 }])
      expect(() => writer.add(comment(told))).toThrow(failure('input', 'no-such-frame'));
    expect(writer.add(comment({ captureId: 2, sequence: 20 })).captureId).toBe(2);
  });

  it('is kept while somebody records into the file', { timeout: 20_000 }, async () => {
    const file = captures();
    const elsewhere = await recordElsewhere(file);
    const writer = new CommentWriter(file);
    for (let sequence = 1; sequence <= 10; sequence++) writer.add(comment({ captureId: 3, sequence }));
    await elsewhere.finish();
    expect([...open(file).comments(3, everything)]).toHaveLength(10);
    expect(verifyCapture(file).ok).toBe(true);
  });
});

describe('comments of a range of frames', () => {
  it('are in the order of the frames, and of one frame in the order in which they were made', () => {
    const file = captures();
    const writer = new CommentWriter(file);
    for (const [sequence, text] of [
      [9, 'a'],
      [3, 'b'],
      [9, 'c'],
      [30, 'd'],
      [3, 'e'],
    ] as const)
      writer.add(comment({ sequence, text }));
    const reader = open(file);
    const texts = (first: number, last: number) =>
      Array.from(reader.comments(1, { first, last }), ({ text }) => text).join('');
    expect(texts(1, 30)).toBe('beacd');
    expect(texts(3, 9)).toBe('beac');
    expect(texts(4, 8)).toBe('');
    expect(reader.commentCounts(1, 3, 29)).toEqual(
      new Map([
        [3, 2],
        [9, 2],
      ]),
    );
    expect(reader.commentCounts(2, 1, 30)).toEqual(new Map());
  });

  it.each([1, 30])('are all there, however many pages they fill: on %s frames', (frames) => {
    const file = captures();
    new CommentWriter(file).add(comment({ sequence: 1 }));
    fill(file, COMMENTS_PAGE * 2 + 3, 'x', frames);
    const found = Array.from(open(file).comments(1, { first: 1, last: 30 }), ({ id }) => id);
    expect(found).toHaveLength(COMMENTS_PAGE * 2 + 4);
    expect(new Set(found).size).toBe(found.length);
  });
});

/** Writes many at once, each on the frame that its number comes to. */
function fill(file: string, count: number, text: string, frames = 30): void {
  const db = new Database(file);
  const put = db.prepare(
    `INSERT INTO comment (capture, sequence, marker, text, at) VALUES (1, ?, 'note', ?, 0)`,
  );
  db.transaction(() => {
    for (let i = 0; i < count; i++) put.run((i % frames) + 1, text);
  })();
  db.close();
}

describe('there is room', () => {
  const full = failure('input', 'too-many-comments');

  it('for so many in a capture, and for others in the next one', () => {
    const file = captures();
    const writer = new CommentWriter(file);
    const { id } = writer.add(comment());
    fill(file, COMMENTS_PER_CAPTURE_MAX - 1, '');
    expect(() => writer.add(comment())).toThrow(full);
    expect(writer.edit(id, { text: 'still possible', marker: 'note' }).text).toBe('still possible');
    writer.add(comment({ captureId: 2 }));
    writer.drop(id);
    writer.add(comment());
  });

  it('for a text of so many characters', () => {
    const writer = new CommentWriter(captures());
    const longest = '😀'.repeat(COMMENT_TEXT_MAX);
    const { id } = writer.add(comment({ text: longest }));
    const longer = failure('input', 'too-long');
    expect(() => writer.add(comment({ text: `${longest}!` }))).toThrow(longer);
    expect(() => writer.edit(id, { text: `${longest}!`, marker: 'note' })).toThrow(longer);
  });

  it('for so much text in a capture', () => {
    const file = captures();
    const writer = new CommentWriter(file);
    const { id } = writer.add(comment({ text: 'x'.repeat(10) }));
    fill(file, COMMENTS_TEXT_MAX / COMMENT_TEXT_MAX - 1, 'x'.repeat(COMMENT_TEXT_MAX));
    writer.edit(id, { text: 'x'.repeat(COMMENT_TEXT_MAX), marker: 'note' });
    expect(() => writer.add(comment({ text: '!' }))).toThrow(full);
    writer.edit(id, { text: '', marker: 'note' });
    writer.add(comment({ text: '!' }));
  });
});

describe('a file of format 3', () => {
  function older(): string {
    const file = join(temporaryFolder(), 'older.db');
    copyFileSync(fileURLToPath(new URL('../fixtures/captures/format-3.db', import.meta.url)), file);
    return file;
  }

  it('is looked at without being changed, and has no comments', () => {
    const file = older();
    const before = readFileSync(file);
    const reader = CaptureFile.open(file);
    expect([...reader.frames(1)]).toHaveLength(34);
    expect([...reader.comments(1, everything)]).toEqual([]);
    expect(reader.commentCounts(1, 1, 34)).toEqual(new Map());
    reader.close();
    expect(verifyCapture(file).checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(format(file)).toBe(3);
  });

  it('is brought to a newer format by the first comment, which those who look at it see', () => {
    const file = older();
    const reader = open(file);
    expect([...reader.comments(1, everything)]).toEqual([]);
    new CommentWriter(file).add(comment());
    expect(format(file)).toBe(latestFormat());
    expect([...reader.comments(1, everything)]).toMatchObject([{ sequence: 7 }]);
    expect(reader.commentCounts(1, 7, 7)).toEqual(new Map([[7, 1]]));
    expect([...reader.frames(1)]).toHaveLength(34);
  });

  it('stays as it is while somebody records into it', () => {
    const file = older();
    const lock = acquireLock(file);
    expect(() => new CommentWriter(file).add(comment())).toThrow(failure('outside', 'in-use'));
    lock.release();
    expect(format(file)).toBe(3);
    new CommentWriter(file).add(comment());
  });
});

describe('fails in one line', () => {
  it('where another program keeps the file to itself', () => {
    const file = captures();
    const store = openStore(file);
    transaction(store, () => undefined);
    store.begin();
    expect(() => new CommentWriter(file, 20).add(comment())).toThrow(
      expect.objectContaining({
        kind: 'outside',
        code: 'in-use',
        message: `${file} is kept locked by another program: the comment cannot be written to it`,
      }),
    );
    store.commit();
    new CommentWriter(file, 20).add(comment());
  });

  it('where the file may only be read', () => {
    const file = captures();
    const reader = open(file);
    const add = `const { CommentWriter } = await load('recorder/comments.js');
      new CommentWriter(file).add({ captureId: 1, sequence: 1, text: '', marker: 'note', at: '${AT}' });`;
    expect(failureWhereReadOnly(file, file, add)).toEqual(['outside', 'read-only', `${file} is read-only`]);
    reader.close();
  });

  it('where the disk is full', () => {
    const full = new Database.SqliteError('database or disk is full', 'SQLITE_FULL');
    expect(explainWriting('evening.db', 'the comment', full)).toMatchObject({
      kind: 'outside',
      code: 'disk-full',
      message: 'evening.db has no room for the comment: the disk is full',
    });
    const other = new Database.SqliteError('disk I/O error', 'SQLITE_IOERR');
    expect(explainWriting('evening.db', 'the comment', other)).toMatchObject({
      code: 'cannot-write',
      message: 'the comment cannot be written to evening.db: disk I/O error',
    });
  });
});

describe('verify finds', () => {
  it('nothing wrong with comments on frames that are there', () => {
    const file = captures();
    new CommentWriter(file).add(comment());
    expect(verifyCapture(file).checks).toContainEqual({ name: 'comments', ok: true, detail: '1 comments' });
  });

  it.each([
    ['sequence = 31', 'comment 1 is on frame 31 of capture 1, which is not there'],
    ['sequence = 0', 'comment 1 is on frame 0 of capture 1, which is not there'],
    ['capture = 9', 'comment 1 is on frame 7 of capture 9, which is not there'],
  ])('one with %s', (change, detail) => {
    const file = captures();
    new CommentWriter(file).add(comment());
    const db = new Database(file);
    db.pragma('foreign_keys = OFF');
    db.exec(`UPDATE comment SET ${change}`);
    db.close();
    expect(verifyCapture(file).checks.filter(({ ok }) => !ok)).toEqual([
      { name: 'comments', ok: false, detail },
    ]);
  });
});
