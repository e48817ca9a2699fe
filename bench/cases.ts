/** What is measured, in one table: loads, on whom, and which figures of theirs are shown. */
import { countText } from '../cli/format.ts';
import type { Pace } from '../replay/types.ts';
import { measureFrames, measureTail, measureViewers } from './dashboard/measure.ts';
import type { FloodLoad, IdleLoad, Load, RateLoad, RoundTripLoad } from './load/job.ts';
import { climb, measure, type Measured } from './measure.ts';
import { measureReplay } from './replay/measure.ts';
import { subjects, type SubjectName } from './subjects.ts';

export type Unit = 'ms' | 'us' | 'perSecond' | 'bytes' | 'share' | 'count';

export interface FigureSpec {
  /** The name in the load's answer and in the results. */
  readonly key: string;
  readonly label: string;
  readonly unit: Unit;
  /** It cannot be had where the system has no /proc. */
  readonly needsProc?: true;
}

export interface Case {
  /** For `--only`. */
  readonly name: string;
  readonly title: string;
  readonly subjects: readonly SubjectName[];
  readonly figures: readonly FigureSpec[];
  /** Of one measurement, roughly; for the progress line. */
  readonly seconds: number;
  /** What hardly differs between two rounds is not measured more often than this. */
  readonly roundsMax: number;
  measure(subject: SubjectName): Promise<Measured>;
}

const P50: FigureSpec = { key: 'p50Ms', label: 'p50', unit: 'ms' };
const P99: FigureSpec = { key: 'p99Ms', label: 'p99', unit: 'ms' };
const FRAMES: FigureSpec = { key: 'framesPerSecond', label: 'frames/s', unit: 'perSecond' };
const CPU: FigureSpec = {
  key: 'cpuMicrosPerFrame',
  label: 'CPU of the relay, a frame',
  unit: 'us',
  needsProc: true,
};

/** Below what makes a relay close a session whose client reads too slowly: 512 000. */
const WINDOW_BYTES = 400_000;
/** Opening sessions, starting and ending the processes. */
const AROUND_SECONDS = 1.2;
/** The writing of the capture included; roughly. */
const REPLAYED_PER_SECOND = 50_000;
const MILLION = 1_000_000;
const WRITTEN_PER_SECOND = 300_000;
/** To start it, and to look at everything in turn. */
const BROWSER_SECONDS = 6;

/** `long` is not for every time: it takes ten minutes. */
export function cases(quick: boolean, long: boolean): readonly Case[] {
  const timed = quick ? { warmMs: 300, measureMs: 800 } : { warmMs: 1_000, measureMs: 3_000 };
  const short = quick ? { warmMs: 300, measureMs: 500 } : { warmMs: 500, measureMs: 2_000 };
  const eight: RateLoad = {
    ...{ kind: 'rate', games: 8, players: 4, hz: 60, payloadBytes: 200, together: false },
    ...timed,
  };
  const fifty: RateLoad = {
    ...{ kind: 'rate', games: 50, players: 8, hz: 30, payloadBytes: 200, together: true },
    ...timed,
  };
  const pair: RoundTripLoad = { kind: 'round-trip', payloadBytes: 200, ...short };
  const pdp: FloodLoad = {
    ...{ kind: 'flood', over: 'pdp', flows: 4, payloadBytes: 512, windowBytes: WINDOW_BYTES },
    framesPerSecond: null,
    ...short,
  };
  const ptp: FloodLoad = { ...pdp, over: 'ptp' };
  const paced = (framesPerSecond: number): FloodLoad => ({
    ...pdp,
    ...{ flows: 8, payloadBytes: 200, framesPerSecond, warmMs: 0, measureMs: quick ? 1_500 : 4_000 },
  });
  const rates = quick ? [100, 250, 400] : [150, 250, 300, 400, 500];
  const idle: IdleLoad = {
    ...{ kind: 'idle', sessions: 1_000, sessionsMax: 4_000 },
    measureMs: quick ? 1_500 : 5_000,
  };
  return [
    once('delay-8x4', 'One-way delay: 8 games x 4 players x 60 Hz x 200 B, full mesh', eight, [
      P50,
      P99,
      CPU,
    ]),
    once(
      'delay-50x8',
      'One-way delay: 50 games x 8 players x 30 Hz x 200 B (84 000 frames/s; a player sends a tick in one write)',
      fifty,
      [P50, P99, FRAMES, CPU],
    ),
    once('round-trip', 'Round trip: one pair, one datagram of 200 B under way', pair, [P50, P99]),
    once('flood-pdp', 'Flood: PDP, 512 B, 4 flows', pdp, [FRAMES, CPU]),
    once('flood-ptp', 'Flood: PTP, 512 B, 4 flows', ptp, [FRAMES, CPU]),
    {
      name: 'lossless',
      title: `Recorded without loss: PDP, 200 B, 8 flows; the highest of ${rates.join(', ')} thousand frames/s`,
      subjects: ['recording'],
      figures: [FRAMES, CPU, { key: 'bytesPerRow', label: 'file, a frame', unit: 'bytes' }],
      seconds: rates.length * (paced(0).measureMs / 1000 + AROUND_SECONDS),
      roundsMax: 3,
      measure: (subject) =>
        climb(
          subject,
          rates.map((thousands) => 1000 * thousands),
          paced,
        ),
    },
    {
      // Twice the connections, where each player is logged in as well: more than the relay takes by default.
      ...once('idle', 'Sessions that say nothing', idle, [
        { key: 'aloneBytes', label: 'resident memory, no sessions', unit: 'bytes', needsProc: true },
        {
          key: 'crowdedBytes',
          label: 'resident memory, 4 000 sessions at rest',
          unit: 'bytes',
          needsProc: true,
        },
        { key: 'cpuShare', label: 'CPU, 1 000 sessions, of a core', unit: 'share', needsProc: true },
      ]),
      subjects: ['baseline', 'relay', 'recording'],
      roundsMax: 1,
    },
    {
      ...replayed('max', quick ? 100_000 : 1_000_000),
      subjects: ['baseline', 'relay'],
    },
    replayed('causal', quick ? 50_000 : 300_000),
    ...dashboard(quick, long, eight),
  ];
}

