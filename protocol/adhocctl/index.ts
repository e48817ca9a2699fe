/** adhocctl: how players of PSP ad-hoc games find each other. Who plays what with whom, one connection a player. */
import type { Protocol } from '../types.ts';
import { faults } from './faults.ts';
import { framing } from './framing.ts';
import { AdhocctlHub } from './hub.ts';
import { frames } from './layout.ts';
import { groupNotice, summarize } from './summary.ts';

export const adhocctl: Protocol = {
  id: 2,
  name: 'adhocctl',
  title: 'PRO Online ad-hoc control (adhocctl)',
  revision: 1,
  about: [
    'A player logs in with a MAC address, a name and the product code of the game, and then looks for groups of those who play the same, joins one at a time, and chats in it.',
    'Who joins is told to each member, and each member to who joins; last comes the address of the founder. Where the founder leaves, the oldest member takes the place.',
    'Instead of IP addresses the relay hands out numbers that mean nothing elsewhere, so that players do not learn where the others are and two behind one router stay apart.',
    'A login has to come within 5 s. Who says nothing for 30 s is gone: clients ping every 2 s.',
    'Releases of one game in several regions count as one, where a file of crosslinks says so.',
  ],
  transports: ['tcp'],
  port: 27312,
  frames,
  faults,
  outboxBytesMax: 512_000,
  framing,
  summarize,
  createHub: (context) => new AdhocctlHub(context),
  groupNotice,
};
