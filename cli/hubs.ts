/** The listeners of a relay, with the hubs of those protocols that have settings made with them. */
import { AdhocctlHub } from '../protocol/adhocctl/hub.ts';
import type { GameTable } from '../protocol/adhocctl/games.ts';
import { DpeaHub } from '../protocol/dpea/hub.ts';
import { GatepunchHub } from '../protocol/gatepunch/hub.ts';
import type { Peer, Protocol } from '../protocol/types.ts';
import { AlphanetHub } from '../protocol/alphanet/hub.ts';
import { ipv4Of, ipv4Text, NOT_IPV4 } from '../protocol/alphanet/ipv4.ts';
import { alphanet } from '../protocol/alphanet/index.ts';
import { RememberedVirtualIps } from '../protocol/alphanet/virtual-ips.ts';
import { Failure } from '../common/failure.ts';
import { type OnTrouble, VirtualIpFile } from '../recorder/virtual-ips/virtual-ips.ts';
import type { ListenerOptions } from '../relay/relay.ts';
import type { Settings } from './settings.ts';

/** What hubs are made with, of all settings. */
type HubSettings = Pick<
  Settings,
  | 'adhocctlP2p'
  | 'gatepunchNoLobby'
  | 'gatepunchName'
  | 'gatepunchTesting'
  | 'alphanetKey'
  | 'alphanetOnePerIp'
  | 'alphanetIdle'
>;

/** What hubs remember from one run of the relay to the next. */
export interface HubMemory {
  readonly virtualIps: RememberedVirtualIps;
  /** Rejects with a `Failure` where not all of it could be kept. */
  close(): Promise<void>;
}

/** `target` is where a listener of a proxy leads. */
type MakeHub = (
  settings: HubSettings,
  games: GameTable,
  target: Peer | undefined,
  memory: HubMemory | null,
) => Protocol['createHub'];

/** By protocol name. A protocol that is not here has nothing to set. */
const makers: Readonly<Record<string, MakeHub>> = {
  adhocctl:
    ({ adhocctlP2p }, games) =>
    (context) =>
      new AdhocctlHub(context, { games, addresses: adhocctlP2p ? 'real' : 'numbers' }),
  dpea: (_settings, _games, target) => (context) => new DpeaHub(context, target),
  gatepunch:
    ({ gatepunchNoLobby, gatepunchName, gatepunchTesting }) =>
    (context) =>
      new GatepunchHub(context, {
        lobby: !gatepunchNoLobby,
        name: gatepunchName,
        testing: gatepunchTesting,
      }),
  alphanet:
    ({ alphanetKey, alphanetOnePerIp, alphanetIdle }, _games, _target, memory) =>
    (context) =>
      new AlphanetHub(context, {
        ...(memory !== null && { virtualIps: memory.virtualIps }),
        key: alphanetKey,
        onePerIp: alphanetOnePerIp,
        idleMs: 1000 * alphanetIdle,
      }),
};

/** Reads what the hubs of these listeners are to remember. Fails in one line, as `VirtualIpFile.open` does. */
export async function openHubMemory(settings: Settings, onTrouble: OnTrouble): Promise<HubMemory> {
  const isWanted = settings.listeners.some(({ protocol }) => protocol.name === alphanet.name);
  if (!isWanted || settings.alphanetDb === null)
    return { virtualIps: new RememberedVirtualIps(), close: () => Promise.resolve() };
  const file = await VirtualIpFile.open(settings.alphanetDb, onTrouble);
  try {
    const virtualIps = new RememberedVirtualIps((real, virtual) => file.keep(real, ipv4Text(virtual)));
    for (const [realIp, text] of file.takeGiven()) virtualIps.remember(realIp, given(file.file, text));
    return { virtualIps, close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

function given(file: string, text: string): number {
  const virtualIp = ipv4Of(text);
  if (virtualIp === NOT_IPV4)
    throw new Failure('outside', 'damaged', `${file} is damaged: ${JSON.stringify(text)} is no IPv4 address`);
  return virtualIp;
}

/** Undefined where a protocol has its own alone. Without a memory, a hub remembers what it is told until it ends. */
export function hubOf(
  { name }: Protocol,
  settings: HubSettings,
  games: GameTable,
  target?: Peer,
  memory: HubMemory | null = null,
): Protocol['createHub'] | undefined {
  return makers[name]?.(settings, games, target, memory);
}

export function listenersOf(
  settings: Settings,
  games: GameTable,
  memory: HubMemory | null = null,
): readonly ListenerOptions[] {
  return settings.listeners.map(({ protocol, port, proxy }) => {
    const target = proxy && { address: proxy.target.host, port: proxy.target.port };
    const createHub = hubOf(protocol, settings, games, target, memory);
    return {
      protocol,
      port,
      ...(createHub !== undefined && { createHub }),
      ...(proxy?.host && { host: proxy.host }),
      ...(target && { target }),
    };
  });
}
