import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { FramePage, FrameRow, RunPage } from '../../../../dashboard/api/frames.ts';
import type { News } from '../../../../dashboard/api/live.ts';
import { live, type Topic } from '../../../../dashboard/web/src/lib/live.svelte.ts';
import { FrameList, SETTLE_MS } from '../../../../dashboard/web/src/views/session/frames/list.svelte.ts';

const MILE = 100;
const row = (sequence: number): FrameRow => ({ sequence, at: sequence * 1e6 }) as FrameRow;

/** A server that has these frames, and tells of them when it is told to. */
function server(sequences: readonly number[]) {
  const asked: URL[] = [];
  const watches: { readonly topic: Topic; readonly tell: (news: never) => void; isOver: boolean }[] = [];
  const page = (query: URLSearchParams): FramePage => {
    const limit = Number(query.get('limit'));
    const before = query.get('before');
    const all =
      before === null
        ? sequences.filter((each) => each > Number(query.get('after')))
        : sequences.filter((each) => each < Number(before));
    const rows = before === null ? all.slice(0, limit) : all.slice(-limit);
    return {
      rows: rows.map(row),
      more: all.length > limit,
      through: rows.at(-1) ?? 0,
      settled: true,
    };
  };
  const runs = (query: URLSearchParams): RunPage => {
    const from = Number(query.get('from'));
    const all = sequences.filter((_, i) => i % 10 === 0);
    return {
      runs: all
        .slice(from, from + Number(query.get('limit')))
        .map(
          (first) => ({ first: row(first), lastSequence: first + 27, count: 10 }) as RunPage['runs'][number],
        ),
      count: all.length,
      through: sequences.at(-1) ?? 0,
      complete: true,
      beyond: 0,
    };
  };
  vi.stubGlobal('fetch', (address: string) => {
    const url = new URL(address, 'http://here');
    asked.push(url);
    const answer = url.pathname.endsWith('/runs') ? runs(url.searchParams) : page(url.searchParams);
    return Promise.resolve({ ok: true, json: () => Promise.resolve(answer) });
  });
  vi.spyOn(live, 'watch').mockImplementation((topic, tell) => {
    const watch = { topic, tell, isOver: false };
    watches.push(watch);
    return () => (watch.isOver = true);
  });
  const watchOf = (topic: string) =>
    watches.findLast(({ topic: { watch }, isOver }) => watch === topic && !isOver);
  return {
    asked,
    watchOf,
    news(part: Partial<Extract<News, { news: 'search' }>> = {}) {
      const miles = sequences.filter((_, i) => i % MILE === 0);
      const whole = { count: sequences.length, exact: true, full: false, done: 1, of: 1, version: 0, miles };
      watchOf('search')?.tell({ id: 1, news: 'search', ...whole, ...part } satisfies News as never);
    },
    tail(first: number, rows: number, count: number, more: object = {}) {
      const told = Array.from({ length: rows }, (_, i) => row(first + i));
      const news = { id: 2, news: 'tail', rows: told, count, skipped: 0, dropped: 0, ...more } as const;
      watchOf('tail')?.tell(news satisfies News as never);
    },
    settle: () => vi.advanceTimersByTimeAsync(1),
  };
}

