/** What the recording lacks, and what the relay dropped. */
import { Outcome } from '../../../../protocol/outcome.ts';
import { ALICE, BOB, happens, pair, silent, type Story } from '../story.ts';
import type { Stage } from '../stage.ts';

/** Alice has a stream with Bob's port 20. */
function stream(stage: Stage) {
  const [alice, bob] = stage.players('Alice', 'Bob');
  const connect = alice.connects(1025, bob, 20, 0);
  const accept = bob.accepts(20, alice, 1025, 0);
  for (const end of [connect, accept]) end.isTold(0.001, 'ptp-ready', connect);
  accept.sends(connect, { from: 1, to: 5, bytes: 1020 });
  for (const at of [5.1, 5.2, 5.3, 5.4])
    accept.says(connect, at, { bytes: 1020, outcome: Outcome.undelivered });
  return { connect, accept };
}

export const lossStories: readonly Story[] = [
  happens(
    'recording-lacks-frames',
    'the writer was behind for a while',
    (stage) => {
      const { a, b } = pair(stage);
      a.sends(b, { from: 0, to: 10 });
      b.sends(a, { from: 0.05, to: 10 });
      stage.lacks(4.99, 6.2);
    },
    'The recording lacks 25 frames in one place, the first after 5.0 s: the writer could not keep up',
  ),
  happens(
    'recording-lacks-frames',
    'more than once, with comings and goings',
    (stage) => {
      const { a, b } = pair(stage);
      a.sends(b, { from: 0, to: 10 });
      stage.lacks(2.95, 3.95, 1);
      stage.lacks(6.95, 7.95, 2);
    },
    'The recording lacks 20 frames and 3 comings and goings in 2 places, the first after 2.9 s: the writer could not keep up',
  ),
  happens(
    'recording-lacks-frames',
    'no frame, but that somebody came',
    (stage) => {
      const { a, b } = pair(stage);
      a.sends(b, { from: 0, to: 10 });
      stage.lacks(2.95, 2.96, 1);
    },
    'The recording lacks 1 coming or going in one place, the first after 2.9 s: the writer could not keep up',
  ),
  silent('recording-lacks-frames', 'frames that the relay dropped are there', (stage) => {
    const { a, b } = pair(stage);
    a.sends(b, { from: 0, to: 3, outcome: Outcome.noTarget });
  }),

  happens(
    'recording-broke-off',
    'the relay was killed',
    (stage) => {
      const { a, b } = pair(stage);
      a.sends(b, { from: 0, to: 6 });
      stage.ended = 'unclean';
    },
    'The recording breaks off at 6.0 s, while the session went on',
  ),
  silent('recording-broke-off', 'it is still recorded', (stage) => {
    const { a, b } = pair(stage);
    a.sends(b, { from: 0, to: 6 });
    stage.ended = null;
  }),
  silent('recording-broke-off', 'the relay was stopped', (stage) => {
    const { a, b } = pair(stage);
    a.sends(b, { from: 0, to: 6 });
    stage.ended = 'stopped';
  }),

  happens(
    'datagram-too-large',
    'Alice sends 12 000 bytes at a time',
    (stage) => {
      const { a, b } = pair(stage);
      a.sends(b, { from: 2, to: 3, rate: 2, bytes: 12_000, outcome: Outcome.tooLarge });
    },
    `${ALICE} sent 3 datagrams of up to 12 kB to port 1 of ${BOB} from 2.0 s to 3.0 s, more than a client survives: the relay dropped them`,
  ),
  silent('datagram-too-large', 'as large as may be', (stage) => {
    const { a, b } = pair(stage);
    a.sends(b, { from: 2, to: 3, rate: 2, bytes: 10_240 });
  }),

  happens(
    'stream-cut-short',
    'Alice’s connection breaks',
    (stage) => {
      const { connect, accept } = stream(stage);
      connect.ends(6, 'lost');
      accept.ends(6, 'partner-gone');
    },
    `4 blocks (4 096 bytes) of the stream from port 20 of ${BOB} never reached ${ALICE}, whose connection ended at 6.0 s`,
  ),
  silent('stream-cut-short', 'Alice ends it and wants no more', (stage) => {
    const { connect, accept } = stream(stage);
    connect.ends(6);
    accept.ends(6, 'partner-gone');
  }),
  silent('stream-cut-short', 'datagrams may be left', (stage) => {
    const { a, b } = pair(stage);
    a.sends(b, { from: 2, to: 6, outcome: Outcome.undelivered });
    b.ends(6, 'lost');
  }),
];
