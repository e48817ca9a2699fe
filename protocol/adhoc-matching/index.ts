/** The PSP's matching library, by which many games find each other: PDP payloads that the relay forwards untouched. */
import type { PayloadProtocol } from '../payload.ts';
import { classify } from './framing.ts';
import { frames, Kind } from './layout.ts';
import { summarize } from './summary.ts';

export const adhocMatching: PayloadProtocol = {
  name: 'matching',
  title: 'PSP ad-hoc matching',
  frames,
  opens: new Set([Kind.hello, Kind.join, Kind.ping]),
  classify,
  summarize,
};
