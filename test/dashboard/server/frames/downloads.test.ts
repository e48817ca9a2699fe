import { readdirSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { buffer, text } from 'node:stream/consumers';
import { Writable } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import { compileFilter } from '../../../../analysis/filter/compile.ts';
import { printFrames } from '../../../../cli/commands/frames.ts';
import { Output } from '../../../../cli/output.ts';
import {
  Downloads,
  DOWNLOADS_MAX,
  takeSteps,
  writeLines,
} from '../../../../dashboard/server/frames/downloads.ts';
import { Failure } from '../../../../common/failure.ts';
import { frameHandlers } from '../../../../dashboard/server/frames/handlers.ts';
import type { Download } from '../../../../dashboard/server/handlers.ts';
import { verifyCapture } from '../../../../recorder/verify.ts';
import { record, temporaryFile, temporaryFolder } from '../../../kit/capture-file.ts';
import { meet, part, talk } from '../../../kit/two-talks.ts';
import { TestDesk } from './desk-kit.ts';

let file: string;
beforeEach(() => {
  file = temporaryFile();
});

function recordTalks(): void {
  record(file, (store) => {
    meet(store);
    talk(store, 1, 1500);
    store.gap(1501, 10, 0, 2e9, 'it was full');
    talk(store, 1511, 3000);
    part(store);
  });
}

const never = new AbortController().signal;

async function printed(desk: TestDesk, session: number, filter: string): Promise<string> {
  let all = '';
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      all += chunk.toString();
      done();
    },
  });
  const output = new Output(() => sink);
  await printFrames(desk.reader, output, {
    capture: 1,
    session: desk.reader.session(session),
    filter: filter === '' ? null : compileFilter(filter),
    follow: false,
    limit: null,
    json: true,
    heading: false,
    paint: (_style, shown) => shown,
    signal: never,
  });
  await output.flush();
  return all;
}

describe('frames to download', () => {
  it.each(['', 'size > 27', 'payload contains "!"', 'size > 100'])(
    'are the lines that `postreel frames --json` prints, with a size that is known: %s',
    async (filter) => {
      recordTalks();
      const desk = TestDesk.open(file);
      const handlers = frameHandlers(desk.desk);
      const asked = { params: { id: 2 }, query: { filter }, body: undefined, signal: never };
      const download = await handlers.downloadFrames(asked);
      const content = await text(download.stream);
      expect(content).toBe(await printed(desk, 2, filter));
      expect(download).toMatchObject({ name: 'session-2.jsonl', bytes: Buffer.byteLength(content) });
      if (filter === '')
        expect(content.split('\n').filter((line) => line.startsWith('{"gap"'))).toHaveLength(1);
    },
  );
});

describe('a capture to download', () => {
  it('is a whole capture file', async () => {
    recordTalks();
    const handlers = frameHandlers(TestDesk.open(file).desk);
    const { name, bytes, stream } = await handlers.downloadCapture({
      params: { id: 2 },
      query: undefined,
      body: undefined,
      signal: never,
    });
    const content = await buffer(stream);
    expect([name, content.length]).toEqual(['session-2.db', bytes]);
    const copy = temporaryFile();
    writeFileSync(copy, content);
    expect(verifyCapture(copy)).toMatchObject({ ok: true });
  });
});

describe('downloads', () => {
  const made = (downloads: Downloads, content = 'some text', signal = never): Promise<Download> =>
    downloads.make('some.txt', signal, (target) => writeFile(target, content));

  async function closed({ stream }: Download): Promise<void> {
    if (!stream.closed) await new Promise((resolve) => stream.once('close', resolve).destroy());
  }

  it('leave no name on the disk while they are sent, and nothing after', async () => {
    const folder = temporaryFolder();
    const downloads = new Downloads(folder);
    const download = await made(downloads);
    expect(readdirSync(folder)).toEqual([]);
    expect(downloads.count).toBe(1);
    expect(await text(download.stream)).toBe('some text');
    await closed(download);
    expect(downloads.count).toBe(0);
  });

  it('are so many at most', async () => {
    const downloads = new Downloads(temporaryFolder());
    const all = await Promise.all(Array.from({ length: DOWNLOADS_MAX }, () => made(downloads)));
    await expect(made(downloads)).rejects.toThrow('4 downloads go on already: try again later');
    await closed(all[0]!);
    await closed(await made(downloads));
    for (const each of all.slice(1)) await closed(each);
    expect(downloads.count).toBe(0);
  });

  it('are ended and removed when the client goes away, while they are made or sent', async () => {
    const folder = temporaryFolder();
    const downloads = new Downloads(folder);
    const gone = new AbortController();
    let steps = 0;
    let isOver = false;
    function* endless(): Generator<undefined, void> {
      try {
        for (;;) {
          if (++steps === 10) gone.abort();
          yield;
        }
      } finally {
        isOver = true;
      }
    }
    const making = downloads.make('x', gone.signal, () => takeSteps(endless(), gone.signal));
    await expect(making).rejects.toThrow(/abort/i);
    expect([steps, isOver]).toEqual([10, true]);
    const other = new AbortController();
    const sent = await made(downloads, 'x'.repeat(1_000_000), other.signal);
    const over = new Promise((resolve) => sent.stream.once('close', resolve));
    other.abort();
    await over;
    expect([downloads.count, readdirSync(folder)]).toEqual([0, []]);
  });

  it('leave nothing on the disk when the program ends while they are made', async () => {
    const folder = temporaryFolder();
    const downloads = new Downloads(folder);
    const gone = new AbortController();
    const making = downloads.make('x', gone.signal, async (target) => {
      writeFileSync(target, 'half');
      await new Promise((resolve) => gone.signal.addEventListener('abort', resolve));
    });
    await expect.poll(() => readdirSync(folder, { recursive: true })).toHaveLength(2);
    downloads.close();
    expect(readdirSync(folder)).toEqual([]);
    gone.abort();
    await expect(making).rejects.toThrow(/abort/i);
  });

  it('of lines end as soon as nobody waits for them', async () => {
    const gone = new AbortController();
    let pages = 0;
    async function* endless(): AsyncGenerator<readonly string[], void> {
      for (;;) {
        if (++pages === 10) gone.abort();
        yield await Promise.resolve(['a line']);
      }
    }
    await expect(writeLines(temporaryFile(), endless(), gone.signal)).rejects.toThrow(/abort/i);
    expect(pages).toBe(10);
  });

  it.each([
    ['ENOSPC', /^the download is made in .*, where no room is left$/],
    ['SQLITE_FULL', /^the download is made in .*, where no room is left$/],
    ['EROFS', /^the download is made in .*, which cannot be written to \(EROFS\)$/],
  ])('that cannot be made say why in one line: %s', async (code, message) => {
    const downloads = new Downloads(temporaryFolder());
    const failing = downloads.make('x', never, () =>
      Promise.reject(Object.assign(new Error('no'), { code })),
    );
    await expect(failing).rejects.toThrow(message);
    const opened = new Failure('outside', 'cannot-open', '/tmp/x cannot be opened', { code });
    const copying = downloads.make('x', never, () => Promise.reject(opened));
    await expect(copying).rejects.toThrow(message);
    expect(downloads.count).toBe(0);
    await expect(made(new Downloads('/nowhere'))).rejects.toThrow(/cannot be written to \(ENOENT\)/);
  });
});
