/** Both ends of a tunnel on real sockets, over a relay as plain as its wire page, with ordinary programs at either side. */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Agent, createServer, get, type RequestListener } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Readable } from 'node:stream';
import { describe, expect, test, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { monotonic } from '../../common/clock.ts';
import { LINK_SILENCE_MS, muxLimits, WAIT_MS } from '../../tunnel/limits.ts';
import { PlainRelay } from '../kit/plain-relay.ts';
import {
  afterwards,
  dial,
  type End,
  type EndOptions,
  overheard,
  startEnd,
  startServer,
} from '../kit/tunnels.ts';

const PATIENCE = { timeout: 20_000, interval: 10 };
const eventually = (look: () => void) => vi.waitFor(look, PATIENCE);

async function startRelay(port = 0): Promise<PlainRelay> {
  const relay = await PlainRelay.start(port);
  afterwards(() => relay.stop());
  return relay;
}

async function startHttp(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterwards(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return (server.address() as AddressInfo).port;
}

const isTogether = ({ tunnel }: End) => tunnel.status().link === 'together';

/** A listens, B forwards, unless it is said otherwise; both are there. */
async function startBoth(
  relayPort: number,
  a: Partial<EndOptions>,
  b: Partial<EndOptions>,
): Promise<{ a: End; b: End }> {
  const ends = {
    a: await startEnd({ relayPort, name: 'A', peer: 'B', listens: true, ...a }),
    b: await startEnd({ relayPort, name: 'B', peer: 'A', ...b }),
  };
  await eventually(() => expect([isTogether(ends.a), isTogether(ends.b)]).toEqual([true, true]));
  return ends;
}

interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

function fetchBytes(port: number, path: string, agent?: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1', path, ...(agent && { agent }) }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(pieces) }));
      response.on('error', reject);
    }).on('error', reject);
  });
}

/** Answers its own name and the path. */
const echoing =
  (name: string): RequestListener =>
  (request, response) =>
    void response.end(`${name}${request.url ?? ''} ${'.'.repeat(5000)}`);

