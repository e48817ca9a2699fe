/**
 * Whatever happens: what was found while recording, what `index` finds, and what a slow search by
 * the definition finds are the same.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { verifyCapture } from '../../../recorder/verify.ts';
import { CaptureFile } from '../../../recorder/captures.ts';
import { indexCaptures } from '../../../recorder/sessions/indexer.ts';
import type { RecordedSession } from '../../../recorder/sessions/session.ts';
import { CaptureStore } from '../../../recorder/store.ts';
import { meta, temporaryFile } from '../../kit/capture-file.ts';
import { happenings, tell } from '../../kit/happenings.ts';
import { field, lobby } from '../../kit/lobby.ts';
import { sessionsOf } from '../../kit/play.ts';
import { PROPERTY_TIMEOUT_MS, runs } from '../../kit/property.ts';
import { findSlowly, type Found } from '../../kit/session-oracle.ts';

const protocols = [lobby, field];

/** Without what the oracle cannot know, in its order. */
function comparable(sessions: readonly RecordedSession[]): Found[] {
  return sessions
    .map(({ id: _id, captureId: _capture, delayP50: _p50, delayP99: _p99, ...found }) => found)
    .sort((one, two) => one.firstSequence - two.firstSequence || one.started - two.started);
}

/** When the last thing happened, as an unclean capture is known to have ended. */
function lastMoment(file: string): number {
  const capture = CaptureFile.open(file);
  try {
    return capture.capture().lasted;
  } finally {
    capture.close();
  }
}

test(
  'the recorder, the index and the definition agree, and each session has the frames that it counts',
  () => {
    fc.assert(
      fc.property(happenings, fc.boolean(), (told, isClean) => {
        const file = temporaryFile();
        const store = CaptureStore.open(file, meta, protocols);
        store.begin();
        // The opening of connection 5000 was lost.
        store.gap(1, 0, 1, 0, 'some');
        for (const what of told) tell(store, what);
        store.commit();
        const at = 1e15;
        if (isClean) store.finish(at);
        else store.abandon();

        const live = sessionsOf(file);
        const endedAt = isClean ? at : lastMoment(file);
        expect(comparable(live)).toEqual(findSlowly(told, { at: endedAt, clean: isClean }));
        const capture = CaptureFile.open(file);
        for (const session of live) {
          const frames = [...capture.sessionFrames(session)];
          expect(frames).toHaveLength(session.frames);
          expect(frames.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBe(session.bytes);
        }
        capture.close();

        for (let round = 0; round < 2; round++) {
          indexCaptures(file, { protocols, again: true });
          expect(sessionsOf(file)).toEqual(live);
        }
        expect(verifyCapture(file).checks.filter(({ ok }) => !ok)).toEqual([]);
      }),
      runs(50),
    );
  },
  PROPERTY_TIMEOUT_MS,
);
