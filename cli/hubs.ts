/** The listeners of a relay, with the hubs of those protocols that have settings made with them. */
import { AdhocctlHub } from '../protocol/adhocctl/hub.ts';
import { type GameTable, noGames } from '../protocol/adhocctl/games.ts';
import type { Protocol } from '../protocol/types.ts';
import type { ListenerOptions } from '../relay/relay.ts';
import type { Settings } from './settings.ts';

/** What hubs are made with, of all settings. */
type HubSettings = Pick<Settings, 'adhocctlP2p'>;

/** `isPatient`: nobody is sent away for saying nothing. */
type MakeHub = (settings: HubSettings, games: GameTable, isPatient: boolean) => Protocol['createHub'];

/** By protocol name. A protocol that is not here has nothing to set. */
const makers: Readonly<Record<string, MakeHub>> = {
  adhocctl:
    ({ adhocctlP2p }, games, isPatient) =>
    (context) =>
      new AdhocctlHub(context, {
        games,
        addresses: adhocctlP2p ? 'real' : 'numbers',
        ...(isPatient && { silenceMs: Infinity }),
      }),
};

/** Undefined where a protocol has its own alone. */
export function hubOf(
  { name }: Protocol,
  settings: HubSettings,
  games: GameTable,
  isPatient: boolean,
): Protocol['createHub'] | undefined {
  return makers[name]?.(settings, games, isPatient);
}

export function listenersOf(settings: Settings, games: GameTable): readonly ListenerOptions[] {
  return settings.listeners.map(({ protocol, port }) => {
    const createHub = hubOf(protocol, settings, games, false);
    return { protocol, port, ...(createHub !== undefined && { createHub }) };
  });
}

/** With nothing set, for a relay that waits for a game under test. */
export function patientHubOf(protocol: Protocol): Protocol['createHub'] | undefined {
  return hubOf(protocol, { adhocctlP2p: false }, noGames, true);
}
