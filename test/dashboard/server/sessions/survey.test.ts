/** What is told of a session by reading its frames: the same as by the command `show`, and the same however it was read. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findingObservers, findingSpecs } from '../../../../analysis/findings/table.ts';
import { observe } from '../../../../analysis/observe.ts';
import { ReportObserver } from '../../../../analysis/session-report.ts';
import { viewSession } from '../../../../analysis/session-view.ts';
import { sessionJson } from '../../../../cli/session-json.ts';
import { adhocMatching } from '../../../../protocol/adhoc-matching/index.ts';
import type { Report, Timeline } from '../../../../dashboard/api/sessions.ts';
import { LOOK_MS, REST_TIMES, Survey } from '../../../../dashboard/server/sessions/survey.ts';
import { CommonFault } from '../../../../protocol/fault.ts';
import { CaptureFile } from '../../../../recorder/captures.ts';
import { AskedSessions } from '../../../kit/asked-sessions.ts';
import { temporaryFile } from '../../../kit/capture-file.ts';
import { counted, Opcode } from '../../../kit/matching-wire.ts';
import { PlayedSessions } from '../../../kit/played-sessions.ts';
import { PROPERTY_TIMEOUT_MS, runs } from '../../../kit/property.ts';
import { playEvening } from '../../../kit/taped-plays.ts';

type Json = Record<string, unknown>;

/** As `postreel show FILE SESSION --json` says it. */
function shown(reader: CaptureFile, id: number): Json {
  const view = viewSession(reader, id);
  const observer = new ReportObserver(view, findingObservers(view));
  observe(view, reader.sessionFrames(view.session), [observer]);
  return JSON.parse(sessionJson(observer.end())) as Json;
}

/** The same of a report, as far as that has it. */
function asShown({ findings, steps, stepsBeyond, conversations, beyond }: Report): Json {
  return {
    findings: findings.map(({ title: _title, explanation: _explanation, ...told }) => told),
    conversations: conversations.map(({ filter: _filter, ...told }) => told),
    beyondConversations: beyond,
    steps,
    beyondSteps: stepsBeyond,
  };
}

const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);

/** Of all lanes: bytes in and out, frames, drops. */
function totals({ lanes }: Pick<Timeline, 'lanes'>): readonly number[][] {
  return lanes.map(({ conn, bytesIn, bytesOut, frames, drops }) => [
    conn,
    ...[bytesIn, bytesOut, frames, drops].map(sum),
  ]);
}

describe('the report of a session', () => {
  it('is what the command says of it', async () => {
    const sessions = new AskedSessions(playEvening({ nicknames: ['Ann', 'Bob', 'Cid'] }));
    const { sessions: rows } = await sessions.page();
    expect(rows.length).toBeGreaterThan(0);
    for (const { id } of rows) {
      const told = asShown(await sessions.report(id));
      expect(shown(sessions.reader, id)).toMatchObject(JSON.parse(JSON.stringify(told)) as Json);
    }
  });

  it('explains its findings, and counts them in the list', async () => {
    const file = temporaryFile();
    const played = new PlayedSessions(file);
    played.play('Ann', 'Bob', { frames: 100, fault: CommonFault.lost });
    const sessions = new AskedSessions(file);
    const { findings } = await sessions.report(1);
    const lost = findings.find(({ id }) => id === 'connection-lost')!;
    const { title, explanation } = findingSpecs.find(({ id }) => id === 'connection-lost')!;
    expect(lost).toMatchObject({ severity: 'problem', title, explanation });
    const [row] = (await sessions.page()).sessions;
    expect(row!.findings).toEqual({
      problem: findings.filter(({ severity }) => severity === 'problem').length,
      warning: findings.filter(({ severity }) => severity === 'warning').length,
      note: findings.filter(({ severity }) => severity === 'note').length,
    });
  });

  it('is null while it is read, with how far that is', () => {
    const file = temporaryFile();
    const played = new PlayedSessions(file);
    played.play('Ann', 'Bob', { frames: 3_000 });
    const sessions = new AskedSessions(file);
    const survey = new Survey(sessions.reader, 1);
    const seen: number[] = [];
    while (survey.step(() => 0)) {
      if (survey.reading === null) seen.push(survey.progress.done);
      expect(survey.progress.of).toBe(3_002);
    }
    expect(survey.progress).toEqual({ done: 3_002, of: 3_002 });
    expect(seen.length).toBeGreaterThan(4);
    expect(seen).toEqual(seen.toSorted((one, other) => one - other));
    expect(Math.max(...seen)).toBeLessThan(3_002);
  });

  it('has every frame in both histograms, and each delay', async () => {
    const file = temporaryFile();
    new PlayedSessions(file).play('Ann', 'Bob', { frames: 50 });
    const { delays, sizes } = await new AskedSessions(file).report(1);
    expect([sum(delays.counts), sum(sizes.counts)]).toEqual([50, 52]);
    expect(delays.edges[0]).toBeLessThanOrEqual(50_000);
    expect(delays.edges.at(-1)).toBeGreaterThan(50_000);
  });

  it('is there of a session whose recording broke off', async () => {
    const file = temporaryFile();
    const played = new PlayedSessions(file);
    played.begin('Ann', 'Bob', { frames: 20 });
    played.store.abandon();
    const sessions = new AskedSessions(file);
    const told = asShown(await sessions.report(1));
    expect((await sessions.page()).sessions[0]!.ended).toBe('unclean');
    expect(shown(sessions.reader, 1)).toMatchObject(JSON.parse(JSON.stringify(told)) as Json);
    expect(sum((await sessions.timeline(1)).lanes.map(({ frames }) => sum(frames)))).toBe(42);
  });
});