const odd = Array.from({ length: 1_000 }, (_, i) => 11 + 3 * i);
const start = { firstSequence: 11, frames: 1_000 };
const all = { session: 4, filter: '', fold: false };
const screen = (first: number) =>
  [
    { first, end: first + 30 },
    { first, end: first + 46 },
  ] as const;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe('a list of frames', () => {
  test('has its first rows before the search has said anything', async () => {
    const { settle } = server(odd);
    const list = new FrameList(all, '', start);
    expect([list.total, list.isReady]).toEqual([1_000, false]);
    await settle();
    expect(list.isReady).toBe(true);
    expect(list.rowAt(2)?.frame.sequence).toBe(17);
    expect(list.rowAt(200)).toBeNull();
  });

  test('has its last rows too', async () => {
    const { settle } = server(odd);
    const list = new FrameList(all, '', start);
    list.showEnd();
    await settle();
    expect(list.rowAt(999)?.frame.sequence).toBe(odd[999]);
    expect(list.rowAt(900)?.frame.sequence).toBe(odd[900]);
  });

  test('is entered anywhere, by the miles', async () => {
    const { settle, news, asked } = server(odd);
    const list = new FrameList(all, 'size', start);
    await settle();
    list.show(...screen(650), 0, false);
    await settle();
    expect(list.rowAt(660)).toBeNull();
    news();
    await settle();
    expect(list.rowAt(660)?.frame.sequence).toBe(odd[660]);
    const query = asked.find(({ searchParams }) => Number(searchParams.get('after')) > 11)?.searchParams;
    expect(query?.get('after')).toBe(String((odd[600] ?? 0) - 1));
    expect(query?.get('columns')).toBe('size');
  });

  test('asks for nothing that a dragged thumb passes by', async () => {
    const { settle, news, asked } = server(odd);
    const list = new FrameList(all, '', start);
    news();
    await settle();
    const before = asked.length;
    for (const first of [200, 400, 600, 800]) list.show(...screen(first), 0, true);
    expect(asked).toHaveLength(before);
    await vi.advanceTimersByTimeAsync(SETTLE_MS + 1);
    expect(asked.slice(before).map(({ searchParams }) => searchParams.get('after'))).toEqual([
      String((odd[800] ?? 0) - 1),
    ]);
  });

  test('with a filter shows its first hits at once, and counts on', async () => {
    const { settle, news } = server(odd);
    const list = new FrameList({ ...all, filter: 'size > 1' }, '', start);
    expect(list.total).toBe(0);
    await settle();
    expect([list.isReady, list.total]).toEqual([true, MILE]);
    news({ count: 400, exact: false, miles: [11, 311, 611, 911] });
    expect([list.total, list.exact]).toEqual([400, false]);
    news({ miles: [] });
    expect([list.total, list.exact]).toEqual([1_000, true]);
  });

  test('that has no rows is known to have none only when all has been looked at', async () => {
    const { settle, news } = server([]);
    const list = new FrameList({ ...all, filter: 'size > 1' }, '', start);
    news({ count: 0, exact: false });
    expect(list.isReady).toBe(false);
    news({ count: 0 });
    await settle();
    expect([list.isReady, list.total]).toEqual([true, 0]);
  });

  test('tells what the server has against its filter', () => {
    const { watchOf } = server(odd);
    const list = new FrameList({ ...all, filter: 'sise > 1' }, '', start);
    watchOf('search')?.tell({ id: 1, news: 'refused', error: 'there is no field sise' } as never);
    expect(list.error).toBe('there is no field sise');
  });

  test('can be stopped, and goes on', () => {
    const { watchOf } = server(odd);
    const list = new FrameList(all, '', start);
    list.stop();
    expect([list.isStopped, watchOf('search')]).toEqual([true, undefined]);
    list.search();
    expect(list.isStopped).toBe(false);
    expect(watchOf('search')).toBeDefined();
  });

  test('asks anew for what may be told better now, and shows the old until then', async () => {
    const { settle, news, asked } = server(odd);
    const list = new FrameList(all, '', start);
    await settle();
    const before = asked.length;
    news({ version: 1 });
    expect(list.rowAt(0)?.frame.sequence).toBe(11);
    expect(asked.length).toBeGreaterThan(before);
  });

  test('of runs is found by their numbers', async () => {
    const { settle, news } = server(odd);
    const list = new FrameList({ ...all, fold: true }, '', start);
    news({ count: 100, miles: [] });
    await settle();
    expect(list.total).toBe(100);
    expect(list.rowAt(7)?.run?.count).toBe(10);
    expect(list.rowAt(7)?.frame.sequence).toBe(odd[70]);
  });

  test('asks for nothing more when it is closed', async () => {
    const { watchOf, settle, asked } = server(odd);
    const list = new FrameList(all, '', start);
    list.follow(true);
    list.close();
    await settle();
    expect([watchOf('search'), watchOf('tail')]).toEqual([undefined, undefined]);
    const before = asked.length;
    list.show(...screen(0), 1, false);
    list.refresh();
    await settle();
    expect(asked.length - before).toBe(0);
  });
});

