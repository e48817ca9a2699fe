/** How far a long command is: one line on standard error that is written over and over, where somebody watches it. */
import { isatty } from 'node:tty';
import { countText } from './format.ts';
import type { Environment } from './settings.ts';

export interface ProgressLine {
  readonly show: (done: number, total: number) => void;
  /** Takes the line away. */
  readonly clear: () => void;
}

/** `verb` says what was done to so many frames: `checked`. Null where nobody watches. */
export function progressLine(verb: string, environment: Environment): ProgressLine | null {
  if (!isatty(2) || environment['TERM'] === 'dumb') return null;
  const write = (text: string) => process.stderr.write(`\r\x1b[2K${text}`);
  return {
    show: (done, total) => write(`${verb} ${countText(done)} of ${countText(total)} frames`),
    clear: () => write(''),
  };
}
