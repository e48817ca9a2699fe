/** The list of sessions over the API, as handlers answer without HTTP. */
import { copyFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SessionPage, SessionQuery, SessionRow } from '../../../../dashboard/api/sessions.ts';
import { VALUES_TOLD_MAX } from '../../../../dashboard/server/sessions/census.ts';
import { LANES_MAX } from '../../../../dashboard/server/sessions/detail.ts';
import { FRESH_MS, LOOK } from '../../../../dashboard/server/sessions/listing.ts';
import { CommonFault } from '../../../../protocol/fault.ts';
import { PLAYERS_LISTED_MAX } from '../../../../recorder/sessions/reader.ts';
import { AskedSessions } from '../../../kit/asked-sessions.ts';
import { temporaryFile } from '../../../kit/capture-file.ts';
import { type Pair, PlayedSessions } from '../../../kit/played-sessions.ts';
import { PROPERTY_TIMEOUT_MS, runs } from '../../../kit/property.ts';
import { madeVerdict, storeReplay } from '../../../kit/verdicts.ts';

function recording() {
  const file = temporaryFile();
  const played = new PlayedSessions(file);
  return { file, played, sessions: new AskedSessions(file) };
}

const descending = (count: number) => Array.from({ length: count }, (_, i) => count - i);

describe('the list of sessions', { timeout: PROPERTY_TIMEOUT_MS }, () => {
  it('is newest first, and tells of those that go on beside it', async () => {
    const { played, sessions } = recording();
    played.play('Ann', 'Bob', { frames: 4, game: 'GAME00001' });
    played.begin('Cid', 'Dan');
    played.play('Eve', 'Fay', { fault: CommonFault.lost });
    const { sessions: rows, live, more, total } = await sessions.page();
    expect(rows.map(({ id, ended }) => [id, ended])).toEqual([
      [3, 'lost'],
      [2, null],
      [1, 'left'],
    ]);
    expect(live?.map(({ id }) => id)).toEqual([2]);
    expect(rows[2]).toMatchObject({ game: 'GAME00001', frames: 6, playersBeyond: 0, capture: 1 });
    expect(rows[2]!.players.map(({ nickname }) => nickname)).toEqual(['Ann', 'Bob']);
    expect({ more, total }).toEqual({ more: false, total: { count: 3, exact: true } });
  });

  it('has neither holes nor doubles, whatever is recorded while its pages are read', async () => {
    const steps = fc.array(fc.constantFrom('play', 'begin', 'end', 'talk', 'capture'), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 9 }),
        fc.integer({ min: 1, max: 4 }),
        steps,
        async (before, limit, between) => {
          const file = temporaryFile();
          let played = new PlayedSessions(file);
          const open: Pair[] = [];
          const does: Record<(typeof between)[number], () => void> = {
            play: () => void played.play('Ann', 'Bob'),
            begin: () => void open.push(played.begin('Cid', 'Dan')),
            end: () => {
              for (const pair of open.splice(0, 1)) played.end(pair);
            },
            talk: () => {
              for (const pair of open.slice(0, 1)) played.goesOn(pair, 3);
            },
            capture() {
              played.finish();
              open.length = 0;
              played = new PlayedSessions(file);
            },
          };
          for (let i = 0; i < before; i++) does[i % 3 === 0 ? 'begin' : 'play']();
          const sessions = new AskedSessions(file);
          const ids = await sessions.pages({ limit }, () => does[between.pop() ?? 'talk']());
          // All that were there at the start, each once, in their order; what came later is on top of the first page.
          expect(ids).toEqual(descending(before));
        },
      ),
      runs(25),
    );
  });

  it('has pages of one size also of a search that few pass, however far apart they are', async () => {
    const { played, sessions } = recording();
    for (let i = 0; i < LOOK + 20; i++) played.play(i % 50 === 0 ? 'Wanted' : 'Ann', 'Bob');
    const found = await sessions.pages({ text: 'wAnT', limit: 2 });
    expect(found).toEqual([201, 151, 101, 51, 1]);
    expect((await sessions.page({ text: 'want', limit: 2 })).total).toEqual({ count: 5, exact: true });
  });

  it('goes on after no session that is gone', async () => {
    const { sessions } = recording();
    await expect(sessions.page({ after: 7 })).rejects.toMatchObject({
      kind: 'input',
      code: 'no-such-session',
    });
  });

  it('says which captures have no sessions because nobody looked for them', async () => {
    for (const format of [1, 2]) {
      const file = temporaryFile();
      copyFileSync(new URL(`../../../fixtures/captures/format-${format}.db`, import.meta.url), file);
      const sessions = new AskedSessions(file);
      const { unindexed, sessions: rows } = await sessions.page();
      const lacking = sessions.reader.captures().filter(({ hasSessions }) => !hasSessions);
      expect(unindexed!.map(({ capture }) => capture).sort()).toEqual(lacking.map(({ id }) => id));
      for (const { capture } of rows) expect(lacking.map(({ id }) => id)).not.toContain(capture);
      if (format === 1) expect(unindexed).not.toEqual([]);
    }
  });

  it('counts what a session’s replays came to', async () => {
    const { file, played, sessions } = recording();
    played.play('Ann', 'Bob');
    played.play('Cid', 'Dan');
    played.finish();
    expect((await sessions.page()).sessions[1]!.verdicts).toEqual({ same: 0, differs: 0, unanswered: 0 });
    for (const session of [1, 1, null]) storeReplay(file, madeVerdict([], { session }));
    const { sessions: rows } = await sessions.page();
    expect(rows[1]!.verdicts).toEqual({ same: 2, differs: 0, unanswered: 0 });
    expect(rows[0]!.verdicts).toEqual({ same: 0, differs: 0, unanswered: 0 });
    expect(await sessions.pages({ verdict: 'same' })).toEqual([1]);
    expect(await sessions.pages({ verdict: 'none' })).toEqual([2]);
  });

  it('reads its sessions in the background, and then knows their findings', async () => {
    const { played, sessions } = recording();
    for (let i = 0; i < 12; i++) played.play('Ann', 'Bob', { frames: 40, fault: CommonFault.lost });
    expect((await sessions.page()).sessions.every(({ findings }) => findings === null)).toBe(true);
    await sessions.until(() => descending(12).every((id) => sessions.surveys.countsOf(id) !== null));
    for (const { findings } of (await sessions.page()).sessions) expect(findings!.problem).toBeGreaterThan(0);
  });
});

