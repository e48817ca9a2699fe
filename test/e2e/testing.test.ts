/** `postreel/testing` as its users have it: the built package, by its name, in a project of their own. */
import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { mutant, startMutant } from '../kit/mutants.ts';
import { duelPlay, recordPlay } from '../kit/plays.ts';
import { startRelay, temporaryFolder } from '../kit/program.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const installed = (name: string) => join(root, 'node_modules', name);

/** What docs/replay.md shows, word for word. */
const page = readFileSync(join(root, 'docs', 'replay.md'), 'utf8');
const block = (marked: string) =>
  Array.from(page.matchAll(/^```\w+\n([^]*?)^```$/gm), ([, text = '']) => text).find((text) =>
    text.includes(marked),
  )!;
const shown = {
  'evening.test.ts': block("from 'postreel/testing'"),
  'masks.json': block('"masks": ['),
  'policy.json': block('"rules": ['),
};

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

interface Ports {
  readonly postoffice: number;
  readonly adhocctl: number;
}

/** The relay of the page is at its usual ports; that of a test is not. */
function shownFor({ postoffice, adhocctl }: Ports): Readonly<Record<string, string>> {
  const name = 'evening.test.ts';
  const text = shown[name].replace('27313', String(postoffice)).replace('27312', String(adhocctl));
  expect(text).toContain(`{ postoffice: ${postoffice}, adhocctl: ${adhocctl} }`);
  return { ...shown, [name]: text };
}

const usual: Ports = { postoffice: 27_313, adhocctl: 27_312 };

/** A project with these files, a capture, and nothing installed but by links. */
function project(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'node_modules', '@types'), { recursive: true });
  symlinkSync(root, join(folder, 'node_modules', 'postreel'));
  for (const name of ['vitest', join('@types', 'node')])
    symlinkSync(installed(name), join(folder, 'node_modules', name));
  copyFileSync(recording, join(folder, 'evening.db'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

interface Ran {
  readonly code: number | null;
  readonly output: string;
}

async function runIn(folder: string, script: string, args: readonly string[]): Promise<Ran> {
  const child = spawn(process.execPath, [script, ...args], {
    cwd: folder,
    env: { PATH: process.env['PATH'], NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, output };
}

const runVitest = (folder: string) => runIn(folder, installed('vitest/vitest.mjs'), ['run', '--no-cache']);
const compile = (folder: string) => runIn(folder, installed('typescript/bin/tsc'), ['--pretty', 'false']);

describe('a suite of its users', () => {
  test('passes against a relay that does as the recorded one did, and leaves nothing behind', async () => {
    const { ports } = await startRelay();
    const folder = project(shownFor(ports as unknown as Ports));
    const before = readdirSync(folder);
    const { code, output } = await runVitest(folder);
    expect(output).toContain('1 passed');
    expect(code).toBe(0);
    expect(readdirSync(folder)).toEqual(before);
  });

  test('fails against one that does not, and says what came first', async () => {
    const { port, adhocctlPort, stop } = await startMutant(mutant('wrong-sender-port'));
    onTestFinished(stop);
    const { code, output } = await runVitest(project(shownFor({ postoffice: port, adhocctl: adhocctlPort })));
    expect(output).toMatch(/FAIL {2}evening\.test\.ts > the evening of Hana and Gus\n/);
    expect(output).toContain('Differs: 1 failure');
    expect(output).toContain(`session 1 of evening.db against the relay at 127.0.0.1:${port}`);
    expect(output).toMatch(/First difference\n {2}.*port is 4000 instead of 4001\n {2}changed, frame \d+/);
    expect(code).toBe(1);
  });

  test('has its types', async () => {
    const { code, output } = await compile(project(shownFor(usual)));
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
