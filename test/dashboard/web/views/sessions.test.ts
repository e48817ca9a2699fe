import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { SessionPage, SessionQuery, SessionRow } from '../../../../dashboard/api/sessions.ts';
import { chosenFacets, queryOf } from '../../../../dashboard/web/src/views/sessions/facets.ts';
import { ANEW_MS, SessionList } from '../../../../dashboard/web/src/views/sessions/session-list.svelte.ts';
import { OVERSCAN_ROWS, scrolledTo, windowOf } from '../../../../dashboard/web/src/lib/windowed.ts';

const row = (id: number, more: Partial<SessionRow> = {}): SessionRow => ({
  id,
  capture: 1,
  startedAt: '2026-11-21T16:34:35.350Z',
  lasted: 1e9,
  ended: 'left',
  game: '',
  gameName: '',
  group: null,
  players: [],
  playersBeyond: 0,
  frames: 1,
  bytes: 1,
  delayP50: null,
  delayP99: null,
  findings: null,
  verdicts: { same: 0, differs: 0, unanswered: 0 },
  ...more,
});

describe('what the list is narrowed to', () => {
  test('is read from the address', () => {
    const search = new URLSearchParams(
      'text=+ann+&game=ULUS1&player=02:00&ended=live&verdict=none&capture=3&at=9',
    );
    expect(queryOf(search)).toEqual({
      text: 'ann',
      game: 'ULUS1',
      player: '02:00',
      ended: 'live',
      verdict: 'none',
      capture: 3,
    });
  });

  test('is nothing where the address says nothing, or nonsense', () => {
    expect(queryOf(new URLSearchParams(''))).toEqual({});
    expect(queryOf(new URLSearchParams('text=+&ended=never&verdict=good&capture=-1'))).toEqual({});
    expect(queryOf(new URLSearchParams('capture=x'))).toEqual({});
  });

  test('is called as the server calls it, or else as it stands', () => {
    const facets = {
      game: [{ value: 'ULUS1', label: 'Monster Quest', count: 2 }],
      player: [],
      ended: [],
      verdict: [],
      capture: [{ value: '3', label: 'recording 3', count: 1 }],
    };
    expect(
      chosenFacets({ game: 'ULUS1', player: '02:00', capture: 3 }, facets).map(({ label }) => label),
    ).toEqual(['Monster Quest', '02:00', 'recording 3']);
    expect(chosenFacets({ game: 'ULUS1' }, null)).toEqual([{ name: 'game', value: 'ULUS1', label: 'ULUS1' }]);
  });
});

