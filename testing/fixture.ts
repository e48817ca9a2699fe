/**
 * Opens a capture that belongs to a test suite.
 *
 * The rule: the file is not touched. SQLite writes beside a file that it opens, and a capture of an older format is
 * migrated where it is opened; so a copy is opened, and a read-only checkout will do. A capture that is being
 * recorded is nobody's fixture, and no copy of it would be whole: that one is opened where it is.
 */
import { constants, existsSync, statSync } from 'node:fs';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Failure } from '../common/failure.ts';
import { CaptureFile } from '../recorder/captures.ts';
import { isRecording } from '../recorder/lock.ts';

export interface Fixture {
  readonly reader: CaptureFile;
  /** What was opened: a copy, or the file itself. */
  readonly path: string;
  close(): Promise<void>;
}

/** Failure codes: those of `CaptureFile.open`, and `cannot-copy`. */
export async function openFixture(file: string): Promise<Fixture> {
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true || isRecording(file))
    return openInPlace(file);
  const folder = await mkdtemp(join(tmpdir(), 'postreel-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  const copy = join(folder, basename(file));
  try {
    await copyAll(file, copy);
    const reader = CaptureFile.open(copy);
    return {
      reader,
      path: copy,
      async close() {
        reader.close();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw aboutOriginal(error, copy, file);
  }
}

function openInPlace(file: string): Fixture {
  const reader = CaptureFile.open(file);
  return {
    reader,
    path: file,
    close() {
      reader.close();
      return Promise.resolve();
    },
  };
}

/** With its log, if it was not closed in good order. */
async function copyAll(file: string, copy: string): Promise<void> {
  try {
    for (const suffix of ['', '-wal'])
      if (existsSync(file + suffix)) await copyFile(file + suffix, copy + suffix, constants.COPYFILE_FICLONE);
  } catch (error) {
    const why = (error as Error).message;
    throw new Failure('outside', 'cannot-copy', `${file} cannot be copied to be opened: ${why}`, error);
  }
}

function aboutOriginal(error: unknown, copy: string, file: string): unknown {
  if (!(error instanceof Failure)) return error;
  return new Failure(error.kind, error.code, error.message.replaceAll(copy, file), error);
}
