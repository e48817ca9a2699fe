/** The big play is a recording like others, so that what holds for it holds for them. */
import { expect, test } from 'vitest';
import { CaptureFile } from '../../recorder/captures.ts';
import { verifyCapture } from '../../recorder/verify.ts';
import { BIG_GROUP_PLAYERS, BIG_GROUPS, bigPlay } from '../../bench/replay/big-play.ts';
import { temporaryFile } from '../kit/capture-file.ts';

test('the big play is a whole capture of as many frames as were asked for, with a session for each group', () => {
  const file = temporaryFile();
  bigPlay(file, 25_000);
  const { checks, ok } = verifyCapture(file);
  expect(ok, JSON.stringify(checks)).toBe(true);
  const capture = CaptureFile.open(file);
  const sessions = capture.sessions();
  expect(capture.captures()).toMatchObject([{ frames: 25_000, ended: 'clean', gaps: 0 }]);
  expect(sessions.map(({ players, ended }) => [players.length, ended])).toEqual(
    new Array(BIG_GROUPS).fill([BIG_GROUP_PLAYERS, 'left']),
  );
  expect(sessions.reduce((sum, { frames }) => sum + frames, 0)).toBe(25_000);
  const payloads = new Set<number>();
  const ways = new Set<string>();
  for (const { from, to, kind, bytes } of capture.frames(1)) {
    if (kind !== 4) continue;
    expect(bytes.length).toBe(14 + 200);
    payloads.add(bytes.readUInt32LE(14));
    ways.add(`${from} ${to}`);
  }
  capture.close();
  expect(payloads.size).toBe(25_000 - 32);
  expect(ways.size).toBe(BIG_GROUPS * BIG_GROUP_PLAYERS * (BIG_GROUP_PLAYERS - 1));
});
