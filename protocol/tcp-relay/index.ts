/** The TCP relay: clients with names, and messages of so many bytes to a name, of which the receiver gets the bytes alone. */
import type { Protocol } from '../types.ts';
import { faults } from './faults.ts';
import { framing } from './framing.ts';
import { TcpRelayHub } from './hub.ts';
import { frames } from './layout.ts';
import { addressee, summarize } from './summary.ts';

export const tcpRelay: Protocol = {
  id: 3,
  name: 'tcp-relay',
  title: 'TCP relay (names and byte counts)',
  revision: 1,
  transports: ['tcp'],
  port: 8080,
  isOptional: true,
  frames,
  faults,
  outboxBytesMax: 1_048_576,
  framing,
  summarize,
  createHub: (context) => new TcpRelayHub(context),
  addressee,
};
