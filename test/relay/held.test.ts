/** Who is not read from, and for how long a hub must not take that for silence. */
import { expect, onTestFinished, test } from 'vitest';
import { monotonic } from '../../common/clock.ts';
import { protocolByName } from '../../protocol/registry.ts';
import type { Outlet, Protocol } from '../../protocol/types.ts';
import { HEARD_AGAIN_MS } from '../../relay/limits.ts';
import { Relay } from '../../relay/relay.ts';
import { Client } from '../kit/socket-client.ts';

/** A relay, and the outlets of those who have connected. */
async function startRelay(): Promise<{ port: number; outlets: Outlet[] }> {
  const protocol = protocolByName('postoffice') as Protocol;
  const outlets: Outlet[] = [];
  const createHub: Protocol['createHub'] = (context) => {
    const hub = protocol.createHub(context);
    const accept = hub.accept.bind(hub);
    hub.accept = (outlet, peer, now) => {
      outlets.push(outlet);
      return accept(outlet, peer, now);
    };
    return hub;
  };
  const listeners = [{ protocol, port: 0, createHub }];
  const relay = new Relay({ host: '127.0.0.1', listeners, maxConnections: 10, tap: null });
  await relay.start();
  onTestFinished(() => relay.stop(100));
  return { port: relay.addresses[0]!.port, outlets };
}

test('who was let go counts as held until there was time to read what came meanwhile', async () => {
  const { port, outlets } = await startRelay();
  await new Client(port).connected();
  await expect.poll(() => outlets.length).toBe(1);
  const outlet = outlets[0]!;
  expect(outlet.isHeld).toBe(false);
  outlet.hold(true);
  expect(outlet.isHeld).toBe(true);
  const released = monotonic();
  outlet.hold(false);
  expect(outlet.isHeld).toBe(true);
  await expect.poll(() => outlet.isHeld, { timeout: 5_000, interval: 10 }).toBe(false);
  expect(monotonic() - released).toBeGreaterThanOrEqual(HEARD_AGAIN_MS);
});

test('whoever waits for room in somebody who has it is not held', async () => {
  const { port, outlets } = await startRelay();
  await Promise.all([new Client(port).connected(), new Client(port).connected()]);
  await expect.poll(() => outlets.length).toBe(2);
  outlets[0]!.awaitRoom(outlets[1]!);
  expect(outlets[0]!.isHeld).toBe(false);
});
