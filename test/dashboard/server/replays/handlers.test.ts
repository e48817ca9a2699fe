/** Past replays over the API: newest first, page by page, and their bytes as they are. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { replayHandlers } from '../../../../dashboard/server/replays/handlers.ts';
import { CaptureFile } from '../../../../recorder/captures.ts';
import { ask } from '../../../kit/asking-api.ts';
import { addFrames, openConnections, record, temporaryFile } from '../../../kit/capture-file.ts';
import {
  changed,
  datagram,
  difference,
  fullVerdict,
  madeVerdict,
  storeReplay,
} from '../../../kit/verdicts.ts';

function open(...verdicts: ReturnType<typeof madeVerdict>[]) {
  const file = temporaryFile();
  record(file, (store) => {
    openConnections(store, 2);
    addFrames(store, 1, 40);
  });
  for (const verdict of verdicts) storeReplay(file, verdict);
  const reader = CaptureFile.open(file);
  onTestFinished(() => reader.close());
  return { file, handlers: replayHandlers({ file, reader }) };
}

const refusal = (code: string): unknown => expect.objectContaining({ kind: 'input', code });

describe('the list of replays', () => {
  const sessions = [1, 2, 1, null, 1] as const;

  it('is newest first, without holes or doubles whatever the size of a page', async () => {
    const { handlers } = open(...sessions.map((session) => madeVerdict([], { session })));
    for (const limit of [1, 2, 4, 5, 200]) {
      const ids: number[] = [];
      for (let before: number | undefined, more = true; more;) {
        const page = await ask(handlers, 'replays', {
          query: { limit, ...(before !== undefined && { before }) },
        });
        expect(page.replays.length).toBeLessThanOrEqual(limit);
        ids.push(...page.replays.map(({ id }) => id));
        before = ids.at(-1);
        more = page.more;
      }
      expect(ids).toEqual([5, 4, 3, 2, 1]);
    }
  });

  it('is of one session where one is named, and shows new ones at once', async () => {
    const { file, handlers } = open(...sessions.map((session) => madeVerdict([], { session })));
    const ofSession = async (session: number) =>
      (await ask(handlers, 'replays', { query: { session } })).replays.map(({ id }) => id);
    expect(await ofSession(1)).toEqual([5, 3, 1]);
    expect(await ofSession(9)).toEqual([]);
    storeReplay(file, madeVerdict([], { session: 1 }));
    expect(await ofSession(1)).toEqual([6, 5, 3, 1]);
  });

  it('says what each came to', async () => {
    const { handlers } = open(fullVerdict());
    const { replays, more } = await ask(handlers, 'replays');
    expect(more).toBe(false);
    expect(replays).toEqual([
      {
        id: 1,
        capture: 1,
        session: 1,
        mode: 'relay',
        target: '127.0.0.1:27313',
        role: null,
        pace: 'causal',
        version: '1.2.3',
        startedAt: '2023-11-14T22:13:20.123Z',
        lastedMs: 12_345.5,
        outcome: 'differs',
        partial: null,
        sent: 1500,
        expected: 1200,
        came: 1199,
        equal: 1190,
        first: 1,
        firstText: 'Bob got a datagram from Ann with port 101 where it was 100',
        differences: 9,
      },
    ]);
  });

  it('of a file without any is empty', async () => {
    expect(await ask(open().handlers, 'replays')).toEqual({ replays: [], more: false });
  });
});

describe('a replay', () => {
  it('has its roles, notes, counts and holds', async () => {
    const { handlers } = open(fullVerdict());
    expect(await ask(handlers, 'replay', { params: { id: 1 } })).toMatchObject({
      id: 1,
      roles: [{ name: 'P1', nickname: 'Ann' }, { name: 'P2' }],
      notes: ['The capture lacks 12 frames of this time.'],
      counts: { masked: 1, changed: 2, missing: 3 },
      holds: [
        { name: 'nothing', sends: 1000, totalMs: 0, longestMs: 0 },
        { name: 'answer', sends: 500, totalMs: 4250.25, longestMs: 81.5 },
      ],
    });
  });

  it('that is not there is refused, and so are its differences', async () => {
    const { handlers } = open(fullVerdict());
    const params = { id: 2 };
    await expect(ask(handlers, 'replay', { params })).rejects.toEqual(refusal('no-such-replay'));
    await expect(ask(handlers, 'differences', { params })).rejects.toEqual(refusal('no-such-replay'));
  });
});

describe('its differences', () => {
  const params = { id: 1 };

  it('come in the order of the verdict, page by page', async () => {
    const { handlers } = open(fullVerdict());
    const first = await ask(handlers, 'differences', { params, query: { limit: 4 } });
    const second = await ask(handlers, 'differences', { params, query: { limit: 4, after: 3 } });
    const last = await ask(handlers, 'differences', { params, query: { limit: 4, after: 7 } });
    const pages = [first, second, last];
    expect(pages.flatMap(({ differences }) => differences.map(({ place }) => place))).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8,
    ]);
    expect(pages.map(({ more }) => more)).toEqual([true, true, false]);
    expect((await ask(handlers, 'differences', { params, query: { limit: 9 } })).more).toBe(false);
  });

  it('have their bytes, and none where there are none', async () => {
    const empty = difference('missing', { expected: Buffer.alloc(0) });
    const { handlers } = open(madeVerdict([changed(), empty]));
    const { differences } = await ask(handlers, 'differences', { params });
    expect(differences).toMatchObject([
      {
        class: 'changed',
        fails: true,
        follows: null,
        atMs: 1234.5,
        expected: Buffer.from(datagram('hello, Bob')).toString('base64'),
        actual: Buffer.from(datagram('hello, Bob', 101)).toString('base64'),
        byteOffset: 8,
        field: 'port',
        fromRole: 'P1',
        toRole: 'P2',
      },
      { class: 'missing', expected: '', actual: null },
    ]);
  });
});
