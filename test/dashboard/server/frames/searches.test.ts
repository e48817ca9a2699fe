import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { filteredFrames } from '../../../../analysis/filtered-frames.ts';
import { compileFilter } from '../../../../analysis/filter/compile.ts';
import { frameHandlers } from '../../../../dashboard/server/frames/handlers.ts';
import { Searches, SEARCHES_MAX } from '../../../../dashboard/server/frames/searches.ts';
import { ask } from '../../../kit/asking-api.ts';
import { openStore, record, temporaryFile, transaction } from '../../../kit/capture-file.ts';
import { filters, macs, pdp, recordings, toyLanguage } from '../../../kit/filters.ts';
import { PROPERTY_TIMEOUT_MS, runs } from '../../../kit/property.ts';
import { meet, numbers, part, talk } from '../../../kit/two-talks.ts';
import { TestDesk, wholeSearch } from './desk-kit.ts';

let file: string;
beforeEach(() => {
  file = temporaryFile();
});

/** Frames of the first pair are 1, 3, ..., of the second 2, 4, ... */
function recordTalks(last: number): void {
  record(file, (store) => {
    meet(store);
    talk(store, 1, last);
    part(store);
  });
}

const hundredths = (sequences: readonly number[]) => sequences.filter((_, i) => i % 100 === 0);

/** All pages, one after the other, as a list in a browser asks for them. */
async function allPages(desk: TestDesk, session: number, filter: string, back: boolean): Promise<number[]> {
  const handlers = frameHandlers(desk.desk);
  const found: number[] = [];
  for (let place = back ? 1e9 : 0, more = true; more;) {
    const query = { filter, limit: 3, ...(back ? { before: place } : { after: place }) };
    const page = await ask(handlers, 'frames', { params: { id: session }, query });
    const sequences = page.rows.map(({ sequence }) => sequence);
    if (back) found.unshift(...sequences);
    else found.push(...sequences);
    ({ more, through: place } = page);
  }
  return found;
}

async function allRuns(desk: TestDesk, session: number, filter: string) {
  const { runs } = await ask(frameHandlers(desk.desk), 'runs', {
    params: { id: session },
    query: { filter },
  });
  return runs;
}

describe('whatever is recorded and asked for', () => {
  it(
    'is found as `postreel frames --filter` finds it: by searches, by pages both ways, and folded',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          recordings(1),
          fc.array(filters(toyLanguage), { minLength: 1, maxLength: 3 }),
          async (recording, texts) => {
            const fresh = temporaryFile();
            record(fresh, recording);
            const desk = new TestDesk(fresh);
            try {
              for (const session of desk.reader.sessions()) {
                for (const text of ['', ...texts]) {
                  const options = { session };
                  const all =
                    text === ''
                      ? desk.reader.sessionFrames(session)
                      : filteredFrames(
                          desk.reader,
                          session.captureId,
                          compileFilter(text, toyLanguage),
                          options,
                        );
                  const wanted = [...all].map(({ sequence }) => sequence);
                  expect(await allPages(desk, session.id, text, false)).toEqual(wanted);
                  expect(await allPages(desk, session.id, text, true)).toEqual(wanted);
                  const search = desk.search(session.id, text);
                  const news = await wholeSearch(search);
                  expect([news.count, news.miles]).toEqual([wanted.length, hundredths(wanted)]);
                  // From what the search has found, as before.
                  expect(await allPages(desk, session.id, text, false)).toEqual(wanted);
                  expect(await allPages(desk, session.id, text, true)).toEqual(wanted);
                  search.close();
                  await checkRuns(desk, session.id, text, wanted);
                }
              }
            } finally {
              desk.close();
            }
          },
        ),
        runs(60),
      );
    },
    PROPERTY_TIMEOUT_MS,
  );

  /** Each frame is in one run, and the filter of a run names exactly its frames. */
  async function checkRuns(desk: TestDesk, session: number, text: string, wanted: readonly number[]) {
    const runs = await allRuns(desk, session, text);
    const found: number[] = [];
    for (const run of runs) {
      const frames = await allPages(desk, session, run.filter, false);
      expect([frames.length, frames[0], frames.at(-1)], run.filter).toEqual([
        run.count,
        run.first.sequence,
        run.lastSequence,
      ]);
      found.push(...frames);
    }
    expect(found.sort((one, other) => one - other)).toEqual(wanted);
  }
});

