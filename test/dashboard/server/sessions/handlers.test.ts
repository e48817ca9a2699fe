/** Sessions over the API, as handlers answer without HTTP. */
import { describe, expect, it, onTestFinished } from 'vitest';
import type { SessionQuery } from '../../../../dashboard/api/sessions.ts';
import { sessionPart } from '../../../../dashboard/server/sessions/part.ts';
import { Surveys } from '../../../../dashboard/server/sessions/surveys.ts';
import { monotonic } from '../../../../common/clock.ts';
import { CaptureFile } from '../../../../recorder/captures.ts';
import { ask } from '../../../kit/asking-api.ts';
import { temporaryFile } from '../../../kit/capture-file.ts';
import { PlayedSessions } from '../../../kit/played-sessions.ts';

function recording() {
  const file = temporaryFile();
  const played = new PlayedSessions(file);
  const reader = CaptureFile.open(file);
  onTestFinished(() => reader.close());
  const surveys = new Surveys(reader, monotonic, (error) => expect.unreachable(error.message));
  const part = sessionPart({ file, reader }, surveys, { clock: monotonic });
  onTestFinished(() => part.close());
  const { handlers } = part;
  const page = (query: SessionQuery = {}) => ask(handlers, 'sessions', { query });
  return { file, played, handlers, page };
}

describe('the list of sessions', () => {
  it('is newest first, and tells of those that go on beside it', async () => {
    const { played, page } = recording();
    played.play('Ann', 'Bob', { frames: 4, game: 'GAME00001' });
    played.begin('Cid', 'Dan');
    const { sessions, live, more, total } = await page();
    expect(sessions.map(({ id, ended }) => [id, ended])).toEqual([
      [2, null],
      [1, 'left'],
    ]);
    expect(live?.map(({ id }) => id)).toEqual([2]);
    expect(sessions[1]).toMatchObject({ game: 'GAME00001', frames: 6, playersBeyond: 0 });
    expect(sessions[1]!.players.map(({ nickname }) => nickname)).toEqual(['Ann', 'Bob']);
    expect({ more, total }).toEqual({ more: false, total: { count: 2, exact: true } });
  });

  it('goes on after a session, without holes or doubles whatever the size of a page', async () => {
    const { played, page } = recording();
    for (let i = 0; i < 7; i++) played.play(`A${i}`, `B${i}`);
    for (const limit of [1, 2, 6, 7, 200]) {
      const ids: number[] = [];
      for (let after: number | undefined, more = true; more;) {
        const found = await page({ limit, ...(after !== undefined && { after }) });
        ids.push(...found.sessions.map(({ id }) => id));
        after = ids.at(-1);
        more = found.more;
      }
      expect(ids).toEqual([7, 6, 5, 4, 3, 2, 1]);
    }
  });
});

describe('one session', () => {
  it('has a lane for each connection of its players', async () => {
    const { played, handlers } = recording();
    played.play('Ann', 'Bob');
    const detail = await ask(handlers, 'session', { params: { id: 1 } });
    expect(detail.lanes.map(({ conn, player, role }) => [conn, player, role])).toEqual([
      [1, '02:00:00:00:00:01', 'pdp'],
      [2, '02:00:00:00:00:02', 'pdp'],
    ]);
    expect(detail.lanes[0]!.fault).toEqual({ name: 'ended', text: 'the client ended it' });
    expect(detail).toMatchObject({ recording: true, lanesBeyond: 0, gaps: [], gapsBeyond: 0 });
  });

  it('is refused where there is none', async () => {
    const { handlers } = recording();
    await expect(async () => ask(handlers, 'session', { params: { id: 9 } })).rejects.toMatchObject({
      kind: 'input',
      code: 'no-such-session',
    });
  });
});
