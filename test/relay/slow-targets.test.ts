/** One who sends to several that read slowly, and several who send to one: they are kept waiting, and nobody is closed for it. */
import { expect, test } from 'vitest';
import { alphanet } from '../../protocol/alphanet/index.ts';
import { tcpRelay } from '../../protocol/tcp-relay/index.ts';
import { BACKPRESSURE_ON_BYTES } from '../../relay/limits.ts';
import { AlphanetPlayer, between } from '../kit/alphanet-play.ts';
import { startRelay } from '../kit/recorded-relay.ts';
import { Client } from '../kit/socket-client.ts';
import { message, named } from '../kit/tcp-relay-wire.ts';

const MEBIBYTE = 1024 * 1024;
const GUESTS = 12;
const PACKETS = 40;
const LARGEST = Buffer.alloc(65_535, 'l');
const PIECE = Buffer.alloc(10_000, 'x');

test('who is kept waiting by two goes on when both have room, and not when one has', async () => {
  const { relay, portOf } = await startRelay(null, [tcpRelay]);
  const listener = relay.listeners[0]!;
  const enter = async (name: string): Promise<Client> => {
    const client = new Client(portOf(tcpRelay));
    client.send(named(name));
    await expect.poll(() => waitingFor(name)).toBe(0);
    return client;
  };
  /** -1 for somebody who is not there. */
  const waitingFor = (name: string): number =>
    [...listener.connections].find(({ identity }) => identity?.endpoint === name)?.waitingBytes ?? -1;
  /** Sends piece by piece until so much waits for one who does not read; answers how many it took. */
  const fill = async (sender: Client, name: string, least: number): Promise<number> => {
    for (let pieces = 0; ; pieces++) {
      if (waitingFor(name) >= least) return pieces;
      const before = relay.metrics.bytesIn;
      sender.send(message(name, PIECE));
      while (relay.metrics.bytesIn - before < PIECE.length) await new Promise(setImmediate);
    }
  };
  const [ann, bob, cid, dan] = [
    await enter('ann'),
    await enter('bob'),
    await enter('cid'),
    await enter('dan'),
  ];
  bob.socket.pause();
  cid.socket.pause();
  // All but full, and full.
  const toBob = await fill(dan, 'bob', BACKPRESSURE_ON_BYTES - 2 * PIECE.length);
  const toCid = await fill(dan, 'cid', BACKPRESSURE_ON_BYTES);
  const [more, most] = [Buffer.alloc(60_000, 'm'), Buffer.alloc(15 * MEBIBYTE, 'M')];
  ann.send(Buffer.concat([message('bob', more), message('cid', most)]));
  await expect.poll(() => waitingFor('bob')).toBeGreaterThanOrEqual(BACKPRESSURE_ON_BYTES);
  const bobHears = toBob * PIECE.length + more.length;
  bob.socket.resume();
  expect(await bob.take(bobHears)).toHaveLength(bobHears);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(waitingFor('cid')).toBeGreaterThan(0);
  expect(waitingFor('cid')).toBeLessThan(MEBIBYTE / 2);
  const cidHears = toCid * PIECE.length + most.length;
  cid.socket.resume();
  expect(await cid.take(cidHears)).toHaveLength(cidHears);
});

test('who reads slowly is not closed for the many who send to it at once', async () => {
  const { relay, portOf } = await startRelay(null, [alphanet]);
  const port = portOf(alphanet);
  const host = await AlphanetPlayer.enter(port);
  const guests = await Promise.all(Array.from({ length: GUESTS }, () => AlphanetPlayer.enter(port)));
  for (const guest of guests) {
    guest.says('socket-connection-request', between(guest, host));
    await host.hears('socket-connection-request-delivered');
    host.says('socket-connection-status', { connected: 1 });
    await guest.hears('socket-connection-status-delivered');
  }
  host.client.socket.pause();
  for (let i = 0; i < PACKETS; i++)
    for (const guest of guests) guest.says('data', { ...between(guest, host), payload: LARGEST });
  // All that they send in this time has been read, and what is not read waits where it was sent.
  for (let before = -1; before !== relay.metrics.bytesIn;) {
    before = relay.metrics.bytesIn;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  expect(relay.metrics.bytesIn).toBeLessThan(GUESTS * PACKETS * LARGEST.length);
  host.client.socket.resume();
  for (let i = 0; i < GUESTS * PACKETS; i++) await host.hears('data-delivered');
  expect(relay.metrics.connections).toBe(GUESTS + 1);
});
