/**
 * The commands. Each loads its own module only when it runs, so that a relay which records nothing
 * never loads the database, and reading a capture never loads the relay.
 */
import { FILE_SESSION } from './file-session.ts';
import type { CommandName } from './options.ts';
import type { Output } from './output.ts';
import type { Settings } from './settings.ts';

/** What every command is handed. */
export interface Context {
  readonly settings: Settings;
  /** The first argument, which is the capture file for most; empty where there is none. */
  readonly file: string;
  /** The arguments behind it, in the order of the command's `takes`. */
  readonly rest: readonly string[];
  readonly version: string;
  readonly output: Output;
  /** Resolves the settings once more: the config file may have changed. Fails like the first time. */
  readonly reload: () => Settings;
}

/** Resolves with the program's exit code. */
export type Run = (context: Context) => Promise<number>;

/** What stands on the command line by its place. All of a command's arguments must be given. */
export interface ArgumentSpec {
  /** As `--help` writes it. */
  readonly name: string;
  readonly help: string;
  /** It is the last one, and may come any number of times from once up. */
  readonly repeats?: true;
}

const FILE: ArgumentSpec = { name: 'FILE', help: 'the capture file, as relay --record wrote it' };
const SESSION: ArgumentSpec = { name: 'SESSION', help: 'the number of a session in the file' };
const PLAY: ArgumentSpec = { name: FILE_SESSION, help: 'a session of a capture file, such as capture.db:3' };

const RECORDED: ArgumentSpec = { name: FILE_SESSION, help: 'a capture file and a session in it' };
const COMPARED: ArgumentSpec = { name: FILE_SESSION, help: 'the session that is compared with it' };

export interface CommandSpec {
  readonly name: CommandName;
  /** The capture file comes first, where one is taken; with the session in it, where two are. */
  readonly takes: readonly ArgumentSpec[];
  /** A sentence without a full stop. */
  readonly summary: string;
  readonly load: () => Promise<Run>;
}

export const commands: readonly CommandSpec[] = [
  {
    name: 'relay',
    takes: [],
    summary: 'Run the relay',
    load: async () => (await import('./commands/relay.ts')).relay,
  },
  {
    name: 'tunnel',
    takes: [],
    summary: 'Carry TCP connections over a TCP relay to another tunnel, and take those that it carries',
    load: async () => (await import('./commands/tunnel.ts')).tunnel,
  },
  {
    name: 'ui',
    takes: [FILE],
    summary: 'Show a capture file in a browser, without a relay',
    load: async () => (await import('./commands/ui.ts')).ui,
  },
  {
    name: 'captures',
    takes: [FILE],
    summary: 'List the captures in a file',
    load: async () => (await import('./commands/captures.ts')).captures,
  },
  {
    name: 'sessions',
    takes: [FILE],
    summary: 'List who played what with whom, and when',
    load: async () => (await import('./commands/sessions.ts')).sessions,
  },
  {
    name: 'show',
    takes: [FILE, SESSION],
    summary: 'Explain a session: what went wrong, who played, who talked to whom, how they came together',
    load: async () => (await import('./commands/show.ts')).show,
  },
  {
    name: 'frames',
    takes: [FILE],
    summary: 'Print the frames of a capture, a line each',
    load: async () => (await import('./commands/frames.ts')).frames,
  },
  {
    name: 'replay',
    takes: [FILE],
    summary:
      'Replay a recording against a relay or a game under test; exit with 1 if it differs, with 3 if nobody answers',
    load: async () => (await import('./commands/replay.ts')).replay,
  },
  {
    name: 'diff',
    takes: [RECORDED, COMPARED],
    summary: 'Compare two recordings of the same play; exit with 1 if they differ',
    load: async () => (await import('./commands/diff.ts')).diff,
  },
  {
    name: 'replays',
    takes: [FILE],
    summary: 'List the replays that are kept in a file with their verdicts, or show one of them',
    load: async () => (await import('./commands/replays.ts')).replays,
  },
  {
    name: 'mask learn',
    takes: [PLAY, { ...PLAY, repeats: true }],
    summary: 'Propose masks from sessions of the same play with one build: what differs between them',
    load: async () => (await import('./commands/mask-learn.ts')).maskLearn,
  },
  {
    name: 'mask audit',
    takes: [PLAY],
    summary: 'Say what share of faults masks would let through in a session, and which masks hide nothing',
    load: async () => (await import('./commands/mask-audit.ts')).maskAudit,
  },
  {
    name: 'index',
    takes: [FILE],
    summary: 'Find the sessions of captures that lack them',
    load: async () => (await import('./commands/index.ts')).index,
  },
  {
    name: 'verify',
    takes: [FILE],
    summary: 'Check that a file is whole; exit with 1 if it is not',
    load: async () => (await import('./commands/verify.ts')).verify,
  },
];

/** What the first words of commands with two words have in common. A sentence without a full stop. */
export const commandGroups: ReadonlyMap<string, string> = new Map([
  ['mask', 'Learn and audit masks, which say what bytes mean nothing to a comparison'],
]);

/** As people write it: `FILE:SESSION...` where there may be several. */
export function argumentText({ name, repeats }: ArgumentSpec): string {
  return repeats === true ? `${name}...` : name;
}

export const EXIT_CODES: readonly { readonly code: number; readonly text: string }[] = [
  { code: 0, text: 'done' },
  { code: 1, text: 'a check failed, or two plays differ' },
  { code: 2, text: 'wrong use or bad input' },
  { code: 3, text: 'something outside failed, such as a port in use or a full disk' },
];
