/** AlphaNET over real sockets, against the program as it is built. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PlainClient } from '../kit/alphanet-client.ts';
import {
  ascii,
  authAnswer,
  authFailure,
  authRequired,
  authSuccess,
  connectionRequest,
  data,
  message,
  requestFailed,
  socketClosed,
  socketConnectionStatus,
  socketStatus,
  statusRequest,
  statusResponse,
} from '../kit/alphanet-wire.ts';
import { payload } from '../kit/bytes.ts';
import { expectVerified, frames } from '../kit/capture-checks.ts';
import { run, type RunningRelay, startRelay, temporaryFolder } from '../kit/program.ts';

const HELLO = payload(1000);

interface Person {
  readonly client: PlainClient;
  readonly ip: string;
}

async function enters({ ports }: RunningRelay, from?: string): Promise<Person> {
  const client = new PlainClient(ports['alphanet'] as number, '127.0.0.1', from);
  return { client, ip: await client.virtualIp() };
}

async function expectNext(client: PlainClient, wanted: Uint8Array): Promise<void> {
  expect((await client.next()).toString('latin1')).toBe(Buffer.from(wanted).toString('latin1'));
}

/** Asks, is answered, and is connected. */
async function connect(ann: Person, a: string, bob: Person, b: string): Promise<void> {
  ann.client.send(connectionRequest(a, b));
  await expectNext(bob.client, connectionRequest(a, b));
  bob.client.send(socketConnectionStatus(true));
  await expectNext(ann.client, socketConnectionStatus(true));
}

async function expectTalk(ann: Person, bob: Person): Promise<void> {
  const [a, b] = [`${ann.ip}:24`, `${bob.ip}:80`];
  await connect(ann, a, bob, b);
  ann.client.send(data(a, b, HELLO));
  await expectNext(bob.client, data(a, b, HELLO));
  ann.client.send(socketClosed(a, b));
  await expectNext(bob.client, socketClosed(a, b));
}

test('two clients find each other, connect, talk both ways and part; all of it is recorded', async () => {
  const file = join(temporaryFolder(), 'play.db');
  const relay = await startRelay(['--record', file]);
  const [ann, bob] = [await enters(relay), await enters(relay)];
  expect(ann.ip).not.toBe(bob.ip);
  const [a, b] = [`${ann.ip}:24`, `${bob.ip}:80`];
  ann.client.send(statusRequest(a, b));
  await expectNext(bob.client, statusRequest(a, b));
  bob.client.send(statusResponse(true, true, b));
  await expectNext(ann.client, socketStatus(true, true));
  await connect(ann, a, bob, b);
  const large = payload(65_535);
  ann.client.send(data(a, b, large));
  await expectNext(bob.client, data(a, b, large));
  bob.client.send(data(a, b, HELLO));
  bob.client.send(data(b, a, HELLO));
  await expectNext(ann.client, data(b, a, HELLO));
  ann.client.send(data(a, `${bob.ip}:81`, HELLO));
  await expectNext(ann.client, requestFailed(5, `${bob.ip}:81`, 'there is no such connection'));
  bob.client.socket.resetAndDestroy();
  await expectNext(ann.client, socketClosed(b, a));
  await ann.client.end();
  await relay.stop();

  await expectVerified(file);
  const asked = await frames(
    file,
    '--filter',
    `alphanet.source == "${ann.ip}" && kind == socket-status-request`,
  );
  expect(asked.map(({ outcome }) => outcome)).toEqual(['consumed']);
  const spoofed = await frames(file, '--filter', 'outcome == spoofed');
  expect(spoofed.map(({ kind, from }) => [kind, from?.endpoint])).toEqual([['data', bob.ip]]);
  const sent = await frames(file, '--filter', 'kind == data && alphanet.payload_size > 1000');
  expect(sent.map(({ outcome }) => outcome)).toEqual(['forwarded']);
});

