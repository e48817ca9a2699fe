/** Why the TCP relay closes a connection, beside the reasons of `fault.ts`. Append, never renumber. */
import { FAULTS_OWN } from '../fault.ts';
import type { FaultSpec } from '../types.ts';

export const TcpRelayFault = {
  nameInUse: FAULTS_OWN,
  nameEmpty: FAULTS_OWN + 1,
  nameTooLong: FAULTS_OWN + 2,
  notDecimal: FAULTS_OWN + 3,
  messageTooLarge: FAULTS_OWN + 4,
  silent: FAULTS_OWN + 5,
  cutOff: FAULTS_OWN + 6,
} as const;

/** By code, less `FAULTS_OWN`. */
export const faults: readonly FaultSpec[] = [
  { name: 'name-in-use', text: 'the name that the client gave belongs to a connection that is open' },
  { name: 'name-empty', text: 'a name of no bytes was given, for itself or for a receiver' },
  { name: 'name-too-long', text: 'a name, of the client or of a receiver, did not end after 64 bytes' },
  { name: 'not-decimal', text: 'the size of a message was not a decimal integer of 1 to 15 digits' },
  { name: 'message-too-large', text: 'a message was announced that is longer than 16 MiB' },
  { name: 'silent', text: 'the client sent nothing for 30 s' },
  {
    name: 'cut-off',
    text: 'the sender of a message ended in the middle of it, so that what the client would get next could not be told from its rest',
  },
];