describe('the list of sessions', () => {
  /** All that there are, newest first. */
  let all: SessionRow[];
  let asked: string[];
  const page = (url: URL): SessionPage => {
    const after = Number(url.searchParams.get('after') ?? 0);
    const limit = Number(url.searchParams.get('limit'));
    const from = after === 0 ? 0 : all.findIndex(({ id }) => id === after) + 1;
    return {
      sessions: all.slice(from, from + limit),
      live: after === 0 ? all.filter(({ ended }) => ended === null) : null,
      unindexed: after === 0 ? [] : null,
      more: all.length > from + limit,
      total: { count: all.length, exact: true },
      facets: null,
    };
  };

  beforeEach(() => {
    vi.useFakeTimers();
    all = Array.from({ length: 250 }, (_, i) => row(250 - i));
    asked = [];
    vi.stubGlobal('fetch', (address: string) => {
      asked.push(address);
      return Promise.resolve(new Response(JSON.stringify(page(new URL(address, location.href)))));
    });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  const shown = async (query: SessionQuery = {}) => {
    const list = new SessionList();
    await list.show(query);
    return list;
  };
  const ids = (list: SessionList) => list.rows.map(({ id }) => id);

  test('grows by pages, without doubles and holes, to its end', async () => {
    const list = await shown({ text: 'ann' });
    expect(list.rows).toHaveLength(100);
    await list.loadMore();
    await list.loadMore();
    expect(ids(list)).toEqual(all.map(({ id }) => id));
    expect(list.more).toBe(false);
    await list.loadMore();
    expect(asked).toHaveLength(3);
    expect(asked.every((each) => each.includes('text=ann'))).toBe(true);
  });

  test('has those that go on on top, and once', async () => {
    all[40] = row(210, { ended: null });
    const list = await shown();
    expect(ids(list).slice(0, 3)).toEqual([210, 250, 249]);
    expect(new Set(ids(list)).size).toBe(100);
    list.told([row(210, { ended: 'left', frames: 77 })], []);
    expect(ids(list).slice(0, 3)).toEqual([250, 249, 248]);
    expect(list.rows.find(({ id }) => id === 210)?.frames).toBe(77);
  });

  test('changes what is told, and drops what is gone', async () => {
    const list = await shown();
    list.told([row(249, { frames: 5 })], [250]);
    expect(ids(list)[0]).toBe(249);
    expect(list.rows[0]?.frames).toBe(5);
    expect(asked).toHaveLength(1);
  });

  test('asks whether a new one is to be shown, once for many, and keeps what was loaded', async () => {
    const list = await shown();
    await list.loadMore();
    all = [row(251, { ended: null }), ...all];
    list.told([row(251, { ended: null })], []);
    list.told([row(251, { ended: null })], []);
    expect(ids(list)).not.toContain(251);
    await vi.advanceTimersByTimeAsync(ANEW_MS);
    expect(asked).toHaveLength(3);
    expect(ids(list).slice(0, 2)).toEqual([251, 250]);
    expect(ids(list)).toEqual(all.slice(0, 201).map(({ id }) => id));
    await list.loadMore();
    expect(ids(list)).toEqual(all.map(({ id }) => id));
  });

  test('keeps what it shows where asking fails, and says why', async () => {
    const list = await shown();
    vi.stubGlobal('fetch', () => Promise.resolve(new Response('{"error":"busy"}', { status: 503 })));
    await list.loadMore();
    expect(list.error?.message).toBe('busy');
    expect(list.rows).toHaveLength(100);
  });

  test('shows the answer to the latest question, whichever comes last', async () => {
    const answers: (() => void)[] = [];
    vi.stubGlobal(
      'fetch',
      (address: string) =>
        new Promise((resolve) => {
          const url = new URL(address, location.href);
          const answer = { ...page(url), sessions: [row(url.searchParams.get('text') === 'a' ? 1 : 2)] };
          answers.push(() => resolve(new Response(JSON.stringify(answer))));
        }),
    );
    const list = new SessionList();
    const both = [list.show({ text: 'a' }), list.show({ text: 'b' })];
    for (const answer of answers.reverse()) answer();
    await Promise.all(both);
    expect(ids(list)).toEqual([2]);
  });
});

describe('of a long list', () => {
  test('only what is seen is rendered, and some around it', () => {
    expect(windowOf(10_000, 20, 0, 400)).toEqual({
      from: 0,
      to: 20 + OVERSCAN_ROWS,
      beforePx: 0,
      afterPx: (10_000 - 20 - OVERSCAN_ROWS) * 20,
    });
    const middle = windowOf(10_000, 20, 100_000, 400);
    expect(middle).toMatchObject({ from: 5_000 - OVERSCAN_ROWS, to: 5_020 + OVERSCAN_ROWS });
    expect(middle.beforePx + (middle.to - middle.from) * 20 + middle.afterPx).toBe(200_000);
    expect(windowOf(3, 20, 500, 400)).toEqual({ from: 0, to: 3, beforePx: 0, afterPx: 0 });
    expect(windowOf(0, 20, 0, 400)).toEqual({ from: 0, to: 0, beforePx: 0, afterPx: 0 });
  });

  test('the chosen row is scrolled to only where it is not seen', () => {
    expect(scrolledTo(5, 20, 0, 400)).toBe(0);
    expect(scrolledTo(2, 20, 100, 400)).toBe(40);
    expect(scrolledTo(30, 20, 0, 400)).toBe(220);
  });
});
