/** Every protocol of the registry in one process and one capture, played at the same time. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { protocols } from '../../protocol/registry.ts';
import { playAlphanet } from '../kit/alphanet-play.ts';
import { bytesOf, dial, startUpstream, type Upstream } from '../kit/between.ts';
import { expectVerified, frames } from '../kit/capture-checks.ts';
import { ControlClient } from '../kit/control-client.ts';
import { command, gameMaker, notFound, reg2 } from '../kit/gatepunch-wire.ts';
import { type RunningRelay, run, startRelay, temporaryFolder } from '../kit/program.ts';
import { Client, Init, pdp, player } from '../kit/socket-client.ts';
import { message, named } from '../kit/tcp-relay-wire.ts';

const TURNS = 50;
/** What a server says of itself. */
const DATA = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
/** A packet's type and length. */
const HEAD = Buffer.from('0700000005000000', 'hex');

async function open(relay: RunningRelay, protocol: string): Promise<Client> {
  const client = new Client(relay.ports[protocol]!);
  await client.connected();
  return client;
}

/** By protocol: somebody plays, and checks what comes. */
const plays: Readonly<Record<string, (relay: RunningRelay) => Promise<void>>> = {
  async postoffice({ port }) {
    const [ann, bob] = [player(1), player(2)];
    const one = await Client.open(port, Init.pdp, ann);
    const other = await Client.open(port, Init.pdp, bob);
    for (let turn = 0; turn < TURNS; turn++) {
      // Whoever is sent to may not be there yet.
      one.send(pdp(ann, `to myself ${turn}`));
      expect((await one.datagram()).payload.toString()).toBe(`to myself ${turn}`);
      other.send(pdp(ann, `to Ann ${turn}`));
      expect((await one.datagram()).payload.toString()).toBe(`to Ann ${turn}`);
    }
    one.end();
    other.end();
  },
  async adhocctl({ ports }) {
    const login = (n: number) => ({ mac: `02:00:00:00:01:0${n}`, nickname: `P${n}` });
    const ann = await ControlClient.logIn(ports['adhocctl']!, login(1));
    await ann.join('ROOM');
    const bob = await ControlClient.logIn(ports['adhocctl']!, login(2));
    expect((await bob.join('ROOM')).peers).toEqual(['P1']);
    ann.client.end();
    bob.client.end();
  },
  async 'tcp-relay'(relay) {
    const one = await open(relay, 'tcp-relay');
    const other = await open(relay, 'tcp-relay');
    one.send(named('one'));
    other.send(named('other'));
    // What comes back says that the name is known.
    other.send(message('other', '!'));
    expect((await other.take(1)).toString()).toBe('!');
    for (let turn = 100; turn < 100 + TURNS; turn++) one.send(message('other', `turn ${turn};`));
    const said = Array.from({ length: TURNS }, (_, turn) => `turn ${100 + turn};`).join('');
    expect((await other.take(said.length)).toString()).toBe(said);
    one.end();
    other.end();
  },
  async gatepunch(relay) {
    const server = await open(relay, 'gatepunch');
    server.send(gameMaker('reg2', '1.2.0', ...DATA));
    server.send(reg2('1.2.0', ...DATA));
    const client = await open(relay, 'gatepunch');
    client.send(command('connect', '192.0.2.77'));
    expect(await client.take(1)).toEqual(Buffer.from(notFound));
    server.end();
    client.end();
  },
  alphanet: ({ ports }) => playAlphanet(ports['alphanet']!),
  async dpea({ proxies }) {
    const client = dial(proxies['dpea']![0]!);
    const server = await upstream!.next();
    const said = Buffer.concat([HEAD, Buffer.from('hello')]);
    client.write(said);
    expect(await bytesOf(server, said.length)).toEqual(said);
    server.write(said);
    expect(await bytesOf(client, said.length)).toEqual(said);
    client.destroy();
  },
};

/** Before which the proxy stands. */
let upstream: Upstream | null = null;

test('all are played at once, and one capture has each of them', async () => {
  upstream = await startUpstream();
  const file = join(temporaryFolder(), 'all.db');
  const relay = await startRelay(['--record', file, '--dpea', `0=127.0.0.1:${upstream.port}`]);
  expect(Object.keys(plays).sort()).toEqual(protocols.map(({ name }) => name).sort());
  await Promise.all(Object.values(plays).map((play) => play(relay)));
  expect((await relay.stop()).code).toBe(0);

  await expectVerified(file);
  for (const { name } of protocols) {
    const ofIt = await frames(file, '--filter', `protocol == ${name}`);
    expect(ofIt.length, name).toBeGreaterThan(1);
  }
  const sum = await frames(file);
  expect(sum.filter(({ gap }) => gap !== undefined)).toEqual([]);
  // One list of those who played together, whatever they played.
  const { code, stdout } = await run(['sessions', file, '--json']);
  expect(code).toBe(0);
  expect((JSON.parse(stdout) as unknown[]).length).toBeGreaterThanOrEqual(4);
});
