/** The bench runs and its results have their shape. How fast anything is, no test says. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Results } from '../../bench/results.ts';

const RUN = fileURLToPath(new URL('../../dist/bench/run.js', import.meta.url));

async function bench(...args: string[]) {
  const child = spawn(process.execPath, [RUN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close') as Promise<[number | null]>;
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, stdout, stderr };
}

describe('npm run bench', () => {
  it('measures all subjects, and finds that no frame was lost', { timeout: 60_000 }, async () => {
    const { code, stdout, stderr } = await bench('--quick', '--only', 'delay-8x4', '--rounds', '1', '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('delay-8x4') as string });
    const results = JSON.parse(stdout) as Results;
    expect(results).toMatchObject({ quick: true, rounds: 1 });
    expect(results.machine.cores).toBeGreaterThan(0);
    const [found] = results.cases;
    expect(found).toMatchObject({ name: 'delay-8x4', failures: [] });
    expect(Object.keys(found?.subjects ?? {})).toEqual(['baseline', 'relay', 'guarded', 'recording']);
    for (const figures of Object.values(found?.subjects ?? {}))
      expect(figures['p50Ms']?.median).toBeGreaterThan(0);
    expect(found?.subjects.recording?.['framesNotRecorded']?.median).toBe(0);
  });

  it.each([
    [['--only', 'nothing'], '--only takes one of'],
    [['--rounds', '0'], '--rounds takes a number'],
    [['--fast'], '--fast'],
    [['--quick', '--long'], '--quick and --long'],
  ])('refuses %j in one line', async (args, why) => {
    const { code, stdout, stderr } = await bench(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^bench: [^\n]+\n$/);
    expect(stderr).toContain(why);
  });
});
