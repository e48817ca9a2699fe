/** A relay with a guard, in this process, and its clients on real sockets. */
import { expect, onTestFinished, test } from 'vitest';
import { Guard, type GuardMode } from '../../protocol/guard.ts';
import { Outcome } from '../../protocol/outcome.ts';
import { protocolByName } from '../../protocol/registry.ts';
import { Relay, type RelayEvent } from '../../relay/relay.ts';
import { ControlClient } from '../kit/control-client.ts';
import { addressBytes, Client, Init, pdp, player } from '../kit/socket-client.ts';

const ANN = player(1);
const BOB = player(2);
const HERE = '127.0.0.1';

const macNumber = (mac: string): number => Number.parseInt(mac.replaceAll(':', ''), 16);
const listed = ({ mac }: { readonly mac: string }, group = 'G') => ({
  mac: macNumber(mac),
  address: HERE,
  group,
});

async function startRelay(mode: GuardMode): Promise<{ relay: Relay; port: number; events: RelayEvent[] }> {
  const events: RelayEvent[] = [];
  const relay = new Relay({
    host: HERE,
    listeners: [{ protocol: protocolByName('postoffice')!, port: 0 }],
    guard: new Guard(mode),
    maxConnections: 100,
    tap: null,
    onEvent: (event) => events.push(event),
  });
  await relay.start();
  onTestFinished(() => relay.stop(100));
  return { relay, port: relay.addresses[0]!.port, events };
}

/** The names of the faults with which connections ended, as the metrics count them. */
function faults(relay: Relay): Record<string, number> {
  return Object.fromEntries(relay.metrics.faults);
}

const identified = (events: readonly RelayEvent[]) =>
  events.filter(({ kind }) => kind === 'identified').length;

test('who is on the list plays, and who is not is refused and counted', async () => {
  const { relay, port } = await startRelay('login');
  relay.listPlayers([listed(ANN), listed(BOB)]);
  const ann = await Client.open(port, Init.pdp, ANN);
  const bob = await Client.open(port, Init.pdp, BOB);
  const stranger = await Client.open(port, Init.pdp, player(3));
  ann.send(pdp(ANN, 'is open'));
  await ann.datagram();
  bob.send(pdp(ANN, 'hello'));
  const { from, payload } = await ann.datagram();
  expect([from, payload.toString()]).toEqual([addressBytes(BOB), 'hello']);
  expect(await stranger.rest()).toHaveLength(0);
  await stranger.closed;
  await expect.poll(() => faults(relay)).toEqual({ 'not-logged-in': 1 });
  expect(relay.metrics.connectionsRefused).toBe(1);
});

test('a list that comes within two seconds lets in who waits, in the same turn', async () => {
  const { relay, port, events } = await startRelay('login');
  const ann = await Client.open(port, Init.pdp, ANN, undefined, pdp(ANN, 'early'));
  const bob = await Client.open(port, Init.pdp, BOB);
  await expect.poll(() => identified(events)).toBe(2);
  // Who only waits holds nothing that others should hear of.
  expect(relay.census().sockets).toEqual([]);
  relay.listPlayers([listed(ANN)]);
  expect((await ann.datagram()).payload.toString()).toBe('early');
  await bob.closed;
});

test('who is taken off the list loses its sessions at once', async () => {
  const { relay, port } = await startRelay('login');
  relay.listPlayers([listed(ANN)]);
  const ann = await Client.open(port, Init.pdp, ANN, undefined, pdp(ANN, 'is open'));
  await ann.datagram();
  const before = performance.now();
  relay.listPlayers([]);
  await ann.closed;
  expect(performance.now() - before).toBeLessThan(1000);
  await expect.poll(() => faults(relay)).toEqual({ 'logged-out': 1 });
});

test('frames between groups are counted as refused', async () => {
  const { relay, port } = await startRelay('group');
  relay.listPlayers([listed(ANN, 'G'), listed(BOB, 'H')]);
  const ann = await Client.open(port, Init.pdp, ANN, undefined, pdp(ANN, 'is open'));
  await ann.datagram();
  const bob = await Client.open(port, Init.pdp, BOB, undefined, pdp(ANN, 'never'));
  bob.send(pdp(BOB, 'is open'));
  await bob.datagram();
  expect(ann.length).toBe(0);
  expect(relay.metrics.outcomes[Outcome.refused]).toBe(1);
  expect(relay.metrics.connectionsRefused).toBe(0);
});

test('the census names what is open, and counts each player once', async () => {
  const { relay, port } = await startRelay('off');
  const first = await Client.open(port, Init.pdp, ANN, undefined, pdp(ANN, 'is open'));
  await first.datagram();
  const second = await Client.open(
    port,
    Init.pdp,
    { ...ANN, port: 77 },
    undefined,
    pdp({ ...ANN, port: 77 }, ''),
  );
  await second.datagram();
  expect(relay.census().sockets).toMatchObject([
    { role: 'pdp', endpoint: `${ANN.mac}/${ANN.port}` },
    { role: 'pdp', endpoint: `${ANN.mac}/77` },
  ]);
  expect(relay.metrics.players).toBe(1);
  first.end();
  await first.closed;
  expect(relay.census().sockets).toHaveLength(1);
});

test('one who is known to both servers is one player', async () => {
  const listeners = ['adhocctl', 'postoffice'].map((name) => ({ protocol: protocolByName(name)!, port: 0 }));
  const relay = new Relay({ host: HERE, listeners, maxConnections: 100, tap: null });
  await relay.start();
  onTestFinished(() => relay.stop(100));
  const [control, postoffice] = relay.addresses.map(({ port }) => port);
  for (const n of [1, 2])
    await ControlClient.logIn(control!, { mac: player(n).mac, nickname: `player ${n}` });
  for (const n of [2, 3, 4]) await Client.open(postoffice!, Init.pdp, player(n));
  await expect.poll(() => relay.metrics.framesIn).toBe(5);
  expect(relay.metrics.players).toBe(4);
});
