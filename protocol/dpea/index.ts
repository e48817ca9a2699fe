/** dpea: packets with a number and a payload, from point to point. Nobody relays between the two; we stand before one and look on. */
import type { Protocol } from '../types.ts';
import { faults } from './faults.ts';
import { framing } from './framing.ts';
import { DpeaHub } from './hub.ts';
import { frames } from './layout.ts';
import { summarize } from './summary.ts';

export const dpea: Protocol = {
  id: 6,
  name: 'dpea',
  title: 'dpea point-to-point (dpea-p2p)',
  revision: 1,
  transports: ['tcp'],
  port: 5001,
  isOptional: true,
  isProxy: true,
  about: [
    'It is passed on as it is: a proxy stands before a server and records what both say, packet by packet.',
    'What the types are called only its programs know: `--dpea-names COMMAND1=1,COMMAND2=2` tells it, and what is recorded is shown and filtered with these names (`dpea.type == COMMAND1`).',
  ],
  noReplay:
    'it was only looked on, from between a client and its server: there was no relay whose part could be played',
  frames,
  faults,
  outboxBytesMax: 1024 * 1024,
  framing,
  summarize,
  createHub: (context) => new DpeaHub(context),
};
