/**
 * Downloads, made whole before they are sent, so that their size is known.
 *
 * The rule: one is made in a folder that nobody else can read, in pieces with turns of the event loop between them, and its
 * name is removed before the first byte is sent: what is left of it goes with its last reader, or with this program.
 */
import { closeSync, createReadStream, fstatSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../../../common/failure.ts';
import type { Download } from '../handlers.ts';
import { pause } from '../leisure.ts';

/** Downloads that are made or sent at a time: each takes room on the disk. */
export const DOWNLOADS_MAX = 4;
/** Text that is gathered before it is written. */
const CHUNK_CHARACTERS = 64 * 1024;

/** What puts all of it into a file of that name, where nothing is yet. */
export type Maker = (file: string) => Promise<void>;

export class Downloads {
  readonly #folder: string;
  /** Folders of those that are being made. */
  readonly #making = new Set<string>();
  #count = 0;

  /** `folder` is where they are made. */
  constructor(folder = tmpdir()) {
    this.#folder = folder;
  }

  /** Those that are made or sent now. */
  get count(): number {
    return this.#count;
  }

  /** Failure codes: `too-many-downloads`, `disk-full`, `cannot-write`. */
  async make(name: string, signal: AbortSignal, maker: Maker): Promise<Download> {
    if (this.#count >= DOWNLOADS_MAX)
      throw new Failure(
        'input',
        'too-many-downloads',
        `${DOWNLOADS_MAX} downloads go on already: try again later`,
      );
    this.#count++;
    try {
      return this.#send(name, signal, await this.#made(signal, maker));
    } catch (error) {
      this.#count--;
      throw explained(error, this.#folder);
    }
  }

  /** Nothing is left of those that are being made: this program ends, and does not wait for them. */
  close(): void {
    for (const folder of this.#making) rmSync(folder, { recursive: true, force: true });
  }

  /** A descriptor of the file, which has no name any more. */
  async #made(signal: AbortSignal, maker: Maker): Promise<number> {
    const folder = mkdtempSync(join(this.#folder, 'postreel-download-'));
    this.#making.add(folder);
    try {
      const file = join(folder, 'download');
      await maker(file);
      signal.throwIfAborted();
      return openSync(file, 'r');
    } finally {
      await rm(folder, { recursive: true, force: true });
      this.#making.delete(folder);
    }
  }

  #send(name: string, signal: AbortSignal, fd: number): Download {
    if (signal.aborted) {
      closeSync(fd);
      signal.throwIfAborted();
    }
    const bytes = fstatSync(fd).size;
    const stream = createReadStream('', { fd });
    stream.once('close', () => this.#count--);
    signal.addEventListener('abort', () => stream.destroy(), { once: true });
    return { name, bytes, stream };
  }
}

/** Puts lines into a file. */
export async function writeLines(
  file: string,
  pages: AsyncIterable<readonly string[]>,
  signal: AbortSignal,
): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    let text = '';
    for await (const page of pages) {
      for (const line of page) text += `${line}\n`;
      if (text.length >= CHUNK_CHARACTERS) {
        await handle.appendFile(text);
        text = '';
      } else await pause();
      signal.throwIfAborted();
    }
    await handle.appendFile(text);
  } finally {
    await handle.close();
  }
}

/** Takes all steps, with a turn after each, as long as somebody waits. */
export async function takeSteps(steps: Generator<undefined, void>, signal: AbortSignal): Promise<void> {
  try {
    while (steps.next().done !== true) {
      await pause();
      signal.throwIfAborted();
    }
  } finally {
    steps.return();
  }
}

const FULL = new Set(['ENOSPC', 'EDQUOT', 'SQLITE_FULL']);
const UNWRITABLE = new Set(['EACCES', 'EROFS', 'ENOENT', 'EIO', 'SQLITE_IOERR_WRITE', 'SQLITE_CANTOPEN']);

function explained(error: unknown, folder: string): unknown {
  if (!(error instanceof Error)) return error;
  // What opens a new capture file names it, and says why in words of its own.
  const { code = '' } = (error instanceof Failure ? (error.cause ?? error) : error) as NodeJS.ErrnoException;
  const what = `the download is made in ${folder}`;
  if (FULL.has(code)) return new Failure('outside', 'disk-full', `${what}, where no room is left`, error);
  if (UNWRITABLE.has(code))
    return new Failure('outside', 'cannot-write', `${what}, which cannot be written to (${code})`, error);
  return error;
}
