/** The proxy over real sockets: what a client and its server notice of it, which is nothing, and what is recorded. */
import type { Socket } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { DpeaHub } from '../../protocol/dpea/hub.ts';
import { dpea } from '../../protocol/dpea/index.ts';
import { PAYLOAD_MAX, PAYLOAD_WHOLE_MAX } from '../../protocol/dpea/layout.ts';
import { Relay } from '../../relay/relay.ts';
import { broken, bytesOf, dial, startUpstream, type Upstream } from '../kit/between.ts';
import { expectVerified, frames, type FrameLine } from '../kit/capture-checks.ts';
import { cut, payload } from '../kit/bytes.ts';
import { run, startRelay, temporaryFolder } from '../kit/program.ts';
import { runs } from '../kit/property.ts';
import { readTrace } from '../kit/trace.ts';

function header(type: number, length: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(type);
  bytes.writeUInt32LE(length, 4);
  return bytes;
}

function packet(type: number, body: Uint8Array | string = ''): Buffer {
  const bytes = Buffer.from(body as string);
  return Buffer.concat([header(type, bytes.length), bytes]);
}

/** The program as a proxy before these servers, recording all of it: on a slow disk, 128 MiB at once would leave gaps. */
async function startProxies(...upstreams: readonly Pick<Upstream, 'port'>[]) {
  const folder = temporaryFolder();
  const args = upstreams.flatMap(({ port }, i) => [
    '--dpea',
    `${['127.0.0.1:0', '0', '[::1]:0'][i % 2]}=${['127.0.0.1', 'localhost'][i % 2]}:${port}`,
  ]);
  const relay = await startRelay(['--record', '--record-policy', 'block', ...args], { cwd: folder });
  return { relay, ports: relay.proxies['dpea'] ?? [], file: join(folder, 'postreel.db') };
}

async function meet(port: number | undefined, upstream: Upstream): Promise<readonly [Socket, Socket]> {
  const client = dial(port ?? 0);
  return [client, await upstream.next()];
}

async function says(from: Socket, to: Socket, bytes: Uint8Array): Promise<void> {
  from.write(bytes);
  const came = await bytesOf(to, bytes.length);
  expect(came.length).toBe(bytes.length);
  expect(came.equals(bytes)).toBe(true);
}

function ofConversation(lines: readonly FrameLine[], from: string): Buffer {
  const own = lines.filter((line) => line.from?.endpoint === from);
  return Buffer.concat(own.map(({ bytes }) => Buffer.from(bytes, 'hex')));
}

