/** Frames that waited in the relay. */
import { BOB, happens, pair, silent, type Story } from '../story.ts';
import type { Stage } from '../stage.ts';

/** Alice sends to Bob and Carol; to each of them all goes through at once, but between two moments. */
function broadcast(
  stage: Stage,
  waits: { from: number; to: number; delayMs: number; carolAsWell?: boolean },
): void {
  const { a, b } = pair(stage);
  const [carol] = stage.players('Carol');
  const c = carol.pdp(1);
  for (let i = 0; i <= 300; i += 1) {
    const at = i / 30;
    const isLate = at >= waits.from - 1e-9 && at <= waits.to + 1e-9;
    a.says(b, at, { delayMs: isLate ? waits.delayMs : 0.1 });
    a.says(c, at, { delayMs: isLate && waits.carolAsWell === true ? waits.delayMs : 0.1 });
  }
}

export const delayStories: readonly Story[] = [
  happens(
    'slow-target',
    'Bob is slow for a second, and Carol is not',
    (stage) => broadcast(stage, { from: 4, to: 5, delayMs: 120 }),
    `31 frames to ${BOB} waited in the relay for up to 120 ms from 4.0 s to 5.1 s; those to others did not`,
  ),
  happens(
    'slow-target',
    'twice',
    (stage) => {
      broadcast(stage, { from: 4, to: 5, delayMs: 120 });
      const [dave] = stage.players('Dave');
      const d = dave.pdp(1);
      for (const [at, delayMs] of [
        [2, 50],
        [7, 700],
      ] as const)
        d.says(d, at, { delayMs });
    },
    `2 frames to Dave (02:00:00:00:00:04) waited in the relay for up to 700 ms in 2 bursts from 2.0 s to 7.7 s; those to others did not`,
    `31 frames to ${BOB} waited in the relay for up to 120 ms from 4.0 s to 5.1 s; those to others did not`,
  ),
  silent('slow-target', 'a few milliseconds', (stage) => broadcast(stage, { from: 4, to: 5, delayMs: 8 })),
  silent('slow-target', 'Carol waits as well', (stage) =>
    broadcast(stage, { from: 4, to: 5, delayMs: 120, carolAsWell: true }),
  ),

  happens(
    'relay-held-frames',
    'the machine stands still for 80 ms',
    (stage) => broadcast(stage, { from: 4, to: 4.07, delayMs: 80, carolAsWell: true }),
    '6 frames waited in the relay for up to 80.0 ms from 4.0 s to 4.1 s; nothing overtook them',
  ),
  happens(
    'relay-held-frames',
    'only Bob was sent something then, so that nobody can know',
    (stage) => {
      const { a, b } = pair(stage);
      const [carol] = stage.players('Carol');
      const c = carol.pdp(1);
      a.sends(b, { from: 0, to: 4 }).says(b, 4.1, { delayMs: 50 });
      a.sends(c, { from: 4.3, to: 9 });
    },
    '1 frame waited in the relay for up to 50.0 ms from 4.1 s to 4.2 s; nothing overtook it',
  ),
  silent('relay-held-frames', 'two frames that were late by less than anybody feels', (stage) => {
    const { a, b } = pair(stage);
    a.sends(b, { from: 0, to: 9 });
    for (const at of [3.05, 7.05]) a.says(b, at, { delayMs: 25 });
  }),
  happens(
    'relay-held-frames',
    'three of them',
    (stage) => {
      const { a, b } = pair(stage);
      a.sends(b, { from: 0, to: 9 });
      for (const at of [3.01, 3.05, 7.05]) a.says(b, at, { delayMs: 25 });
    },
    '3 frames waited in the relay for up to 25.0 ms in 2 bursts from 3.0 s to 7.1 s; nothing overtook them',
  ),
  silent('slow-target', 'one frame to Bob that was late by less than anybody feels', (stage) =>
    broadcast(stage, { from: 4, to: 4.01, delayMs: 25 }),
  ),
  silent('relay-held-frames', 'all of this session waits: it is a slow machine', (stage) =>
    broadcast(stage, { from: 0, to: 10, delayMs: 12, carolAsWell: true }),
  ),
  silent('relay-held-frames', 'only Bob is slow', (stage) =>
    broadcast(stage, { from: 4, to: 5, delayMs: 120 }),
  ),
  silent('relay-held-frames', 'a few milliseconds', (stage) =>
    broadcast(stage, { from: 4, to: 4.07, delayMs: 8, carolAsWell: true }),
  ),
  silent('relay-held-frames', 'frames that never left', (stage) => {
    const { a, b } = pair(stage);
    a.sends(b, { from: 0, to: 5, outcome: 6 });
  }),
];