describe('HTTP through it', () => {
  test('100 requests at once, each way', async () => {
    const relay = await startRelay();
    const { a, b } = await startBoth(
      relay.port,
      { forwardPort: await startHttp(echoing('left')) },
      { listens: true, forwardPort: await startHttp(echoing('right')) },
    );
    const asked = Array.from({ length: 200 }, async (_, i) => {
      const [from, name] = i % 2 === 0 ? [a, 'right'] : [b, 'left'];
      const { status, body } = await fetchBytes(from.port, `/${i}`, new Agent());
      expect(status).toBe(200);
      expect(body.toString()).toBe(`${name}/${i} ${'.'.repeat(5000)}`);
    });
    await Promise.all(asked);
    await eventually(() => expect(a.tunnel.status()).toMatchObject({ taken: 0, made: 0 }));
  });

  test('a download of 200 MB arrives as it was sent, and small requests are answered meanwhile', async () => {
    const block = randomBytes(1_000_003);
    const wanted = createHash('sha256');
    const relay = await startRelay();
    const forwardPort = await startHttp((request, response) => {
      if (request.url !== '/large') return void response.end('small');
      const send = async () => {
        for (let i = 0; i < 200; i++) {
          // No two alike, so that none can be missed or swapped.
          block.writeUInt32BE(i);
          const piece = Buffer.from(block);
          wanted.update(piece);
          if (!response.write(piece)) await once(response, 'drain');
        }
        response.end();
      };
      void send();
    });
    const { a } = await startBoth(relay.port, {}, { forwardPort });
    const got = createHash('sha256');
    let bytes = 0;
    let isDone = false;
    const download = new Promise<void>((resolve, reject) => {
      get({ port: a.port, host: '127.0.0.1', path: '/large', agent: new Agent() }, (response) => {
        response.on('data', (piece: Buffer) => {
          got.update(piece);
          bytes += piece.length;
        });
        response.on('end', () => resolve());
        response.on('error', reject);
      }).on('error', reject);
    }).finally(() => (isDone = true));
    let meanwhile = 0;
    while (!isDone) {
      const { body } = await fetchBytes(a.port, '/', new Agent());
      expect(body.toString()).toBe('small');
      if (!isDone) meanwhile++;
    }
    await download;
    expect(bytes).toBe(200 * block.length);
    expect(got.digest('hex')).toBe(wanted.digest('hex'));
    expect(meanwhile).toBeGreaterThan(10);
  });

  test('one who does not read holds up neither others nor memory', async () => {
    const relay = await startRelay();
    let sent = 0;
    const endless = function* () {
      for (;;) {
        sent += 65_536;
        yield Buffer.alloc(65_536);
      }
    };
    const forwardPort = await startHttp((request, response) => {
      if (request.url === '/large') Readable.from(endless()).pipe(response);
      else response.end('small');
    });
    const { a } = await startBoth(relay.port, {}, { forwardPort });
    const stalled = Array.from({ length: 5 }, () => dial(a.port));
    for (const socket of stalled) {
      socket.pause();
      socket.write('GET /large HTTP/1.1\r\nHost: x\r\n\r\n');
    }
    let before = -1;
    // Until nothing moves any more.
    await vi.waitFor(
      () => {
        const moved = sent - before;
        before = sent;
        expect(moved).toBe(0);
      },
      { timeout: 20_000, interval: 400 },
    );
    const answers = await Promise.all(Array.from({ length: 50 }, () => fetchBytes(a.port, '/', new Agent())));
    expect(answers.every(({ body }) => body.toString() === 'small')).toBe(true);
    // The rest is in the buffers of the system, at both sides.
    expect(a.tunnel.status().bytesIn).toBeLessThan(5 * (muxLimits.windowBytesMax + 8_000_000));
  });

  test('a WebSocket, both ways', async () => {
    const relay = await startRelay();
    const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(sockets, 'listening');
    afterwards(async () => {
      for (const client of sockets.clients) client.terminate();
      sockets.close();
      await once(sockets, 'close');
    });
    sockets.on('connection', (socket) =>
      socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary })),
    );
    const { a } = await startBoth(relay.port, {}, { forwardPort: (sockets.address() as AddressInfo).port });
    const socket = new WebSocket(`ws://127.0.0.1:${a.port}/`);
    await once(socket, 'open');
    for (const size of [1, 100, 70_000, 1_000_000]) {
      const said = randomBytes(size);
      socket.send(said);
      const [heard] = (await once(socket, 'message')) as [Buffer];
      expect(Buffer.compare(heard, said)).toBe(0);
    }
    socket.close(4001, 'enough');
    const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
    expect([code, reason.toString()]).toEqual([4001, 'enough']);
  });
});

