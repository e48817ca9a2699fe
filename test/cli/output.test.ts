import { PassThrough, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Output, outputColumns, ReaderGone } from '../../cli/output.ts';

function failing(code: string): Writable {
  return new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error('it broke'), { code })),
  });
}

describe('output', () => {
  it('gathers lines into few writes and loses none', async () => {
    const writes: string[] = [];
    const stream = new Writable({
      write(chunk: Buffer, _encoding, done) {
        writes.push(chunk.toString());
        done();
      },
    });
    const output = new Output(() => stream);
    const lines = Array.from({ length: 5000 }, (_, index) => `line ${index} of many`);
    for (const line of lines) await output.line(line);
    await output.flush();
    expect(writes.join('')).toBe(lines.map((line) => `${line}\n`).join(''));
    expect(writes.length).toBeLessThan(5);
  });

  it('waits for a slow reader instead of filling memory', async () => {
    let release: () => void = () => undefined;
    const stream = new Writable({ write: (_chunk, _encoding, done) => (release = done) });
    const output = new Output(() => stream);
    let isWritten = false;
    const line = output.line('x'.repeat(100_000)).then(() => (isWritten = true));
    await new Promise(setImmediate);
    expect(isWritten).toBe(false);
    release();
    await line;
  });

  it('opens nothing as long as nothing is printed', async () => {
    const output = new Output(() => {
      throw new Error('opened');
    });
    await output.flush();
  });

  it('tells a reader that went away, as head does, from a write that failed', async () => {
    const gone = new Output(() => failing('EPIPE'));
    await gone.line('x');
    await expect(gone.flush()).rejects.toBeInstanceOf(ReaderGone);
    const full = new Output(() => failing('ENOSPC'));
    await full.line('x');
    await expect(full.flush()).rejects.toMatchObject({ kind: 'outside', code: 'cannot-write' });
  });

  it('notices a reader that went away earlier', async () => {
    const stream = new PassThrough();
    const output = new Output(() => stream);
    await output.line('x');
    stream.destroy();
    await expect(output.flush()).rejects.toBeInstanceOf(ReaderGone);
  });
});

it('lines are as wide as the terminal, and of any width where there is none', () => {
  expect(outputColumns({ isTTY: true, columns: 80 })).toBe(80);
  expect(outputColumns({ isTTY: true, columns: 0 })).toBe(Infinity);
  expect(outputColumns({ isTTY: false, columns: 80 })).toBe(Infinity);
});
