/** Why GATE.PUNCH closes a connection, beside the reasons of `fault.ts`. Append, never renumber. */
import { FAULTS_OWN } from '../fault.ts';
import type { FaultSpec } from '../types.ts';

export const GatepunchFault = {
  lineTooLong: FAULTS_OWN,
  halfCommand: FAULTS_OWN + 1,
  oldVersion: FAULTS_OWN + 2,
  lobbyFull: FAULTS_OWN + 3,
} as const;

/** By code, less `FAULTS_OWN`. */
export const faults: readonly FaultSpec[] = [
  { name: 'line-too-long', text: 'a line was longer than 512 bytes: not a GATE.PUNCH client' },
  { name: 'half-command', text: 'a command was begun, and its last line did not come within 1 s' },
  {
    name: 'old-version',
    text: 'the game’s version of GMnet GATE.PUNCH is older than 1.2.0, or is no version',
  },
  { name: 'lobby-full', text: 'there were 2000 servers already', warn: true },
];
