/** Why AlphaNET closes a connection, beside the reasons of `fault.ts`. Append, never renumber. */
import { FAULTS_OWN } from '../fault.ts';
import type { FaultSpec } from '../types.ts';

export const AlphanetFault = {
  notDecimal: FAULTS_OWN,
  unknownHeader: FAULTS_OWN + 1,
  noStatus: FAULTS_OWN + 2,
  badStatus: FAULTS_OWN + 3,
  strayKey: FAULTS_OWN + 4,
  unknownPacket: FAULTS_OWN + 5,
  lengthsDiffer: FAULTS_OWN + 6,
  addressTooLong: FAULTS_OWN + 7,
  malformedObject: FAULTS_OWN + 8,
  unknownClass: FAULTS_OWN + 9,
  wrongKey: FAULTS_OWN + 10,
  notAuthenticated: FAULTS_OWN + 11,
  onePerIp: FAULTS_OWN + 12,
  noVirtualIp: FAULTS_OWN + 13,
} as const;

/** By code, less `FAULTS_OWN`. */
export const faults: readonly FaultSpec[] = [
  {
    name: 'length-not-decimal',
    text: 'a message did not begin with its length in decimal digits and a colon',
  },
  { name: 'unknown-header', text: 'a message announced a header field that does not exist' },
  { name: 'no-status', text: 'a message came without its status' },
  { name: 'bad-status', text: 'the status of a message was not four digits, or is not one that exists' },
  { name: 'stray-key', text: 'a key came in a message that does not answer the question for it' },
  { name: 'unknown-packet', text: 'a packet was of a type that does not exist' },
  { name: 'lengths-differ', text: 'what a message said about its lengths does not add up' },
  { name: 'address-too-long', text: 'an address was longer than 32 bytes' },
  {
    name: 'malformed-object',
    text: 'an object was not as its packet must have it, or not in the binary format of .NET',
  },
  { name: 'unknown-class', text: 'an object was of a class that is not one of the seven of AlphaNET' },
  { name: 'wrong-key', text: 'the client does not know the key', warn: true },
  { name: 'not-authenticated', text: 'a packet came before the key' },
  { name: 'one-per-ip', text: 'another client from the same IP address was there, and only one is let in' },
  {
    name: 'no-virtual-ip',
    text: 'there were as many virtual IP addresses as there may be, in all or for one real IP address',
    warn: true,
  },
];
