/** Which relay under test speaks which protocol, and where. */
import { lookup } from 'node:dns/promises';
import { networkInterfaces } from 'node:os';
import { Failure } from '../common/failure.ts';
import { protocols } from '../protocol/registry.ts';
import type { Protocol } from '../protocol/types.ts';
import type { Targets } from '../replay/against.ts';
import { hostPortText } from './format.ts';
import type { Settings } from './settings.ts';
import { type HostPort, readHostPort } from './values.ts';

/**
 * By protocol; names are looked up. `--against` is for all that carry what players say and are not named themselves.
 * Failure codes: `unknown-host`, `remote-target`.
 */
export async function findTargets({
  against,
  targets,
  allowRemote,
}: Pick<Settings, 'against' | 'targets' | 'allowRemote'>): Promise<Targets> {
  const wanted = new Map<Protocol, string>();
  for (const protocol of protocols)
    if (against !== null && protocol.groupNotice === undefined && protocol.noReplay === undefined)
      wanted.set(protocol, against);
  for (const { protocol, address } of targets) wanted.set(protocol, address);
  const found = new Map<Protocol, HostPort>();
  for (const [protocol, text] of wanted) found.set(protocol, await resolve(text, allowRemote));
  return found;
}

async function resolve(text: string, allowRemote: boolean): Promise<HostPort> {
  const { host, port } = readHostPort(text) as HostPort;
  let address: string;
  try {
    ({ address } = await lookup(host));
  } catch (error) {
    throw new Failure('input', 'unknown-host', `${host} is not known: ${(error as Error).message}`, error);
  }
  if (!allowRemote && !isHere(address)) {
    const why = 'a replay sends much in a short time: --allow-remote says that its owner agrees';
    throw new Failure('input', 'remote-target', `${hostPortText(host, port)} is not this machine; ${why}`);
  }
  return { host: address, port };
}

function isHere(address: string): boolean {
  if (/^127\.|^::1$|^::ffff:127\.|^0\.0\.0\.0$|^::$/i.test(address)) return true;
  return Object.values(networkInterfaces()).some((each) => each?.some((own) => own.address === address));
}
