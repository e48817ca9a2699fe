/** Players who find each other over real sockets, against the program as it is built. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  bssid,
  chat,
  connect,
  connected,
  disconnect,
  disconnected,
  login,
  person,
  said,
  scan,
  scanComplete,
  scanned,
} from '../kit/adhocctl-wire.ts';
import { Barrier } from '../kit/barrier.ts';
import { expectVerified, frames } from '../kit/capture-checks.ts';
import { type RunningRelay, startRelay, temporaryFolder } from '../kit/program.ts';
import { Client } from '../kit/socket-client.ts';
import { readTrace } from '../kit/trace.ts';

const ANN = person('02aabbccdd01', 'Ann');
const BOB = person('02aabbccdd02', 'Bob');

async function open({ ports }: RunningRelay, ...first: readonly Uint8Array[]): Promise<Client> {
  const client = new Client(ports['adhocctl'] as number);
  await client.connected();
  client.send(Buffer.concat(first));
  return client;
}

async function expectHears(client: Client, ...wanted: readonly Uint8Array[]): Promise<void> {
  const bytes = Buffer.concat(wanted);
  expect(await client.take(bytes.length)).toEqual(bytes);
}

test('the trace of a real client: every connection gets exactly the bytes that it got then', async () => {
  const relay = await startRelay();
  const barrier = await Barrier.open(relay.port);
  const clients = new Map<number, Client>();
  const got = new Map<number, Buffer[]>();
  const expected = new Map<number, Buffer[]>();
  for (const { conn, what, bytes } of readTrace('adhocctl')) {
    if (what === 'open') {
      clients.set(conn, await open(relay));
      got.set(conn, []);
      expected.set(conn, []);
      continue;
    }
    const client = clients.get(conn) as Client;
    if (what === 'in') {
      client.send(bytes);
      await barrier.pass();
    } else if (what === 'out') {
      expected.get(conn)?.push(Buffer.from(bytes));
      got.get(conn)?.push(await client.take(bytes.length));
    } else if (what === 'end-in') {
      client.end();
    } else {
      got.get(conn)?.push(await client.rest());
    }
  }
  expect(expected.size).toBe(2);
  for (const [conn, chunks] of expected)
    expect(Buffer.concat(got.get(conn) ?? []), `connection ${conn}`).toEqual(Buffer.concat(chunks));
});

describe('two players', () => {
  test('find each other, talk and part', async () => {
    const relay = await startRelay();
    const ann = await open(relay, login(ANN), connect('G'));
    await expectHears(ann, bssid(ANN));
    const bob = await open(relay, login(BOB), scan, connect('G'));
    await expectHears(bob, scanned('G', ANN), scanComplete, connected(ANN, 0), bssid(ANN));
    await expectHears(ann, connected(BOB, 1));
    bob.send(chat('hello'));
    await expectHears(ann, said('hello', BOB));
    ann.socket.resetAndDestroy();
    await expectHears(bob, disconnected(0));
    bob.send(Buffer.concat([disconnect, scan]));
    await expectHears(bob, scanComplete);
  });

  test('are recorded, with who they are and with what they said', async () => {
    const file = join(temporaryFolder(), 'lobby.db');
    const relay = await startRelay(['--record', file]);
    const ann = await open(relay, login(ANN), connect('G'));
    await expectHears(ann, bssid(ANN));
    const bob = await open(relay, login(BOB), connect('G'), chat('hello'));
    await expectHears(ann, connected(BOB, 1), said('hello', BOB));
    bob.end();
    await expectHears(ann, disconnected(1));
    expect((await relay.stop()).code).toBe(0);
    const recorded = await frames(file);
    expect(recorded.map(({ kind, outcome }) => `${kind} ${outcome}`)).toEqual([
      'login consumed',
      'connect consumed',
      'connect-bssid originated',
      'login consumed',
      'connect consumed',
      'peer-connected originated',
      'peer-connected originated',
      'connect-bssid originated',
      'chat consumed',
      'chat-delivered originated',
      'peer-disconnected originated',
    ]);
    expect(recorded.map(({ summary }) => summary)).toContain('"Bob" says "hello"');
    expect(recorded[3]).toMatchObject({
      protocol: 'adhocctl',
      from: { endpoint: '02:aa:bb:cc:dd:02', role: 'player' },
      bytes: Buffer.from(login(BOB)).toString('hex'),
    });
    await expectVerified(file);
  });
});

test('who is no client is closed with a reason in the log', async () => {
  const relay = await startRelay(['--log-level', 'debug']);
  const browser = await open(relay, Buffer.from('GET / HTTP/1.1\r\n\r\n'));
  expect(await browser.rest()).toHaveLength(0);
  await expect.poll(() => relay.stderr()).toMatch(/not an adhocctl client/);
});
