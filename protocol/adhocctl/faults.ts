/** Why adhocctl closes a connection, beside the reasons of `fault.ts`. Append, never renumber. */
import { FAULTS_OWN } from '../fault.ts';
import type { FaultSpec } from '../types.ts';

export const AdhocctlFault = {
  unknownOpcode: FAULTS_OWN,
  badMac: FAULTS_OWN + 1,
  badProduct: FAULTS_OWN + 2,
  notIpv4: FAULTS_OWN + 3,
  silent: FAULTS_OWN + 4,
  groupFull: FAULTS_OWN + 5,
} as const;

/** By code, less `FAULTS_OWN`. */
export const faults: readonly FaultSpec[] = [
  {
    name: 'unknown-opcode',
    text: 'a frame began with an opcode that does not exist: not an adhocctl client',
  },
  { name: 'bad-mac', text: 'the login named a MAC address that nobody can have: all zeros or all ones' },
  { name: 'bad-product', text: 'the login named a product code that is not nine of A-Z and 0-9' },
  {
    name: 'not-ipv4',
    text: 'players are told the IPv4 addresses of each other here (peer-to-peer mode), and this client came from an IPv6 address',
    warn: true,
  },
  { name: 'silent', text: 'the client sent nothing for 30 s' },
  { name: 'group-full', text: 'the group that was asked for already had 256 members' },
];
