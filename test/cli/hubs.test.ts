import { expect, it } from 'vitest';
import { listenersOf } from '../../cli/hubs.ts';
import { resolveSettings } from '../../cli/settings.ts';
import { GameTable } from '../../protocol/adhocctl/games.ts';
import { AdhocctlHub } from '../../protocol/adhocctl/hub.ts';
import { AddressTags, NumberTags } from '../../protocol/adhocctl/tags.ts';
import { Guard } from '../../protocol/guard.ts';

const games = GameTable.from({ crosslinks: {}, names: { ULUS10391: 'Monsters' } });

function listener(name: string, flags: Record<string, string>) {
  const settings = resolveSettings('relay', new Map(Object.entries(flags)), {}, null);
  return listenersOf(settings, games).find(({ protocol }) => protocol.name === name);
}

function controlServer(flags: Record<string, string>): AdhocctlHub {
  return listener('adhocctl', flags)?.createHub?.({
    random: () => 0,
    guard: new Guard('off'),
  }) as AdhocctlHub;
}

it('a protocol without settings makes its hub itself', () => {
  const found = listener('postoffice', { postoffice: '7' });
  expect(found).toEqual({ protocol: found?.protocol, port: 7 });
});

it('the control server is made with the table of games, and tells numbers or addresses', () => {
  const usual = controlServer({});
  expect(usual).toBeInstanceOf(AdhocctlHub);
  expect(usual.games).toBe(games);
  expect(usual.tags).toBeInstanceOf(NumberTags);
  expect(controlServer({ 'adhocctl-p2p': 'true' }).tags).toBeInstanceOf(AddressTags);
});

it('what is turned off has no listener', () => {
  expect(listener('adhocctl', { adhocctl: 'off' })).toBeUndefined();
});