describe('what a search may be narrowed to', { timeout: PROPERTY_TIMEOUT_MS }, () => {
  type Facet = keyof NonNullable<SessionPage['facets']>;
  const valuesOf: Record<Facet, (row: SessionRow) => readonly string[]> = {
    game: ({ game }) => [game],
    player: ({ players }) => players.map(({ player }) => player),
    ended: ({ ended }) => [ended ?? 'live'],
    verdict: () => ['none'],
    capture: ({ capture }) => [String(capture)],
  };
  const facets = Object.keys(valuesOf) as Facet[];

  const played = fc.array(
    fc.record({
      names: fc.constantFrom(['Ann', 'Bob'], ['Ann', 'ANNABEL'], ['Cid', 'Dan'], ['Cid', 'Änne']),
      game: fc.constantFrom('', 'GAME00001', 'GAME00002'),
      fault: fc.constantFrom(null, CommonFault.none, CommonFault.lost, CommonFault.shutdown),
    }),
    { maxLength: 8 },
  );

  it('is counted over all that match the text, and each narrower search finds as many', async () => {
    await fc.assert(
      fc.asyncProperty(
        played,
        fc.constantFrom('', 'ann', 'äNN', 'game00001', 'zoe', '02:00'),
        async (all, text) => {
          const file = temporaryFile();
          const writer = new PlayedSessions(file);
          for (const { names, game, fault } of all) {
            const [one, other] = names as [string, string];
            const pair = writer.begin(one, other, { game });
            if (fault !== null) writer.end(pair, fault);
          }
          const sessions = new AskedSessions(file);
          const everything = (await sessions.page({ limit: 200 })).sessions;
          const matching = everything.filter(({ game, players }) =>
            [game, ...players.flatMap(({ player, nickname }) => [player, nickname])].some((name) =>
              name.toLowerCase().includes(text.toLowerCase()),
            ),
          );
          const page = await sessions.page({ text, limit: 200 });
          expect(page.sessions.map(({ id }) => id)).toEqual(matching.map(({ id }) => id));
          expect(page.total).toEqual({ count: matching.length, exact: true });
          for (const facet of facets) {
            const counts = new Map<string, number>();
            for (const row of matching)
              for (const value of valuesOf[facet](row)) counts.set(value, (counts.get(value) ?? 0) + 1);
            const told = page.facets![facet];
            expect(new Map(told.map(({ value, count }) => [value, count]))).toEqual(counts);
            const [first] = told;
            if (first === undefined) continue;
            const value = facet === 'capture' ? Number(first.value) : first.value;
            const narrower = { text, [facet]: value } as SessionQuery;
            const found = await sessions.page({ ...narrower, limit: 200 });
            expect(found.total.count).toBe(first.count);
            const having = matching.filter((row) => valuesOf[facet](row).includes(first.value));
            expect(found.sessions.map(({ id }) => id)).toEqual(having.map(({ id }) => id));
          }
        },
      ),
      runs(12),
    );
  });

  it('is the most common first, and so many', async () => {
    const { played: writer, sessions } = recording();
    for (let i = 0; i < VALUES_TOLD_MAX + 5; i++) writer.play('Ann', 'Bob', { game: `GAME${1000 + i}` });
    writer.play('Ann', 'Bob', { game: 'GAME1003' });
    const { game } = (await sessions.page({ limit: 1 })).facets!;
    expect(game).toHaveLength(VALUES_TOLD_MAX);
    expect(game[0]).toEqual({ value: 'GAME1003', label: 'GAME1003', count: 2 });
  });

  it('is counted again when the file has changed, but no more often than that', async () => {
    const { played: writer, sessions } = recording();
    writer.play('Ann', 'Bob');
    expect((await sessions.page()).total.count).toBe(1);
    writer.play('Ann', 'Bob');
    expect((await sessions.page()).total.count).toBe(1);
    sessions.skippedMs += FRESH_MS;
    expect((await sessions.page()).total.count).toBe(2);
  });

  it('is counted so seldom that it takes a small part of the time', async () => {
    const { played: writer, sessions } = recording();
    writer.play('Ann', 'Bob');
    // So long does it take from one look at the clock to the next.
    sessions.slowMs = FRESH_MS;
    await sessions.page();
    sessions.slowMs = 0;
    writer.play('Ann', 'Bob');
    sessions.skippedMs += FRESH_MS;
    expect((await sessions.page()).total.count).toBe(1);
    sessions.skippedMs += 1_000_000 * FRESH_MS;
    expect((await sessions.page()).total.count).toBe(2);
  });

  it('is told on the first page alone', async () => {
    const { played: writer, sessions } = recording();
    writer.play('Ann', 'Bob');
    writer.play('Ann', 'Bob');
    expect(await sessions.page({ after: 2 })).toMatchObject({ facets: null, live: null, unindexed: null });
  });
});

