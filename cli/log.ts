/** The relay's log: pino, made readable by pino-pretty where people read it. */
import { pino, type Logger } from 'pino';
import { errorLine } from './report.ts';
import type { Settings } from './settings.ts';
import type { Lines } from './screen.ts';

export type Log = Logger;

export interface LogOptions {
  readonly level: Settings['logLevel'];
  readonly format: Settings['logFormat'];
  readonly colour: boolean;
  readonly lines: Lines;
}

export async function createLog({ level, format, colour, lines }: LogOptions): Promise<Log> {
  const destination = format === 'json' ? lines : await prettyLines(lines, colour);
  // The process and the machine are known to whoever runs it; a line for people has no room for them.
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
}

/** Adds the stack trace only for those who debug. */
export function logError(log: Log, error: unknown, doing: string): void {
  log.error(log.isLevelEnabled('debug') ? { err: error } : {}, `${doing}: ${errorLine(error)}`);
}

async function prettyLines(lines: Lines, colour: boolean): Promise<Lines> {
  const { prettyFactory } = await import('pino-pretty');
  const pretty = prettyFactory({
    colorize: colour,
    translateTime: 'SYS:HH:MM:ss',
    // The sentence says it all; the fields beside it are for machines.
    hideObject: true,
  });
  return { write: (line) => lines.write(pretty(line)) };
}
