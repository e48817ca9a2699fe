/**
 * Walks through a capture in order of sequence numbers, with the declared gaps in their places, and
 * waits for more where the capture is still being recorded.
 */
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import {
  sessionRange,
  type CaptureFile,
  type FrameRange,
  type RecordedFrame,
  type RecordedGap,
} from '../recorder/captures.ts';
import type { RecordedSession } from '../recorder/sessions/session.ts';

/** Of how many frames memory holds the bytes at a time. */
const FRAMES_PER_PAGE = 500;

const POLL_MS = 200;

export type Step =
  | { readonly kind: 'frame'; readonly frame: RecordedFrame }
  | { readonly kind: 'gap'; readonly gap: RecordedGap };

export type CaptureReader = Pick<CaptureFile, 'capture' | 'connection' | 'frames' | 'gaps'>;

/** The next frames, at most `limit` of them, and whether there may be more in what is recorded so far. */
export type Look = (limit: number) => {
  readonly frames: readonly RecordedFrame[];
  readonly more: boolean;
};

export interface WalkOptions {
  /** Only what belongs to this session of the capture; null for all. */
  readonly session?: RecordedSession | null;
  readonly follow: boolean;
  /** Of frames; Infinity for all. */
  readonly limit: number;
  /** Ends a walk that follows. */
  readonly signal: AbortSignal;
  /** Where not all frames are wanted; the walk through a session is then its business too. */
  readonly look?: Look;
}

/** Steps in pages. A page is empty where there was nothing new to see. */
export async function* walkCapture(
  reader: CaptureReader,
  captureId: number,
  { session = null, follow, limit, signal, look }: WalkOptions,
): AsyncGenerator<readonly Step[], void> {
  let ended = reader.capture(captureId).ended !== 'recording';
  const range = session === null ? {} : sessionRange(session);
  const { after: start = 0, last = Infinity } = range;
  let gaps: readonly RecordedGap[] | null = null;
  let gapsSeen = 0;
  const next = look ?? lookAtAll(reader, captureId, range);
  let left = limit;
  while (left > 0) {
    const { frames, more } = next(Math.min(left, FRAMES_PER_PAGE));
    // After the frames, because a gap is committed with the frames that come after it, or before them.
    if (gaps === null || !ended) gaps = reader.gaps(captureId).filter((gap) => isBetween(gap, start, last));
    const steps: Step[] = [];
    for (const frame of frames) {
      for (; isAtOrBefore(gaps[gapsSeen], frame); gapsSeen++) steps.push(gapStep(gaps, gapsSeen));
      steps.push({ kind: 'frame', frame });
    }
    left -= frames.length;
    if (more) {
      yield steps;
      // A search that finds nothing for long is still to hear of the signal.
      if (steps.length === 0) await turn();
      if (signal.aborted) return;
      continue;
    }
    for (; gapsSeen < gaps.length; gapsSeen++) steps.push(gapStep(gaps, gapsSeen));
    yield steps;
    if (!follow || ended || signal.aborted) return;
    // What was written between the last look and the end is still to be read, so an end means one more round.
    ended = reader.capture(captureId).ended !== 'recording';
    if (!ended) await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
  }
}

function lookAtAll(reader: CaptureReader, captureId: number, range: FrameRange): Look {
  let { after = 0 } = range;
  return (limit) => {
    const frames = [...reader.frames(captureId, { ...range, after, limit })];
    after = frames.at(-1)?.sequence ?? after;
    return { frames, more: frames.length === limit };
  };
}

function isBetween({ firstSequence }: RecordedGap, after: number, last: number): boolean {
  return firstSequence > after && firstSequence <= last;
}

function isAtOrBefore(gap: RecordedGap | undefined, frame: RecordedFrame): boolean {
  return gap !== undefined && gap.firstSequence <= frame.sequence;
}

function gapStep(gaps: readonly RecordedGap[], index: number): Step {
  return { kind: 'gap', gap: gaps[index] as RecordedGap };
}
