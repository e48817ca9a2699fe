/** Files that older versions wrote, kept as they are: each must stay readable for ever. */
import { copyFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { Outcome } from '../../protocol/outcome.ts';
import { CaptureFile } from '../../recorder/captures.ts';
import { CommentWriter } from '../../recorder/comments.ts';
import { latestFormat } from '../../recorder/migrate.ts';
import { CaptureStore } from '../../recorder/store.ts';
import { protocols } from '../../protocol/registry.ts';
import { verifyCapture } from '../../recorder/verify.ts';
import { storedVerdict } from '../../replay/stored.ts';
import { temporaryFolder } from '../kit/program.ts';
import { changed, madeVerdict, storeReplay } from '../kit/verdicts.ts';

const fixtures = fileURLToPath(new URL('../fixtures/captures/', import.meta.url));
const FORMAT_WITH_REPLAYS = 3;
const FORMAT_WITH_COMMENTS = 4;
const FORMAT_WITH_NAMES = 5;
/** In plain words, so that what is read does not depend on what is written today. */
const KEPT_COMMENTS = [
  {
    id: 1,
    captureId: 1,
    sequence: 7,
    text: 'Is this the greeting, or “hello” again?\nIt came twice.',
    marker: 'question',
    at: '2026-11-21T12:34:56.789Z',
  },
  { id: 3, captureId: 1, sequence: 20, text: '', marker: 'problem', at: '2026-11-21T12:35:00.000Z' },
];
const KEPT_NAMES = [{ protocolId: 6, field: 'type', value: 1, name: 'COMMAND1' }];
const files = readdirSync(fixtures).filter((name) => name.endsWith('.db'));

test('there is one of each format', () => {
  expect(files.sort()).toEqual(Array.from({ length: latestFormat() }, (_, i) => `format-${i + 1}.db`));
});

describe.each(files)('%s', (name) => {
  function copy(): string {
    const file = join(temporaryFolder(), name);
    copyFileSync(join(fixtures, name), file);
    return file;
  }

  test('is whole, and reads as what was played', () => {
    const file = copy();
    expect(verifyCapture(file).checks.filter((check) => !check.ok)).toEqual([]);
    const capture = CaptureFile.open(file);
    expect(capture.captures()).toMatchObject([
      { id: 1, ended: 'clean', connections: 6, frames: 34, gaps: 0 },
    ]);
    const frames = [...capture.frames(1)];
    expect(frames.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 34 }, (_, i) => i + 1));
    expect(frames.filter(({ outcome }) => outcome === Outcome.forwarded)).toHaveLength(24);
    expect(frames.filter(({ outcome }) => outcome === Outcome.noTarget)).toHaveLength(1);
    expect([...capture.connections(1).values()].map(({ role }) => role)).toEqual([
      'pdp',
      'pdp',
      'ptp-listen',
      'ptp-connect',
      'ptp-accept',
      null,
    ]);
    capture.close();
  });

  test('has the replay that was kept in it, where its format keeps any, and takes another', () => {
    const file = copy();
    const kept = Number(/\d+/.exec(name)) >= FORMAT_WITH_REPLAYS ? 1 : 0;
    const id = storeReplay(file, madeVerdict([changed()]));
    expect(id).toBe(kept + 1);
    const capture = CaptureFile.open(file);
    expect(Array.from(capture.replays(), ({ outcome }) => outcome)).toEqual(
      new Array(kept + 1).fill('differs'),
    );
    if (kept === 1) {
      // In plain words, so that what is read does not depend on what the kit says today.
      const verdict = storedVerdict(capture, 1);
      expect(verdict).toMatchObject({
        outcome: 'differs',
        subject: { mode: 'relay', target: '127.0.0.1:27313', pace: 'causal' },
        file: 'format-3.db',
        startedAt: '2023-11-14T22:13:20.123Z',
        lasted: 12_345.5,
        notes: ['The capture lacks 12 frames of this time.'],
        roles: [
          { name: 'P1', nickname: 'Ann' },
          { name: 'P2', nickname: 'Bob' },
        ],
        holds: [
          { by: 'nothing', sends: 1000 },
          { by: 'answer', sends: 500, total: 4250.25, longest: 81.5 },
        ],
        first: 1,
      });
      expect(verdict.differences).toHaveLength(9);
      expect(verdict.differences[1]).toMatchObject({
        class: 'changed',
        fails: true,
        offset: 8,
        field: 'port',
      });
      expect(capture.replaySendings(1)).toEqual([
        { sequence: 1, scheduled: 0.25, sent: 0.25, by: 'nothing' },
        { sequence: 7, scheduled: 1.5, sent: 42.75, by: 'answer' },
      ]);
    }
    capture.close();
    expect(verifyCapture(file).ok).toBe(true);
  });

  test('has the comments that were made in it, where its format keeps any, and takes another', () => {
    const file = copy();
    const kept = Number(/\d+/.exec(name)) >= FORMAT_WITH_COMMENTS ? KEPT_COMMENTS : [];
    const added = new CommentWriter(file).add({
      captureId: 1,
      sequence: 34,
      text: '',
      marker: 'good',
      at: '2026-11-21T00:00:00.000Z',
    });
    const capture = CaptureFile.open(file);
    expect([...capture.comments(1, { first: 1, last: 34 })]).toEqual([...kept, added]);
    expect(capture.commentCounts(1, 1, 33)).toEqual(new Map(kept.map(({ sequence }) => [sequence, 1])));
    capture.close();
    expect(verifyCapture(file).ok).toBe(true);
  });

  test('has the names that were given in it, and what came by UDP, where its format says so', () => {
    const isKept = Number(/\d+/.exec(name)) >= FORMAT_WITH_NAMES;
    const capture = CaptureFile.open(copy());
    expect(capture.givenNames(1)).toEqual(isKept ? KEPT_NAMES : []);
    expect([...capture.connections(1).values()].map(({ transport }) => transport)).toEqual([
      ...new Array<null>(5).fill(null),
      isKept ? 'udp' : null,
    ]);
    capture.close();
  });

  test('can be recorded into', () => {
    const file = copy();
    const store = CaptureStore.open(file, { startedAtMicros: 0, pid: 1, version: 'test' }, protocols);
    expect(store.captureId).toBe(2);
    store.finish(1);
    expect(verifyCapture(file).ok).toBe(true);
  });
});
