/**
 * The processes that the bench starts.
 *
 * The rule: none outlives the bench, whichever way the bench ends.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Millis } from '../protocol/types.ts';

/** A relay writes what it still has to its file before it goes; a slow disk takes a while. */
const STOP_MS: Millis = 30_000;
const INTERRUPT_MS: Millis = 2_000;
/** Of what a process says about its end. */
const LAST_WORDS = 2_000;

const alive = new Set<ChildProcess>();
let interrupted = false;

export class Interrupted extends Error {}

export interface Program {
  readonly pid: number;
  /** The first line that it prints. */
  readonly firstLine: Promise<string>;
  /** All that it prints, once it has ended well; rejects if it has not. */
  readonly output: Promise<string>;
  /** Ends it in good order. */
  stop(): Promise<void>;
}

/** Runs a program of this repository, named from dist/. */
export function start(script: string, args: readonly string[]): Program {
  if (interrupted) throw new Interrupted();
  const name = [script, ...args.slice(0, 1)].join(' ').slice(0, 60);
  const child = spawn(process.execPath, [fileURLToPath(new URL(`../${script}`, import.meta.url)), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: withoutSettings(process.env),
  });
  alive.add(child);
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr
    .setEncoding('utf8')
    .on('data', (text: string) => (errors = (errors + text).slice(-LAST_WORDS)));
  const ended = new Promise<string>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      alive.delete(child);
      if (interrupted) reject(new Interrupted());
      else if (code === 0) resolve(output);
      else reject(new Error(errors.trim() || `${name} ended with ${signal ?? code ?? 'nothing'}`));
    });
  });
  const firstLine = new Promise<string>((resolve, reject) => {
    child.stdout.on('data', () => {
      if (output.includes('\n')) resolve(output.slice(0, output.indexOf('\n')));
    });
    ended.then(() => reject(new Error(`${name} ended before it was ready`)), reject);
  });
  // Whoever needs them awaits them; a process that is stopped on purpose is nobody's error.
  ended.catch(() => undefined);
  firstLine.catch(() => undefined);
  return {
    pid: child.pid ?? 0,
    firstLine,
    output: ended,
    async stop() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await ended.catch((error: unknown) => {
        if (error instanceof Interrupted) throw error;
      });
      clearTimeout(timer);
    },
  };
}

/** Ends all, and makes whatever waits for one of them fail with `Interrupted`. */
export function interrupt(): void {
  if (interrupted) return;
  interrupted = true;
  for (const child of alive) child.kill('SIGTERM');
  setTimeout(killAll, INTERRUPT_MS).unref();
}

/** At once, for when there is no time left to wait. */
export function killAll(): void {
  for (const child of alive) child.kill('SIGKILL');
}

/** Relays are measured as they come, not as this shell happens to configure them. */
function withoutSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('POSTREEL_')));
}
