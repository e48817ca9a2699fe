/**
 * Ends what tests have started when the process that runs them is gone, however it went: killed from outside, it runs no hooks.
 *
 * The rule: it stands beside that process, in a process group of its own, and learns of its end by a pipe that closes. Whatever
 * ended before is struck from its list, so that no other process that got the number is hit.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('reaping-process.mjs', import.meta.url));

let reaper: ChildProcess | null = null;

/** A child that goes when this process does, at the latest. */
export function outlivedByNone(child: ChildProcess): void {
  const { pid } = child;
  if (pid === undefined) return;
  tell(`+${pid}`);
  child.once('exit', () => tell(`-${pid}`));
}

function tell(line: string): void {
  reaper ??= startReaper();
  reaper.stdin?.write(`${line}\n`);
}

/** It keeps nobody from ending. */
function startReaper(): ChildProcess {
  const started = spawn(process.execPath, [PROGRAM], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  started.unref();
  const { stdin } = started;
  if (stdin !== null && 'unref' in stdin) (stdin as { unref(): void }).unref();
  return started;
}