describe('a frame', () => {
  test('that is folded into others is found by halves, once all runs are known', async () => {
    const many = Array.from({ length: 9_000 }, (_, i) => 11 + 3 * i);
    const { settle, news, asked } = server(many);
    const list = new FrameList({ ...all, fold: true }, '', start);
    const located = list.locate(11 + 3 * 6_543);
    await settle();
    const before = asked.length;
    news({ count: 900, miles: [] });
    await settle();
    expect(await located).toEqual({ index: 654, isExact: false });
    expect(asked.length - before).toBeLessThan(10);
    expect(await list.locate(11 + 3 * 20)).toEqual({ index: 2, isExact: true });
    expect(await list.locate(1)).toEqual({ index: 0, isExact: false });
  });

  test('is found in the middle as soon as the miles reach it', async () => {
    const { settle, news } = server(odd);
    const list = new FrameList(all, '', start);
    const found = vi.fn();
    void list.locate(odd[777] ?? 0).then(found);
    await settle();
    expect(found).not.toHaveBeenCalled();
    news();
    await settle();
    expect(found).toHaveBeenCalledWith({ index: 777, isExact: true });
  });

  test('that does not pass is known by the one after it', async () => {
    const { settle, news } = server(odd);
    const list = new FrameList(all, '', start);
    news();
    const located = list.locate((odd[777] ?? 0) - 1);
    await settle();
    expect(await located).toEqual({ index: 777, isExact: false });
  });

  test('after the last one is known by the last one', async () => {
    const { settle, news } = server(odd);
    const list = new FrameList(all, '', start);
    news();
    const located = list.locate(999_999);
    await settle();
    expect(await located).toEqual({ index: 999, isExact: false });
  });

  test('is not waited for when another one is looked for', async () => {
    server(odd);
    const list = new FrameList(all, '', start);
    const first = list.locate(500);
    void list.locate(600);
    expect(await first).toBeNull();
  });
});

describe('the end that is followed', () => {
  test('has its rows by the tail, and asks for no others', async () => {
    const { settle, news, tail, asked } = server(odd);
    const list = new FrameList(all, '', start);
    news();
    await settle();
    list.follow(true);
    const before = asked.length;
    tail(5_000, 60, 1_060);
    list.show({ first: 1_020, end: 1_060 }, { first: 1_004, end: 1_060 }, 1, false);
    await settle();
    expect(list.total).toBe(1_060);
    expect(list.rowAt(1_059)?.frame.sequence).toBe(5_059);
    expect(asked).toHaveLength(before);
  });

  test('does not ask for rows that the search has counted before the tail brings them', async () => {
    const { settle, news, tail, asked } = server(odd);
    const list = new FrameList(all, '', start);
    await settle();
    list.follow(true);
    tail(5_000, 60, 1_060);
    const before = asked.length;
    news({ count: 1_260 });
    expect(list.total).toBe(1_060);
    list.show({ first: 1_020, end: list.total }, { first: 1_004, end: list.total }, 1, false);
    tail(5_200, 60, 1_260, { skipped: 140 });
    await settle();
    expect(list.total).toBe(1_260);
    expect(asked).toHaveLength(before);
    list.follow(false);
    news({ count: 1_300 });
    expect(list.total).toBe(1_300);
  });

  test('tells what was not shown, and begins anew when it is followed again', () => {
    const { tail } = server(odd);
    const list = new FrameList(all, '', start);
    list.follow(true);
    tail(5_000, 60, 1_060);
    tail(5_200, 60, 1_260, { skipped: 140, dropped: 40 });
    expect([list.skipped, list.dropped, list.total]).toEqual([140, 40, 1_260]);
    list.follow(false);
    list.follow(true);
    tail(6_000, 1, 1_261);
    expect(list.skipped).toBe(0);
  });

  test('never shrinks because a search is asked for again', () => {
    const { news, tail } = server(odd);
    const list = new FrameList(all, '', start);
    list.follow(true);
    tail(5_000, 60, 1_060);
    news({ count: 12, exact: false, miles: [11] });
    expect(list.total).toBe(1_060);
    news();
    expect(list.total).toBe(1_060);
  });
});
