/** Joins by the matching library. */
import { Outcome } from '../../../../protocol/outcome.ts';
import { ALICE, BOB, happens, pair, silent, type Story } from '../story.ts';
import type { Stage } from '../stage.ts';

/** Alice hosts: she advertises until 1 s. */
function room(stage: Stage) {
  const { a, b } = pair(stage);
  a.matches(b, 0, 'HELLO').matches(b, 0.5, 'HELLO').matches(b, 1, 'HELLO');
  return { host: a, guest: b };
}

function times(count: number, step: number, act: (i: number) => void): void {
  for (let i = 0; i < count; i += 1) act(i * step);
}

export const matchingStories: readonly Story[] = [
  happens(
    'join-refused',
    'Alice answers with CANCEL',
    (stage) => {
      const { host, guest } = room(stage);
      guest.matches(host, 2, 'JOIN');
      host.matches(guest, 2.2, 'CANCEL');
    },
    `${ALICE} answered the JOIN of ${BOB} with CANCEL, 0.2 s after it`,
  ),
  happens(
    'join-refused',
    'three times, and then she lets him in',
    (stage) => {
      const { host, guest } = room(stage);
      times(3, 2, (at) => {
        guest.matches(host, 2 + at, 'JOIN');
        host.matches(guest, 2.2 + at, 'CANCEL');
      });
      guest.matches(host, 9, 'JOIN');
      host.matches(guest, 9.1, 'ACCEPT');
    },
    `${ALICE} answered the JOIN of ${BOB} with CANCEL, 0.2 s after it, 3 times in all; it let it in at 9.1 s`,
  ),
  silent('join-refused', 'Alice sends him away after she had let him in', (stage) => {
    const { host, guest } = room(stage);
    guest.matches(host, 2, 'JOIN');
    host.matches(guest, 2.2, 'ACCEPT').matches(guest, 9, 'CANCEL');
  }),
  silent('join-refused', 'Bob takes his JOIN back', (stage) => {
    const { host, guest } = room(stage);
    guest.matches(host, 2, 'JOIN').matches(host, 3, 'CANCEL');
    host.matches(guest, 3.5, 'CANCEL');
  }),
  silent('join-refused', 'the two cancel different joins', (stage) => {
    const { host, guest } = room(stage);
    host.matches(guest, 2, 'CANCEL');
    guest.matches(host, 3, 'JOIN');
    host.matches(guest, 3.1, 'ACCEPT');
  }),

  happens(
    'join-unanswered',
    'Bob asks for 4.5 s and gives up',
    (stage) => {
      const { host, guest } = room(stage);
      times(9, 0.5, (at) => guest.matches(host, 2 + at, 'JOIN'));
      guest.matches(host, 6.5, 'CANCEL');
    },
    `${BOB} asked 9 times to join ${ALICE}, who answered nothing in 4.5 s, and then gave up`,
  ),
  happens(
    'join-unanswered',
    'Alice plays with others, and the session goes on',
    (stage) => {
      const { host, guest } = room(stage);
      guest.matches(host, 2, 'JOIN');
      host.sends(guest, { from: 2, to: 10 });
    },
    `${BOB} asked once to join ${ALICE}, who answered nothing in 8.0 s, and then nothing more is recorded`,
  ),
  happens(
    'join-unanswered',
    'Bob leaves after 4 s',
    (stage) => {
      const { host, guest } = room(stage);
      guest.matches(host, 2, 'JOIN').matches(host, 4, 'JOIN').ends(6);
      host.ends(30);
    },
    `${BOB} asked 2 times to join ${ALICE}, who answered nothing in 4.0 s, and then left`,
  ),
  silent('join-unanswered', 'Alice answers the second JOIN', (stage) => {
    const { host, guest } = room(stage);
    guest.matches(host, 2, 'JOIN').matches(host, 3, 'JOIN');
    host.matches(guest, 3.5, 'ACCEPT');
    stage.over = 30;
  }),
  silent('join-unanswered', 'Alice answers with CANCEL', (stage) => {
    const { host, guest } = room(stage);
    guest.matches(host, 2, 'JOIN');
    host.matches(guest, 2.5, 'CANCEL');
    stage.over = 30;
  }),
  silent('join-unanswered', 'a JOIN crosses with the ACCEPT', (stage) => {
    const { host, guest } = room(stage);
    guest.matches(host, 2, 'JOIN');
    host.matches(guest, 2.5, 'ACCEPT');
    guest.matches(host, 2.51, 'JOIN');
    stage.over = 30;
  }),
  silent('join-unanswered', 'the recording ends 2 s after the JOIN', (stage) => {
    const { host, guest } = room(stage);
    guest.matches(host, 2, 'JOIN').matches(host, 4, 'JOIN');
    stage.ended = 'unclean';
  }),
  silent('join-unanswered', 'Alice leaves 1 s after the JOIN', (stage) => {
    const { host, guest } = room(stage);
    guest.matches(host, 2, 'JOIN');
    host.ends(3);
    stage.over = 30;
  }),
  silent('join-unanswered', 'Bob gives up after 1 s', (stage) => {
    const { host, guest } = room(stage);
    guest.matches(host, 2, 'JOIN').matches(host, 3, 'BYE');
    stage.over = 30;
  }),
  silent('join-unanswered', 'the answer may be what the recording lacks', (stage) => {
    const { host, guest } = room(stage);
    guest.matches(host, 2, 'JOIN');
    host.matches(guest, 2.5, 'ACCEPT').says(guest, 9);
    stage.lacks(2.1, 3);
  }),
  silent('join-unanswered', 'the JOIN reached nobody', (stage) => {
    const { host, guest } = room(stage);
    guest.matches(host, 2, 'JOIN', Outcome.noTarget).matches(host, 3, 'JOIN', Outcome.undelivered);
    stage.over = 30;
  }),

  happens(
    'join-answered-late',
    'Alice asks her player first',
    (stage) => {
      const { host, guest } = room(stage);
      times(7, 1, (at) => guest.matches(host, 2 + at, 'JOIN'));
      host.matches(guest, 8.5, 'ACCEPT');
    },
    `${ALICE} took 6.5 s to accept ${BOB}`,
  ),
  silent('join-answered-late', 'Alice answers at once, twice', (stage) => {
    const { host, guest } = room(stage);
    guest.matches(host, 2, 'JOIN');
    host.matches(guest, 2.1, 'ACCEPT').matches(guest, 9, 'ACCEPT');
  }),
];
