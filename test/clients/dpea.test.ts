/** Both ends of dpea against each other, against bytes of real ones, against a peer that is not ours, and through the proxy. */
import { spawn, spawnSync } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { DpeaClient } from '../../clients/dpea/client.ts';
import { RECEIVED_BYTES_MAX, RECEIVED_PACKETS_MAX, RECEIVERS_MAX } from '../../clients/dpea/connection.ts';
import { DpeaServer, WAITING_CLIENTS_MAX } from '../../clients/dpea/server.ts';
import { DpeaHub } from '../../protocol/dpea/hub.ts';
import { dpea } from '../../protocol/dpea/index.ts';
import { PAYLOAD_MAX } from '../../protocol/dpea/layout.ts';
import { Relay } from '../../relay/relay.ts';
import { bytesOf, dial, startUpstream } from '../kit/between.ts';
import { payload } from '../kit/bytes.ts';
import { readTrace } from '../kit/trace.ts';

const types = { ASK: 1, ANSWER: 2 } as const;
const PEER = fileURLToPath(new URL('../kit/dpea_peer.py', import.meta.url));

async function serverOf() {
  const server = new DpeaServer({ port: 0, types });
  const { port } = await server.listen();
  onTestFinished(() => server.close());
  return { server, port };
}

async function clientOf(port: number) {
  const client = new DpeaClient({ port, types });
  await client.connect();
  onTestFinished(() => void client.close());
  return client;
}

async function pair() {
  const { server, port } = await serverOf();
  const client = await clientOf(port);
  await server.waitForConnection();
  return { server, client, port };
}

/** A server of ours, with a client that is a bare socket. */
async function bare(): Promise<readonly [Awaited<ReturnType<typeof serverOf>>['server'], Socket]> {
  const { server, port } = await serverOf();
  const socket = dial(port);
  await server.waitForConnection();
  return [server, socket];
}

async function startProxy(port: number): Promise<number> {
  const relay = new Relay({
    host: '127.0.0.1',
    listeners: [
      {
        protocol: dpea,
        port: 0,
        createHub: (context) => new DpeaHub(context, { address: '127.0.0.1', port }),
      },
    ],
    maxConnections: 100,
    tap: null,
  });
  await relay.start();
  onTestFinished(() => relay.stop(0));
  return relay.addresses[0]!.port;
}

describe('a client and a server', () => {
  test('say packets to each other, by number or by name', async () => {
    const { server, client } = await pair();
    await client.send('ASK', 'Hello!');
    const asked = await server.receive();
    expect(asked).toEqual({ type: 1, name: 'ASK', payload: new Uint8Array(Buffer.from('Hello!')) });
    await server.send('ANSWER', asked!.payload.toReversed());
    await server.send(77);
    expect(await client.receive()).toMatchObject({
      name: 'ANSWER',
      payload: new Uint8Array(Buffer.from('!olleH')),
    });
    expect(await client.receive()).toEqual({ type: 77, name: null, payload: new Uint8Array(0) });
  });

  test('say packets of any size up to 64 MiB', async () => {
    const { server, client } = await pair();
    for (const size of [0, 1, 65_536, 262_144, 262_145, 1_000_000, PAYLOAD_MAX]) {
      const body = Buffer.alloc(size, size % 251);
      if (size > 0) body[size - 1] = 9;
      const sent = client.send(1, body);
      const got = await server.receive();
      await sent;
      expect(got!.payload.length).toBe(size);
      expect(Buffer.compare(got!.payload, body)).toBe(0);
    }
    await expect(client.send(1, new Uint8Array(PAYLOAD_MAX + 1))).rejects.toMatchObject({ code: 'too-long' });
  }, 60_000);

  test('end each way for itself: null is the last word', async () => {
    const { server, client } = await pair();
    await client.send('ASK', 'the last');
    const closed = client.close();
    expect(await server.receive()).toMatchObject({ name: 'ASK' });
    expect(await server.receive()).toBeNull();
    expect(await server.receive()).toBeNull();
    await server.disconnect();
    await closed;
    await expect(client.receive()).rejects.toMatchObject({ code: 'closed' });
    await expect(client.send('ASK')).rejects.toMatchObject({ code: 'closed' });
  });

  test('are served one after the other', async () => {
    const { server, client, port } = await pair();
    const second = await clientOf(port);
    await second.send('ASK', 'and I?');
    await expect(server.waitForConnection()).rejects.toMatchObject({ code: 'connected' });
    await Promise.all([client.close(), server.disconnect()]);
    await server.waitForConnection();
    expect((await server.receive())?.payload).toEqual(new Uint8Array(Buffer.from('and I?')));
  });

  test('may be connected again', async () => {
    const { server, client } = await pair();
    await expect(client.connect()).rejects.toMatchObject({ code: 'connected' });
    await Promise.all([client.close(), server.disconnect()]);
    await client.connect();
    await server.waitForConnection();
    await client.send(5);
    expect(await server.receive()).toMatchObject({ type: 5 });
  });
});