describe('the program', () => {
  test('passes on what the real client and the real server said, and records it packet by packet', async () => {
    const upstream = await startUpstream();
    const { relay, ports, file } = await startProxies(upstream);
    const [client, server] = await meet(ports[0], upstream);
    const trace = readTrace('dpea');
    for (const { what, bytes } of trace) {
      if (what === 'in') await says(client, server, bytes);
      if (what === 'out') await says(server, client, bytes);
    }
    server.end();
    expect(await bytesOf(client)).toEqual(Buffer.alloc(0));
    client.end();
    expect(await bytesOf(server)).toEqual(Buffer.alloc(0));
    expect((await relay.stop()).code).toBe(0);
    const all = await frames(file);
    expect(all.map(({ kind, outcome }) => [kind, outcome])).toEqual(
      Array.from({ length: 8 }, () => ['packet', 'forwarded']),
    );
    const said = (what: 'in' | 'out') =>
      Buffer.concat(trace.filter((each) => each.what === what).map(({ bytes }) => bytes));
    const own = all[0]!.from!.endpoint!;
    const target = `127.0.0.1:${upstream.port}`;
    expect([own, all[0]!.to!.endpoint]).toEqual([expect.stringMatching(/^127\.0\.0\.1:\d+$/), target]);
    expect(ofConversation(all, own).equals(said('in'))).toBe(true);
    expect(ofConversation(all, target).equals(said('out'))).toBe(true);
    expect(all.map(({ departed, time }) => departed !== null && departed >= time)).not.toContain(false);
    expect(all[0]!.summary).toBe('type 1, 6 bytes');
    await expectVerified(file);
  });

  test('calls numbers what its user calls them, in what it has recorded and not in what it passes on', async () => {
    const upstream = await startUpstream();
    const folder = temporaryFolder();
    const args = ['--record', '--dpea', `127.0.0.1:0=127.0.0.1:${upstream.port}`];
    const file = join(folder, 'postreel.db');
    const names = ['--dpea-names', 'COMMAND1=1', '--dpea-names', 'COMMAND2=2'];
    for (const given of [names, []]) {
      const relay = await startRelay([...args, ...given], { cwd: folder });
      const [client, server] = await meet(relay.proxies['dpea']?.[0], upstream);
      await says(client, server, packet(1, 'one'));
      await says(server, client, packet(2, 'two'));
      await says(client, server, packet(3, 'three'));
      expect((await relay.stop()).code).toBe(0);
    }
    const said = async (...how: string[]) => (await frames(file, ...how)).map(({ summary }) => summary);
    expect(await said('--capture', '1')).toEqual([
      'type COMMAND1 (1), 3 bytes',
      'type COMMAND2 (2), 3 bytes',
      'type 3, 5 bytes',
    ]);
    const ofFirst = (filter: string) => said('--capture', '1', '--filter', filter);
    expect(await ofFirst('dpea.type == COMMAND1')).toEqual(['type COMMAND1 (1), 3 bytes']);
    expect(await ofFirst('dpea.type == 1')).toEqual(['type COMMAND1 (1), 3 bytes']);
    expect(await ofFirst('dpea.type in (command2, 3)')).toHaveLength(2);
    expect(await ofFirst('dpea.type != COMMAND1')).toHaveLength(2);
    // The other capture has none, and its filters know none.
    expect(await said('--capture', '2', '--filter', 'dpea.type == 1')).toEqual(['type 1, 3 bytes']);
    const refused = await run(['frames', file, '--filter', 'dpea.type == COMMAND1']);
    expect([refused.code, refused.stdout]).toEqual([2, '']);
    expect(refused.stderr).toContain('the filter cannot be read');
    const shown = await run(['frames', file, '--capture', '1']);
    expect(shown.stdout).toContain('COMMAND2 (2)');
    await expectVerified(file);
  });

  test('stands before several servers in one process', async () => {
    const upstreams = [await startUpstream(), await startUpstream(), await startUpstream()];
    const { relay, ports, file } = await startProxies(...upstreams);
    expect(new Set(ports).size).toBe(3);
    const pairs = await Promise.all(upstreams.map((upstream, i) => meet(ports[i], upstream)));
    for (const [i, [client, server]] of pairs.entries()) {
      await says(client, server, packet(i, `to server ${i}`));
      await says(server, client, packet(10 + i, `from server ${i}`));
    }
    expect((await relay.stop()).code).toBe(0);
    const all = await frames(file);
    expect(all.map(({ summary }) => summary)).toEqual(
      [0, 1, 2].flatMap((i) => [`type ${i}, 11 bytes`, `type ${10 + i}, 13 bytes`]),
    );
    await expectVerified(file);
  });

  test('closes a client whose server refuses, and says why', async () => {
    const gone = await startUpstream();
    await new Promise((resolve) => gone.server.close(resolve));
    const { relay, ports, file } = await startProxies(gone);
    const client = dial(ports[0]!);
    client.write(packet(1, 'anybody there?'));
    expect(await bytesOf(client)).toEqual(Buffer.alloc(0));
    client.end();
    await expect
      .poll(() => relay.stderr())
      .toContain('the server to which it was to be passed on refused the connection, or did not answer');
    expect((await relay.stop()).code).toBe(0);
    const [lost, ...none] = await frames(file);
    expect(lost).toMatchObject({ kind: 'unframed', outcome: 'unframed', size: 8 + 14 });
    expect(none).toEqual([]);
    await expectVerified(file);
  });

  test('passes on what cannot be dpea, and records it as raw bytes', async () => {
    const upstream = await startUpstream();
    const { relay, ports, file } = await startProxies(upstream);
    const [client, server] = await meet(ports[0], upstream);
    const request = Buffer.from('GET / HTTP/1.1\r\nHost: game.example\r\n\r\n');
    await says(client, server, request);
    await says(server, client, packet(2, 'not at all'));
    const page = Buffer.concat([packet(3), header(4, PAYLOAD_MAX + 1), payload(2_000_000)]);
    await says(server, client, page);
    client.end();
    await bytesOf(server);
    server.end();
    await bytesOf(client);
    expect((await relay.stop()).code).toBe(0);
    const all = await frames(file);
    const [own, target] = [all[0]!.from!.endpoint!, all[0]!.to!.endpoint!];
    expect(ofConversation(all, own).equals(request)).toBe(true);
    expect(ofConversation(all, target).equals(Buffer.concat([packet(2, 'not at all'), page]))).toBe(true);
    expect([...new Set(all.map(({ kind }) => kind))]).toEqual(['raw-start', 'raw', 'packet']);
    expect(all[0]!.summary).toMatch(/^not dpea: /);
    await expectVerified(file);
  });

  test('passes on a packet of 64 MiB and one byte more than any, and records them in parts', async () => {
    const upstream = await startUpstream();
    const { relay, ports, file } = await startProxies(upstream);
    const [client, server] = await meet(ports[0], upstream);
    const body = Buffer.alloc(PAYLOAD_MAX);
    for (let i = 0; i < body.length; i += 4) body.writeUInt32LE((i * 2_654_435_761) >>> 0, i);
    await says(client, server, Buffer.concat([header(7, body.length), body, packet(8)]));
    await says(client, server, Buffer.concat([header(9, body.length + 1), body, Buffer.of(1)]));
    expect((await relay.stop()).code).toBe(0);
    const lines = await frames(file, '--filter', 'size <= 8');
    expect(lines.map(({ kind }) => kind).filter((kind) => kind !== 'raw')).toEqual(
      expect.arrayContaining(['packet-start', 'packet', 'raw-start']),
    );
    await expectVerified(file);
  }, 120_000);
});

