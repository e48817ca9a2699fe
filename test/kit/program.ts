/** Runs the built program as its users do, and never leaves one behind. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach } from 'vitest';
import { protocols } from '../../protocol/registry.ts';
import { outlivedByNone } from './reaper.ts';

export const PROGRAM = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** So that relays which run at the same time do not meet. */
export const FREE_PORTS: readonly string[] = [
  ...protocols.filter(({ isProxy }) => isProxy !== true).map(({ name }) => name),
  'http',
].flatMap((name) => [`--${name}`, '0']);

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningRelay {
  readonly process: ChildProcess;
  readonly pid: number;
  /** Of the postoffice. */
  readonly port: number;
  readonly host: string;
  /** Of every listener, by the name of its protocol. */
  readonly ports: Readonly<Record<string, number>>;
  /** Of the listeners of proxies, by the name of their protocol. */
  readonly proxies: Readonly<Record<string, readonly number[]>>;
  /** Of its HTTP server; 0 where it has none. */
  readonly http: number;
  readonly record: string | null;
  /** All that it has written to standard error so far. */
  stderr(): string;
  /** Sends the signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<Ended>;
  readonly ended: Promise<Ended>;
}

interface Address {
  readonly host: string;
  readonly port: number;
}

const running = new Set<ChildProcess>();
/** Those that all tests of a file have in common. */
const lasting = new Set<ChildProcess>();
const folders: string[] = [];

afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});
afterAll(() => {
  // Where a hook fails, those that come after it do not run: what ends with its test may be there still.
  for (const child of [...running, ...lasting]) child.kill('SIGKILL');
});

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'postreel-'));
  folders.push(folder);
  return folder;
}

export interface Started {
  readonly child: ChildProcess;
  readonly output: { stdout: string; stderr: string };
  readonly ended: Promise<Ended>;
}

export interface HowToRun {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A program that runs ours: `unshare -Urm sh -c ...`. */
  readonly wrapper?: readonly string[];
  /** It goes on until all tests of the file are done. Then `cwd` is needed, as other folders are gone before. */
  readonly lasts?: boolean;
}

function start(args: readonly string[], how: HowToRun = {}): Started {
  const [program, ...words] = [...(how.wrapper ?? []), process.execPath, PROGRAM, ...args];
  // As typed at a prompt: not as a part of whatever runs the tests.
  const { NO_COLOR: _colour, npm_lifecycle_event: _npm, ...env } = process.env;
  const child = spawn(program as string, words, {
    cwd: how.cwd ?? temporaryFolder(),
    env: { ...env, ...how.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  outlivedByNone(child);
  const alive = how.lasts === true ? lasting : running;
  alive.add(child);
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code, signal) => {
      alive.delete(child);
      resolve({ code, signal, ...output });
    });
  });
  return { child, output, ended };
}

/** Runs a command to its end. */
export function run(args: readonly string[], how?: HowToRun): Promise<Ended> {
  return start(args, how).ended;
}

/** Starts a command that goes on. */
export function launch(args: readonly string[], how?: HowToRun): Started {
  return start(args, how);
}

/** What a program prints once it is ready. Rejects with its last words if it ends instead. */
export async function firstLine({ child, output, ended }: Started): Promise<string> {
  const ready = new Promise<string>((resolve) => {
    child.stdout?.on('data', () => {
      const end = output.stdout.indexOf('\n');
      if (end >= 0) resolve(output.stdout.slice(0, end));
    });
  });
  const line = await Promise.race([ready, ended]);
  if (typeof line !== 'string') throw new Error(`it ended at once: ${line.stderr}`);
  return line;
}

/** Starts `postreel relay` on free ports and waits until it listens. */
export async function startRelay(args: readonly string[] = [], how?: HowToRun): Promise<RunningRelay> {
  const started = start(['relay', '--ready-json', ...FREE_PORTS, ...args], how);
  const { child, output, ended } = started;
  const line = await firstLine(started);
  const { listeners, http, record, pid } = JSON.parse(line) as {
    listeners: { postoffice: Address } & Record<string, Address | Address[]>;
    http: Address | null;
    record: string | null;
    pid: number;
  };
  return {
    process: child,
    pid,
    ...listeners.postoffice,
    ports: Object.fromEntries(
      Object.entries(listeners).flatMap(([name, at]) => (Array.isArray(at) ? [] : [[name, at.port]])),
    ),
    proxies: Object.fromEntries(
      Object.entries(listeners).flatMap(([name, at]) =>
        Array.isArray(at) ? [[name, at.map(({ port }) => port)]] : [],
      ),
    ),
    http: http?.port ?? 0,
    record,
    stderr: () => output.stderr,
    ended,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      return ended;
    },
  };
}
