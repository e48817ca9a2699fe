import { existsSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CaptureFile, type RecordedFrame } from '../../recorder/captures.ts';
import { CommentWriter } from '../../recorder/comments.ts';
import { copySession } from '../../recorder/session-copy.ts';
import type { CaptureStore } from '../../recorder/store.ts';
import { verifyCapture } from '../../recorder/verify.ts';
import { openStore, record, temporaryFile, transaction } from '../kit/capture-file.ts';
import { recordings } from '../kit/filters.ts';
import { PROPERTY_TIMEOUT_MS, runs } from '../kit/property.ts';
import { meet, part, talk } from '../kit/two-talks.ts';

function copied(file: string, id: number): string {
  const target = temporaryFile();
  const reader = CaptureFile.open(file);
  const session = reader.session(id);
  const capture = reader.capture(session.captureId);
  Array.from(copySession({ file, session, capture, target }));
  reader.close();
  return target;
}

function reading<T>(file: string, use: (reader: CaptureFile) => T): T {
  const reader = CaptureFile.open(file);
  try {
    return use(reader);
  } finally {
    reader.close();
  }
}

/** A frame as it is, whatever its number. */
function content({ sequence: _, bytes, ...frame }: RecordedFrame) {
  return { ...frame, bytes: bytes.toString('hex') };
}

const framesOf = (file: string, id: number) =>
  reading(file, (reader) => [...reader.sessionFrames(reader.session(id))].map(content));

function expectSound(file: string): void {
  const { checks, ok } = verifyCapture(file);
  expect(ok, JSON.stringify(checks.filter((check) => !check.ok))).toBe(true);
}

function recordTalks(lose: (store: CaptureStore) => void = () => undefined): string {
  const file = temporaryFile();
  record(file, (store) => {
    meet(store);
    talk(store, 1, 2500);
    lose(store);
    talk(store, 2601, 3000);
    part(store);
  });
  return file;
}

describe('a copy of a session', () => {
  it('has the names that were given in its capture, and says by what its connections came', () => {
    const file = temporaryFile();
    const names = [{ protocolId: 6, field: 'type', value: 7, name: 'SEVEN' }];
    record(file, (store) => store.opened(1, 1, '192.0.2.1', 1, 1));
    const steps = (store: CaptureStore): void => {
      meet(store);
      talk(store, 1, 10);
      part(store);
      store.db.exec("UPDATE connection SET transport = 'udp'");
    };
    record(file, steps, names);
    const copy = copied(file, 1);
    expectSound(copy);
    reading(copy, (reader) => {
      expect(reader.givenNames(1)).toEqual(names);
      expect([...reader.connections(1).values()].map(({ transport }) => transport)).toEqual(['udp', 'udp']);
    });
  });

  it('has its frames and connections and nothing of the others, with numbers without holes, and is sound', () => {
    const file = recordTalks((store) => store.gap(2501, 100, 2, 5e9, 'it was full'));
    const copy = copied(file, 2);
    expectSound(copy);
    expect(framesOf(copy, 1)).toEqual(framesOf(file, 2));
    reading(copy, (reader) => {
      const [capture, ...others] = reader.captures();
      expect(others).toEqual([]);
      expect(capture).toMatchObject({
        id: 1,
        ended: 'clean',
        connections: 2,
        frames: 1450,
        gaps: 100,
        lastSequence: 1550,
      });
      expect([...reader.connections(1).keys()]).toEqual([3, 4]);
      expect(reader.gaps(1)).toEqual([
        { firstSequence: 1251, frames: 100, events: 2, noticed: 5e9, reason: 'it was full' },
      ]);
      const session = reader.session(1);
      const original = reading(file, (source) => source.session(2));
      const { started, lastSeen, ended, frames, bytes, delayP50 } = original;
      expect(session).toMatchObject({
        started,
        lastSeen,
        ended,
        frames,
        bytes,
        delayP50,
        firstSequence: 1,
        lastSequence: 1550,
      });
      expect(session.players.map(({ player, nickname }) => [player, nickname])).toEqual(
        original.players.map(({ player, nickname }) => [player, nickname]),
      );
      expect(reader.capture().startedAt).toBe(reading(file, (source) => source.capture().startedAt));
    });
  });

  it('is one file', () => {
    const copy = copied(recordTalks(), 1);
    expect(['-wal', '-shm', '-journal'].filter((end) => existsSync(`${copy}${end}`))).toEqual([]);
  });

  it('has what was said about its frames', () => {
    const file = recordTalks();
    const comments = new CommentWriter(file);
    for (const sequence of [5, 6, 2701])
      comments.add({
        captureId: 1,
        sequence,
        text: `on ${sequence}`,
        marker: 'note',
        at: '2025-11-21T10:00:00.000Z',
      });
    reading(copied(file, 1), (reader) => {
      const told = [...reader.comments(1, { first: 1, last: 1e9 })].map(({ sequence, text }) => [
        sequence,
        text,
      ]);
      expect(told).toEqual([
        [3, 'on 5'],
        [1301, 'on 2701'],
      ]);
    });
  });

  it('of one that goes on has what is recorded so far, without an end', () => {
    const file = temporaryFile();
    const store = openStore(file);
    transaction(store, (it) => {
      meet(it);
      talk(it, 1, 100);
    });
    const copy = copied(file, 1);
    transaction(store, (it) => talk(it, 101, 200));
    expectSound(copy);
    reading(copy, (reader) => {
      expect(reader.capture()).toMatchObject({ ended: 'unclean', frames: 50 });
      expect(reader.session(1)).toMatchObject({ ended: 'unclean', frames: 50, lastSequence: 50 });
    });
  });

  it('of one that is over is whole, though its capture goes on', () => {
    const file = temporaryFile();
    const store = openStore(file);
    transaction(store, (it) => {
      meet(it);
      talk(it, 1, 100);
      for (const conn of [1, 2]) it.closed(conn, 0, 3e9);
    });
    const copy = copied(file, 1);
    expectSound(copy);
    reading(copy, (reader) => expect(reader.capture()).toMatchObject({ ended: 'clean', lasted: 3e9 }));
  });

  it(
    'has the same frames, whatever was recorded',
    () => {
      fc.assert(
        fc.property(recordings(1), (recording) => {
          const file = temporaryFile();
          record(file, recording);
          const ids = reading(file, (reader) => reader.sessions().map(({ id }) => id));
          for (const id of ids) expect(framesOf(copied(file, id), 1)).toEqual(framesOf(file, id));
        }),
        runs(15),
      );
    },
    PROPERTY_TIMEOUT_MS,
  );
});