/** A proxy in this process, on which sockets and memory can be watched. */
async function startProxy(upstream: Upstream) {
  const target = { address: '127.0.0.1', port: upstream.port };
  const relay = new Relay({
    host: '127.0.0.1',
    listeners: [{ protocol: dpea, port: 0, createHub: (context) => new DpeaHub(context, target) }],
    maxConnections: 5000,
    tap: null,
  });
  await relay.start();
  onTestFinished(() => relay.stop(0));
  return { relay, port: relay.addresses[0]!.port };
}

const ways = [
  ['to the server', false],
  ['to the client', true],
] as const;

describe.each(ways)('what goes %s', (_, isBack) => {
  async function pair() {
    const upstream = await startUpstream();
    const proxy = await startProxy(upstream);
    const [client, server] = await meet(proxy.port, upstream);
    return { ...proxy, from: isBack ? server : client, to: isBack ? client : server };
  }

  test('goes at once, be it one byte of a header', async () => {
    const { from, to } = await pair();
    for (const byte of packet(1, 'ab')) await says(from, to, Buffer.of(byte));
  });

  test('is the same, however it is split', async () => {
    const { from, to } = await pair();
    const said = [packet(1, payload(3000)), packet(2), header(3, 70_000), payload(70_000), packet(4, 'x')];
    const bytes = Buffer.concat(said);
    const places = fc.array(fc.nat(bytes.length), { maxLength: 30 });
    for (const at of fc.sample(places, runs(30))) {
      const whole = bytesOf(to, bytes.length);
      for (const piece of cut(bytes, at)) {
        from.write(piece);
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect((await whole).equals(bytes)).toBe(true);
    }
  });

  test('waits for who does not read, in little memory and without end', async () => {
    const { from, to, relay } = await pair();
    const part = payload(PAYLOAD_WHOLE_MAX);
    const body = Buffer.concat(Array.from({ length: 200 }, (_unused, i) => packet(i, part)));
    const before = process.memoryUsage();
    from.end(body);
    let [last, now] = [-1, 0];
    while (now !== last || now === 0) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      [last, now] = [now, relay.metrics.bytesIn];
    }
    expect(now).toBeLessThan(body.length);
    const waiting = [...relay.listeners[0]!.connections].map(({ waitingBytes }) => waitingBytes);
    expect(Math.max(...waiting)).toBeLessThan(dpea.outboxBytesMax);
    expect(process.memoryUsage().arrayBuffers - before.arrayBuffers).toBeLessThan(8 * 1024 * 1024);
    expect((await bytesOf(to)).equals(body)).toBe(true);
  });

  test('may end there, while the other direction goes on', async () => {
    const { from, to } = await pair();
    from.end(packet(1, 'the last word'));
    expect(await bytesOf(to)).toEqual(packet(1, 'the last word'));
    const answer = Buffer.concat(Array.from({ length: 50 }, (_unused, i) => packet(i, payload(100_000))));
    to.end(answer);
    expect((await bytesOf(from)).equals(answer)).toBe(true);
  });

  test('may break in the middle of a packet', async () => {
    const { from, to, relay } = await pair();
    await says(from, to, Buffer.concat([header(1, 1000), payload(10)]));
    const breaks = broken(to);
    from.resetAndDestroy();
    expect(await breaks).toBe('ECONNRESET');
    await expect.poll(() => relay.metrics.connections).toBe(0);
  });
});

