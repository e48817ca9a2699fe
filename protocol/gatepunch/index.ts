/** GATE.PUNCH: tells a game server and a client each other's public UDP address, so that they can knock on both sides of their NATs. */
import type { Protocol } from '../types.ts';
import { faults, GatepunchFault } from './faults.ts';
import { framing } from './framing.ts';
import { GatepunchHub } from './hub.ts';
import { frames } from './layout.ts';
import { summarize } from './summary.ts';

/** How long a command may take from its first byte to its last. */
export const HALF_COMMAND_MS = 1_000;

export const gatepunch: Protocol = {
  id: 4,
  name: 'gatepunch',
  title: 'GMnet GATE.PUNCH rendezvous',
  revision: 1,
  transports: ['tcp', 'udp'],
  port: 6510,
  isOptional: true,
  noReplay: 'it only introduces players to each other, and is about the real addresses that they had',
  unfinished: { ms: HALF_COMMAND_MS, fault: GatepunchFault.halfCommand },
  frames,
  faults,
  outboxBytesMax: 1_000_000,
  framing,
  summarize,
  createHub: (context) => new GatepunchHub(context),
};