describe('virtual addresses', () => {
  test('are the same after a restart, and after a crash as soon as they are written', async () => {
    const file = join(temporaryFolder(), 'own.db');
    const first = await startRelay(['--alphanet-db', file]);
    const before = [await enters(first), await enters(first), await enters(first, '127.0.0.2')];
    await first.stop();
    const second = await startRelay(['--alphanet-db', file]);
    const other = await enters(second, '127.0.0.2');
    const after = [await enters(second), await enters(second), other];
    expect(after.map(({ ip }) => ip)).toEqual(before.map(({ ip }) => ip));
    const fresh = await enters(second, '127.0.0.3');
    await new Promise((resolve) => setTimeout(resolve, 300));
    await second.stop('SIGKILL');
    const third = await startRelay(['--alphanet-db', file]);
    expect((await enters(third, '127.0.0.3')).ip).toBe(fresh.ip);
  });

  test('are kept nowhere where that is off', async () => {
    const relay = await startRelay(['--alphanet-db', 'off']);
    await enters(relay);
    const { code } = await relay.stop();
    expect(code).toBe(0);
  });

  test('of a file that another relay has, or that is something else, are not served: one line says why', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'own.db');
    await startRelay(['--alphanet-db', file]);
    expect(existsSync(file)).toBe(true);
    const flags = [
      'relay',
      '--http',
      'off',
      '--postoffice',
      '0',
      '--adhocctl',
      '0',
      '--alphanet',
      '0',
      '--alphanet-db',
    ];
    const second = await run([...flags, file]);
    expect([second.code, second.stderr]).toEqual([
      3,
      `postreel: ${file} is being written to by another program (another relay that gives addresses from it)\n`,
    ]);
    const text = join(folder, 'text');
    writeFileSync(text, 'nothing\n'.repeat(100));
    const third = await run([...flags, text]);
    expect([third.code, third.stderr]).toEqual([
      3,
      `postreel: ${text} is not a file of virtual IP addresses: it is not a database\n`,
    ]);
  });
});

describe('settings', () => {
  test('a key lets in who knows it', async () => {
    const relay = await startRelay(['--alphanet-key', 'secret']);
    const right = new PlainClient(relay.ports['alphanet'] as number);
    await expectNext(right, authRequired);
    right.send(authAnswer('secret'));
    await expectNext(right, authSuccess);
    await right.virtualIp();
    const wrong = new PlainClient(relay.ports['alphanet'] as number);
    await expectNext(wrong, authRequired);
    wrong.send(authAnswer('guess'));
    await expectNext(wrong, authFailure);
    await wrong.end();
  });

  test('one client an address turns the second away', async () => {
    const relay = await startRelay(['--alphanet-one-per-ip']);
    await enters(relay);
    const second = new PlainClient(relay.ports['alphanet'] as number);
    await second.closed;
    expect(await enters(relay, '127.0.0.2')).toBeDefined();
  });

  test('a connection that carries nothing ends after as long as is set', async () => {
    const relay = await startRelay(['--alphanet-idle', '1']);
    const [ann, bob] = [await enters(relay), await enters(relay)];
    const [a, b] = [`${ann.ip}:24`, `${bob.ip}:80`];
    await connect(ann, a, bob, b);
    await expectNext(ann.client, socketClosed(b, a));
    await expectNext(bob.client, socketClosed(a, b));
  });
});

/** Numbers that are the same in every run. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff);
}

test('10 000 inputs that make no sense leave the relay and its clients as they were', async () => {
  const relay = await startRelay(['--max-connections', '20000']);
  const [ann, bob] = [await enters(relay), await enters(relay)];
  const good = [
    statusRequest(`${ann.ip}:24`, `${bob.ip}:80`),
    statusResponse(true, true, `${ann.ip}:1`),
    socketConnectionStatus(true),
    data('1.2.3.4:5', `${bob.ip}:80`, HELLO.subarray(0, 30)),
    socketClosed('1.2.3.4:5', `${bob.ip}:80`),
    requestFailed(1, `${ann.ip}:24`, 'no'),
    authAnswer('x'),
    message(ascii('\x01')),
  ];
  const next = numbers(27_313);
  const speak = async (): Promise<void> => {
    const bytes = Buffer.from(
      next() % 5 === 0 ? Buffer.alloc(next() % 200, next() & 0xff) : good[next() % good.length]!,
    );
    for (let flips = next() % 4; flips > 0 && bytes.length > 0; flips--)
      bytes[(next() >> 8) % bytes.length] = (next() >> 8) & 0xff;
    const client = new PlainClient(relay.ports['alphanet'] as number, '127.0.0.1', `127.0.1.${next() % 200}`);
    client.send(bytes.subarray(0, bytes.length - (next() % 3 === 0 ? next() % (bytes.length + 1) : 0)));
    await client.end();
  };
  for (let done = 0; done < 10_000; done += 100) await Promise.all(Array.from({ length: 100 }, speak));
  // Nothing has reached them, and they talk as if nothing had happened.
  await expectTalk(ann, bob);
  const { code, stderr } = await relay.stop();
  expect(code).toBe(0);
  expect(stderr).not.toMatch(/Error|at .*\.js/);
}, 120_000);