describe('one session', () => {
  it('has a lane for each connection of its players', async () => {
    const { played, sessions } = recording();
    played.play('Ann', 'Bob');
    const detail = await sessions.detail(1);
    expect(detail.lanes.map(({ conn, player, role }) => [conn, player, role])).toEqual([
      [1, '02:00:00:00:00:01', 'pdp'],
      [2, '02:00:00:00:00:02', 'pdp'],
    ]);
    expect(detail.lanes[0]!.fault).toEqual({ name: 'ended', text: 'the client ended it' });
    expect(detail).toMatchObject({ recording: true, lanesBeyond: 0, gaps: [], gapsBeyond: 0 });
  });

  it('says where frames are lacking', async () => {
    const { played, sessions } = recording();
    const pair = played.begin('Ann', 'Bob');
    played.gap(5);
    played.goesOn(pair, 2);
    const { gaps } = await sessions.detail(1);
    expect(gaps).toMatchObject([{ first: 5, frames: 5, reason: 'recorder was full' }]);
  });

  it('names so many players in a list, and has so many lanes; it counts the others', async () => {
    const { played, sessions } = recording();
    played.crowd(LANES_MAX + 3);
    const { players, playersBeyond } = (await sessions.page()).sessions[0]!;
    expect([players.length, playersBeyond]).toEqual([PLAYERS_LISTED_MAX, LANES_MAX + 3 - PLAYERS_LISTED_MAX]);
    const { lanes, lanesBeyond } = await sessions.detail(1);
    expect([lanes.length, lanesBeyond]).toEqual([LANES_MAX, 3]);
  });

  it('is refused where there is none, like all that is asked of it', async () => {
    const { sessions } = recording();
    for (const asked of [() => sessions.detail(9), () => sessions.timeline(9), () => sessions.report(9)])
      await expect(async () => asked()).rejects.toMatchObject({ kind: 'input', code: 'no-such-session' });
  });
});