/** In a real browser, which takes a core: here the figures are times, and not ratios to a baseline. */
function dashboard(quick: boolean, long: boolean, { kind, ...games }: RateLoad): readonly Case[] {
  const tailMinutes = quick ? 0.5 : long ? 10 : 2;
  const turns = quick ? 1 : 5;
  // Those who look on come while it is warming up.
  const watched: RateLoad = { ...games, kind, warmMs: 3_000, measureMs: quick ? 1_500 : 4_000 };
  const ofRecording = { subjects: ['recording'] as const };
  const ROWS: FigureSpec = { key: 'rowsInPage', label: 'rows in the page, at most', unit: 'count' };
  return [
    {
      ...ofRecording,
      name: 'dashboard',
      title: `Dashboard in Chromium: a session of ${countText(MILLION)} frames`,
      figures: [
        { key: 'firstRowsMs', label: 'first rows of the session', unit: 'ms' },
        { key: 'jumpMs', label: 'jump to the end', unit: 'ms' },
        { key: 'scrollMs', label: 'scroll to anywhere', unit: 'ms' },
        { key: 'firstHitsMs', label: 'first hits of a filter', unit: 'ms' },
        ROWS,
        { key: 'heapBytes', label: 'heap of the tab', unit: 'bytes' },
        { key: 'javascriptBytes', label: 'JavaScript of the first view, gzipped', unit: 'bytes' },
      ],
      seconds: MILLION / WRITTEN_PER_SECOND + BROWSER_SECONDS,
      roundsMax: 3,
      measure: () => measureFrames(MILLION),
    },
    {
      ...ofRecording,
      name: 'dashboard-tail',
      title: `Dashboard in Chromium: the end of a session followed for ${tailMinutes} min`,
      figures: [
        FRAMES,
        { key: 'heapBytes', label: 'heap of the tab, at most', unit: 'bytes' },
        { key: 'growthBytes', label: 'heap grows by, a minute', unit: 'bytes' },
        ROWS,
      ],
      seconds: 60 * tailMinutes + BROWSER_SECONDS,
      roundsMax: 1,
      measure: () => measureTail(60_000 * tailMinutes),
    },
    {
      ...ofRecording,
      name: 'dashboard-viewers',
      title: `One-way delay as above, and what three who follow an end, one of whom searches through ${countText(MILLION)} frames, add to it`,
      figures: [
        { key: 'aloneP99Ms', label: 'p99, nobody looks on', unit: 'ms' },
        { key: 'watchedP99Ms', label: 'p99, three look on', unit: 'ms' },
        { key: 'watchedShare', label: 'the same, of p99 alone', unit: 'share' },
        { key: 'searchedPerSecond', label: 'frames searched meanwhile', unit: 'perSecond' },
      ],
      seconds:
        MILLION / WRITTEN_PER_SECOND +
        2 * (turns + 1) * ((watched.warmMs + watched.measureMs) / 1000 + AROUND_SECONDS),
      roundsMax: 1,
      measure: () => measureViewers(MILLION, watched, turns),
    },
  ];
}

/** Of a capture of 32 players in eight games; the baseline is a player that compares nothing. */
function replayed(pace: Pace, frames: number): Case {
  return {
    name: `replay-${pace}`,
    title: `Replay at --pace ${pace}: ${countText(frames)} frames of 200 B, against the relay${pace === 'max' ? '; baseline: a plain player, which compares nothing' : ''}`,
    subjects: ['relay'],
    figures: [
      FRAMES,
      { key: 'cpuMicrosPerFrame', label: 'CPU of the replay, a frame', unit: 'us' },
      { key: 'peakBytes', label: 'resident memory of the replay, at most', unit: 'bytes' },
    ],
    seconds: frames / REPLAYED_PER_SECOND + 2 * AROUND_SECONDS,
    roundsMax: 3,
    measure: (subject) => measureReplay(subject, frames, pace),
  };
}

function once(name: string, title: string, load: Load, figures: readonly FigureSpec[]): Case {
  const warmMs = load.kind === 'idle' ? 17_000 : load.warmMs;
  return {
    name,
    title,
    subjects,
    figures,
    seconds: (warmMs + load.measureMs) / 1000 + AROUND_SECONDS,
    roundsMax: Infinity,
    measure: (subject) => measure(subject, load),
  };
}