/** Packets with mistakes in them, and bytes that never were any. */
const inputs = fc.oneof(
  fc.uint8Array({ maxLength: 100 }),
  fc
    .tuple(
      fc.array(fc.tuple(fc.nat(9), fc.uint8Array({ maxLength: 20 })), { maxLength: 4 }),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }),
    )
    .map(([packets, mistakes]) => {
      const bytes = Buffer.concat(packets.map(([type, body]) => packet(type, body)));
      for (const [at, byte] of mistakes) if (bytes.length > 0) bytes[at % bytes.length] = byte;
      return Uint8Array.from(bytes);
    }),
);

test('10 000 inputs of any kind pass unchanged both ways, and nobody else is disturbed', async () => {
  const upstream = await startUpstream();
  const { relay, port } = await startProxy(upstream);
  const [client, server] = await meet(port, upstream);
  upstream.server.on('connection', (socket) => {
    // All that is said is said back, and the end too.
    socket.on('data', (bytes: Buffer) => socket.write(bytes));
    socket.on('end', () => socket.end());
    socket.resume();
  });
  const said = fc.sample(inputs, { ...runs(1), numRuns: 10_000 });
  const wrong: Uint8Array[] = [];
  const worker = async (): Promise<void> => {
    for (let bytes = said.pop(); bytes !== undefined; bytes = said.pop()) {
      const odd = dial(port);
      const back = bytesOf(odd);
      odd.end(bytes);
      if (!(await back).equals(bytes)) wrong.push(bytes);
    }
  };
  let isOver = false;
  const undisturbed = (async () => {
    for (let i = 0; !isOver; i++) {
      await says(client, server, packet(i, 'still here'));
      await says(server, client, packet(i, 'so am I'));
    }
  })();
  await Promise.all(Array.from({ length: 20 }, worker));
  isOver = true;
  await undisturbed;
  expect(wrong).toEqual([]);
  await expect.poll(() => relay.metrics.connections).toBe(2);
}, 120_000);
