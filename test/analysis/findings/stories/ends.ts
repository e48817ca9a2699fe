/** Who stopped sending before an end. */
import { ALICE, BOB, CAROL, happens, pair, silent, type Story } from '../story.ts';

export const endStories: readonly Story[] = [
  happens(
    'silent-before-break',
    'Bob falls silent and 4.2 s later his connection breaks, while Alice sends on',
    (stage) => {
      const { a, b } = pair(stage);
      a.sends(b, { from: 0, to: 12 });
      b.sends(a, { from: 0, to: 8 }).ends(12.2, 'lost');
      a.ends(13);
    },
    `${BOB} sent its last frame at 8.0 s, 4.2 s before its connection broke; ${ALICE} went on`,
  ),
  happens(
    'silent-before-break',
    'everybody stops, and Bob is the first',
    (stage) => {
      const { a, b } = pair(stage);
      const [carol] = stage.players('Carol');
      const c = carol.pdp(1);
      for (const other of [a, c]) b.sends(other, { from: 0, to: 6 });
      a.sends(b, { from: 0, to: 6.5 });
      c.sends(b, { from: 0, to: 6.8 });
      for (const each of [a, b, c]) each.ends(11, 'lost');
    },
    `${BOB} sent its last frame at 6.0 s, 5.0 s before its connection broke; it was the first to stop, 0.5 s before ${ALICE}`,
  ),
  happens(
    'silent-before-break',
    'a slow reader was silent as well, and its two sockets end as one',
    (stage) => {
      const { a, b, bob } = pair(stage);
      const second = bob.pdp(2);
      a.sends(b, { from: 0, to: 9 });
      b.sends(a, { from: 0, to: 5 }).ends(9, 'too-slow');
      second.sends(a, { from: 0, to: 5 }).ends(9.1, 'lost');
    },
    `${BOB} sent its last frame at 5.0 s, 4.0 s before the relay closed its connection, which read nothing any more; ${ALICE} went on`,
  ),
  silent('silent-before-break', 'Bob says goodbye', (stage) => {
    const { a, b } = pair(stage);
    a.sends(b, { from: 0, to: 12 });
    b.sends(a, { from: 0, to: 8 }).ends(12.2, 'ended');
  }),
  silent('silent-before-break', 'Bob sends until his connection breaks', (stage) => {
    const { a, b } = pair(stage);
    a.sends(b, { from: 0, to: 12 });
    b.sends(a, { from: 0, to: 12 }).ends(12.2, 'lost');
  }),
  silent('silent-before-break', 'Bob never sent often', (stage) => {
    const { a, b } = pair(stage);
    a.sends(b, { from: 0, to: 60 });
    b.sends(a, { from: 0, to: 55, rate: 0.2 }).ends(60.2, 'lost');
  }),
  silent('silent-before-break', 'Alice left before, so that there was nobody to talk to', (stage) => {
    const { a, b } = pair(stage);
    a.sends(b, { from: 0, to: 8 }).ends(8.1);
    b.sends(a, { from: 0, to: 8.2 }).ends(14, 'lost');
  }),
  silent(
    'silent-before-break',
    'Alice left at the same moment, and Bob’s connection broke later',
    (stage) => {
      const { a, b } = pair(stage);
      a.sends(b, { from: 0.05, to: 8.05 }).ends(8.1);
      b.sends(a, { from: 0, to: 8 }).ends(14, 'lost');
    },
  ),
  silent('silent-before-break', 'what Bob sent may be what the recording lacks', (stage) => {
    const { a, b } = pair(stage);
    a.sends(b, { from: 0, to: 12 });
    b.sends(a, { from: 0, to: 12 }).ends(12.2, 'lost');
    stage.lacks(8.05, 12);
    a.says(b, 12.1);
  }),
  silent('silent-before-break', 'Alice stopped first, and her end is not known', (stage) => {
    const { a, b } = pair(stage);
    a.sends(b, { from: 0, to: 5 });
    b.sends(a, { from: 0, to: 6 }).ends(12, 'lost');
  }),
  silent('silent-before-break', 'the relay was stopped', (stage) => {
    const { a, b } = pair(stage);
    a.sends(b, { from: 0, to: 12 }).ends(12.2, 'shutdown');
    b.sends(a, { from: 0, to: 8 }).ends(12.2, 'shutdown');
  }),

  happens(
    'silent-before-leaving',
    'Alice talks to Bob for 7 s more before he leaves',
    (stage) => {
      const { a, b } = pair(stage);
      a.sends(b, { from: 0, to: 14.9 }).ends(15.5);
      b.sends(a, { from: 0, to: 8 }).ends(15);
    },
    `${BOB} sent its last frame at 8.0 s, 7.0 s before it left; ${ALICE} went on`,
  ),
  silent('silent-before-leaving', 'all stop and leave from the menu later', (stage) => {
    const { a, b } = pair(stage);
    a.sends(b, { from: 0, to: 8.2 }).ends(20);
    b.sends(a, { from: 0, to: 8 }).ends(21);
  }),
  silent('silent-before-leaving', 'Bob stops and leaves at once', (stage) => {
    const { a, b } = pair(stage);
    a.sends(b, { from: 0, to: 15 });
    b.sends(a, { from: 0, to: 8 }).ends(9);
  }),
  silent('silent-before-leaving', 'Bob is quiet, but the others talk only to each other', (stage) => {
    const { a, b } = pair(stage);
    const [carol] = stage.players('Carol');
    const c = carol.pdp(1);
    a.sends(b, { from: 0, to: 8, rate: 90 }).sends(c, { from: 0, to: 15 });
    c.sends(a, { from: 0, to: 15 });
    b.sends(a, { from: 0, to: 8, rate: 3 }).ends(15);
  }),
  silent('silent-before-leaving', 'one of two sockets is closed and Bob is still there', (stage) => {
    const { a, b, bob } = pair(stage);
    bob.pdp(2);
    a.sends(b, { from: 0, to: 14.9 });
    b.sends(a, { from: 0, to: 8 }).ends(15);
  }),
  silent('silent-before-leaving', 'one of two sockets is closed and the other talks on', (stage) => {
    const { a, b, bob } = pair(stage);
    a.sends(b, { from: 0, to: 15 });
    b.sends(a, { from: 0, to: 8 }).ends(15);
    bob.pdp(2).sends(a, { from: 0, to: 20 });
  }),
  happens(
    'silent-before-leaving',
    'both others went on',
    (stage) => {
      const { a, b } = pair(stage);
      const [carol] = stage.players('Carol');
      const c = carol.pdp(1);
      for (const other of [a, c]) other.sends(b, { from: 0, to: 14.9 });
      b.sends(a, { from: 0, to: 8 }).ends(15);
    },
    `${BOB} sent its last frame at 8.0 s, 7.0 s before it left; ${ALICE} and ${CAROL} went on`,
  ),
];
