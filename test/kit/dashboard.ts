/**
 * The dashboard as its users have it: the built program, on free ports, with captures that were recorded for real.
 *
 * The rule: captures are made once for a test file and copied for whoever writes into one; all is gone when its tests are.
 */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { bigPlay } from '../../bench/replay/big-play.ts';
import { eveningPlay, type EveningOptions } from './evening.ts';
import { mutant, startMutant } from './mutants.ts';
import { recordPlay } from './plays.ts';
import {
  type Ended,
  firstLine,
  type HowToRun,
  launch,
  run,
  type RunningRelay,
  startRelay,
} from './program.ts';

export const MILLION = 1_000_000;
/** Enough for all that is done with one file of them, and little on the disk: some 100 MB. */
const MILLION_PAYLOAD_BYTES = 60;
/** So that an evening is over in seconds. */
const ACT_MS = 600;

let folder: string | null = null;
let files = 0;
afterAll(() => {
  if (folder !== null) rmSync(folder, { recursive: true, force: true });
  folder = null;
});

/** The name of a file that is not there yet. */
export function newFile(): string {
  folder ??= mkdtempSync(join(tmpdir(), 'postreel-'));
  return join(folder, `${++files}.db`);
}

export function copyOf(file: string): string {
  const copy = newFile();
  copyFileSync(file, copy);
  return copy;
}

export interface Dashboard {
  /** Without a slash at its end. */
  readonly url: string;
  readonly port: number;
  readonly file: string;
  stop(): Promise<Ended>;
}

/** Starts `postreel ui`. With `lasts` it serves all tests of the file; else it ends with the test. */
export async function startUi(
  file: string,
  args: readonly string[] = [],
  { lasts = false }: Pick<HowToRun, 'lasts'> = {},
): Promise<Dashboard> {
  const started = launch(['ui', file, '--ready-json', '--http', '0', ...args], { lasts, cwd: tmpdir() });
  const { http } = JSON.parse(await firstLine(started)) as { http: { port: number } };
  return {
    url: `http://127.0.0.1:${http.port}`,
    port: http.port,
    file,
    async stop() {
      started.child.kill('SIGTERM');
      return started.ended;
    },
  };
}

export interface RecordingRelay extends Dashboard {
  readonly relay: RunningRelay;
}

/** Starts a relay that records, and serves the dashboard. It ends with the test. */
export async function startRecording(args: readonly string[] = []): Promise<RecordingRelay> {
  const file = newFile();
  const relay = await startRelay(['--record', file, ...args]);
  return {
    relay,
    url: `http://127.0.0.1:${relay.http}`,
    port: relay.http,
    file,
    stop: () => relay.stop(),
  };
}

/** Four players, with all that goes wrong on such an evening. */
export async function recordEvening(options: EveningOptions = {}): Promise<string> {
  const { file } = await recordPlay(({ postoffice, adhocctl = 0 }) =>
    eveningPlay({ postoffice, adhocctl }, { actMs: ACT_MS, ...options }),
  );
  return file;
}

/** One file with a session of each of these games, in this order. */
export async function recordEvenings(products: readonly string[], actMs = 200): Promise<string> {
  const { relay, file, stop } = await startRecording();
  const { postoffice = 0, adhocctl = 0 } = relay.ports;
  for (const product of products) await eveningPlay({ postoffice, adhocctl }, { actMs, product });
  await stop();
  return file;
}

/** Replays the first session of a capture against a relay that breaks it, and keeps the verdict in it. */
export async function replayBroken(file: string, name = 'truncates'): Promise<void> {
  const running = await startMutant(mutant(name));
  try {
    const { code, stderr } = await run([
      ...['replay', file, '--session', '1', '--against', `127.0.0.1:${running.port}`],
      ...['--against-adhocctl', `127.0.0.1:${running.adhocctlPort}`],
    ]);
    if (code !== 1) throw new Error(`a replay against ${name} ended with ${code ?? 'nothing'}: ${stderr}`);
  } finally {
    await running.stop();
  }
}

/** One session of four players, of a million frames. */
export function millionFrames(): string {
  const file = newFile();
  bigPlay(file, MILLION, { groups: 1, payloadBytes: MILLION_PAYLOAD_BYTES });
  return file;
}

/** A frame, as `postreel frames --json` has it. */
export interface CommandFrame {
  readonly sequence: number;
  readonly kind: string;
  readonly size: number;
  readonly summary: string;
  readonly bytes: string;
}

/** What the command line says of a session's frames. */
export async function commandFrames(
  file: string,
  session: number,
  filter = '',
): Promise<readonly CommandFrame[]> {
  const filtered = filter === '' ? [] : ['--filter', filter];
  const { code, stdout, stderr } = await run([
    ...['frames', file, '--session', String(session), '--json'],
    ...filtered,
  ]);
  if (code !== 0) throw new Error(stderr);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as CommandFrame);
}

/** What the command line says with `--json`. */
export async function commandJson<T>(...words: readonly string[]): Promise<T> {
  const { code, stdout, stderr } = await run([...words, '--json']);
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as T;
}