describe('a connection ends at one side as it does at the other', () => {
  test('half of it, while the other half goes on', async () => {
    const relay = await startRelay();
    const { port } = await startServer((socket) => {
      void overheard(socket).then(({ how, bytes }) => {
        // Only after the end of the question.
        socket.write(`${how}: ${bytes.length} bytes`);
        socket.end();
      });
    });
    const { a } = await startBoth(relay.port, {}, { forwardPort: port });
    const socket = dial(a.port);
    socket.write(randomBytes(300_000));
    socket.end();
    const { how, bytes } = await overheard(socket);
    expect([how, bytes.toString()]).toEqual(['end', 'end: 300000 bytes']);
  });

  test('by a reset of who called', async () => {
    const relay = await startRelay();
    const servers: Socket[] = [];
    const { port } = await startServer((socket) => void servers.push(socket.resume()));
    const { a } = await startBoth(relay.port, {}, { forwardPort: port });
    const socket = dial(a.port);
    socket.write('x');
    await eventually(() => expect(servers.length).toBe(1));
    const over = overheard(servers[0]!);
    socket.resetAndDestroy();
    expect((await over).how).toBe('reset');
  });

  test('by a reset of who was called', async () => {
    const relay = await startRelay();
    const { port } = await startServer((socket) => socket.once('data', () => socket.resetAndDestroy()));
    const { a } = await startBoth(relay.port, {}, { forwardPort: port });
    const socket = dial(a.port);
    socket.write('x');
    expect((await overheard(socket)).how).toBe('reset');
  });

  test('by a reset where nobody listens, and it is said why at both ends', async () => {
    const relay = await startRelay();
    const { port, server } = await startServer(() => undefined);
    server.close();
    const { a, b } = await startBoth(relay.port, {}, { forwardPort: port });
    expect((await overheard(dial(a.port))).how).toBe('reset');
    expect(a.said(/"B" refused a connection: nobody listens where it forwards to/, 'warn')).toBe(true);
    expect(b.said(/did not take it: nobody listens there/, 'warn')).toBe(true);
    server.listen(0);
  });

  test('by a reset where the other end forwards nothing', async () => {
    const relay = await startRelay();
    const { a } = await startBoth(relay.port, {}, { listens: true });
    expect((await overheard(dial(a.port))).how).toBe('reset');
    expect(a.said(/refused a connection: it was started without --forward/, 'warn')).toBe(true);
  });
});

describe('what is lost', () => {
  /** Answers each byte with the same one. */
  const mirror = async () => (await startServer((socket) => socket.pipe(socket))).port;

  async function expectEchoes(port: number): Promise<Socket> {
    const socket = dial(port);
    socket.write('hello');
    expect(((await once(socket, 'data')) as [Buffer])[0].toString()).toBe('hello');
    return socket;
  }

  test('the peer, which is started again: open connections are reset, new ones work', async () => {
    const relay = await startRelay();
    const forwardPort = await mirror();
    const { a, b } = await startBoth(relay.port, {}, { forwardPort });
    const over = overheard(await expectEchoes(a.port));
    await b.tunnel.stop();
    expect((await over).how).toBe('reset');
    expect(a.said(/lost "B": it was stopped/, 'warn')).toBe(true);
    // It waits for whom it is for.
    const waiting = expectEchoes(a.port);
    await startEnd({ relayPort: relay.port, name: 'B', peer: 'A', forwardPort });
    await waiting;
    await expectEchoes(a.port);
  });

  test('the connection of one of them: both begin anew', async () => {
    const relay = await startRelay();
    const { a, b } = await startBoth(relay.port, {}, { forwardPort: await mirror() });
    const over = overheard(await expectEchoes(a.port));
    relay.drop('B');
    expect((await over).how).toBe('reset');
    await expectEchoes(a.port);
    expect(a.said(/lost "B": it was started again, or connected to the relay again/)).toBe(true);
    expect(
      b.said(/no connection to the relay at 127.0.0.1 port \d+: the connection broke; it is tried again/),
    ).toBe(true);
  });

  test('the relay, which is started again', async () => {
    const relay = await startRelay();
    const { port } = relay;
    const { a } = await startBoth(port, {}, { forwardPort: await mirror() });
    const over = overheard(await expectEchoes(a.port));
    await relay.stop();
    expect((await over).how).toBe('reset');
    await eventually(() => expect(a.said(/nobody listens there/)).toBe(true));
    expect(a.tunnel.status().link).toBe('no relay');
    const again = await PlainRelay.start(port);
    afterwards(() => again.stop());
    await expectEchoes(a.port);
    // Each reason once, however often it was tried.
    const { events } = a;
    const warnings = events.filter(({ level, text }) => level === 'warn' && text.includes('nobody listens'));
    expect(warnings).toHaveLength(1);
  });

  test('a relay that is there and says nothing: after a while it is tried again', async () => {
    const relay = await startRelay();
    const skew = { ms: 0 };
    const { a } = await startBoth(
      relay.port,
      { clock: () => monotonic() + skew.ms },
      { forwardPort: await mirror() },
    );
    skew.ms += LINK_SILENCE_MS;
    await eventually(() => expect(a.said(/nothing has come from it for half a minute/)).toBe(true));
    await eventually(() => expect(isTogether(a)).toBe(true));
    await expectEchoes(a.port);
  });

  test('bytes of somebody else in between: it begins anew and says so', async () => {
    const relay = await startRelay();
    const { a } = await startBoth(relay.port, {}, { forwardPort: await mirror() });
    const over = overheard(await expectEchoes(a.port));
    dial(relay.port).write('stranger|A|50|' + 'x'.repeat(50));
    expect((await over).how).toBe('reset');
    expect(a.said(/another client of the relay sends to this name \(foreign-bytes\)/, 'warn')).toBe(true);
    await expectEchoes(a.port);
  });
});

