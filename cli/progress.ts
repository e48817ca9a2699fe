/** How far a long command is: one line on standard error that is written over and over, where somebody watches it. */
import { isatty } from 'node:tty';
import { monotonic } from '../common/clock.ts';
import { countText, durationText } from './format.ts';
import type { Environment } from './settings.ts';

/** Faster than anybody reads. */
const SHOW_EVERY_MS = 100;
/** A rate is told once it means something. */
const RATE_AFTER_MS = 1000;

export interface ProgressLine {
  readonly show: (done: number, total: number) => void;
  /** Takes the line away. */
  readonly clear: () => void;
}

/** `verb` says what was done to so many frames: `checked`. Null where nobody watches. */
export function progressLine(verb: string, environment: Environment): ProgressLine | null {
  if (!isatty(2) || environment['TERM'] === 'dumb') return null;
  const write = (text: string) => process.stderr.write(`\r\x1b[2K${text}`);
  const start = monotonic();
  let shown = -Infinity;
  return {
    show(done, total) {
      const now = monotonic();
      if (now - shown < SHOW_EVERY_MS) return;
      shown = now;
      write(progressText(verb, done, total, now - start));
    },
    clear: () => write(''),
  };
}

/** `checked 12 400 of 92 195 frames (13 %), 24 000 a second, 3.3 s left`. */
export function progressText(verb: string, done: number, total: number, lastedMs: number): string {
  const share = total > 0 ? ` (${Math.floor((Math.min(done, total) / total) * 100)} %)` : '';
  const text = `${verb} ${countText(done)} of ${countText(total)} frames${share}`;
  if (lastedMs < RATE_AFTER_MS || done === 0) return text;
  const left = (lastedMs / done) * Math.max(total - done, 0);
  return `${text}, ${countText((done / lastedMs) * 1000)} a second, ${durationText(left)} left`;
}
