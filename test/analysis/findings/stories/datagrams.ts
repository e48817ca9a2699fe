/** Datagrams that reached nobody, and players who never answer. */
import { Outcome } from '../../../../protocol/outcome.ts';
import { ALICE, BOB, happens, pair, silent, type Story } from '../story.ts';
import type { Stage } from '../stage.ts';

const nobody = { outcome: Outcome.noTarget } as const;

function three(stage: Stage) {
  const { a, b, alice, bob } = pair(stage);
  const [carol] = stage.players('Carol');
  return { a, b, c: carol.pdp(1), alice, bob, carol };
}

export const datagramStories: readonly Story[] = [
  happens(
    'nobody-there',
    'Bob holds another port',
    (stage) => {
      const { a, b, bob } = pair(stage);
      a.sends(b, { from: 0, to: 9 });
      a.sends(bob.unopened(7), { from: 2, to: 7, ...nobody });
    },
    `${ALICE} sent 51 datagrams to port 7 of ${BOB} from 2.0 s to 7.0 s, which nobody held; this player held port 1`,
  ),
  happens(
    'nobody-there',
    'Bob opens his socket 8 s later',
    (stage) => {
      const [alice, bob] = stage.players('Alice', 'Bob');
      const a = alice.pdp(1);
      const b = bob.pdp(1, 10);
      a.sends(b, { from: 2, to: 9.9, ...nobody });
    },
    `${ALICE} sent 50 datagrams to port 1 of ${BOB} from 2.0 s to 6.9 s, which nobody held; it was opened at 10.0 s`,
  ),
  happens(
    'nobody-there',
    'Alice talks on long after Bob left',
    (stage) => {
      const { a, b } = pair(stage);
      a.sends(b, { from: 0, to: 4.9 });
      b.ends(5);
      a.sends(b, { from: 5.1, to: 12, ...nobody });
    },
    `${ALICE} sent 40 datagrams to port 1 of ${BOB} from 8.1 s to 12.0 s, which nobody held; it was closed at 5.0 s`,
  ),
  happens(
    'nobody-there',
    'nobody has that address',
    (stage) => {
      const { a } = pair(stage);
      const elsewhere = stage.outsider('02:00:00:00:00:99').unopened(1);
      a.sends(elsewhere, { from: 1, to: 2, ...nobody });
    },
    `${ALICE} sent 11 datagrams to port 1 of 02:00:00:00:00:99 from 1.0 s to 2.0 s, which nobody held; nobody of this address was there`,
  ),
  happens(
    'nobody-there',
    'to all, which is an address of radio',
    (stage) => {
      const { a } = pair(stage);
      const all = stage.outsider('ff:ff:ff:ff:ff:ff').unopened(1);
      a.sends(all, { from: 1, to: 2, ...nobody });
    },
    `${ALICE} sent 11 datagrams to port 1 of ff:ff:ff:ff:ff:ff from 1.0 s to 2.0 s, which nobody held, because a relay has no address for all`,
  ),
  happens(
    'nobody-there',
    'the guard turned Bob away, so that he was never there',
    (stage) => {
      const [alice, bob] = stage.players('Alice', 'Bob');
      const a = alice.pdp(1);
      const b = bob.pdp(1, 1).ends(3, 'not-logged-in');
      a.sends(b, { from: 0, to: 5, ...nobody });
    },
    `${ALICE} sent 51 datagrams to port 1 of ${BOB} from 0.0 s to 5.0 s, which nobody held; the guard had turned this player away`,
  ),
  happens(
    'nobody-there',
    'whether anybody has that address may be what the recording lacks',
    (stage) => {
      const { a, b } = pair(stage);
      a.sends(stage.outsider('02:00:00:00:00:99').unopened(1), { from: 1, to: 2, ...nobody });
      a.sends(b, { from: 3, to: 9 });
      stage.lacks(4, 5, 1);
    },
    `${ALICE} sent 11 datagrams to port 1 of 02:00:00:00:00:99 from 1.0 s to 2.0 s, which nobody held`,
  ),
  silent('nobody-there', 'what crosses with Bob’s coming and going', (stage) => {
    const [alice, bob] = stage.players('Alice', 'Bob');
    const a = alice.pdp(1);
    const b = bob.pdp(1, 2).ends(5);
    a.sends(b, { from: 0, to: 1.9, ...nobody });
    a.sends(b, { from: 2, to: 4.9 });
    a.sends(b, { from: 5, to: 7.5, ...nobody });
  }),
  silent('nobody-there', 'two datagrams to a stranger', (stage) => {
    const { a, bob } = pair(stage);
    a.says(bob.unopened(9), 1, nobody).says(bob.unopened(9), 2, nobody);
  }),

  happens(
    'one-way',
    'Bob hears Alice and says nothing',
    (stage) => {
      const { a, b } = pair(stage);
      a.sends(b, { from: 0, to: 9 });
    },
    `${ALICE} sent 91 frames to ${BOB} in 9.0 s, which arrived and were never answered; it said nothing to anybody`,
  ),
  happens(
    'one-way',
    'Bob answers to a port that Alice does not hold',
    (stage) => {
      const { a, b, alice } = pair(stage);
      a.sends(b, { from: 0, to: 9 });
      b.sends(alice.unopened(5), { from: 0, to: 2, ...nobody });
    },
    `${ALICE} sent 91 frames to ${BOB} in 9.0 s, which arrived and were never answered; its 21 answers went to port 5, which nobody held`,
  ),
  happens(
    'one-way',
    'Bob talks only to Carol',
    (stage) => {
      const { a, b, c } = three(stage);
      a.sends(b, { from: 0, to: 9 });
      b.sends(c, { from: 0, to: 9 });
      c.sends(b, { from: 0, to: 9 });
    },
    `${ALICE} sent 91 frames to ${BOB} in 9.0 s, which arrived and were never answered; it talked to others meanwhile`,
  ),
  silent('one-way', 'Bob answers once, from another port', (stage) => {
    const { a, b, bob } = pair(stage);
    a.sends(b, { from: 0, to: 9 });
    bob.pdp(2).says(a, 8.5);
  }),
  silent('one-way', 'too few frames to mean anything', (stage) => {
    const { a, b } = pair(stage);
    a.sends(b, { from: 0, to: 18, rate: 1 });
  }),
  silent('one-way', 'too short to mean anything', (stage) => {
    const { a, b } = pair(stage);
    a.sends(b, { from: 0, to: 4, rate: 60 });
  }),
  silent('one-way', 'Alice only advertises her room', (stage) => {
    const { a, b } = pair(stage);
    for (let i = 0; i < 40; i += 1) a.matches(b, i / 2, 'HELLO');
  }),
  silent('one-way', 'a stream may go one way', (stage) => {
    const [alice, bob] = stage.players('Alice', 'Bob');
    const connect = alice.connects(1025, bob, 20, 0);
    const accept = bob.accepts(20, alice, 1025, 0);
    for (const end of [connect, accept]) end.isTold(0.001, 'ptp-ready', connect);
    connect.sends(accept, { from: 1, to: 12 });
  }),
  silent('one-way', 'the answers may be what the recording lacks', (stage) => {
    const { a, b } = pair(stage);
    a.sends(b, { from: 0, to: 8.9 });
    stage.lacks(4.45, 4.65);
  }),
];