describe('what is waited for', () => {
  test('is given up after a time, or with a signal, and takes no packet then', async () => {
    const { server, client } = await pair();
    await expect(server.receive({ timeoutMs: 10 })).rejects.toMatchObject({ code: 'timed-out' });
    const abort = new AbortController();
    const waiting = server.receive({ signal: abort.signal });
    abort.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await expect(server.receive({ signal: AbortSignal.abort() })).rejects.toThrow('abort');
    await client.send('ASK');
    expect(await server.receive({ timeoutMs: 10_000 })).toMatchObject({ name: 'ASK' });
    const { server: idle } = await serverOf();
    await expect(idle.waitForConnection({ timeoutMs: 10 })).rejects.toMatchObject({ code: 'timed-out' });
  });

  test('ends with the server', async () => {
    const { server } = await serverOf();
    const waiting = server.waitForConnection();
    await server.close();
    await expect(waiting).rejects.toMatchObject({ code: 'closed' });
    await expect(server.waitForConnection()).rejects.toMatchObject({ code: 'not-listening' });
  });

  test('needs somebody: a refusal says to whom', async () => {
    const gone = await startUpstream();
    await new Promise((resolve) => gone.server.close(resolve));
    const client = new DpeaClient({ port: gone.port });
    await expect(client.connect()).rejects.toThrow(`cannot connect to 127.0.0.1 port ${gone.port}`);
    await expect(client.receive()).rejects.toMatchObject({ code: 'not-connected' });
    await expect(new DpeaServer().send(1)).rejects.toMatchObject({ code: 'not-connected' });
    const taken = await serverOf();
    await expect(new DpeaServer({ port: taken.port }).listen()).rejects.toMatchObject({
      code: 'cannot-listen',
    });
  });
});

describe('limits', () => {
  test('who does not receive is not read from, and the other end waits', async () => {
    const [server, socket] = await bare();
    const many = Buffer.alloc(8 * 4 * RECEIVED_PACKETS_MAX);
    const long = Buffer.alloc(8 + 200_000);
    long.writeUInt32LE(200_000, 4);
    const said = Buffer.concat([many, ...Array.from({ length: 200 }, () => long)]);
    let isTaken = false;
    socket.write(said, () => (isTaken = true));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(isTaken).toBe(false);
    for (let i = 0; i < 4 * RECEIVED_PACKETS_MAX; i++) await server.receive();
    for (let i = 0; i < 200; i++) expect((await server.receive())!.payload.length).toBe(200_000);
    expect(RECEIVED_BYTES_MAX).toBeLessThan(said.length / 10);
  });

  test('a send is done when it was taken: to who does not read it is not', async () => {
    const [server] = await bare();
    const sends = Array.from({ length: 20 }, () => server.send(1, new Uint8Array(8_000_000)));
    const results = await Promise.allSettled(sends.map((each) => within100(each)));
    expect(results.at(-1)).toMatchObject({ status: 'rejected', reason: { code: 'too-much-waiting' } });
    expect(
      results.some(
        ({ status, ...rest }) => status === 'fulfilled' && 'value' in rest && rest.value === 'waits',
      ),
    ).toBe(true);
  });

  test('no more than so many wait for packets, or to be served', async () => {
    const { server, client, port } = await pair();
    const waiting = Array.from({ length: RECEIVERS_MAX }, () => server.receive());
    await expect(server.receive()).rejects.toMatchObject({ code: 'too-many-receivers' });
    await client.close();
    expect(await Promise.all(waiting)).toEqual(waiting.map(() => null));
    const crowd = Array.from({ length: WAITING_CLIENTS_MAX + 1 }, () => connect(port, '127.0.0.1'));
    const turnedAway = await Promise.race(
      crowd.map(
        (socket, i) =>
          new Promise((resolve) => socket.on('error', () => undefined).on('close', () => resolve(i))),
      ),
    );
    expect(turnedAway).toBeGreaterThan(0);
    for (const socket of crowd) socket.destroy();
  });

  test.each([-1, 1.5, 2 ** 32, Number.NaN])('%s is no type', async (type) => {
    const { client } = await pair();
    await expect(client.send(type)).rejects.toMatchObject({ code: 'bad-type' });
  });
});

function within100(promise: Promise<unknown>): Promise<unknown> {
  return Promise.race([promise, new Promise((resolve) => setTimeout(() => resolve('waits'), 100))]);
}

