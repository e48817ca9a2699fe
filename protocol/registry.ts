/** All protocols, one list. Relay, recorder, dissector, replay, tests and docs work from it. */
import { adhocctl } from './adhocctl/index.ts';
import { alphanet } from './alphanet/index.ts';
import { dpea } from './dpea/index.ts';
import { gatepunch } from './gatepunch/index.ts';
import { postoffice } from './postoffice/index.ts';
import { tcpRelay } from './tcp-relay/index.ts';
import type { Protocol } from './types.ts';

export const protocols: readonly Protocol[] = [postoffice, adhocctl, tcpRelay, gatepunch, alphanet, dpea];

export function protocolById(id: number): Protocol | null {
  return protocols.find((protocol) => protocol.id === id) ?? null;
}

export function protocolByName(name: string): Protocol | null {
  return protocols.find((protocol) => protocol.name === name) ?? null;
}
