/** What a person sees of an error, and the exit code that a script sees: one line, and a stack trace only for those who debug. */
import { Failure } from '../common/failure.ts';

export interface Report {
  readonly exitCode: number;
  readonly text: string;
}

export function reportError(error: unknown, debug: boolean): Report {
  const exitCode = error instanceof Failure && error.kind === 'input' ? 2 : 3;
  const stack = debug && error instanceof Error ? `\n${stackOf(error)}` : '';
  return { exitCode, text: `postreel: ${errorLine(error)}${stack}` };
}

/** One line for any error: ours is complete, the system's is named, and what is neither is a mistake of this program. */
export function errorLine(error: unknown): string {
  if (error instanceof Failure) return error.message;
  const text = (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, ' ');
  const fromSystem = error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === 'string';
  return fromSystem ? text : `a mistake in postreel itself: ${text} (--log-level debug shows where)`;
}

function stackOf(error: Error): string {
  const own = error.stack ?? error.message;
  return error.cause instanceof Error ? `${own}\ncaused by ${stackOf(error.cause)}` : own;
}
