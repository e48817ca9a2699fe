import { expect, it } from 'vitest';
import { hubOf, listenersOf, openHubMemory } from '../../cli/hubs.ts';
import { resolveSettings } from '../../cli/settings.ts';
import { GameTable } from '../../protocol/adhocctl/games.ts';
import { AdhocctlHub, SILENCE_TIMEOUT_MS } from '../../protocol/adhocctl/hub.ts';
import { adhocctl } from '../../protocol/adhocctl/index.ts';
import { Kind } from '../../protocol/adhocctl/layout.ts';
import { alphanet } from '../../protocol/alphanet/index.ts';
import { ipv4Of } from '../../protocol/alphanet/ipv4.ts';
import { RememberedVirtualIps } from '../../protocol/alphanet/virtual-ips.ts';
import { AddressTags, NumberTags } from '../../protocol/adhocctl/tags.ts';
import { DpeaHub } from '../../protocol/dpea/hub.ts';
import { Guard } from '../../protocol/guard.ts';
import { span } from '../../protocol/memory.ts';
import type { Outlet, Session } from '../../protocol/types.ts';

const games = GameTable.from({ crosslinks: {}, names: { ULUS10391: 'Monsters' } });

function listener(name: string, flags: Record<string, string>) {
  const settings = resolveSettings('relay', new Map(Object.entries(flags)), {}, null);
  return listenersOf(settings, games).find(({ protocol }) => protocol.name === name);
}

function controlServer(flags: Record<string, string>): AdhocctlHub {
  return listener('adhocctl', flags)?.createHub?.({
    random: () => 0,
    guard: new Guard('off'),
    dial: () => undefined,
    unixMs: () => 0,
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

it('a control server may be made so that it sends nobody away who says nothing', () => {
  const settings = resolveSettings('relay', new Map(), {}, null);
  for (const [isPatient, outcome] of [
    [false, 1],
    [true, 0],
  ] as const) {
    const context = {
      random: () => 0,
      guard: new Guard('off'),
      unixMs: () => 0,
      isPatient,
      dial: () => undefined,
    };
    const hub = hubOf(adhocctl, settings, games)?.(context) as AdhocctlHub;
    const { closes } = logIn(hub);
    hub.wake(10 * SILENCE_TIMEOUT_MS);
    expect(closes).toHaveLength(outcome);
  }
});

/** Somebody who has logged in, and says nothing more. */
function logIn(hub: AdhocctlHub): { readonly closes: number[] } {
  const closes: number[] = [];
  let session: Session;
  const outlet: Outlet = {
    id: 1,
    become: (next) => (session = next),
    identify: () => undefined,
    forward: () => undefined,
    send: () => undefined,
    hold: () => undefined,
    awaitRoom: () => undefined,
    isHeld: false,
    join: () => undefined,
    close: (fault) => closes.push(fault),
  };
  session = hub.accept(outlet, { address: '127.0.0.1', port: 1 }, 0);
  const login = Buffer.alloc(144);
  login.set([1, 2, 0, 0, 0, 0, 1]);
  login.write('Ann', 7);
  login.write('ULUS10391', 135);
  session.frame({ ...span(login), kind: Kind.login, at: 0, end: login.length }, 0);
  return { closes };
}

it('each listener of a proxy has a hub that leads to its own target', () => {
  const flags = new Map([['dpea', '5001=game.example:5002,127.0.0.2:0=[::1]:5003']]);
  const listeners = listenersOf(resolveSettings('relay', flags, {}, null), games).filter(
    ({ protocol }) => protocol.isProxy === true,
  );
  const context = {
    random: () => 0,
    guard: new Guard('off'),
    unixMs: () => 0,
    dial: () => undefined,
  };
  expect(
    listeners.map(({ host, port, createHub }) => [host, port, (createHub?.(context) as DpeaHub).target]),
  ).toEqual([
    [undefined, 5001, { address: 'game.example', port: 5002 }],
    ['127.0.0.2', 0, { address: '::1', port: 5003 }],
  ]);
});

it('AlphaNET is made with its settings, and with what it remembers', () => {
  const virtualIps = new RememberedVirtualIps();
  virtualIps.remember('192.0.2.1', ipv4Of('12.34.56.78'));
  const settings = resolveSettings('relay', new Map([['alphanet', '0']]), {}, null);
  const memory = { virtualIps, close: () => Promise.resolve() };
  const hub = hubOf(
    alphanet,
    settings,
    games,
    undefined,
    memory,
  )?.({ random: () => 0, guard: new Guard('off'), unixMs: () => 0, dial: () => undefined });
  const told: string[] = [];
  const outlet = {
    become: () => undefined,
    identify: ({ endpoint }: { endpoint: string }) => told.push(endpoint),
    send: () => undefined,
  } as unknown as Outlet;
  hub?.accept(outlet, { address: '192.0.2.1', port: 7 }, 0);
  hub?.wake(0);
  expect(told).toEqual(['12.34.56.78']);
});

it('AlphaNET remembers nothing where it is not served, or keeps no file', async () => {
  for (const flags of [{}, { alphanet: '0', 'alphanet-db': 'off' }]) {
    const settings = resolveSettings('relay', new Map(Object.entries(flags)), {}, null);
    const memory = await openHubMemory(settings, () => undefined);
    expect(memory.virtualIps.size).toBe(0);
    await memory.close();
  }
});
