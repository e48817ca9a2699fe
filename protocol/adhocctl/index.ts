/** adhocctl: how players of PSP ad-hoc games find each other. Who plays what with whom, one connection a player. */
import type { Protocol } from '../types.ts';
import { faults } from './faults.ts';
import { framing } from './framing.ts';
import { AdhocctlHub } from './hub.ts';
import { frames } from './layout.ts';
import { groupNotice, summarize } from './summary.ts';

export const adhocctl: Protocol = {
  id: 2,
  name: 'adhocctl',
  title: 'PRO Online ad-hoc control (adhocctl)',
  revision: 1,
  transports: ['tcp'],
  port: 27312,
  frames,
  faults,
  outboxBytesMax: 512_000,
  framing,
  summarize,
  createHub: (context) => new AdhocctlHub(context),
  groupNotice,
};
