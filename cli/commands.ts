/**
 * The commands. Each loads its own module only when it runs, so that a relay which records nothing
 * never loads the database, and reading a capture never loads the relay.
 */
import type { CommandName } from './options.ts';
import type { Output } from './output.ts';
import type { Settings } from './settings.ts';

/** What every command is handed. */
export interface Context {
  readonly settings: Settings;
  /** The capture file; empty for `relay`. */
  readonly file: string;
  readonly version: string;
  readonly output: Output;
  /** Resolves the settings once more: the config file may have changed. Fails like the first time. */
  readonly reload: () => Settings;
}

/** Resolves with the program's exit code. */
export type Run = (context: Context) => Promise<number>;

export interface CommandSpec {
  readonly name: CommandName;
  readonly takesFile: boolean;
  /** A sentence without a full stop. */
  readonly summary: string;
  readonly load: () => Promise<Run>;
}

export const commands: readonly CommandSpec[] = [
  {
    name: 'relay',
    takesFile: false,
    summary: 'Run the relay',
    load: async () => (await import('./commands/relay.ts')).relay,
  },
  {
    name: 'captures',
    takesFile: true,
    summary: 'List the captures in a file',
    load: async () => (await import('./commands/captures.ts')).captures,
  },
  {
    name: 'sessions',
    takesFile: true,
    summary: 'List who played what with whom, and when',
    load: async () => (await import('./commands/sessions.ts')).sessions,
  },
  {
    name: 'frames',
    takesFile: true,
    summary: 'Print the frames of a capture, a line each',
    load: async () => (await import('./commands/frames.ts')).frames,
  },
  {
    name: 'index',
    takesFile: true,
    summary: 'Find the sessions of captures that lack them',
    load: async () => (await import('./commands/index.ts')).index,
  },
  {
    name: 'verify',
    takesFile: true,
    summary: 'Check that a file is whole; exit with 1 if it is not',
    load: async () => (await import('./commands/verify.ts')).verify,
  },
];

export const EXIT_CODES: readonly { readonly code: number; readonly text: string }[] = [
  { code: 0, text: 'done' },
  { code: 1, text: 'a check failed' },
  { code: 2, text: 'wrong use or bad input' },
  { code: 3, text: 'something outside failed, such as a port in use or a full disk' },
];
