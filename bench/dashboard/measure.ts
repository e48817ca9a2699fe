/**
 * The dashboard as its readers feel it, in a real browser: a session of a million frames, a tail that goes on for minutes, and
 * what those who look on cost those who play.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import type { Millis } from '../../protocol/types.ts';
import type { Answer, Figures, Job, RateLoad } from '../load/job.ts';
import type { Measured } from '../measure.ts';
import { Interrupted, type Program, start } from '../processes.ts';
import { bigPlay } from '../replay/big-play.ts';
import { startChromium } from './chromium.ts';
import { filterFrames, jumpToEnd, openFrames, ROW, scrollTo } from './frame-list.ts';
import { Meters, slopeOf } from './tab.ts';
import { liveSessions, openViewers } from './viewers.ts';

const DESK = { width: 1440, height: 900 };
const PAYLOAD_BYTES = 60;
/** The first that is in a file. */
const BIG_SESSION = 1;
const HEAP_EVERY_MS: Millis = 5_000;
/** The first minutes fill what is bounded: code, caches, rows. */
const HEAP_WARM_SHARE = 0.2;
const MS_PER_MINUTE = 60_000;

/** A recorded session of so many frames. */
export function measureFrames(frames: number): Promise<Measured> {
  return inFolder(async (file) => {
    bigPlay(file, frames, { groups: 1, payloadBytes: PAYLOAD_BYTES });
    const program = start('cli/main.js', ['ui', file, '--ready-json', '--http', '0']);
    try {
      const { http } = JSON.parse(await program.firstLine) as { http: { port: number } };
      return await inTab(`http://127.0.0.1:${http.port}/`, async (page, scripts) => {
        await page.waitForLoadState('networkidle');
        const javascriptBytes = await scripts();
        const meters = new Meters(page);
        const firstRowsMs = await openFrames(page, BIG_SESSION);
        let rowsInPage = await meters.rows();
        const jumpMs = await jumpToEnd(page, frames - 1);
        const scrolled: Millis[] = [];
        for (const share of [0.5, 0.1, 0.9, 0.3, 0.7]) {
          scrolled.push(await scrollTo(page, share));
          rowsInPage = Math.max(rowsInPage, await meters.rows());
        }
        const firstHitsMs = await filterFrames(page, 'payload.size > 0 && to == 02:be:00:00:00:03');
        const heapBytes = await meters.heapBytes();
        const scrollMs = scrolled.sort((a, b) => a - b)[2] ?? null;
        return { firstRowsMs, jumpMs, scrollMs, firstHitsMs, rowsInPage, heapBytes, javascriptBytes };
      });
    } finally {
      await program.stop();
    }
  });
}

const TAIL: Omit<RateLoad, 'warmMs' | 'measureMs'> = {
  ...{ kind: 'rate', games: 1, players: 4, hz: 167, payloadBytes: 200, together: false },
};

/** One session of 2 000 frames a second, whose end is followed. */
export function measureTail(forMs: Millis): Promise<Measured> {
  return onRelay(null, async (relay) => {
    const { port, pid, http } = await readyRelay(relay);
    const job: Job = { ...TAIL, warmMs: 0, measureMs: forMs + HEAP_EVERY_MS, port, controlPort: null, pid };
    const load = start('bench/load/main.js', [JSON.stringify(job)]);
    const [session = 0] = await liveSessions(http, 1);
    const figures = await inTab(`http://127.0.0.1:${http}/sessions/${session}/frames`, async (page) => {
      await page.locator(ROW).first().waitFor();
      await page.getByRole('button', { name: /follow/i }).click();
      const meters = new Meters(page);
      const heaps: number[] = [];
      for (let waited = 0; waited < forMs; waited += HEAP_EVERY_MS) {
        await sleep(Math.min(HEAP_EVERY_MS, forMs - waited));
        heaps.push(await meters.heapBytes());
      }
      const settled = heaps.slice(Math.floor(heaps.length * HEAP_WARM_SHARE));
      return {
        heapBytes: Math.max(...heaps),
        growthBytes: Math.max(0, (slopeOf(settled) * MS_PER_MINUTE) / HEAP_EVERY_MS),
        rowsInPage: await meters.rows(),
      };
    });
    const { figures: loaded } = JSON.parse(await load.output) as Answer;
    return { ...figures, framesPerSecond: loaded['framesPerSecond'] ?? null };
  });
}