describe('a session that goes on', { timeout: PROPERTY_TIMEOUT_MS }, () => {
  it('is told, when it has ended, as if it had been read then for the first time, wherever it was looked at before', () => {
    const parts = fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(parts, (frames) => {
        const file = temporaryFile();
        const played = new PlayedSessions(file);
        const pair = played.begin('Ann', 'Bob', { frames: 2 });
        const reader = CaptureFile.open(file);
        try {
          let now = 0;
          const clock = () => now;
          const survey = new Survey(reader, 1);
          for (const count of frames) {
            while (survey.step(clock));
            // All that there is has been counted, and read once.
            expect(survey.reading!.through).toBe(played.lastSequence);
            expect(survey.reading!.frames).toBe(played.lastSequence);
            played.goesOn(pair, count);
            now += LOOK_MS;
          }
          played.end(pair);
          now += LOOK_MS;
          while (survey.step(clock));
          expect(survey.isWhole).toBe(true);
          const fresh = new Survey(reader, 1);
          while (fresh.step(clock));
          const stretch = { from: 0, to: played.lastSequence * 2e6, buckets: 7 };
          expect(survey.reading!.timeline.told(stretch)).toEqual(fresh.reading!.timeline.told(stretch));
          expect(survey.reading!.report).toEqual(fresh.reading!.report);
          expect(survey.reading!.sizes.told()).toEqual(fresh.reading!.sizes.told());
        } finally {
          reader.close();
        }
      }),
      runs(15),
    );
  });

  it('is counted as it grows: the new frames alone are read', () => {
    const file = temporaryFile();
    const played = new PlayedSessions(file);
    const pair = played.begin('Ann', 'Bob', { frames: 1_000 });
    const reader = CaptureFile.open(file);
    let frames = 0;
    const counting = Object.create(reader, {
      look: {
        value: (...asked: Parameters<CaptureFile['look']>) => {
          const look = reader.look(...asked);
          frames += look.frames.length;
          return look;
        },
      },
      session: { value: (id: number) => reader.session(id) },
      capture: { value: (id: number) => reader.capture(id) },
      gaps: { value: (id: number) => reader.gaps(id) },
      connection: { value: (capture: number, conn: number) => reader.connection(capture, conn) },
      connectionsBetween: {
        value: (...asked: Parameters<CaptureFile['connectionsBetween']>) =>
          reader.connectionsBetween(...asked),
      },
    }) as CaptureFile;
    // Each look at the clock takes time, so that reading it has cost something.
    let now = 0;
    const clock = () => (now += 20);
    const survey = new Survey(counting, 1);
    while (survey.step(clock));
    expect([frames, survey.version]).toEqual([1_002, 1]);
    played.goesOn(pair, 10);
    now += LOOK_MS;
    while (survey.step(clock));
    expect([survey.reading!.frames, frames, survey.version]).toEqual([1_012, 1_012, 1]);
    // Long enough after it was read, it is read again.
    now += 1_000 * REST_TIMES;
    while (survey.step(clock));
    expect([survey.reading!.frames, frames, survey.version]).toEqual([1_012, 2 * 1_012, 2]);
    reader.close();
  });

  it('grows in its timeline, its report and what is known of its payloads, as long as somebody looks', async () => {
    const file = temporaryFile();
    const played = new PlayedSessions(file);
    const pair = played.begin('Ann', 'Bob', { frames: 10 });
    const sessions = new AskedSessions(file);
    await sessions.until(() => sessions.surveys.look(1).version > 0);
    expect(sum((await sessions.timeline(1)).lanes.map(({ frames }) => sum(frames)))).toBe(22);
    const payloads = sessions.surveys.payloadsOf(1);
    expect(payloads.through).toBe(12);
    played.goesOn(pair, 30);
    await sessions.until(() => sessions.surveys.payloadsOf(1).through === 42);
    expect(payloads.through).toBe(42);
    const timeline = await sessions.timeline(1);
    expect(timeline.through).toBe(42);
    expect(sum(timeline.lanes.map(({ frames }) => sum(frames)))).toBe(82);
    await sessions.until(() => {
      sessions.skippedMs += 1_000;
      return sessions.surveys.look(1).version > 1;
    });
    played.end(pair);
    expect((await sessions.report(1)).through).toBe(42);
  });
});

