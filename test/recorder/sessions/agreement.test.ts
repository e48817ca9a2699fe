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
import { happenings, type Happening } from '../../kit/happenings.ts';
import { field, lobby } from '../../kit/lobby.ts';
import { sessionsOf } from '../../kit/play.ts';
import { PROPERTY_TIMEOUT_MS, runs } from '../../kit/property.ts';
import { findSlowly, type Found } from '../../kit/session-oracle.ts';

const protocols = [lobby, field];

function tell(store: CaptureStore, what: Happening): void {
  switch (what.is) {
    case 'opened':
      store.opened(what.conn, what.isLobby ? lobby.id : field.id, '192.0.2.1', 1, what.at);
      break;
    case 'identified':
      store.identified(what.conn, 'some', what.endpoint, what.toward, new Uint8Array(0), what.nickname);
      break;
    case 'closed':
      store.closed(what.conn, what.fault, what.at);
      break;
    case 'frame': {
      const { sequence, arrived, departs, isLate, from, to, kind, outcome, text } = what;
      const delay = departs === null || isLate ? null : departs - arrived;
      store.frame(sequence, arrived, delay, from, to, kind, outcome, Buffer.from(text));
      break;
    }
    case 'departed':
      store.departed(what.frame.sequence, what.frame.departs as number);
      break;
    case 'undelivered':
      store.undelivered(what.frame.sequence);
      break;
    case 'gap':
      store.gap(what.first, what.frames, 0, 1, 'some');
      break;
    case 'commit':
      store.commit();
      store.begin();
      break;
  }
}

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
