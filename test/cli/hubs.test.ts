import { expect, it } from 'vitest';
import { listenersOf } from '../../cli/hubs.ts';
import { resolveSettings } from '../../cli/settings.ts';
import { GameTable } from '../../protocol/adhocctl/games.ts';
import { AdhocctlHub } from '../../protocol/adhocctl/hub.ts';
import { Guard } from '../../protocol/guard.ts';
import { protocols } from '../../protocol/registry.ts';
import type { Protocol } from '../../protocol/types.ts';

const settings = resolveSettings('relay', new Map([['postoffice', '7']]), {}, null);
const games = GameTable.from({ crosslinks: {}, names: { ULUS10391: 'Monsters' } });
const context = { random: () => 0, guard: new Guard('off') };
const adhocctl: Protocol = { ...(protocols[0] as Protocol), name: 'adhocctl' };

it('a protocol without settings makes its hub itself', () => {
  const [listener] = listenersOf({ ...settings, listeners: settings.listeners.slice(0, 1) }, games);
  const { protocol } = settings.listeners[0] as { protocol: Protocol };
  expect([protocol.name, listener]).toEqual(['postoffice', { protocol, port: 7 }]);
});

it('the control server is made with its table of games', () => {
  const [listener] = listenersOf({ ...settings, listeners: [{ protocol: adhocctl, port: 1 }] }, games);
  const hub = listener?.createHub?.(context);
  expect(hub).toBeInstanceOf(AdhocctlHub);
  expect((hub as AdhocctlHub).games).toBe(games);
});
