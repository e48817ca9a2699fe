/**
 * Standard output of the commands that print much: lines gathered into large writes, and never more of
 * them in memory than one write. A reader that went away (`| head`) ends the program without a word.
 */
import type { Writable } from 'node:stream';
import { Failure } from '../common/failure.ts';

const WRITE_CHARACTERS = 64 * 1024;

/** Thrown where nobody reads any more. Not an error: the reader has all that it wanted. */
export class ReaderGone extends Error {}

export class Output {
  readonly #open: () => Writable;
  #stream: Writable | null = null;
  #pending = '';

  /** `open` is called with the first write: a program that prints nothing here opens nothing. */
  constructor(open: () => Writable) {
    this.#open = open;
  }

  /** Adds a line. Resolves at once except where there is enough for a write. */
  async line(text: string): Promise<void> {
    this.#pending += `${text}\n`;
    if (this.#pending.length >= WRITE_CHARACTERS) await this.flush();
  }

  /** Resolves once all is written. */
  async flush(): Promise<void> {
    const text = this.#pending;
    if (text === '') return;
    this.#pending = '';
    // Each write hears of its own error; without a listener the stream would throw it a second time.
    const stream = (this.#stream ??= this.#open().on('error', () => undefined));
    const error = await new Promise<Error | null | undefined>((resolve) => stream.write(text, resolve));
    if (!error) return;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED') throw new ReaderGone();
    throw new Failure('outside', 'cannot-write', `cannot write to standard output: ${error.message}`, error);
  }
}

/** How wide lines may be: Infinity where no terminal says it. */
export function outputColumns({ isTTY, columns }: Pick<NodeJS.WriteStream, 'isTTY' | 'columns'>): number {
  // Some terminals do not know, and say 0.
  return isTTY && columns > 0 ? columns : Infinity;
}
