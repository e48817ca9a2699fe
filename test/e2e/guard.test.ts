/** Friends under `--guard group`, and a thief of a MAC address, against the program as it is built. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeFault } from '../../protocol/fault.ts';
import { CaptureFile } from '../../recorder/captures.ts';
import { expectVerified } from '../kit/capture-checks.ts';
import { ControlClient } from '../kit/control-client.ts';
import { type RunningRelay, startRelay, temporaryFolder } from '../kit/program.ts';
import { type Address, addressBytes, Client, init, Init, pdp, player, ptp } from '../kit/socket-client.ts';

const ANN = player(1);
const BOB = player(2);
const HOME = { [ANN.mac]: '127.0.0.1', [BOB.mac]: '127.0.0.2' };
const ELSEWHERE = '127.0.0.3';

/** Opens a connection from that address, with whatever follows its init. */
async function open(
  relay: RunningRelay,
  from: string,
  type: number,
  self: Address,
  target?: Address,
  early: Buffer = Buffer.alloc(0),
): Promise<Client> {
  const client = new Client(relay.port, '127.0.0.1', from);
  await client.connected();
  client.send(Buffer.concat([init(type, self, target), early]));
  return client;
}

/** A datagram socket that is known to be open, because it has heard itself. */
async function openPdp(relay: RunningRelay, from: string, self: Address): Promise<Client> {
  const client = await open(relay, from, Init.pdp, self, undefined, pdp(self, 'open'));
  expect((await client.datagram()).payload.toString()).toBe('open');
  return client;
}

function logIn(relay: RunningRelay, { mac }: Address, nickname: string): Promise<ControlClient> {
  return ControlClient.logIn(relay.ports['adhocctl']!, { mac, nickname, from: HOME[mac]! });
}

/** Ann and Bob, logged in and in one group. */
async function lobby(relay: RunningRelay): Promise<{ ann: ControlClient; bob: ControlClient }> {
  const ann = await logIn(relay, ANN, 'Ann');
  expect(await ann.join('ROOM')).toEqual({ peers: [], founder: ANN.mac });
  const bob = await logIn(relay, BOB, 'Bob');
  expect(await bob.join('ROOM')).toEqual({ peers: ['Ann'], founder: ANN.mac });
  return { ann, bob };
}

async function expectTalk(from: Client, to: Client, sender: Address, receiver: Address): Promise<void> {
  from.send(pdp(receiver, `from ${sender.port}`));
  const { from: source, payload } = await to.datagram();
  expect(source).toEqual(addressBytes(sender));
  expect(payload.toString()).toBe(`from ${sender.port}`);
}

