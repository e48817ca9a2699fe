/** What the guard did not let pass. */
import { Outcome } from '../../../../protocol/outcome.ts';
import { ALICE, BOB, happens, pair, silent, type Story } from '../story.ts';

const refused = { outcome: Outcome.refused } as const;

export const guardStories: readonly Story[] = [
  happens(
    'connections-refused',
    'somebody has stolen a MAC address, and comes from elsewhere',
    (stage) => {
      const { a } = pair(stage);
      const thief = stage.outsider('02:00:00:00:00:07', '198.51.100.7');
      thief.pdp(1, 1).ends(3, 'logged-in-elsewhere');
      thief.pdp(2, 1.5).ends(3.5, 'logged-in-elsewhere');
      a.ends(9);
    },
    '2 connections from 198.51.100.7 as 02:00:00:00:00:07 were refused from 3.0 s to 3.5 s: the guard knows this MAC address, but as logged in from another IP address',
  ),
  happens(
    'connections-refused',
    'Bob is not logged in, and his stream leads out of the group',
    (stage) => {
      const { alice, bob, a } = pair(stage);
      bob.pdp(2, 1).ends(3, 'not-logged-in');
      bob.connects(1025, alice, 20, 4).ends(9, 'not-in-group');
      a.ends(9);
    },
    `1 connection from 192.0.2.2 as ${BOB} was refused at 3.0 s: the guard found nobody of this MAC address logged in at the control server, and waited 2 s for it`,
    `1 connection from 192.0.2.2 as ${BOB} was refused at 9.0 s: the guard lets only members of one group talk to each other`,
  ),
  silent('connections-refused', 'all are let in, and leave or break off', (stage) => {
    const { a, b } = pair(stage);
    a.ends(8);
    b.ends(9, 'lost');
  }),

  happens(
    'frames-refused',
    'Alice talks to Bob, who is in another group',
    (stage) => {
      const { a, b } = pair(stage);
      a.sends(b, { from: 2, to: 5, ...refused });
    },
    `31 frames from ${ALICE} to port 1 of ${BOB} were refused from 2.0 s to 5.0 s: they are not in one group`,
  ),
  silent('frames-refused', 'frames that nobody was there for', (stage) => {
    const { a, b } = pair(stage);
    a.sends(b, { from: 2, to: 5, outcome: Outcome.noTarget });
  }),

  happens(
    'login-lost',
    'the connection of Bob’s login breaks',
    (stage) => {
      const { a, b, bob } = pair(stage);
      bob.logsIn(0).ends(6, 'lost');
      b.sends(a, { from: 0, to: 6 }).ends(6.1, 'logged-out');
      a.ends(20);
    },
    `${BOB} lost 1 connection (pdp) at 6.1 s, because its login had ended and the guard insists on one`,
  ),
  silent('login-lost', 'Bob logs out', (stage) => {
    const { a, b, bob } = pair(stage);
    bob.logsIn(0).ends(6, 'ended');
    b.sends(a, { from: 0, to: 6 }).ends(6.1, 'logged-out');
    a.ends(20);
  }),
  silent('login-lost', 'logins are at another server', (stage) => {
    const { a, b } = pair(stage);
    b.sends(a, { from: 0, to: 6 }).ends(6.1, 'logged-out');
    a.ends(20);
  }),
];
