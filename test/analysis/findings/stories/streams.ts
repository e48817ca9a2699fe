/** Streams that did not come about. */
import { ALICE, BOB, happens, silent, type Story } from '../story.ts';
import type { Player, Socket, Stage } from '../stage.ts';

function two(stage: Stage): readonly [Player, Player] {
  return stage.players('Alice', 'Bob');
}

/** Bob accepts, and both ends hear of it. */
function join(connect: Socket, bob: Player, at: number): Socket {
  const accept = bob.accepts(20, connect.player, connect.port, at);
  connect.isTold(at + 0.001, 'ptp-ready', accept);
  accept.isTold(at + 0.001, 'ptp-ready', connect);
  return accept;
}

const asks = `${ALICE} asked for a stream to port 20 of ${BOB}`;

export const streamStories: readonly Story[] = [
  happens(
    'no-listener',
    'Bob listens 0.4 s after the relay gave up for Alice',
    (stage) => {
      const [alice, bob] = two(stage);
      alice.connects(1025, bob, 20, 1).ends(6, 'no-listener');
      bob.listens(20, 6.4).ends(30);
    },
    `${asks}, and nobody listened there in the 5.0 s that it waited; a listener appeared 0.4 s too late`,
  ),
  happens(
    'no-listener',
    'Bob stopped listening before',
    (stage) => {
      const [alice, bob] = two(stage);
      bob.listens(20, 0).ends(0.8);
      alice.connects(1025, bob, 20, 1).ends(6, 'no-listener');
    },
    `${asks}, and nobody listened there in the 5.0 s that it waited; the last listener ended at 0.8 s`,
  ),
  happens(
    'no-listener',
    'Alice tries three times, and the fourth works',
    (stage) => {
      const [alice, bob] = two(stage);
      for (const i of [0, 1, 2]) alice.connects(1025 + i, bob, 20, i * 6).ends(i * 6 + 5, 'no-listener');
      const listener = bob.listens(20, 100);
      const connect = alice.connects(1028, bob, 20, 101);
      listener.isTold(101.001, 'ptp-request', connect);
      join(connect, bob, 101.2);
    },
    `${ALICE} asked 3 times for a stream to port 20 of ${BOB}, and nobody listened there in the 5.0 s that it waited; a later attempt worked, at 101.0 s`,
  ),
  happens(
    'no-listener',
    'Alice gives up by herself',
    (stage) => {
      const [alice, bob] = two(stage);
      bob.listens(21, 0);
      alice.connects(1025, bob, 20, 1).ends(3, 'ended');
      bob.pdp(1, 4);
    },
    `${asks}, and nobody listened there in the 2.0 s that it waited`,
  ),
  happens(
    'no-listener',
    'it had worked before',
    (stage) => {
      const [alice, bob] = two(stage);
      const listener = bob.listens(20, 0).ends(5);
      const connect = alice.connects(1024, bob, 20, 1);
      listener.isTold(1.001, 'ptp-request', connect);
      join(connect, bob, 1.1);
      alice.connects(1025, bob, 20, 6).ends(11, 'no-listener');
    },
    `${asks}, and nobody listened there in the 5.0 s that it waited; the last listener ended at 5.0 s`,
  ),
  silent('no-listener', 'Bob listens 4 s after Alice asked, within the time that she waits', (stage) => {
    const [alice, bob] = two(stage);
    const connect = alice.connects(1025, bob, 20, 1);
    const listener = bob.listens(20, 5);
    listener.isTold(5.001, 'ptp-request', connect);
    join(connect, bob, 5.1).says(connect, 5.2);
    connect.ends(9);
  }),
  silent('no-listener', 'Alice changes her mind at once', (stage) => {
    const [alice, bob] = two(stage);
    alice.connects(1025, bob, 20, 1).ends(1.3, 'ended');
    bob.pdp(1, 2);
  }),
  silent('no-listener', 'Alice still waits', (stage) => {
    const [alice, bob] = two(stage);
    alice.connects(1025, bob, 20, 1);
    bob.pdp(1, 2);
  }),
  silent('no-listener', 'what Alice was told may be what the recording lacks', (stage) => {
    const [alice, bob] = two(stage);
    const listener = bob.listens(20, 0);
    const connect = alice.connects(1025, bob, 20, 1);
    listener.isTold(1.001, 'ptp-request', connect);
    join(connect, bob, 1.2);
    connect.ends(9);
    stage.lacks(1.0005, 8);
    bob.pdp(1, 10);
  }),
  silent('no-listener', 'the relay was stopped meanwhile', (stage) => {
    const [alice, bob] = two(stage);
    alice.connects(1025, bob, 20, 1).ends(4, 'shutdown');
  }),
  silent('no-listener', 'the stream stood before the session began', (stage) => {
    const [alice, bob] = two(stage);
    const b = bob.pdp(1, 0);
    const connect = alice.connects(1025, bob, 20, -3);
    stage.lacks(-3, -2);
    connect.says(b, 1).ends(9);
  }),

  happens(
    'not-accepted',
    'Bob hears of it and does nothing',
    (stage) => {
      const [alice, bob] = two(stage);
      const listener = bob.listens(20, 0);
      const connect = alice.connects(1025, bob, 20, 1).ends(21, 'not-accepted');
      listener.isTold(1.001, 'ptp-request', connect);
    },
    `${asks}, and the listener was told, but did not accept it in 20.0 s`,
  ),
  happens(
    'not-accepted',
    'Alice gives up, and Bob had stopped listening',
    (stage) => {
      const [alice, bob] = two(stage);
      const listener = bob.listens(20, 0).ends(3);
      const connect = alice.connects(1025, bob, 20, 1).ends(8.5, 'ended');
      listener.isTold(1.001, 'ptp-request', connect);
      alice.pdp(1, 9);
    },
    `${asks}, and the listener was told, but did not accept it in 7.5 s; it stopped listening at 3.0 s`,
  ),
  happens(
    'not-accepted',
    'the second time, when Bob listens at last',
    (stage) => {
      const [alice, bob] = two(stage);
      alice.connects(1025, bob, 20, 1).ends(6, 'no-listener');
      const listener = bob.listens(20, 7);
      const connect = alice.connects(1026, bob, 20, 8).ends(11, 'ended');
      listener.isTold(8.001, 'ptp-request', connect);
      alice.pdp(1, 12);
    },
    `${asks}, and the listener was told, but did not accept it in 3.0 s`,
  ),
  silent('not-accepted', 'Bob accepts after 12 s', (stage) => {
    const [alice, bob] = two(stage);
    const listener = bob.listens(20, 0);
    const connect = alice.connects(1025, bob, 20, 1).ends(40);
    listener.isTold(1.001, 'ptp-request', connect);
    join(connect, bob, 13);
  }),
  silent('not-accepted', 'Alice is asked for twice and both streams stand', (stage) => {
    const [alice, bob] = two(stage);
    const listener = bob.listens(20, 0);
    for (const at of [1, 2]) {
      const connect = alice.connects(1024 + at, bob, 20, at).ends(40);
      listener.isTold(at + 0.001, 'ptp-request', connect);
      join(connect, bob, at + 0.1);
    }
  }),
  silent('not-accepted', 'Bob’s player leaves the group meanwhile, which the guard tells of', (stage) => {
    const [alice, bob] = two(stage);
    bob.listens(20, 0);
    alice.connects(1025, bob, 20, 1).ends(4, 'not-in-group');
  }),

  happens(
    'accept-too-late',
    'Bob accepts when Alice has given up',
    (stage) => {
      const [alice, bob] = two(stage);
      const listener = bob.listens(20, 0);
      const connect = alice.connects(1025, bob, 20, 1).ends(4, 'ended');
      listener.isTold(1.001, 'ptp-request', connect);
      bob.accepts(20, alice, 1025, 4.5).ends(4.501, 'nobody-waits');
    },
    `${BOB} accepted a stream from port 1025 of ${ALICE}, 0.5 s after that had given up`,
  ),
  happens(
    'accept-too-late',
    'nobody had asked',
    (stage) => {
      const [alice, bob] = two(stage);
      bob.accepts(20, alice, 1025, 4.5).ends(4.501, 'nobody-waits');
    },
    `${BOB} accepted a stream from port 1025 of ${ALICE}, which had not asked for one`,
  ),
  silent('accept-too-late', 'Bob accepts in time', (stage) => {
    const [alice, bob] = two(stage);
    const listener = bob.listens(20, 0);
    const connect = alice.connects(1025, bob, 20, 1).ends(4);
    listener.isTold(1.001, 'ptp-request', connect);
    join(connect, bob, 2).ends(4.001, 'partner-gone');
  }),
];