describe('what is known of payloads', () => {
  it('is by conversation, and nothing of what is not there', async () => {
    const file = temporaryFile();
    const played = new PlayedSessions(file);
    const matching = played.begin('Ann', 'Bob', { frames: 0 });
    played.says(matching, counted(Opcode.hello, Buffer.from('join me')));
    played.play('Cid', 'Dan', { frames: 3 });
    played.end(matching);
    const sessions = new AskedSessions(file);
    await sessions.report(1);
    const payloads = sessions.surveys.payloadsOf(1);
    expect(payloads.protocolOf('02:00:00:00:00:01/100 02:00:00:00:00:02/100')).toBe(adhocMatching);
    expect(payloads.protocolOf('02:00:00:00:00:03/100 02:00:00:00:00:04/100')).toBe(undefined);
    const nobody = sessions.surveys.payloadsOf(99);
    expect([nobody.through, nobody.protocolOf('')]).toEqual([0, undefined]);
  });
});

describe('the timeline of a session', () => {
  it('has the same in all buckets together, whether they are many or few', async () => {
    const sessions = new AskedSessions(playEvening());
    await sessions.report(1);
    const whole = totals(await sessions.timeline(1, { buckets: 1 }));
    for (const buckets of [2, 7, 600, 2_000])
      expect(totals(await sessions.timeline(1, { buckets }))).toEqual(whole);
    const frames = Array.from(sessions.reader.sessionFrames(sessions.reader.session(1)));
    const sent = frames.filter(({ from }) => from !== 0).length;
    const got = frames.filter(({ to, outcome }) => to !== 0 && outcome <= 2).length;
    expect(sum(whole.map(([, , , count]) => count!))).toBe(sent + got);
  });

  it('is told from the frames themselves where one looks close', async () => {
    const file = temporaryFile();
    new PlayedSessions(file).play('Ann', 'Bob', { frames: 400 });
    const sessions = new AskedSessions(file);
    await sessions.report(1);
    // A frame each millisecond, from 5 ms on.
    const near = await sessions.timeline(1, { from: 100e6, to: 110e6, buckets: 20 });
    expect(near.exact).toBe(true);
    expect(near.lanes.map(({ conn, frames }) => [conn, sum(frames)])).toEqual([
      [1, 10],
      [2, 10],
    ]);
    expect(near.lanes[0]!.frames).toEqual(Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? 1 : 0)));
  });

  it('has an arrow for each frame by which a stream came about, from one lane to the other', async () => {
    const sessions = new AskedSessions(playEvening({ streamPorts: [5001, 5002] }));
    await sessions.report(1);
    const { arrows, arrowsBeyond } = await sessions.timeline(1);
    const { lanes } = await sessions.detail(1);
    const conns = (role: string) => lanes.filter((lane) => lane.role === role).map(({ conn }) => conn);
    const [listener] = conns('ptp-listen');
    for (const [i, connector] of conns('ptp-connect').entries()) {
      const acceptor = conns('ptp-accept')[i]!;
      expect(
        arrows
          .filter(({ from, to }) => [from, to].includes(connector))
          .map(({ from, to, what }) => [what, from, to]),
      ).toEqual([
        ['ptp-connect', connector, listener],
        ['ptp-request', connector, listener],
        ['ptp-accept', acceptor, connector],
        ['ptp-ready', acceptor, connector],
        ['ptp-ready', connector, acceptor],
      ]);
    }
    expect(arrowsBeyond).toBe(0);
  });

  it('says by what outcome frames were dropped', async () => {
    const sessions = new AskedSessions(playEvening());
    await sessions.report(1);
    const { dropped } = await sessions.timeline(1, { buckets: 3 });
    expect(dropped.map(({ outcome, counts }) => [outcome, sum(counts)])).toEqual([['no-target', 1]]);
  });

  it('is empty and unfinished before anything has been read', async () => {
    const sessions = new AskedSessions(playEvening());
    expect(await sessions.timeline(1)).toMatchObject({ complete: false, through: 0, lanes: [] });
  });
});
