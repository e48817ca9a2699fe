/** Why a connection ended, for reasons that every protocol shares. The codes are stored in captures: append, never renumber. */
import type { Fault, FaultSpec, Protocol } from './types.ts';

export const CommonFault = {
  none: 0,
  malformed: 1,
  tooLong: 2,
  unexpected: 3,
  timedOut: 4,
  tooSlow: 5,
  overLimit: 6,
  lost: 7,
  shutdown: 8,
  partnerGone: 9,
  replaced: 10,
  notLoggedIn: 11,
  loggedInElsewhere: 12,
  loggedOut: 13,
  notInGroup: 14,
  flood: 15,
} as const;

/** By code. */
export const commonFaults: readonly FaultSpec[] = [
  { name: 'ended', text: 'the client ended it' },
  { name: 'malformed', text: 'the bytes cannot be this protocol' },
  { name: 'too-long', text: 'a frame was announced that is longer than the protocol allows' },
  { name: 'unexpected', text: 'a frame came that has no place at this point' },
  { name: 'timed-out', text: 'the opening frame did not arrive in time' },
  { name: 'too-slow', text: 'the client did not read what was sent to it, and its queue reached the limit' },
  { name: 'over-limit', text: 'the relay already had as many connections as it may have' },
  { name: 'lost', text: 'the network or the client broke the connection' },
  { name: 'shutdown', text: 'the relay was stopped' },
  { name: 'partner-gone', text: 'the other end of the pair ended' },
  { name: 'replaced', text: 'a newer connection took its address' },
  {
    name: 'not-logged-in',
    text: 'the guard found nobody of this MAC address logged in at the control server, and waited 2 s for it',
    warn: true,
  },
  {
    name: 'logged-in-elsewhere',
    text: 'the guard knows this MAC address, but as logged in from another IP address',
    warn: true,
  },
  { name: 'logged-out', text: 'its player left the control server, on which the guard insists' },
  { name: 'not-in-group', text: 'the guard lets only members of one group talk to each other' },
  {
    name: 'flood',
    text: 'the client asked the relay for more than any game does: over 200 requests at once and 50 a second',
    warn: true,
  },
];

/** What a guard says to those whom it does not let in, or lets in no further. */
export const refusals: ReadonlySet<Fault> = new Set([
  CommonFault.notLoggedIn,
  CommonFault.loggedInElsewhere,
  CommonFault.notInGroup,
]);

/** Where a protocol's own faults start. */
export const FAULTS_OWN = 16;

/** Name and text of a code; an unknown one (of a newer version, say) is named by its number. */
export function describeFault(protocol: Protocol | null, fault: Fault): FaultSpec {
  const spec = fault < FAULTS_OWN ? commonFaults[fault] : protocol?.faults[fault - FAULTS_OWN];
  return spec ?? { name: `fault-${fault}`, text: 'a reason that this version does not know' };
}
