import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  GROW_MS,
  SETTLE_MS,
  Traffic,
  type Wanted,
} from '../../../../../../dashboard/web/src/views/session/timeline/traffic.svelte.ts';
import { timeline } from './sample.ts';

const wanted: Wanted = { session: 7, range: null, buckets: 600, grown: 1 };
const closer = { ...wanted, range: { from: 1, to: 2 } };

/** What was asked for, in order, each to be answered by hand. */
let asked: {
  readonly url: string;
  readonly signal: AbortSignal;
  answer(body: unknown, status?: number): Promise<void>;
}[];
let traffic: Traffic;

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  vi.stubGlobal('fetch', (url: string, { signal }: { signal: AbortSignal }) => {
    return new Promise<Response>((resolve) => {
      asked.push({
        url,
        signal,
        answer: async (body, status = 200) => {
          resolve(new Response(JSON.stringify(body), { status }));
          await vi.advanceTimersByTimeAsync(0);
        },
      });
    });
  });
  traffic = new Traffic();
});
afterEach(() => {
  traffic.close();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('the picture of a stretch of time', () => {
  test('is asked for at once the first time, and shown', async () => {
    traffic.want(wanted);
    expect(asked.map(({ url }) => url)).toEqual(['/api/sessions/7/timeline?buckets=600']);
    await asked[0]!.answer(timeline);
    expect(traffic.timeline).toEqual(timeline);
  });

  test('is asked for once by whoever zooms quickly, and the older one stays until then', async () => {
    traffic.want(wanted);
    await asked[0]!.answer(timeline);
    for (const to of [2, 3, 4]) {
      traffic.want({ ...wanted, range: { from: 1, to } });
      await vi.advanceTimersByTimeAsync(SETTLE_MS - 1);
    }
    expect(asked).toHaveLength(1);
    expect(traffic.timeline).toEqual(timeline);
    await vi.advanceTimersByTimeAsync(1);
    expect(asked[1]!.url).toBe('/api/sessions/7/timeline?buckets=600&from=1&to=4');
  });

  test('is the newest, whichever answer comes last', async () => {
    traffic.want(wanted);
    traffic.want(closer);
    await vi.advanceTimersByTimeAsync(SETTLE_MS);
    expect(asked[0]!.signal.aborted).toBe(true);
    await asked[1]!.answer({ ...timeline, through: 2 });
    await asked[0]!.answer({ ...timeline, through: 1 });
    expect(traffic.timeline?.through).toBe(2);
  });

  test('is asked for once a second while its session grows', async () => {
    traffic.want(wanted);
    await asked[0]!.answer(timeline);
    for (let grown = 2; grown < 12; grown++) {
      traffic.want({ ...wanted, grown });
      await vi.advanceTimersByTimeAsync(GROW_MS / 10);
    }
    expect(asked).toHaveLength(2);
  });

  test('is asked for again as long as it is not whole', async () => {
    traffic.want(wanted);
    await asked[0]!.answer({ ...timeline, complete: false });
    await vi.advanceTimersByTimeAsync(GROW_MS);
    expect(asked).toHaveLength(2);
    await asked[1]!.answer(timeline);
    await vi.advanceTimersByTimeAsync(5 * GROW_MS);
    expect(asked).toHaveLength(2);
  });

  test('says why it is not there, until it is', async () => {
    traffic.want(wanted);
    await asked[0]!.answer({ error: 'there is no session 7' }, 404);
    expect(traffic.error).toBe('there is no session 7');
    traffic.want(closer);
    await vi.advanceTimersByTimeAsync(SETTLE_MS);
    await asked[1]!.answer(timeline);
    expect(traffic.error).toBeNull();
  });

  test('is no longer asked for when nobody looks', async () => {
    traffic.want(wanted);
    traffic.want(closer);
    traffic.close();
    await vi.advanceTimersByTimeAsync(10 * GROW_MS);
    expect(asked).toHaveLength(1);
    expect(asked[0]!.signal.aborted).toBe(true);
  });
});
