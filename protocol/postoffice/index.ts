/** aemu postoffice: PSP ad-hoc datagrams (PDP) and streams (PTP), each socket of a game on a TCP connection of its own. */
import type { Protocol } from '../types.ts';
import { faults } from './faults.ts';
import { framing } from './framing.ts';
import { PostofficeHub } from './hub.ts';
import { frames } from './layout.ts';
import { addressee, sender, summarize } from './summary.ts';

export const postoffice: Protocol = {
  id: 1,
  name: 'postoffice',
  title: 'aemu postoffice (PDP and PTP)',
  revision: 1,
  transports: ['tcp'],
  port: 27313,
  frames,
  faults,
  outboxBytesMax: 512_000,
  framing,
  summarize,
  createHub: (context) => new PostofficeHub(context),
  addressee,
  sender,
};
