/** What is measured: the baseline, the relay, with a guard, and with a recording. Each time a fresh process. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Program, start } from './processes.ts';

/** In the order in which they take turns. The first is what the others are compared with. */
export const subjects = ['baseline', 'relay', 'guarded', 'recording'] as const;
export type SubjectName = (typeof subjects)[number];

/** What the recording holds after a run. */
export interface Recorded {
  readonly frames: number;
  /** Frames that it says are missing. */
  readonly gaps: number;
  readonly fileBytes: number;
}

export interface Subject {
  readonly port: number;
  /** Where players have to log in first; null where they need not. */
  readonly controlPort: number | null;
  readonly pid: number;
  /** Answers what was recorded, or null for one that does not record. */
  stop(): Promise<Recorded | null>;
}

const folders = new Set<string>();

export async function startSubject(name: SubjectName): Promise<Subject> {
  if (name === 'baseline') return ready(start('bench/baseline.js', []), () => Promise.resolve(null));
  const ports = ['--postoffice', '0', '--adhocctl', '0', '--http', '0'];
  const relay = ['relay', '--ready-json', '--host', '127.0.0.1', ...ports];
  if (name === 'guarded') relay.push('--guard', 'group');
  if (name !== 'recording')
    return ready(start('cli/main.js', relay), () => Promise.resolve(null), name === 'guarded');
  const folder = mkdtempSync(join(tmpdir(), 'postreel-bench-'));
  folders.add(folder);
  const file = join(folder, 'capture.db');
  return ready(start('cli/main.js', [...relay, '--record', file]), async () => {
    const recorded = await look(file);
    remove(folder);
    return recorded;
  });
}

/** For when the bench ends while a recording is there. */
export function removeRecordings(): void {
  for (const folder of folders) remove(folder);
}

async function ready(
  program: Program,
  recorded: () => Promise<Recorded | null>,
  isGuarded = false,
): Promise<Subject> {
  const { listeners, pid } = JSON.parse(await program.firstLine) as {
    listeners: { postoffice: { port: number }; adhocctl?: { port: number } };
    pid: number;
  };
  return {
    port: listeners.postoffice.port,
    controlPort: isGuarded ? (listeners.adhocctl?.port ?? null) : null,
    pid,
    async stop() {
      await program.stop();
      return recorded();
    },
  };
}

/** Asks the program itself, as anybody would. */
async function look(file: string): Promise<Recorded> {
  const captures = JSON.parse(await start('cli/main.js', ['captures', file, '--json']).output) as {
    frames: number;
    gaps: number;
  }[];
  const [capture] = captures;
  if (capture === undefined || captures.length !== 1)
    throw new Error(`the recording holds ${captures.length} captures instead of one`);
  return { frames: capture.frames, gaps: capture.gaps, fileBytes: statSync(file).size };
}

function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  folders.delete(folder);
}
