/** Why a dpea proxy closes a connection, beside the reasons of `fault.ts`. Append, never renumber. */
import { FAULTS_OWN } from '../fault.ts';
import type { FaultSpec } from '../types.ts';

export const DpeaFault = { upstreamRefused: FAULTS_OWN } as const;

/** By code, less `FAULTS_OWN`. */
export const faults: readonly FaultSpec[] = [
  {
    name: 'upstream-refused',
    text: 'the server to which it was to be passed on refused the connection, or did not answer',
    warn: true,
  },
];
