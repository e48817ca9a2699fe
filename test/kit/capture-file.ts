/** Capture files in folders of their own, written in this process or in another. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { protocols } from '../../protocol/registry.ts';
import type { Protocol } from '../../protocol/types.ts';
import type { GivenName } from '../../protocol/given-names.ts';
import { CaptureStore, type CaptureMeta } from '../../recorder/store.ts';

export const protocol: Protocol = protocols[0]!;

export const meta: CaptureMeta = { startedAtMicros: 1_700_000_000_123_456, pid: 4321, version: '1.2.3' };

/** Removed when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'postreel-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Where a capture may be put. Nothing is there yet. */
export function temporaryFile(): string {
  return join(temporaryFolder(), 'some.db');
}

/** Closed when the test ends, unless the test has ended the capture itself. */
export function openStore(file: string, names: readonly GivenName[] = []): CaptureStore {
  const store = CaptureStore.open(file, { ...meta, names }, protocols);
  onTestFinished(() => {
    if (store.db.open) store.abandon();
  });
  return store;
}

/** What happens in one transaction. */
export function transaction(store: CaptureStore, steps: (store: CaptureStore) => void): void {
  store.begin();
  steps(store);
  store.commit();
}

/** A capture from its start to a clean end. */
export function record(
  file: string,
  steps: (store: CaptureStore) => void,
  names: readonly GivenName[] = [],
): void {
  const store = openStore(file, names);
  transaction(store, steps);
  store.finish(9_000_000_000);
}

export function openConnections(store: CaptureStore, count: number): void {
  for (let conn = 1; conn <= count; conn += 1)
    store.opened(conn, protocol.id, '192.0.2.1', 40_000 + conn, conn);
}

/** Forwarded from connection 1 to 2 after 50 us, one every millisecond, with their sequence as bytes. */
export function addFrames(store: CaptureStore, first: number, last: number): void {
  for (let sequence = first; sequence <= last; sequence += 1) {
    store.frame(sequence, sequence * 1_000_000, 50_000, 1, 2, 0, 0, Buffer.from(String(sequence)));
  }
}

export interface RecordingProcess {
  readonly pid: number;
  /** As `kill -9` does. */
  kill(): Promise<void>;
  /** Lets it end its capture in good order. */
  finish(): Promise<void>;
}

/** Another process that records into this file, ten frames a transaction, and has committed at least one. */
export async function recordElsewhere(file: string): Promise<RecordingProcess> {
  const script = fileURLToPath(new URL('recording-process.mjs', import.meta.url));
  const child = spawn(process.execPath, [script, file], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const first = await Promise.race([once(child.stdout, 'data'), ended.then(() => null)]);
  if (first === null) throw new Error('the recording process ended before it recorded (is dist/ built?)');
  return {
    pid: child.pid!,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
    async finish() {
      child.stdin.end();
      await ended;
    },
  };
}
