/** What went wrong with a transaction beside a recorder, in one line that says what could not be written. */
import { Failure } from '../common/failure.ts';
import { isBusy } from './lock.ts';
import { explainOpening } from './open.ts';

/** `what` as in "the replay". Failure codes: `in-use`, `disk-full`, `read-only`, `cannot-write`, and those of `explainOpening`. */
export function explainWriting(file: string, what: string, error: unknown): unknown {
  if (isBusy(error)) {
    const message = `${file} is kept locked by another program: ${what} cannot be written to it`;
    return new Failure('outside', 'in-use', message, error);
  }
  const code = (error as { code?: unknown }).code;
  if (code === 'SQLITE_FULL') {
    return new Failure('outside', 'disk-full', `${file} has no room for ${what}: the disk is full`, error);
  }
  const failure = explainOpening(file, error);
  if (!(failure instanceof Failure) || failure === error || failure.code !== 'cannot-open') return failure;
  const message = `${what} cannot be written to ${file}: ${(error as Error).message}`;
  return new Failure('outside', 'cannot-write', message, error);
}
