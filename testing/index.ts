/**
 * `postreel/testing`: captures as tests in a Vitest suite.
 *
 *     import { replayCapture } from 'postreel/testing';
 *
 *     test('the bug of that evening', async () => {
 *       await expect(replayCapture('bug.db', { against: 27313 })).toMatchCapture({ masks: 'masks.json' });
 *     }, 60_000);
 *
 * Importing it is what adds the matcher to Vitest's `expect`.
 *
 * The rule: a test passes or fails by what was compared. A target that does not answer, and a replay that did not
 * come to its end, fail a test whether it hoped for a match or, with `.not`, for a difference.
 */
import { expect } from 'vitest';
import { repeatsText } from '../cli/repeats-text.ts';
import { plain } from '../cli/style.ts';
import { verdictText } from '../cli/verdict-text.ts';
import type { Repeated } from '../replay/compare/verdict.ts';
import type { CaptureRules } from './options.ts';
import { CaptureReplay, replayCapture } from './replay-capture.ts';

export { replayCapture, type CaptureReplay };
export type { CaptureRules, ReplayOptions, TestPace, Where } from './options.ts';
export type { Difference, DifferenceClass, Subject, Verdict } from '../replay/types.ts';

declare module 'vitest' {
  // Of what Vitest calls by this name since version 3.
  interface Assertion<T> {
    /** Replays a capture: what comes must be what was recorded, but for what masks hide and a policy allows. */
    toMatchCapture: T extends CaptureReplay ? (rules?: CaptureRules) => Promise<void> : never;
  }
}

export interface Match {
  readonly pass: boolean;
  readonly message: () => string;
}

/** What the matcher says. Rules given here count instead of those of the replay. */
export async function matchCapture(received: unknown, rules: CaptureRules = {}): Promise<Match> {
  if (!(received instanceof CaptureReplay))
    throw new TypeError(
      'toMatchCapture judges what replayCapture gives: await expect(replayCapture(...)).toMatchCapture()',
    );
  const repeated = await received.play(rules);
  const { outcome, partial } = repeated.verdict;
  const isJudged = outcome === 'differs' || (outcome === 'same' && partial === null);
  if (!isJudged) throw new Error(textOf(repeated));
  return { pass: outcome === 'same', message: () => textOf(repeated) };
}

/** As the command tells it. Without colours: reports of test runs are files as often as terminals. */
function textOf(repeated: Repeated): string {
  return [
    ...verdictText(repeated.verdict, plain, Infinity),
    ...(repeated.plays > 1 ? repeatsText(repeated, plain) : []),
  ].join('\n');
}

expect.extend({ toMatchCapture: matchCapture });
