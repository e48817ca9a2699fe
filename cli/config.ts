/**
 * Reads the file that `--config` names: one JSON object whose keys are option names. A file serves every
 * command, so it may hold options of all of them. A key that is no option is refused, because a
 * misspelt option that is silently ignored is worse than a relay that does not start.
 */
import { readFileSync, statSync } from 'node:fs';
import { Failure } from '../common/failure.ts';
import { allOptions, type OptionSpec } from './options.ts';

const CONFIG_BYTES_MAX = 1024 * 1024;

export interface Config {
  readonly file: string;
  /** The values as they stand there, not yet checked. */
  readonly values: ReadonlyMap<OptionSpec, unknown>;
}

/** Fails with `Failure('input', 'bad-config')`. */
export function readConfig(file: string): Config {
  return parseConfig(file, readText(file));
}

export function parseConfig(file: string, text: string): Config {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw refused(`${file} is not JSON: ${oneLine((error as Error).message)}`, error);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw refused(`${file} must hold one JSON object, such as {"record": "games.db"}`);
  }
  const values = new Map<OptionSpec, unknown>();
  for (const [key, value] of Object.entries(parsed)) {
    const spec = allOptions.find((candidate) => candidate.name === key);
    if (spec === undefined) throw refused(`${file}: there is no option ${JSON.stringify(key)}`);
    if (!spec.inFile) throw refused(`${file}: ${JSON.stringify(key)} cannot be set in a config file`);
    values.set(spec, value);
  }
  return { file, values };
}

function readText(file: string): string {
  try {
    const bytes = statSync(file).size;
    if (bytes > CONFIG_BYTES_MAX) throw refused(`${file} is too large for a config file (${bytes} bytes)`);
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Failure) throw error;
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : oneLine((error as Error).message);
    throw refused(`cannot read the config file ${file}: ${why}`, error);
  }
}

function oneLine(message: string): string {
  return message.replaceAll(/\s+/g, ' ');
}

function refused(message: string, cause?: unknown): Failure {
  return new Failure('input', 'bad-config', message, cause);
}
