/** The PSP's matching library, by which many games find each other: PDP payloads that the relay forwards untouched. */
import type { PayloadProtocol } from '../payload.ts';
import { classify } from './framing.ts';
import { frames, Kind } from './layout.ts';
import { summarize } from './summary.ts';

export const adhocMatching: PayloadProtocol = {
  name: 'matching',
  title: 'PSP ad-hoc matching',
  about: [
    'A host says HELLO over and over, others JOIN, and the host answers with ACCEPT or CANCEL; then both PING each other.',
    'Nothing marks a payload as such a message, so only what adds up to its last byte is taken for one. PSPs themselves and JPCSP have another header, and their messages stay data.',
  ],
  frames,
  opens: new Set([Kind.hello, Kind.join, Kind.ping]),
  classify,
  summarize,
};
