/** Files that older versions wrote, kept as they are: each must stay readable for ever. */
import { copyFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { Outcome } from '../../protocol/outcome.ts';
import { CaptureFile } from '../../recorder/captures.ts';
import { latestFormat } from '../../recorder/migrate.ts';
import { CaptureStore } from '../../recorder/store.ts';
import { protocols } from '../../protocol/registry.ts';
import { verifyCapture } from '../../recorder/verify.ts';
import { temporaryFolder } from '../kit/program.ts';

const fixtures = fileURLToPath(new URL('../fixtures/captures/', import.meta.url));
const files = readdirSync(fixtures).filter((name) => name.endsWith('.db'));

test('there is one of each format', () => {
  expect(files.sort()).toEqual(Array.from({ length: latestFormat() }, (_, i) => `format-${i + 1}.db`));
});

describe.each(files)('%s', (name) => {
  function copy(): string {
    const file = join(temporaryFolder(), name);
    copyFileSync(join(fixtures, name), file);
    return file;
  }

  test('is whole, and reads as what was played', () => {
    const file = copy();
    expect(verifyCapture(file).checks.filter((check) => !check.ok)).toEqual([]);
    const capture = CaptureFile.open(file);
    expect(capture.captures()).toMatchObject([
      { id: 1, ended: 'clean', connections: 6, frames: 34, gaps: 0 },
    ]);
    const frames = [...capture.frames(1)];
    expect(frames.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 34 }, (_, i) => i + 1));
    expect(frames.filter(({ outcome }) => outcome === Outcome.forwarded)).toHaveLength(24);
    expect(frames.filter(({ outcome }) => outcome === Outcome.noTarget)).toHaveLength(1);
    expect([...capture.connections(1).values()].map(({ role }) => role)).toEqual([
      'pdp',
      'pdp',
      'ptp-listen',
      'ptp-connect',
      'ptp-accept',
      null,
    ]);
    capture.close();
  });

  test('can be recorded into', () => {
    const file = copy();
    const store = CaptureStore.open(file, { startedAtMicros: 0, pid: 1, version: 'test' }, protocols);
    expect(store.captureId).toBe(2);
    store.finish(1);
    expect(verifyCapture(file).ok).toBe(true);
  });
});