describe('under --guard group', () => {
  test('two friends play PDP and PTP, and a thief of a MAC address gets nothing', async () => {
    const record = join(temporaryFolder(), 'guard.db');
    const relay = await startRelay(['--guard', 'group', '--record', record]);
    const { ann, bob } = await lobby(relay);
    const annPdp = await openPdp(relay, HOME[ANN.mac]!, ANN);
    const bobPdp = await openPdp(relay, HOME[BOB.mac]!, BOB);

    // The thief tries every door at once, and asks for Ann's place at the control server too.
    const steals = [
      await open(relay, ELSEWHERE, Init.pdp, ANN, undefined, pdp(BOB, 'stolen')),
      await open(relay, ELSEWHERE, Init.listen, ANN),
      await open(relay, ELSEWHERE, Init.connect, ANN, BOB, ptp('stolen')),
      await open(relay, ELSEWHERE, Init.accept, ANN, BOB, ptp('stolen')),
    ];
    const steal = await ControlClient.logIn(relay.ports['adhocctl']!, {
      mac: ANN.mac,
      nickname: 'Ann',
      from: ELSEWHERE,
    });
    steals.push(steal.client);

    await expectTalk(annPdp, bobPdp, ANN, BOB);
    await expectTalk(bobPdp, annPdp, BOB, ANN);
    const listener = await open(relay, HOME[ANN.mac]!, Init.listen, ANN);
    const connector = await open(relay, HOME[BOB.mac]!, Init.connect, BOB, ANN);
    expect(await listener.take(10)).toEqual(addressBytes(BOB));
    const acceptor = await open(relay, HOME[ANN.mac]!, Init.accept, ANN, BOB, ptp('welcome'));
    expect(await connector.take(10)).toEqual(addressBytes(ANN));
    expect(await acceptor.take(10)).toEqual(addressBytes(BOB));
    expect(await connector.take(11)).toEqual(ptp('welcome'));
    connector.send(ptp('thanks'));
    expect(await acceptor.take(10)).toEqual(ptp('thanks'));

    // Each of the thief's connections ends without a byte.
    expect(await Promise.all(steals.map((client) => client.rest()))).toEqual(
      steals.map(() => Buffer.alloc(0)),
    );
    // And nobody has noticed: neither a stray datagram nor an end.
    await expectTalk(annPdp, bobPdp, ANN, BOB);
    expect([ann, bob].map(({ client }) => client.isEnded)).toEqual([false, false]);
    expect(
      [annPdp, bobPdp, listener, connector, acceptor].map(({ length, isEnded }) => [length, isEnded]),
    ).toEqual(Array.from({ length: 5 }, () => [0, false]));

    await relay.stop();
    await expectVerified(record);
    const capture = CaptureFile.open(record);
    const ended = [...capture.connections(1).values()]
      .filter(({ remoteAddress }) => remoteAddress === ELSEWHERE)
      .map(({ protocol, fault }) => describeFault(protocol, fault ?? -1).name);
    capture.close();
    expect(ended).toEqual(steals.map(() => 'logged-in-elsewhere'));
  });

  test('sockets that are opened before the login wait for it, two seconds at most', async () => {
    const relay = await startRelay(['--guard', 'login']);
    const early = await open(relay, HOME[ANN.mac]!, Init.pdp, ANN, undefined, pdp(ANN, 'early'));
    const stranger = await open(relay, HOME[BOB.mac]!, Init.pdp, BOB, undefined, pdp(ANN, 'never'));
    await new Promise((resolve) => setTimeout(resolve, 500));
    await logIn(relay, ANN, 'Ann');
    expect((await early.datagram()).payload.toString()).toBe('early');
    expect(await stranger.rest()).toHaveLength(0);
    expect(early.length).toBe(0);
  });

  test('who leaves the control server loses its sessions within a second, and nobody else does', async () => {
    const relay = await startRelay(['--guard', 'group']);
    const { bob } = await lobby(relay);
    const annPdp = await openPdp(relay, HOME[ANN.mac]!, ANN);
    const bobPdp = await openPdp(relay, HOME[BOB.mac]!, BOB);
    const before = performance.now();
    bob.end();
    await bobPdp.closed;
    expect(performance.now() - before).toBeLessThan(1000);
    await expectTalk(annPdp, annPdp, ANN, ANN);
  });

  test('who leaves the group is not heard any more, and is again once it is back', async () => {
    const relay = await startRelay(['--guard', 'group']);
    const { ann, bob } = await lobby(relay);
    const annPdp = await openPdp(relay, HOME[ANN.mac]!, ANN);
    const bobPdp = await openPdp(relay, HOME[BOB.mac]!, BOB);
    // Ann hears that Bob came, and then that he left.
    expect((await ann.next())[0]).toBe(2);
    bob.leave();
    expect((await ann.next())[0]).toBe(3);
    bobPdp.send(pdp(ANN, 'unheard'));
    await expectTalk(bobPdp, bobPdp, BOB, BOB);
    await bob.join('ROOM');
    await expectTalk(bobPdp, annPdp, BOB, ANN);
    expect(annPdp.length).toBe(0);
  });
});
