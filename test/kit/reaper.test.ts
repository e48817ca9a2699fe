/** What tests have started does not outlive them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const reaper = fileURLToPath(new URL('reaper.ts', import.meta.url));

/** Starts something that goes on for ever, and says its number. */
const PARENT = `
  import { spawn } from 'node:child_process';
  import { runnerImport } from 'vite';
  const { module } = await runnerImport(${JSON.stringify(reaper)});
  const start = () => spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore', detached: true });
  const child = start();
  module.outlivedByNone(child);
  setInterval(() => {}, 1000);
  console.log(child.pid);
`;

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test.each(['SIGKILL', 'SIGTERM'] as const)(
  'whoever ran it is ended by %s, and it ends, too',
  async (signal) => {
    const parent = spawn(process.execPath, ['--input-type=module', '-e', PARENT], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void parent.kill('SIGKILL'));
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    onTestFinished(() => {
      if (isThere(pid)) process.kill(pid, 'SIGKILL');
    });
    expect(isThere(pid)).toBe(true);
    parent.kill(signal);
    await expect.poll(() => isThere(pid), { timeout: 10_000 }).toBe(false);
  },
);
