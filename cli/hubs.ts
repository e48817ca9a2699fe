/** The listeners of a relay, with the hubs of those protocols that have settings made with them. */
import { AdhocctlHub } from '../protocol/adhocctl/hub.ts';
import type { GameTable } from '../protocol/adhocctl/games.ts';
import { DpeaHub } from '../protocol/dpea/hub.ts';
import { GatepunchHub } from '../protocol/gatepunch/hub.ts';
import type { Peer, Protocol } from '../protocol/types.ts';
import type { ListenerOptions } from '../relay/relay.ts';
import type { Settings } from './settings.ts';

/** What hubs are made with, of all settings. */
type HubSettings = Pick<Settings, 'adhocctlP2p' | 'gatepunchNoLobby' | 'gatepunchName' | 'gatepunchTesting'>;

/** `target` is where a listener of a proxy leads. */
type MakeHub = (settings: HubSettings, games: GameTable, target?: Peer) => Protocol['createHub'];

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
};

/** Undefined where a protocol has its own alone. */
export function hubOf(
  { name }: Protocol,
  settings: HubSettings,
  games: GameTable,
  target?: Peer,
): Protocol['createHub'] | undefined {
  return makers[name]?.(settings, games, target);
}

export function listenersOf(settings: Settings, games: GameTable): readonly ListenerOptions[] {
  return settings.listeners.map(({ protocol, port, proxy }) => {
    const target = proxy && { address: proxy.target.host, port: proxy.target.port };
    const createHub = hubOf(protocol, settings, games, target);
    return {
      protocol,
      port,
      ...(createHub !== undefined && { createHub }),
      ...(proxy?.host && { host: proxy.host }),
      ...(target && { target }),
    };
  });
}
