/** What viewers of sessions are told as it happens, and how much is kept for them. */
import { describe, expect, it } from 'vitest';
import type { SessionDetail } from '../../../../dashboard/api/sessions.ts';
import { SURVEYS_MAX, WAITING_MAX } from '../../../../dashboard/server/sessions/surveys.ts';
import { AskedSessions } from '../../../kit/asked-sessions.ts';
import { temporaryFile } from '../../../kit/capture-file.ts';
import { PlayedSessions } from '../../../kit/played-sessions.ts';

function recording() {
  const file = temporaryFile();
  const played = new PlayedSessions(file);
  return { played, sessions: new AskedSessions(file) };
}

describe('whoever watches the list', () => {
  it('is told of sessions that are new, that changed, and that have been read, each once', async () => {
    const { played, sessions } = recording();
    played.play('Ann', 'Bob', { frames: 40 });
    const watch = sessions.part.topics.sessions({ watch: 'sessions', id: 1 });
    const take = () => {
      sessions.skippedMs += 1_000;
      const news = watch.take(0);
      return news?.news === 'sessions' ? news : null;
    };
    expect(take()).toBe(null);
    const pair = played.begin('Cid', 'Dan');
    expect(take()?.changed.map(({ id, ended }) => [id, ended])).toEqual([[2, null]]);
    expect(take()).toBe(null);
    played.goesOn(pair, 5);
    expect(take()?.changed.map(({ frames }) => frames)).toEqual([9]);
    played.end(pair);
    expect(take()?.changed.map(({ ended }) => ended)).toEqual(['left']);
    await sessions.report(1);
    expect(take()?.changed.map(({ id, findings }) => [id, findings !== null])).toEqual([[1, true]]);
    watch.close();
  });
});

describe('whoever watches one session', () => {
  it('is told how it grows, and how far its report is', async () => {
    const { played, sessions } = recording();
    const pair = played.begin('Ann', 'Bob', { frames: 4 });
    const watch = sessions.part.topics.session({ watch: 'session', id: 1, session: 1 });
    const take = (): { session: SessionDetail | null; report: number } | null => {
      sessions.skippedMs += 1_000;
      const news = watch.take(0);
      return news?.news === 'session' ? { session: news.session, report: news.read.report } : null;
    };
    const first = take()!;
    expect([first.session!.frames, first.report]).toEqual([6, 0]);
    await sessions.until(() => (take()?.report ?? 0) > 0);
    played.goesOn(pair, 10);
    let frames = 0;
    await sessions.until(() => (frames = take()?.session?.frames ?? frames) === 16);
    played.end(pair);
    await sessions.until(() => take()?.session?.ended === 'left');
    watch.close();
  });

  it('is refused where there is none', () => {
    const { sessions } = recording();
    expect(() => sessions.part.topics.session({ watch: 'session', id: 1, session: 5 })).toThrow(
      'no session 5',
    );
  });
});

describe('surveys', () => {
  it('are kept of so many sessions, and the findings of others are known all the same', async () => {
    const { played, sessions } = recording();
    const count = SURVEYS_MAX + 3;
    for (let i = 0; i < count; i++) played.play('Ann', 'Bob');
    const first = sessions.surveys.look(1);
    for (let id = 1; id <= count; id++) await sessions.report(id);
    expect(sessions.surveys.look(1)).not.toBe(first);
    expect(sessions.surveys.look(count).version).toBe(1);
    expect(sessions.surveys.countsOf(2)).toEqual({ problem: 0, warning: 0, note: 0 });
  });

  it('are made first of what somebody looks at', async () => {
    const { played, sessions } = recording();
    for (let i = 0; i < 20; i++) played.play('Ann', 'Bob', { frames: 400 });
    const order: number[] = [];
    sessions.surveys.onRead((id) => order.push(id));
    sessions.surveys.list(Array.from({ length: 20 }, (_, i) => 20 - i));
    sessions.surveys.look(3);
    await sessions.until(() => order.length === 20);
    expect(order).toEqual([3, ...Array.from({ length: 20 }, (_, i) => 20 - i).filter((id) => id !== 3)]);
  });

  it('wait for so many sessions that were listed: the newest listing goes first', async () => {
    const { played, sessions } = recording();
    const count = WAITING_MAX + 5;
    for (let i = 0; i < count; i++) played.play('Ann', 'Bob');
    sessions.surveys.list(Array.from({ length: count }, (_, i) => i + 1));
    const read = () => Array.from({ length: count }, (_, i) => sessions.surveys.countsOf(i + 1) !== null);
    await sessions.until(() => read().filter(Boolean).length === WAITING_MAX);
    expect(read().lastIndexOf(true)).toBe(WAITING_MAX - 1);
  });
});
