/** Opens the capture file that the dashboard shows. Loaded only where there is one. */
import { CaptureFile } from '../../recorder/captures.ts';
import type { Archive } from './archive.ts';

/** Failure codes: those of `CaptureFile.open`. */
export function openArchive(file: string): Archive {
  return { file, reader: CaptureFile.open(file) };
}
