/**
 * What a running relay shows: log lines, and on a terminal one status line below them, written over in
 * place. A log line takes the status line away, and puts it back under itself.
 */
import { isatty } from 'node:tty';
import { Background } from './background.ts';
import type { Environment } from './settings.ts';
import { coloured, plain, type Paint } from './style.ts';

const ERASE_LINE = '\r\x1b[2K';

/** How long an ending program waits for its last lines to be written. */
export const SETTLE_MS = 500;

/** Where a status line can be: a descriptor that is a terminal. */
export interface Live {
  readonly fd: 1 | 2;
  readonly columns: () => number;
}

export interface Lines {
  write(text: string): void;
}

export class Screen {
  readonly #log: Lines;
  readonly #live: { readonly lines: Lines; readonly columns: () => number } | null;
  readonly #paint: Paint;
  #status = '';

  /** Without `live` there are only log lines. */
  constructor(
    log: Lines,
    live: { readonly lines: Lines; readonly columns: () => number } | null,
    colour: boolean,
  ) {
    this.#log = log;
    this.#live = live;
    this.#paint = colour ? coloured : plain;
  }

  /** Takes whole log lines, with their line ends. */
  write(text: string): void {
    const isBelow = this.#status !== '' && this.#live?.lines === this.#log;
    this.#log.write(isBelow ? ERASE_LINE + text + this.#status : text);
  }

  status(text: string, isAlarm = false): void {
    if (this.#live === null) return;
    // The last column stays free, because some terminals start a new line as soon as it is filled.
    const cut = text.slice(0, Math.max(this.#live.columns() - 1, 0));
    const status = isAlarm ? this.#paint('red', cut) : cut;
    if (status === this.#status) return;
    this.#status = status;
    this.#live.lines.write(ERASE_LINE + status);
  }

  /** From now on there are only log lines, until the next status. */
  clear(): void {
    this.status('');
  }
}

/** Standard error if it is a terminal, else standard output, unless that is for a machine to read. */
export function findLive(stdoutIsFree: boolean, environment: Environment): Live | null {
  if (environment['TERM'] === 'dumb') return null;
  if (isatty(2)) return { fd: 2, columns: () => process.stderr.columns };
  if (stdoutIsFree && isatty(1)) return { fd: 1, columns: () => process.stdout.columns };
  return null;
}

/** Resolves once all is written. Where that cannot be, the program ends here, since even exiting would wait for it. */
export async function settleOrDie(...streams: readonly Background[]): Promise<void> {
  for (const stream of streams) {
    if (!(await stream.settle(SETTLE_MS))) process.kill(process.pid, 'SIGKILL');
  }
}