describe('a search', () => {
  it('tells where each hundredth row stands, of one session among others', async () => {
    recordTalks(2_000);
    const desk = TestDesk.open(file);
    expect(await wholeSearch(desk.search(2))).toMatchObject({
      count: 1000,
      exact: true,
      full: false,
      miles: hundredths(numbers(2, 2000)),
      version: 0,
    });
    expect(await wholeSearch(desk.search(1, 'payload contains "!"'))).toMatchObject({
      count: 200,
      miles: [5, 1005],
    });
  });

  it('knows all miles of a session that has its capture for itself at once', () => {
    record(file, (store) => {
      meet(store);
      for (let sequence = 1; sequence <= 950; sequence++)
        store.frame(sequence, sequence, null, 1, 2, 4, 0, pdp(macs[1], 1, Buffer.from('x')));
      part(store);
    });
    const search = TestDesk.open(file).search(1);
    expect(search.take(0)).toMatchObject({
      count: 950,
      exact: true,
      miles: [1, 101, 201, 301, 401, 501, 601, 701, 801, 901],
    });
    expect(search.take(0)).toBeNull();
  });

  it('has first hits before it has looked at all, and tells how far it is', async () => {
    recordTalks(20_000);
    const desk = TestDesk.open(file, { tickMs: 6 });
    const search = desk.search(1, 'payload contains "!"');
    const first = search.take(0);
    if (first?.news !== 'search') throw new Error('there are news');
    expect(first.count).toBeGreaterThan(0);
    expect(first.exact).toBe(false);
    expect(first.done).toBeLessThan(first.of);
    expect(await wholeSearch(search)).toMatchObject({ count: 2000, done: 20_000, of: 20_000 });
  });

  it('goes on while its session is recorded, and says nothing while nothing is new', async () => {
    const store = openStore(file);
    transaction(store, (it) => {
      meet(it);
      talk(it, 1, 100);
    });
    const desk = TestDesk.open(file);
    const searches = [desk.search(1), desk.search(1, 'payload contains "!"'), desk.search(1, 'size > 27')];
    for (const search of searches) expect(await wholeSearch(search)).toMatchObject({ exact: true });
    const miles: number[] = [1];
    for (let last = 100; last < 1_000; last += 100) {
      for (const search of searches) expect(search.take(0)).toBeNull();
      transaction(store, (it) => talk(it, last + 1, last + 100));
      const [all, decoded, exact] = searches.map((search) => search.take(0));
      expect(all).toMatchObject({ count: (last + 100) / 2, exact: true });
      expect(decoded).toMatchObject({ count: (last + 100) / 10, exact: true });
      expect(exact).toMatchObject({ count: (last + 100) / 10, exact: true });
      if (all?.news === 'search') miles.push(...all.miles);
    }
    expect(miles).toEqual(hundredths(numbers(1, 1000)));
  });

  it('begins anew where its session has come to hold more than before, and says so', async () => {
    const store = openStore(file);
    transaction(store, (it) => {
      meet(it);
      talk(it, 1, 400);
    });
    const desk = TestDesk.open(file);
    const [first, second] = [desk.search(1), desk.search(2)];
    expect(await wholeSearch(first)).toMatchObject({ count: 200, miles: [1, 201], version: 0 });
    expect(await wholeSearch(second)).toMatchObject({ count: 200 });
    // One of the first pair speaks to one of the second: all four play together, and have done so before.
    transaction(store, (it) =>
      it.frame(401, 500e6, null, 1, 3, 4, 0, pdp('02:00:00:00:00:03', 1, Buffer.from('x'))),
    );
    desk.now += 1000;
    expect(await wholeSearch(first)).toMatchObject({
      count: 401,
      miles: [1, 101, 201, 301, 401],
      version: 1,
    });
    expect(() => second.take(0)).toThrow('has no session 2');
  });

  it('raises its version when rows can be told better', async () => {
    recordTalks(100);
    const known = { through: 0, protocolOf: () => undefined };
    const desk = TestDesk.open(file, { known });
    const search = desk.search(1);
    await wholeSearch(search);
    desk.desk.facts.of(1).telling.unsettled(50);
    known.through = 49;
    expect(search.take(0)).toBeNull();
    known.through = 50;
    expect(search.take(0)).toMatchObject({ version: 1, count: 50, exact: true });
    expect(search.take(0)).toBeNull();
  });
});