describe('what is wrong at the other end is told apart', () => {
  test('an end in the middle of a packet, of its header, or of its payload', async () => {
    for (const bytes of [
      Buffer.of(1, 0),
      Buffer.of(1, 0, 0, 0, 9, 0, 0, 0, 7),
      Buffer.of(1, 0, 0, 0, 0, 0, 16, 0, 7),
    ]) {
      const [server, socket] = await bare();
      socket.end(bytes);
      await expect(server.receive()).rejects.toMatchObject({ code: 'cut-off' });
    }
  });

  test('bytes that cannot be dpea', async () => {
    const [server, socket] = await bare();
    socket.write('GET / HTTP/1.1\r\n\r\n');
    await expect(server.receive()).rejects.toMatchObject({ code: 'not-dpea' });
    await bytesOf(socket);
  });

  test('a break', async () => {
    const [server, socket] = await bare();
    socket.resetAndDestroy();
    await expect(server.receive()).rejects.toMatchObject({ code: 'lost' });
  });
});

test('the server hears of the real client, and the client of the real server, what each of them said', async () => {
  const trace = readTrace('dpea');
  const said = (what: 'in' | 'out') =>
    Buffer.concat(trace.filter((each) => each.what === what).map(({ bytes }) => bytes));
  const [server, socket] = await bare();
  socket.write(said('in'));
  const upstream = await startUpstream();
  const client = await clientOf(upstream.port);
  (await upstream.next()).write(said('out'));
  for (const size of [6, 0, 10_240, 70_000]) {
    const [asked, answer] = [await server.receive(), await client.receive()];
    expect([asked!.type, asked!.payload.length]).toEqual([1, size]);
    expect([answer!.type, Buffer.compare(answer!.payload, asked!.payload.toReversed())]).toEqual([2, 0]);
    await client.send('ASK', asked!.payload);
    await server.send('ANSWER', answer!.payload);
  }
  // What they send is what the real ones sent, byte for byte.
  expect((await bytesOf(socket, said('out').length)).equals(said('out'))).toBe(true);
});

describe.each([
  ['directly', false],
  ['through the proxy', true],
])('a peer that is not ours, %s', (_, isProxied) => {
  const way = async (port: number): Promise<number> => (isProxied ? startProxy(port) : port);
  const hasPython = spawnSync('python3', ['--version']).status === 0;

  test('asks our server, and is content', async () => {
    const { server, port } = await serverOf();
    const sizes = [0, 1, 1000, 262_144, 262_145, 3_000_000];
    const asking = hasPython
      ? python(['ask', String(await way(port)), ...sizes.map(String)])
      : asked(await way(port), sizes);
    await server.waitForConnection();
    for (let packet = await server.receive(); packet !== null; packet = await server.receive())
      await server.send(packet.type + 1, packet.payload.toReversed());
    await server.disconnect();
    expect(await asking).toBe('right\n');
  });

  test('answers our client, which is content', async () => {
    const { server, port: own } = await serverOf();
    const serving = hasPython ? spawn('python3', [PEER, 'serve']) : null;
    onTestFinished(() => {
      serving?.kill();
    });
    const port =
      serving === null
        ? own
        : await new Promise<number>((resolve) =>
            serving.stdout.once('data', (line) => resolve(Number(line))),
          );
    const answers = serving === null ? answering(server) : null;
    const client = await clientOf(await way(port));
    for (const size of [0, 1, 1000, 262_145, 3_000_000]) {
      const body = payload(size);
      await client.send('ASK', body);
      const answer = await client.receive();
      expect([answer!.name, Buffer.compare(answer!.payload, body.toReversed())]).toEqual(['ANSWER', 0]);
    }
    await client.close();
    await answers;
  });
});

function python(args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const asking = spawn('python3', [PEER, ...args]);
    let said = '';
    asking.stdout.on('data', (text: Buffer) => (said += text.toString()));
    asking.on('close', () => resolve(said));
  });
}

/** Where there is no Python, our own client asks: with other bytes, and of the same kind. */
async function asked(port: number, sizes: readonly number[]): Promise<string> {
  const client = await clientOf(port);
  for (const size of sizes) {
    await client.send('ASK', payload(size));
    const answer = await client.receive();
    if (answer?.type !== 2 || Buffer.compare(answer.payload, payload(size).toReversed()) !== 0)
      return 'wrong\n';
  }
  await client.close();
  return 'right\n';
}

async function answering(server: Awaited<ReturnType<typeof serverOf>>['server']): Promise<void> {
  await server.waitForConnection();
  for (let packet = await server.receive(); packet !== null; packet = await server.receive())
    await server.send(packet.type + 1, packet.payload.toReversed());
  await server.disconnect();
}
