/** AlphaNET: virtual IP addresses, and virtual sockets between them, one connection a client. */
import type { Protocol } from '../types.ts';
import { faults } from './faults.ts';
import { framing } from './framing.ts';
import { AlphanetHub } from './hub.ts';
import { frames } from './layout.ts';
import { addressee, sender, summarize } from './summary.ts';

export const alphanet: Protocol = {
  id: 5,
  name: 'alphanet',
  title: 'AlphaNET virtual sockets',
  revision: 1,
  transports: ['tcp'],
  // Ours: the published classes are told a port by the program that uses them.
  port: 27316,
  isOptional: true,
  frames,
  faults,
  // Whoever sends to one at a time may each have a packet on its way before it is slowed.
  outboxBytesMax: 4 * 1024 * 1024,
  framing,
  summarize,
  createHub: (context) => new AlphanetHub(context),
  addressee,
  sender,
};
