/**
 * Walks through a capture in order of sequence numbers, with the declared gaps in their places, and
 * waits for more where the capture is still being recorded.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CaptureFile, RecordedFrame, RecordedGap } from '../recorder/captures.ts';

/** Of how many frames memory holds the bytes at a time. */
const FRAMES_PER_PAGE = 500;

const POLL_MS = 200;

export type Step =
  | { readonly kind: 'frame'; readonly frame: RecordedFrame }
  | { readonly kind: 'gap'; readonly gap: RecordedGap };

export type CaptureReader = Pick<CaptureFile, 'capture' | 'connection' | 'frames' | 'gaps'>;

export interface WalkOptions {
  readonly follow: boolean;
  /** Of frames; Infinity for all. */
  readonly limit: number;
  /** Ends a walk that follows. */
  readonly signal: AbortSignal;
}

/** Steps in pages. A page is empty where there was nothing new to see. */
export async function* walkCapture(
  reader: CaptureReader,
  captureId: number,
  { follow, limit, signal }: WalkOptions,
): AsyncGenerator<readonly Step[], void> {
  let ended = reader.capture(captureId).ended !== 'recording';
  let gaps: readonly RecordedGap[] | null = null;
  let gapsSeen = 0;
  let after = 0;
  let left = limit;
  while (left > 0) {
    const wanted = Math.min(left, FRAMES_PER_PAGE);
    const frames = [...reader.frames(captureId, { after, limit: wanted })];
    // After the frames, because a gap is committed with the frames that come after it, or before them.
    if (gaps === null || !ended) gaps = reader.gaps(captureId);
    const steps: Step[] = [];
    for (const frame of frames) {
      for (; isAtOrBefore(gaps[gapsSeen], frame); gapsSeen++) steps.push(gapStep(gaps, gapsSeen));
      steps.push({ kind: 'frame', frame });
    }
    left -= frames.length;
    after = frames.at(-1)?.sequence ?? after;
    if (frames.length === wanted) {
      yield steps;
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

function isAtOrBefore(gap: RecordedGap | undefined, frame: RecordedFrame): boolean {
  return gap !== undefined && gap.firstSequence <= frame.sequence;
}

function gapStep(gaps: readonly RecordedGap[], index: number): Step {
  return { kind: 'gap', gap: gaps[index] as RecordedGap };
}
