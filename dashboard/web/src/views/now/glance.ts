/**
 * Whether all is well, in one sentence: what an operator wants to know before anything else.
 *
 * The rule: the gravest thing is said, and that alone; what follows from it is said below. Numbers are of the last minute, so
 * that what is over is not told for ever, but for frames that a recording lacks: those it lacks for good.
 */
import type { Now } from '../../../../api/now.ts';
import { countText, durationText, plural } from '../../lib/format.ts';
import type { Tone } from '../../ui/tones.ts';
import { latest, recent } from './samples.ts';

export interface Glance {
  readonly tone: Tone;
  readonly title: string;
  /** What it means, and what can be done. Empty where all is said. */
  readonly text: string;
}

/** A player feels that: it is more than a frame of a game at 60 Hz. */
export const SLOW_MS = 20;
/** Of the last minute: one frame that was late makes no slow relay. */
export const SLOW_SECONDS = 3;
/** Ordinarily it is half of a flush. */
export const BEHIND_MS = 2_000;
/** Of a hundred frames in the last minute. */
export const DROPPED_PERCENT = 5;

const msText = (ms: number) => durationText(ms * 1e6);
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

type Said = Glance | null;

/** The gravest first. */
const troubles: readonly ((now: Now) => Said)[] = [
  ({ recorder }) =>
    recorder?.trouble == null
      ? null
      : {
          tone: 'bad',
          title: `Recording is in trouble: ${recorder.trouble}`,
          text: `Play goes on. ${lostText(recorder.framesLost)}`,
        },
  ({ samples }) => {
    const slow = recent(samples, 'delayP99Ms').filter((delay) => delay >= SLOW_MS);
    if (slow.length < SLOW_SECONDS) return null;
    const delay = Math.max(...slow);
    return {
      tone: 'bad',
      title: `The relay is slow: frames stay in it for up to ${msText(delay)}`,
      text: 'Something else on this machine may take its time: look at its load.',
    };
  },
  ({ recorder }) =>
    recorder?.blocked !== true
      ? null
      : {
          tone: 'warn',
          title: 'Players are slowed, so that nothing is lost from the recording',
          text: 'The disk does not keep up. --record-policy drop lets play go on instead.',
        },
  ({ recorder }) =>
    recorder === null || recorder.lagMs < BEHIND_MS
      ? null
      : {
          tone: 'warn',
          title: `The recording is ${msText(recorder.lagMs)} behind`,
          text: 'The disk is slow. There is memory for what waits, and play goes on.',
        },
  ({ samples }) => {
    const drops = sum(recent(samples, 'dropsPerSecond'));
    const frames = sum(recent(samples, 'framesPerSecond'));
    const percent = frames === 0 ? 0 : (drops / frames) * 100;
    if (percent < DROPPED_PERCENT) return null;
    return {
      tone: 'warn',
      title: `${percent.toFixed(0)} of 100 frames do not arrive`,
      text: 'Why they do not stands below.',
    };
  },
  ({ recorder }) =>
    recorder === null || recorder.framesLost === 0
      ? null
      : {
          tone: 'warn',
          title: `The recording lacks ${plural(recorder.framesLost, 'frame')}`,
          text: 'It says which. Play was not affected, and recording goes on.',
        },
];

export function glance(now: Now): Glance {
  const { relay, samples, file } = now;
  if (relay === null)
    return {
      tone: 'plain',
      title: file === null ? 'Nothing runs here' : `This is ${file}`,
      text: 'A recording, looked at without a relay.',
    };
  for (const trouble of troubles) {
    const said = trouble(now);
    if (said !== null) return said;
  }
  if (relay.players === 0) return { tone: 'good', title: 'All is well: nobody plays yet', text: '' };
  const delay = latest(samples, 'delayP50Ms', 60);
  const delayed = delay === null ? '' : `, delay ${msText(delay)}`;
  return { tone: 'good', title: `All is well: ${plural(relay.players, 'player')}${delayed}`, text: '' };
}

/** `Recording into postreel.db, 29 ms behind, nothing lost`. */
export function recordingText({ file, recorder }: Pick<Now, 'file' | 'recorder'>): string {
  if (recorder === null) return 'Nothing is recorded';
  const behind = recorder.lagMs < 1 ? 'up to date' : `${msText(recorder.lagMs)} behind`;
  const lost = recorder.framesLost === 0 ? 'nothing lost' : `${countText(recorder.framesLost)} lost`;
  return `Recording into ${file ?? 'a file'}, ${behind}, ${lost}`;
}

function lostText(frames: number): string {
  return frames === 0
    ? 'Nothing is lost so far: it waits in memory.'
    : `${plural(frames, 'frame')} ${frames === 1 ? 'is' : 'are'} lost so far; the recording says which.`;
}
