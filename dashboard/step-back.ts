/**
 * Puts the thread that calls it behind all others: whoever looks on waits for those who play.
 *
 * The rule: as far as the system goes along. A low priority alone is not enough on Linux: a thread that has a core keeps it
 * until its slice ends, some 3 ms, and a frame that comes meanwhile waits. Threads of the class SCHED_IDLE give way at once.
 * Node cannot ask for it; the system's own `chrt` can.
 */
import { spawn } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import os from 'node:os';
import { basename } from 'node:path';

/** For systems without that class. On Linux this is the thread's own. */
const NICENESS = 10;

/** Resolves when it is done, or is known not to be possible. */
export function stepBack(): Promise<void> {
  lowerPriority();
  const thread = ownThread();
  if (thread === null) return Promise.resolve();
  return new Promise((resolve) => {
    const chrt = spawn('chrt', ['--idle', '--pid', '0', thread], { stdio: 'ignore' });
    chrt.on('error', () => resolve());
    chrt.on('exit', () => resolve());
  });
}

function lowerPriority(): void {
  try {
    os.setPriority(0, NICENESS);
  } catch {
    // Some systems do not allow it; then all threads are equals.
  }
}

/** Its number, as the kernel counts threads; null where there is no such thing to ask. */
function ownThread(): string | null {
  try {
    return basename(readlinkSync('/proc/thread-self'));
  } catch {
    return null;
  }
}
