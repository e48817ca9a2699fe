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
  about: [
    'A game in PSP ad-hoc mode opens sockets for datagrams (PDP) and for streams (PTP), by MAC address and port. Its client, which is PPSSPP or a plugin on a PSP, makes each of them a TCP connection of its own.',
    'To write a datagram to somebody is to name them; who gets it finds the sender in the same place. Games send to each member of a group one by one: there is no broadcast.',
    'A stream is asked for on a connection (`ptp-connect`), told to the listener’s (`ptp-request`), and taken on a third one (`ptp-accept`), in which the two ends are the other way round. Both ends then get `ptp-ready`, and data.',
    'A stream that is asked for waits 5 s for somebody who listens, and 20 s to be taken; a connection has 20 s to say what it is.',
    'A newer socket of the same address and port takes the place of the older one.',
    'A datagram for nobody is dropped. One over 10 240 bytes would kill its receiver, and is dropped as well; over 20 480 end the connection.',
  ],
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
