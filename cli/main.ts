#!/usr/bin/env node
/** The program `postreel`: from a command line to an exit code. */
import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { Output, ReaderGone } from './output.ts';
import { parseCommandLine } from './program.ts';
import { reportError } from './report.ts';
import { loadSettings } from './settings.ts';
import { packageVersion } from './version.ts';

// Known before the settings are, because reading them is what may fail.
let debug = asksToDebug(process.env['POSTREEL_LOG_LEVEL']);

process.on('uncaughtException', (error) => process.exit(failed(error)));
process.exit(await main(process.argv.slice(2)).catch(failed));

async function main(words: readonly string[]): Promise<number> {
  const version = packageVersion();
  const output = new Output(() => process.stdout);
  const request = parseCommandLine(words, version);
  if (request.kind === 'tell') {
    await output.line(request.text.trimEnd());
    await output.flush();
    return 0;
  }
  const { command, file, rest, flags } = request;
  debug ||= asksToDebug(flags.get('log-level'));
  const reload = () => loadSettings(command.name, flags, process.env);
  const settings = reload();
  debug = asksToDebug(settings.logLevel);
  const run = await command.load();
  const exitCode = await run({ settings, file, rest, version, output, reload });
  await output.flush();
  return exitCode;
}

function asksToDebug(logLevel: unknown): boolean {
  return logLevel === 'debug' || logLevel === 'trace';
}

/** Says what went wrong and returns the exit code that says it too. */
function failed(error: unknown): number {
  if (error instanceof ReaderGone) return 0;
  const { exitCode, text } = reportError(error, debug);
  // A relay on a terminal has its status line there, which this line must replace.
  const clear = isatty(2) ? '\r\x1b[2K' : '';
  try {
    writeSync(2, `${clear}${text}\n`);
  } catch {
    // Standard error is gone as well; the exit code still tells.
  }
  return exitCode;
}
