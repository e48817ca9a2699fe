/**
 * Masks that came with a request, as a file that a replay reads.
 *
 * The rule: they are checked before there is a file; it is this user's alone, in a folder of its own, and gone as soon as
 * it was read. A request names no path.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseMasks } from '../../../replay/masks/file.ts';

/** What it is called in refusals, and in the line for a terminal. */
export const MASKS_NAME = 'masks.json';

export interface MaskFile {
  readonly path: string;
  /** Harmless where it is gone already. */
  remove(): void;
}

/** Failure code: `bad-masks`. */
export function writeMasks(masks: unknown): MaskFile {
  // With line ends, because refusals name a line.
  const text = JSON.stringify(masks, null, 2);
  parseMasks(MASKS_NAME, text);
  const folder = mkdtempSync(join(tmpdir(), 'postreel-masks-'));
  const path = join(folder, MASKS_NAME);
  writeFileSync(path, text, { mode: 0o600, flag: 'wx' });
  return { path, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
