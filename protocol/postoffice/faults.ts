/** Why the postoffice closes a connection, beside the reasons of `fault.ts`. Append, never renumber. */
import { FAULTS_OWN } from '../fault.ts';
import type { FaultSpec } from '../types.ts';

export const PostofficeFault = {
  unknownInit: FAULTS_OWN,
  unreliableOverTcp: FAULTS_OWN + 1,
  noListener: FAULTS_OWN + 2,
  notAccepted: FAULTS_OWN + 3,
  nobodyWaits: FAULTS_OWN + 4,
} as const;

/** By code, less `FAULTS_OWN`. */
export const faults: readonly FaultSpec[] = [
  {
    name: 'unknown-init',
    text: 'the first bytes name a kind of socket that does not exist: not a postoffice client',
  },
  { name: 'unreliable-over-tcp', text: 'PDP_UNRELIABLE was asked for, which exists over UDP only' },
  { name: 'no-listener', text: 'a PTP connect found no listener at its target in 5 s' },
  { name: 'not-accepted', text: 'a PTP connect was not accepted in 20 s' },
  { name: 'nobody-waits', text: 'a PTP accept came for a connect that is not, or no longer, waiting' },
];
