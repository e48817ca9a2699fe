/** What a relay has to say about the last second, or minute: measured, then put into words. */
import { Histogram } from '../common/histogram.ts';
import { Outcome } from '../protocol/outcome.ts';
import type { Millis } from '../protocol/types.ts';
import type { Recorder } from '../recorder/recorder.ts';
import type { RelayMetrics } from '../relay/metrics.ts';
import { printable } from '../common/printable.ts';
import { countText, millisText, plural } from './format.ts';

export type RecorderStatus = ReturnType<Recorder['status']>;

export interface Figures {
  readonly players: number;
  readonly connections: number;
  /** Frames that left, in this window and per second of it. */
  readonly frames: number;
  readonly framesPerSecond: number;
  /** From a frame's arrival to its hand-over to the target's socket; null where no frame left. */
  readonly delayP50Ms: number | null;
  readonly delayP99Ms: number | null;
  /** By a guard, since the start. */
  readonly refused: { readonly connections: number; readonly frames: number };
  /** Too many for the relay, and left unread, since the start. */
  readonly datagramsDropped: number;
  readonly recorder: RecorderStatus | null;
}

type Metrics = Pick<
  RelayMetrics,
  'players' | 'connections' | 'framesOut' | 'delay' | 'connectionsRefused' | 'datagramsDropped' | 'outcomes'
>;

/** Measures windows of time, one after the other. */
export class StatusWindow {
  readonly #metrics: Metrics;
  readonly #recorder: { status(): RecorderStatus } | null;
  #since: Millis;
  #framesOut: number;
  /** Others look at the same delays, so they are not reset. */
  #delays: Float64Array;

  constructor(metrics: Metrics, recorder: { status(): RecorderStatus } | null, now: Millis) {
    this.#metrics = metrics;
    this.#recorder = recorder;
    this.#since = now;
    this.#framesOut = metrics.framesOut;
    this.#delays = metrics.delay.counts();
  }

  /** Ends the window and starts the next. */
  take(now: Millis): Figures {
    const { players, connections, framesOut, connectionsRefused, datagramsDropped, outcomes } = this.#metrics;
    const delays = this.#metrics.delay.counts();
    const delay = Histogram.between(this.#delays, delays);
    const frames = framesOut - this.#framesOut;
    const seconds = (now - this.#since) / 1000;
    const figures: Figures = {
      players,
      connections,
      frames,
      framesPerSecond: seconds > 0 ? Math.round(frames / seconds) : 0,
      delayP50Ms: delay.count === 0 ? null : delay.quantile(0.5),
      delayP99Ms: delay.count === 0 ? null : delay.quantile(0.99),
      refused: { connections: connectionsRefused, frames: outcomes[Outcome.refused] ?? 0 },
      datagramsDropped,
      recorder: this.#recorder?.status() ?? null,
    };
    this.#delays = delays;
    this.#since = now;
    this.#framesOut = framesOut;
    return figures;
  }
}

/** One line. Trouble comes first, where no narrow terminal cuts it off. */
export function statusText(figures: Figures): string {
  const {
    players,
    connections,
    framesPerSecond,
    delayP50Ms,
    delayP99Ms,
    refused,
    datagramsDropped,
    recorder,
  } = figures;
  const parts = [
    `${plural(players, 'player')}, ${plural(connections, 'connection')}`,
    `${countText(framesPerSecond)} frames/s`,
    delayP50Ms === null || delayP99Ms === null
      ? 'delay -'
      : `delay ${millisText(delayP50Ms)}, p99 ${millisText(delayP99Ms)}`,
  ];
  if (refused.connections > 0 || refused.frames > 0)
    parts.push(`refused ${plural(refused.connections, 'connection')}, ${plural(refused.frames, 'frame')}`);
  if (datagramsDropped > 0) parts.push(`${plural(datagramsDropped, 'datagram')} dropped`);
  if (recorder !== null) parts.push(recorderText(recorder));
  if (recorder?.trouble) parts.unshift(`RECORDING: ${printable(recorder.trouble)}`);
  return parts.join(' | ');
}

/** Whether a log that told of `before` would tell anything new. */
export function isNews(before: Figures | null, now: Figures): boolean {
  return (
    before === null ||
    now.frames > 0 ||
    now.players !== before.players ||
    now.connections !== before.connections ||
    now.refused.connections !== before.refused.connections ||
    now.refused.frames !== before.refused.frames ||
    now.datagramsDropped !== before.datagramsDropped ||
    now.recorder?.framesLost !== before.recorder?.framesLost ||
    now.recorder?.trouble !== before.recorder?.trouble
  );
}

function recorderText({ framesLost, lagMs, blocked }: RecorderStatus): string {
  const lag = blocked ? 'full, slows the players' : `${countText(lagMs)} ms behind`;
  return `recorder ${lag}, ${countText(framesLost)} lost`;
}
