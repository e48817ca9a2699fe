/** Frames that are read by the page are the frames that are in the file. */
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { CaptureFile, PAGE_BYTES } from '../../recorder/captures.ts';
import { FramePages } from '../../recorder/frame-pages.ts';
import { openConnections, record, temporaryFile } from '../kit/capture-file.ts';
import { runs } from '../kit/property.ts';

function fileWith(frames: readonly Uint8Array[]): string {
  const file = temporaryFile();
  record(file, (store) => {
    openConnections(store, 2);
    frames.forEach((bytes, i) => store.frame(i + 1, i * 5e9, i % 3 === 0 ? null : 7, 1, 2, i % 9, 0, bytes));
  });
  return file;
}

test('whatever bytes there are, and wherever they end', () => {
  const anything = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 120 });
  fc.assert(
    fc.property(anything, (frames) => {
      const capture = CaptureFile.open(fileWith(frames));
      const found = [...capture.frames(1)];
      capture.close();
      expect(found).toEqual(
        frames.map((bytes, i) => ({
          sequence: i + 1,
          arrived: i * 5e9,
          departed: i % 3 === 0 ? null : i * 5e9 + 7,
          from: 1,
          to: 2,
          kind: i % 9,
          outcome: 0,
          bytes: Buffer.from(bytes),
        })),
      );
    }),
    runs(15),
  );
});

test('a page of large frames has few of them', () => {
  const size = 20_000;
  const capture = CaptureFile.open(fileWith(Array.from({ length: 300 }, (_, i) => Buffer.alloc(size, i))));
  onTestFinished(() => capture.close());
  const pages = new Map<ArrayBufferLike, number>();
  for (const { bytes, sequence } of capture.frames(1)) {
    expect(bytes.equals(Buffer.alloc(size, sequence - 1))).toBe(true);
    pages.set(bytes.buffer, bytes.buffer.byteLength);
  }
  const [first, ...others] = pages.values();
  expect(first).toBe(50 * size);
  expect(Math.max(...others)).toBeLessThanOrEqual(PAGE_BYTES);
  expect(Math.max(...others)).toBeGreaterThan(PAGE_BYTES - size);
});

test('a page without frames is one without frames', () => {
  const db = new Database(fileWith([]), { readonly: true });
  onTestFinished(() => void db.close());
  const select = `SELECT id AS sequence, arrived, 0 AS departed, 0 AS "from", 0 AS "to", kind, outcome, bytes FROM frame`;
  expect(new FramePages(db, select).read()).toEqual([]);
});
