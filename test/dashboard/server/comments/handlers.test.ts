/** Comments over the API: of the frames of a session, and of no others. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { commentHandlers } from '../../../../dashboard/server/comments/handlers.ts';
import { CaptureFile } from '../../../../recorder/captures.ts';
import { ask } from '../../../kit/asking-api.ts';
import { temporaryFile } from '../../../kit/capture-file.ts';
import { PlayedSessions } from '../../../kit/played-sessions.ts';

const AT = '2026-11-21T12:34:56.789Z';

/** Two sessions: frames 1 to 4 are the first one's, and those from 5 on the other's, which goes on. */
function play() {
  const file = temporaryFile();
  const played = new PlayedSessions(file);
  played.play('Ann', 'Bob');
  const going = played.begin('Cid', 'Dan');
  const reader = CaptureFile.open(file);
  onTestFinished(() => reader.close());
  const handlers = commentHandlers({ file, reader }, () => Date.parse(AT) * 1000);
  const add = (id: number, sequence: number, text = '', marker: 'note' | 'good' = 'note') =>
    ask(handlers, 'addComment', { params: { id }, body: { sequence, text, marker } });
  const list = async (id: number) => (await ask(handlers, 'comments', { params: { id } })).comments;
  return { handlers, played, going, add, list };
}

const refusal = (code: string): unknown => expect.objectContaining({ kind: 'input', code });

describe('a comment', () => {
  it('is made now, on a frame of the session, and listed in the order of the frames', async () => {
    const { add, list } = play();
    const later = await add(1, 4, 'the last one', 'good');
    const first = await add(1, 2);
    expect(later).toEqual({ id: 1, sequence: 4, text: 'the last one', marker: 'good', at: AT });
    expect(await list(1)).toEqual([first, later]);
    expect(await list(2)).toEqual([]);
  });

  it('is made on what comes while it is recorded', async () => {
    const { played, going, add, list } = play();
    await expect(add(2, 9)).rejects.toEqual(refusal('no-such-frame'));
    played.goesOn(going, 3);
    await add(2, 9);
    expect((await list(2)).map(({ sequence }) => sequence)).toEqual([9]);
  });

  it('is changed and removed by its number', async () => {
    const { handlers, add, list } = play();
    const { id } = await add(1, 2, 'what?');
    const body = { text: 'ah', marker: 'good' } as const;
    const changed = await ask(handlers, 'editComment', { params: { id }, body });
    expect(changed).toEqual({ id, sequence: 2, ...body, at: AT });
    expect(await list(1)).toEqual([changed]);
    await ask(handlers, 'dropComment', { params: { id } });
    expect(await list(1)).toEqual([]);
  });
});

describe('is refused', () => {
  it('on a frame of another session, or of none', async () => {
    const { add } = play();
    for (const sequence of [5, 99]) await expect(add(1, sequence)).rejects.toEqual(refusal('no-such-frame'));
    await expect(add(2, 4)).rejects.toEqual(refusal('no-such-frame'));
  });

  it('in a session that is not there', async () => {
    const { add, list } = play();
    await expect(add(9, 1)).rejects.toEqual(refusal('no-such-session'));
    await expect(list(9)).rejects.toEqual(refusal('no-such-session'));
  });

  it('where there is none of that number', async () => {
    const { handlers } = play();
    const params = { id: 1 };
    const body = { text: '', marker: 'note' } as const;
    await expect(ask(handlers, 'editComment', { params, body })).rejects.toEqual(refusal('no-such-comment'));
    await expect(ask(handlers, 'dropComment', { params })).rejects.toEqual(refusal('no-such-comment'));
  });
});