describe('searches', () => {
  it('are shared by all who ask the same, however it is written', async () => {
    recordTalks(500);
    const desk = TestDesk.open(file);
    const watches = [
      desk.search(1, 'size>27'),
      desk.search(1, ' size  > 27 '),
      desk.search(1, '(size > 27)'),
    ];
    for (const watch of watches) expect(await wholeSearch(watch)).toMatchObject({ count: 50 });
    expect(desk.desk.searches.count).toBe(1);
    watches[0]!.close();
    watches[1]!.close();
    // Known at once to whoever comes later.
    expect(desk.search(1, 'size > 27').take(0)).toMatchObject({ count: 50, exact: true });
  });

  it('are cancelled when nobody watches, and go on from there for whoever asks again', async () => {
    recordTalks(40_000);
    const desk = TestDesk.open(file, { tickMs: 6 });
    const { searches } = desk.desk;
    const watch = desk.search(1, 'payload contains "!"');
    expect(searches.isIdle).toBe(false);
    watch.close();
    watch.close();
    await turn();
    await turn();
    expect(searches.isIdle).toBe(true);
    const again = desk.search(1, 'payload contains "!"');
    expect(again.take(0)).toMatchObject({ exact: false });
    expect(await wholeSearch(again)).toMatchObject({ count: 4000 });
    expect(searches.isIdle).toBe(true);
  });

  it('take turns, so that none waits for another to end', async () => {
    recordTalks(40_000);
    const desk = TestDesk.open(file, { tickMs: 6 });
    const watches = ['payload contains "!"', 'payload contains "9"', 'payload contains "7"'].map((text) =>
      desk.search(1, text),
    );
    for (let i = 0; i < 12; i++) await turn();
    const done = watches.map((watch) => {
      const news = watch.take(0);
      return news?.news === 'search' ? news.done : 0;
    });
    expect(Math.min(...done)).toBeGreaterThan(0);
    expect(Math.max(...done) - Math.min(...done)).toBeLessThan(20_000);
    expect(Math.max(...done)).toBeLessThan(40_000);
  });

  it('are so many at most; those that nobody watches are forgotten for new ones', () => {
    recordTalks(10);
    const desk = TestDesk.open(file);
    const watches = Array.from({ length: SEARCHES_MAX }, (_, i) => desk.search(1, `size > ${i}`));
    expect(() => desk.search(1, 'size > 1000')).toThrow('no more than 64 searches can go on at once');
    watches[7]!.close();
    desk.search(1, 'size > 1000');
    expect(desk.desk.searches.count).toBe(SEARCHES_MAX);
  });

  it('hold so much memory at most: one that would need more says that it is full, and has what it found', async () => {
    recordTalks(20_000);
    const { desk } = TestDesk.open(file);
    const { reader, facts, connectionsOf, clock, filters: read } = desk;
    const searches = new Searches({ reader, facts, connectionsOf, clock, bytesMax: 40_000 });
    const held = searches.frames(1, read.read('payload.size > 1'));
    while (!searches.isIdle) await turn();
    expect(held.search.isFull).toBe(true);
    expect(held.search.rows.count).toBeGreaterThan(1_000);
    expect(held.search.rows.count).toBeLessThan(10_000);
    searches.close();
  });

  it('that fail say so to whoever watches, and leave the others alone', () => {
    recordTalks(10);
    const desk = TestDesk.open(file);
    expect(() => desk.search(9)).toThrow('has no session 9');
    expect(() => desk.search(1, 'size >')).toThrow(/at character 7: the filter ends here too early/);
    expect(() => desk.search(1, 'size > 1 && '.repeat(300) + 'size > 1')).toThrow(/comparisons|characters/);
    expect(desk.desk.searches.count).toBe(0);
  });
});
