/** What can become of a frame. The codes are stored in captures: append, never renumber. */
import type { FaultSpec, Outcome as Code } from './types.ts';

export const Outcome = {
  forwarded: 0,
  consumed: 1,
  originated: 2,
  noTarget: 3,
  tooLarge: 4,
  ignored: 5,
  undelivered: 6,
  refused: 7,
  unframed: 8,
  spoofed: 9,
} as const;
export type Outcome = Code;

/** By code. */
export const outcomes: readonly FaultSpec[] = [
  { name: 'forwarded', text: 'passed on to its target' },
  { name: 'consumed', text: 'meant for the relay, which acted on it' },
  { name: 'originated', text: 'written by the relay itself' },
  { name: 'no-target', text: 'dropped: nobody holds the address that it was sent to' },
  { name: 'too-large', text: 'dropped: larger than any client survives' },
  { name: 'ignored', text: 'dropped: nothing is expected from this connection' },
  { name: 'undelivered', text: 'lost: the target was closed before the bytes could leave' },
  { name: 'refused', text: 'dropped: the guard does not let these two talk' },
  { name: 'unframed', text: 'dropped: the connection ended before these bytes were a whole frame' },
  { name: 'spoofed', text: 'dropped: it names a sender that is not the one it came from' },
];
