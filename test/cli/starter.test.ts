/** What a replay tells whoever started it: seldom, to the end, and that it does not outlive it. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Channel, Starter } from '../../cli/starter.ts';
import { ORPHAN_MS, PROGRESS_MS, type RunNews } from '../../dashboard/server/running/run-news.ts';

let now: number;
let told: RunNews[];
let exits: number[];
let leave: () => void;
let unref: number;

beforeEach(() => {
  vi.useFakeTimers();
  now = 0;
  told = [];
  exits = [];
  unref = 0;
});
afterEach(() => vi.useRealTimers());

const channel = (): Channel => ({
  connected: true,
  channel: { unref: () => (unref += 1) },
  send(news, done) {
    told.push(news);
    done();
  },
  once: (_, listener) => (leave = listener),
  exit: (code) => exits.push(code),
});

const find = (process: Channel = channel(), onGone = () => undefined) =>
  Starter.find(process, () => now, onGone);

it('is nobody for a program that was typed at a prompt', () => {
  expect(find({ once: () => undefined, exit: () => undefined })).toBeNull();
});

describe('progress', () => {
  it('is told no more often than ten times a second, and at its end', async () => {
    const starter = find()!;
    starter.begun();
    for (let sent = 1; sent <= 100; sent++) {
      starter.progress(sent, 100);
      now += PROGRESS_MS / 10;
    }
    await starter.ended({ replay: null, outcome: 'same', partial: null });
    const sent = told.map((news) => (news.news === 'progress' ? news.sent : news.news));
    expect(sent).toEqual(['begun', 1, 11, 21, 31, 41, 51, 61, 71, 81, 91, 100, 'ended']);
  });
});

describe('the end', () => {
  const end = { replay: 7, outcome: 'same', partial: null } as const;

  it('is told before the program ends', async () => {
    let done = (): void => undefined;
    const process = { ...channel(), send: (_: RunNews, told: () => void) => (done = told) };
    let isTold = false;
    const ended = find(process)!
      .ended(end)
      .then(() => (isTold = true));
    await vi.advanceTimersByTimeAsync(0);
    expect(isTold).toBe(false);
    done();
    await ended;
  });

  it('is not waited for where nobody is there any more', async () => {
    const process = channel();
    const starter = find(process)!;
    process.connected = false;
    await starter.ended(end);
    expect(told).toEqual([]);
  });

  it('does not wait for the channel', () => {
    find();
    expect(unref).toBe(1);
  });
});

it('a replay whose starter went while it was loaded is stopped too', async () => {
  const gone = vi.fn(() => undefined);
  find({ ...channel(), connected: false }, gone);
  expect(gone).toHaveBeenCalledOnce();
  await vi.advanceTimersByTimeAsync(ORPHAN_MS);
  expect(exits).toEqual([1]);
});

it('a replay whose starter is gone is stopped, and ended if it does not', async () => {
  const gone = vi.fn(() => undefined);
  find(channel(), gone);
  expect(gone).not.toHaveBeenCalled();
  leave();
  expect(gone).toHaveBeenCalledOnce();
  await vi.advanceTimersByTimeAsync(ORPHAN_MS - 1);
  expect(exits).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(exits).toEqual([1]);
});
