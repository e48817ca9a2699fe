/** What one client may ask of the relay, on real sockets. */
import { expect, onTestFinished, test } from 'vitest';
import { protocolByName } from '../../protocol/registry.ts';
import { REQUESTS_BURST, REQUESTS_PER_SECOND } from '../../relay/limits.ts';
import { Relay } from '../../relay/relay.ts';
import { ControlClient } from '../kit/control-client.ts';
import { Client, Init, pdp, player } from '../kit/socket-client.ts';

const PING = 0;

async function startRelay(): Promise<{ relay: Relay; control: number; port: number }> {
  const listeners = ['adhocctl', 'postoffice'].map((name) => ({ protocol: protocolByName(name)!, port: 0 }));
  const relay = new Relay({ host: '127.0.0.1', listeners, maxConnections: 100, tap: null });
  await relay.start();
  onTestFinished(() => relay.stop(100));
  const [control, postoffice] = relay.addresses;
  return { relay, control: control!.port, port: postoffice!.port };
}

function logIn(port: number, n: number): Promise<ControlClient> {
  return ControlClient.logIn(port, { mac: player(n).mac, nickname: `player ${n}` });
}

test('a flood of requests of one byte ends its sender after the first few, and nobody else', async () => {
  const { relay, control } = await startRelay();
  const [ann, bob] = [await logIn(control, 1), await logIn(control, 2)];
  await bob.join('ROOM');
  ann.client.send(Buffer.alloc(16 * 1024 * 1024, PING));
  await ann.client.closed;
  await expect.poll(() => relay.metrics.faults.get('flood')).toBe(1);
  expect(relay.metrics.framesIn).toBeLessThan(REQUESTS_BURST + 10);
  expect(bob.client.isEnded).toBe(false);
});

test('a burst is taken, and more is taken as time goes by', async () => {
  const { relay, control } = await startRelay();
  const ann = await logIn(control, 1);
  await expect.poll(() => relay.metrics.framesIn).toBe(1);
  ann.client.send(Buffer.alloc(REQUESTS_BURST - 10, PING));
  await expect.poll(() => relay.metrics.framesIn).toBe(REQUESTS_BURST - 9);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  ann.client.send(Buffer.alloc(REQUESTS_PER_SECOND - 10, PING));
  await expect.poll(() => relay.metrics.framesIn).toBe(REQUESTS_BURST + REQUESTS_PER_SECOND - 19);
  expect(ann.client.isEnded).toBe(false);
});

test('what a game sends to others is not counted', async () => {
  const { relay, port } = await startRelay();
  const frames = 20 * REQUESTS_BURST;
  const ann = await Client.open(port, Init.pdp, player(1));
  for (let sent = 0; sent < frames; sent++) ann.send(pdp(player(1), 'again'));
  await ann.take(frames * pdp(player(1), 'again').length);
  expect(relay.metrics.framesOut).toBe(frames);
});