describe('whoever comes', () => {
  test('while nobody is there is taken, waits for so long, and is then reset', async () => {
    const relay = await startRelay();
    const skew = { ms: 0 };
    const a = await startEnd({
      ...{ relayPort: relay.port, name: 'A', peer: 'B', listens: true },
      clock: () => monotonic() + skew.ms,
    });
    const over = overheard(dial(a.port));
    await eventually(() => expect(a.tunnel.status()).toMatchObject({ taken: 1, link: 'no peer' }));
    skew.ms += WAIT_MS;
    expect((await over).how).toBe('reset');
    expect(a.said(/"B" is not there: connections that waited for it were reset/, 'warn')).toBe(true);
    expect(a.tunnel.status().taken).toBe(0);
  });

  test('with the name of somebody else is told so once, and gets it when it is free', async () => {
    const relay = await startRelay();
    const first = await startEnd({ relayPort: relay.port, name: 'A', peer: 'B', listens: true });
    await eventually(() => expect(relay.names).toEqual(['A']));
    const second = await startEnd({ relayPort: relay.port, name: 'A', peer: 'B', listens: true });
    const inUse = /it closed the connection at once: somebody else has the name "A" there/;
    await eventually(() => expect(second.said(inUse, 'debug')).toBe(true));
    expect(second.events.filter(({ level }) => level !== 'debug')).toHaveLength(1);
    await first.tunnel.stop();
    await eventually(() => expect(second.said(/connected to the relay as "A"/)).toBe(true));
  });

  test('where the port is taken ends with a failure', async () => {
    const relay = await startRelay();
    const { port } = await startServer(() => undefined);
    const start = startEnd({
      ...{ relayPort: relay.port, name: 'A', peer: 'B', listens: true },
      listenPort: port,
    });
    await expect(start).rejects.toMatchObject({
      ...{ kind: 'outside', code: 'port-in-use' },
      message: `cannot listen on 127.0.0.1 port ${port}: another program already does`,
    });
  });

  test('as one more than there can be is reset, and the others go on', async () => {
    const relay = await startRelay();
    const a = await startEnd({ relayPort: relay.port, name: 'A', peer: 'B', listens: true });
    const all = Array.from({ length: muxLimits.streamsMax }, () => dial(a.port));
    await eventually(() => expect(a.tunnel.status().taken).toBe(muxLimits.streamsMax));
    expect((await overheard(dial(a.port))).how).toBe('reset');
    expect(a.said(/there are 1000 connections, which is all that can be/)).toBe(true);
    expect(all.every(({ destroyed }) => !destroyed)).toBe(true);
  });
});

test('stopping resets what is open at both sides, and takes no time', async () => {
  const relay = await startRelay();
  const servers: Socket[] = [];
  const { port } = await startServer((socket) => void servers.push(socket.resume()));
  const { a, b } = await startBoth(relay.port, {}, { forwardPort: port });
  const socket = dial(a.port);
  await eventually(() => expect(servers.length).toBe(1));
  const overs = [overheard(socket), overheard(servers[0]!)];
  await a.tunnel.stop();
  expect((await Promise.all(overs)).map(({ how }) => how)).toEqual(['reset', 'reset']);
  await eventually(() => expect(b.said(/lost "A": it was stopped/)).toBe(true));
});
