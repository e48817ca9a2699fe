/** Who claims to be whom. */
import { BOB, CAROL, happens, pair, silent, type Story } from '../story.ts';

export const identityStories: readonly Story[] = [
  happens(
    'same-mac-twice',
    'two consoles with one address, from two networks',
    (stage) => {
      const { a, bob, b } = pair(stage);
      const twin = bob.pdp(2, 0, '192.0.2.9');
      a.sends(b, { from: 0, to: 8 });
      b.sends(a, { from: 2, to: 8 });
      twin.sends(a, { from: 2.05, to: 8 });
    },
    `${BOB} sent from 192.0.2.2 and from 192.0.2.9 in turns, 121 times from 2.0 s to 8.1 s`,
  ),
  silent('same-mac-twice', 'Bob moves to another network', (stage) => {
    const { a, bob, b } = pair(stage);
    b.sends(a, { from: 0, to: 5 }).ends(60, 'lost');
    bob.pdp(2, 5.5, '192.0.2.9').sends(a, { from: 5.5, to: 20 });
  }),
  silent('same-mac-twice', 'Bob’s login goes another way than his game', (stage) => {
    const { a, bob, b } = pair(stage);
    const lobby = bob.logsIn(0, '2001:db8::2');
    b.sends(a, { from: 0, to: 5 });
    for (let at = 0; at < 5; at += 1)
      stage.hop(at, { from: lobby.row.conn, to: 0, kind: 'ignored', bytes: new Uint8Array(1), outcome: 1 });
  }),
  silent('same-mac-twice', 'two sockets from one address', (stage) => {
    const { a, bob, b } = pair(stage);
    b.sends(a, { from: 0, to: 5 });
    bob.pdp(2).sends(a, { from: 0.05, to: 5 });
  }),

  happens(
    'replaced-from-elsewhere',
    'Bob’s port is opened from another address',
    (stage) => {
      const { a, bob, b } = pair(stage);
      b.sends(a, { from: 0, to: 3.9 }).ends(4, 'replaced');
      bob.pdp(1, 4, '192.0.2.9').sends(a, { from: 4, to: 9 });
    },
    `${BOB} opened port 1 at 4.0 s from 192.0.2.9, in place of a connection from 192.0.2.2 that was 4.0 s old`,
  ),
  silent('replaced-from-elsewhere', 'Bob opens it again himself', (stage) => {
    const { bob, b } = pair(stage);
    b.ends(4, 'replaced');
    bob.pdp(1, 4);
  }),
  silent('replaced-from-elsewhere', 'Bob closes it before he opens it elsewhere', (stage) => {
    const { bob, b } = pair(stage);
    b.ends(3.9);
    bob.pdp(1, 4, '192.0.2.9');
  }),

  happens(
    'replaced-by-itself',
    'Bob opens port 1 again',
    (stage) => {
      const { a, bob, b } = pair(stage);
      b.sends(a, { from: 0, to: 2 }).ends(4, 'replaced');
      bob.pdp(1, 4).sends(a, { from: 4, to: 9 });
    },
    `${BOB} opened port 1 at 4.0 s from 192.0.2.2, in place of a connection from the same address that was 4.0 s old`,
  ),
  happens(
    'replaced-by-itself',
    'and a thief was turned away meanwhile',
    (stage) => {
      const { a, bob, b } = pair(stage);
      b.sends(a, { from: 0, to: 2 }).ends(4, 'replaced');
      bob.pdp(1, 1, '198.51.100.7').ends(3, 'logged-in-elsewhere');
      bob.pdp(1, 4).sends(a, { from: 4, to: 9 });
    },
    `${BOB} opened port 1 at 4.0 s from 192.0.2.2, in place of a connection from the same address that was 4.0 s old`,
  ),
  silent('replaced-by-itself', 'Bob opens another port', (stage) => {
    const { bob, b } = pair(stage);
    b.ends(4);
    bob.pdp(2, 4);
  }),

  happens(
    'logged-in-twice',
    'Bob starts a second copy',
    (stage) => {
      const { bob } = pair(stage);
      bob.logsIn(0).ends(4, 'replaced');
      bob.logsIn(4);
      stage.over = 9;
    },
    `${BOB} logged in at 4.0 s from 192.0.2.2, in place of a connection from the same address that was 4.0 s old`,
  ),
  silent('logged-in-twice', 'Bob logs out and in again', (stage) => {
    const { bob } = pair(stage);
    bob.logsIn(0).ends(3);
    bob.logsIn(4);
    stage.over = 9;
  }),
  silent('logged-in-twice', 'Bob opens a socket twice', (stage) => {
    const { bob, b } = pair(stage);
    b.ends(4, 'replaced');
    bob.pdp(1, 4);
  }),

  happens(
    'player-without-sockets',
    'Carol is in the group and plays over another relay',
    (stage) => {
      const { a, b } = pair(stage);
      const [carol] = stage.players('Carol');
      stage.group = 'ROOM';
      carol.logsIn(0);
      a.sends(b, { from: 0, to: 20 });
    },
    `${CAROL} was in the group for 20.0 s and opened no socket at this relay, as 2 others did`,
  ),
  silent('player-without-sockets', 'Carol came a moment ago', (stage) => {
    const { a, b } = pair(stage);
    const [carol] = stage.players('Carol');
    stage.group = 'ROOM';
    carol.logsIn(15);
    a.sends(b, { from: 0, to: 20 });
  }),
  silent('player-without-sockets', 'nobody plays over this relay', (stage) => {
    stage.group = 'ROOM';
    for (const player of stage.players('Alice', 'Bob')) player.logsIn(0);
    stage.over = 60;
  }),
  silent('player-without-sockets', 'Carol has a stream, and no datagrams', (stage) => {
    const { alice, a, b } = pair(stage);
    const [carol] = stage.players('Carol');
    stage.group = 'ROOM';
    carol.logsIn(0);
    carol.connects(1025, alice, 20, 1);
    a.sends(b, { from: 0, to: 20 });
  }),
];