/**
 * The same load twice, in turn, on one relay: without viewers, and with. It records into a file that has a session of so many
 * `frames`, which are searched through. The first turn is for the machine to get warm, and does not count.
 */
export function measureViewers(frames: number, load: RateLoad, turns: number): Promise<Measured> {
  const before = (file: string): void => bigPlay(file, frames, { groups: 1, payloadBytes: PAYLOAD_BYTES });
  return onRelay(before, async (relay) => {
    const { port, pid, http } = await readyRelay(relay);
    const job: Job = { ...load, port, controlPort: null, pid };
    const found = { alone: [] as number[], watched: [] as number[], searched: [] as number[] };
    for (let turn = 0; turn <= turns; turn++) {
      for (const way of ['alone', 'watched'] as const) {
        const program = start('bench/load/main.js', [JSON.stringify(job)]);
        const viewers = way === 'watched' ? await openViewers(http, BIG_SESSION) : null;
        const { figures } = JSON.parse(await program.output) as Answer;
        const seen = viewers?.close();
        if (turn === 0) continue;
        found[way].push(figures['p99Ms'] ?? Number.NaN);
        if (seen === undefined) continue;
        if (seen.searchedPerSecond === 0 || seen.tails === 0)
          throw new Error('the viewers were told nothing');
        found.searched.push(seen.searchedPerSecond);
      }
    }
    const [aloneP99Ms, watchedP99Ms] = [median(found.alone), median(found.watched)];
    const searchedPerSecond = median(found.searched);
    return { aloneP99Ms, watchedP99Ms, watchedShare: watchedP99Ms / aloneP99Ms, searchedPerSecond };
  });
}

function median(figures: readonly number[]): number {
  return [...figures].sort((a, b) => a - b)[Math.floor(figures.length / 2)] ?? Number.NaN;
}

async function inFolder(work: (file: string) => Promise<Figures>): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'postreel-bench-'));
  try {
    return { figures: await work(join(folder, 'capture.db')), failure: null };
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    return { figures: {}, failure: (error as Error).message };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `prepare` puts something into the file that it will record into. */
function onRelay(
  prepare: ((file: string) => void) | null,
  work: (relay: Program) => Promise<Figures>,
): Promise<Measured> {
  return inFolder(async (file) => {
    prepare?.(file);
    const ports = ['--postoffice', '0', '--adhocctl', '0', '--http', '0'];
    const relay = start('cli/main.js', [
      ...['relay', '--ready-json', '--host', '127.0.0.1', '--record', file],
      ...ports,
    ]);
    try {
      return await work(relay);
    } finally {
      await relay.stop();
    }
  });
}

async function readyRelay(relay: Program): Promise<{ port: number; pid: number; http: number }> {
  const { listeners, pid, http } = JSON.parse(await relay.firstLine) as {
    listeners: { postoffice: { port: number } };
    pid: number;
    http: { port: number };
  };
  return { port: listeners.postoffice.port, pid, http: http.port };
}

/** `scripts` are the bytes of JavaScript that were fetched so far, gzipped. */
async function inTab<T>(
  url: string,
  work: (page: Page, scripts: () => Promise<number>) => Promise<T>,
): Promise<T> {
  let browser: Browser | null = null;
  try {
    browser = await startChromium();
    const page = await browser.newPage({ viewport: DESK });
    const bodies: Promise<number>[] = [];
    page.on('response', (response) => {
      if (response.headers()['content-type']?.includes('javascript'))
        bodies.push(response.body().then((body) => gzipSync(body).length));
    });
    await page.goto(url);
    return await work(page, async () => (await Promise.all(bodies)).reduce((sum, bytes) => sum + bytes, 0));
  } finally {
    await browser?.close();
  }
}
