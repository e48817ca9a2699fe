/** The listeners of a relay, with the hubs of those protocols that have settings made with them. */
import { AdhocctlHub } from '../protocol/adhocctl/hub.ts';
import type { GameTable } from '../protocol/adhocctl/games.ts';
import type { Protocol } from '../protocol/types.ts';
import type { ListenerOptions } from '../relay/relay.ts';
import type { Settings } from './settings.ts';

/** What hubs are made with, of all settings. */
type HubSettings = Pick<Settings, 'adhocctlP2p'>;

type MakeHub = (settings: HubSettings, games: GameTable) => Protocol['createHub'];

/** By protocol name. A protocol that is not here has nothing to set. */
const makers: Readonly<Record<string, MakeHub>> = {
  adhocctl:
    ({ adhocctlP2p }, games) =>
    (context) =>
      new AdhocctlHub(context, { games, addresses: adhocctlP2p ? 'real' : 'numbers' }),
};

/** Undefined where a protocol has its own alone. */
export function hubOf(
  { name }: Protocol,
  settings: HubSettings,
  games: GameTable,
): Protocol['createHub'] | undefined {
  return makers[name]?.(settings, games);
}

export function listenersOf(settings: Settings, games: GameTable): readonly ListenerOptions[] {
  return settings.listeners.map(({ protocol, port }) => {
    const createHub = hubOf(protocol, settings, games);
    return { protocol, port, ...(createHub !== undefined && { createHub }) };
  });
}
