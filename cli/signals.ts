/** What a running relay makes of the signals that the system sends it. */
import { constants } from 'node:os';
import { isatty } from 'node:tty';
import { monotonic } from '../common/clock.ts';
import type { Environment } from './settings.ts';

/** Under npm, one Ctrl-C arrives twice: from the terminal, and passed on by npm. */
const NPM_REPEATS_WITHIN_MS = 500;

export interface SignalHandlers {
  /** The first SIGTERM or SIGINT, or the terminal is gone: stop in good order. */
  stop(why: string): void;
  /** The next one: stop at once. */
  leave(exitCode: number): void;
  /** SIGHUP. */
  reload(): void;
}

export function handleSignals(handlers: SignalHandlers, environment: Environment): void {
  const repeatsWithinMs = environment['npm_lifecycle_event'] === undefined ? 0 : NPM_REPEATS_WITHIN_MS;
  const terminals = [0, 1, 2].filter((fd) => isatty(fd));
  let askedAt: number | null = null;
  const stop = (why: string) => {
    askedAt ??= monotonic();
    handlers.stop(why);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (askedAt === null) stop(signal);
      else if (monotonic() - askedAt >= repeatsWithinMs) handlers.leave(128 + constants.signals[signal]);
    });
  }
  process.on('SIGHUP', () => {
    // The same signal says "read your configuration again" and "your terminal was closed".
    if (terminals.every((fd) => isatty(fd))) handlers.reload();
    else if (askedAt === null) stop('the terminal was closed');
  });
}
