/** Opens a capture file whose being one is up to whoever named it: that it is none is bad input, and nothing is in the way. */
import { Failure } from '../common/failure.ts';
import { CaptureFile } from '../recorder/captures.ts';

/** Failure codes: those of `CaptureFile.open`, `not-a-capture` as a mistake of whoever named it. */
export function openInput(file: string): CaptureFile {
  try {
    return CaptureFile.open(file);
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'not-a-capture') throw error;
    throw new Failure('input', error.code, error.message, error);
  }
}
