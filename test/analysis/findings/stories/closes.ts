/** Connections that ended by nobody's wish. */
import { Outcome } from '../../../../protocol/outcome.ts';
import { ALICE, BOB, happens, pair, silent, type Story } from '../story.ts';

/** The header of a datagram of 65 535 bytes. */
const endless = Uint8Array.of(2, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0xff, 0xff, 0, 0);

export const closeStories: readonly Story[] = [
  happens(
    'connection-lost',
    'both sockets of Bob break within a second',
    (stage) => {
      const { a, b, bob } = pair(stage);
      a.sends(b, { from: 0, to: 9 });
      b.sends(a, { from: 0, to: 9 }).ends(9.6, 'lost');
      bob.pdp(2).ends(9, 'lost');
    },
    `${BOB} lost 2 connections at 9.0 s, of ports 1 and 2`,
  ),
  happens(
    'connection-lost',
    'Bob comes back and breaks again; so does Alice',
    (stage) => {
      const { a, b, bob } = pair(stage);
      b.ends(9, 'lost');
      bob.pdp(1, 12).ends(31, 'lost');
      a.ends(32, 'lost');
    },
    `${BOB} lost its connection at 9.0 s, of port 1`,
    `${BOB} lost its connection at 31.0 s, of port 1`,
    `${ALICE} lost its connection at 32.0 s, of port 1`,
  ),
  silent('connection-lost', 'Bob switches off: one socket ends, the other breaks', (stage) => {
    const { b, bob } = pair(stage);
    b.ends(9, 'lost');
    bob.pdp(2).ends(9.01, 'ended');
  }),
  silent('connection-lost', 'all leave', (stage) => {
    const { a, b } = pair(stage);
    a.ends(9);
    b.ends(9.5, 'partner-gone');
  }),
  silent(
    'connection-lost',
    'Bob’s login breaks in the session after this one, and broke before it',
    (stage) => {
      const { a, bob } = pair(stage);
      bob.logsIn(0).ends(20, 'lost');
      bob.logsIn(-9).ends(-5, 'lost');
      a.ends(9);
      stage.over = 10;
    },
  ),
  silent('connection-lost', 'it breaks long after the session', (stage) => {
    const { a, b } = pair(stage);
    a.ends(9);
    b.ends(100, 'lost');
    stage.over = 10;
  }),

  happens(
    'slow-reader',
    'Bob reads nothing for 1.9 s',
    (stage) => {
      const { a, b } = pair(stage);
      a.sends(b, { from: 0, to: 4, rate: 20, bytes: 1000, delayMs: 100 });
      a.sends(b, { from: 4.05, to: 7, rate: 20, bytes: 1000, outcome: Outcome.undelivered });
      b.ends(6, 'too-slow');
    },
    `${BOB} stopped reading, and the relay closed its connection at 6.0 s, 1.9 s after its last: 60 frames (61 kB) were waiting`,
  ),
  silent('slow-reader', 'frames are left when Bob leaves', (stage) => {
    const { a, b } = pair(stage);
    a.sends(b, { from: 4, to: 6, outcome: Outcome.undelivered });
    b.ends(6);
  }),

  happens(
    'frame-too-long',
    'Bob announces 65 535 bytes',
    (stage) => {
      const { b } = pair(stage);
      b.leavesBytes(5, endless).ends(5, 'too-long');
    },
    `The relay closed a connection of ${BOB} from 192.0.2.2 at 5.0 s: a frame was announced that is longer than the protocol allows; its last bytes began with 02 00 00 00 00 01 00 00 01 00 ff ff 00 00`,
  ),
  silent('frame-too-long', 'Bob leaves in the middle of a frame', (stage) => {
    const { b } = pair(stage);
    b.leavesBytes(5, endless).ends(5);
  }),

  happens(
    'strange-bytes',
    'a browser comes by',
    (stage) => {
      const { a } = pair(stage);
      a.ends(9);
      stage.stranger(5).leavesBytes(5, 'GET / HTTP/1.1\r\n\r\n').ends(5, 'malformed');
    },
    'The relay closed a connection of the client at 192.0.2.66 port 4000 at 5.0 s: the bytes cannot be this protocol; its last bytes began with 47 45 54 20 2f 20 48 54 54 50 2f 31 2e 31 0d 0a, which look like a web browser or a scanner',
  ),
  happens(
    'strange-bytes',
    'a frame that has no place there, and letters that are nobody’s',
    (stage) => {
      const { a, b } = pair(stage);
      b.says(a, 4).ends(5, 'unexpected');
      a.leavesBytes(6, 'hello').ends(6, 'unknown-init');
    },
    `The relay closed a connection of ${BOB} from 192.0.2.2 at 5.0 s: a frame came that has no place at this point; the last frame before was pdp`,
    `The relay closed a connection of ${ALICE} from 192.0.2.1 at 6.0 s: the first bytes name a kind of socket that does not exist: not a postoffice client; its last bytes began with 68 65 6c 6c 6f ("hello")`,
  ),
  silent('strange-bytes', 'the connection breaks in the middle of a frame', (stage) => {
    const { b } = pair(stage);
    b.leavesBytes(5, endless).ends(5, 'lost');
  }),

  happens(
    'timed-out',
    'somebody connects and says nothing',
    (stage) => {
      const { a } = pair(stage);
      a.ends(30);
      stage.stranger(1).ends(21, 'timed-out');
    },
    'The relay closed a connection of the client at 192.0.2.66 port 4000 at 21.0 s: the opening frame did not arrive in time',
  ),
  happens(
    'timed-out',
    'a protocol has a time limit of its own',
    (stage) => {
      const { a, bob } = pair(stage);
      a.ends(60);
      const lobby = bob.logsIn(0);
      const own = { name: 'silent', text: 'the client said nothing for 30 s' };
      lobby.row.protocol = { ...lobby.row.protocol!, faults: [own] };
      lobby.ends(31, 'silent');
    },
    `The relay closed a connection of ${BOB} from 192.0.2.2 at 31.0 s: the client said nothing for 30 s; the last frame before was ignored`,
  ),
  silent('timed-out', 'a stream was not accepted, of which another finding tells', (stage) => {
    const { alice, bob } = pair(stage);
    alice.connects(1025, bob, 20, 1).ends(21, 'not-accepted');
  }),

  happens(
    'closed-by-relay',
    'the relay is full',
    (stage) => {
      const { a } = pair(stage);
      a.ends(9);
      stage.stranger(5).ends(5, 'over-limit');
    },
    'The relay closed a connection of the client at 192.0.2.66 port 4000 at 5.0 s: the relay already had as many connections as it may have',
  ),
  happens(
    'closed-by-relay',
    'for a reason of a later version',
    (stage) => {
      const { b } = pair(stage);
      b.ends(5);
      b.row.fault = 60;
    },
    `The relay closed a connection of ${BOB} from 192.0.2.2 at 5.0 s: a reason that this version does not know; the last frame before was pdp-open`,
  ),
  silent('closed-by-relay', 'everybody leaves, and the relay stops', (stage) => {
    const { a, b, bob } = pair(stage);
    a.ends(9);
    b.ends(9, 'shutdown');
    bob.pdp(2).ends(9, 'partner-gone');
  }),
];
