/** `postreel/testing` as its users have it: the built package, by its name, in a project of their own. */
import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { mutant, startMutant } from '../kit/mutants.ts';
import { duelPlay, recordPlay } from '../kit/plays.ts';
import { startRelay, temporaryFolder } from '../kit/program.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const installed = (name: string) => join(root, 'node_modules', name);

/** As docs/replay.md shows it. */
const suite = `
import { expect, test } from 'vitest';
import { replayCapture } from 'postreel/testing';

const against = Number(process.env['RELAY_PORT']);

test('the evening of the bug', async ({ signal }) => {
  await expect(replayCapture('bug.db:1', { against, signal })).toMatchCapture();
}, 60_000);
`;

const misused = `
import { expect } from 'vitest';
import { replayCapture } from 'postreel/testing';

void expect(5).toMatchCapture();
void expect(replayCapture('bug.db', { against: 1, patience: 2 })).toMatchCapture({ session: 1 });
`;

const tsconfig = {
  compilerOptions: {
    strict: true,
    noEmit: true,
    target: 'es2023',
    module: 'nodenext',
    types: ['node'],
    skipLibCheck: true,
  },
  include: ['*.ts'],
};

let recording: string;
beforeAll(async () => {
  ({ file: recording } = await recordPlay(duelPlay));
});

/** A project with these files, a capture, and nothing installed but by links. */
function project(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'node_modules', '@types'), { recursive: true });
  symlinkSync(root, join(folder, 'node_modules', 'postreel'));
  for (const name of ['vitest', join('@types', 'node')])
    symlinkSync(installed(name), join(folder, 'node_modules', name));
  copyFileSync(recording, join(folder, 'bug.db'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

interface Ran {
  readonly code: number | null;
  readonly output: string;
}

async function runIn(folder: string, script: string, args: readonly string[], port = 0): Promise<Ran> {
  const child = spawn(process.execPath, [script, ...args], {
    cwd: folder,
    env: { PATH: process.env['PATH'], NO_COLOR: '1', RELAY_PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, output };
}

const runVitest = (folder: string, port: number) =>
  runIn(folder, installed('vitest/vitest.mjs'), ['run', '--no-cache'], port);
const compile = (folder: string) => runIn(folder, installed('typescript/bin/tsc'), ['--pretty', 'false']);

describe('a suite of its users', () => {
  test('passes against a relay that does as the recorded one did', async () => {
    const { port } = await startRelay();
    const folder = project({ 'bug.test.ts': suite });
    const before = readdirSync(folder);
    const { code, output } = await runVitest(folder, port);
    expect(output).toContain('1 passed');
    expect(code).toBe(0);
    expect(readdirSync(folder)).toEqual(before);
  });

  test('fails against one that does not, and says what came first', async () => {
    const { port, stop } = await startMutant(mutant('corrupts-byte'));
    onTestFinished(stop);
    const { code, output } = await runVitest(project({ 'bug.test.ts': suite }), port);
    expect(output).toMatch(/FAIL {2}bug\.test\.ts > the evening of the bug\n/);
    expect(output).toContain('Differs: 1 failure');
    expect(output).toContain(`session 1 of bug.db against the relay at 127.0.0.1:${port}, pace causal`);
    expect(output).toMatch(/First difference\n {2}.*\n {2}changed, frame \d+/);
    expect(code).toBe(1);
  });

  test('has its types', async () => {
    const { code, output } = await compile(project({ 'bug.test.ts': suite }));
    expect(output).toBe('');
    expect(code).toBe(0);
  });

  test('is told of misuse by the compiler', async () => {
    const { output } = await compile(project({ 'bug.test.ts': misused }));
    const errors = output.split('\n').filter((line) => line.includes('error TS'));
    expect(errors).toHaveLength(3);
    expect(errors[0]).toMatch(/^bug\.test\.ts\(5,\d+\): .*not callable/);
    expect(errors[1]).toMatch(/^bug\.test\.ts\(6,\d+\): .*'patience'/);
    expect(errors[2]).toMatch(/^bug\.test\.ts\(6,\d+\): .*'session'/);
  });
});
