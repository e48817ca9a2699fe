/** The client of AlphaNET, against the relay over real sockets, and against servers that say what a relay would not. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  AlphanetClient,
  type AlphanetOptions,
  LISTENERS_MAX,
  SOCKETS_MAX,
} from '../../clients/alphanet/client.ts';
import { TAKERS_MAX } from '../../clients/alphanet/inbox.ts';
import { ACCEPTS_MAX } from '../../clients/alphanet/listener.ts';
import { BURST, Pace, WAITING_MAX } from '../../clients/alphanet/pace.ts';
import { QUESTIONS_MAX } from '../../clients/alphanet/questions.ts';
import {
  RECEIVED_BYTES_MAX,
  RECEIVED_PIECES_MAX,
  SENDING_BYTES_MAX,
  type VirtualSocket,
} from '../../clients/alphanet/socket.ts';
import { Packet } from '../../protocol/alphanet/classes.ts';
import { AlphanetHub, type AlphanetSettings } from '../../protocol/alphanet/hub.ts';
import { alphanet } from '../../protocol/alphanet/index.ts';
import { DATA_BYTES_MAX, Kind, Status } from '../../protocol/alphanet/layout.ts';
import {
  addressOf,
  dataPacket,
  endsIn,
  message,
  objectIn,
  requestFailedPacket,
  requestPacket,
  socketClosedPacket,
  socketConnectionStatusPacket,
  socketStatusPacket,
  virtualIpPacket,
  words,
} from '../../protocol/alphanet/packets.ts';
import { heap, span } from '../../protocol/memory.ts';
import { Reader } from '../../protocol/reader.ts';
import { Direction, type FrameView } from '../../protocol/types.ts';
import { Relay } from '../../relay/relay.ts';
import { startUpstream } from '../kit/between.ts';
import { cut, join, payload } from '../kit/bytes.ts';
import { PROPERTY_TIMEOUT_MS, runs } from '../kit/property.ts';

async function startRelay(settings: Partial<AlphanetSettings> = {}) {
  const relay = new Relay({
    host: '127.0.0.1',
    listeners: [{ protocol: alphanet, port: 0, createHub: (context) => new AlphanetHub(context, settings) }],
    maxConnections: 100,
    tap: null,
  });
  await relay.start();
  onTestFinished(() => relay.stop(0));
  return { relay, port: relay.addresses[0]!.port };
}

async function enter(port: number, options: AlphanetOptions = {}): Promise<AlphanetClient> {
  const client = await AlphanetClient.connect({ port, ...options });
  onTestFinished(() => void client.close());
  return client;
}

interface Pair {
  readonly ann: AlphanetClient;
  readonly bob: AlphanetClient;
  /** Ann's end, who asked, and Bob's. */
  readonly a: VirtualSocket;
  readonly b: VirtualSocket;
}

async function meet(port: number, options: AlphanetOptions = {}): Promise<Pair> {
  const [ann, bob] = [await enter(port), await enter(port, options)];
  const listener = bob.listen(80);
  const a = await ann.connectTo(bob.address, 80);
  return { ann, bob, a, b: await listener.accept() };
}

async function pair(options: AlphanetOptions = {}, settings: Partial<AlphanetSettings> = {}): Promise<Pair> {
  const { port } = await startRelay(settings);
  return meet(port, options);
}

const text = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString());
const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
/** Cheaper than a payload, and repeated at no size of the wire's. */
const long = (size: number) => Buffer.alloc(size, payload(65_521));
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function all(socket: VirtualSocket, sizeMax = Infinity): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for (let size = 0; size < sizeMax;) {
    const piece = await socket.receive();
    if (piece === null) break;
    pieces.push(piece);
    size += piece.length;
  }
  return join(pieces);
}

/** A server that says what it is told to, and hears what the client says. */
async function startScript(greeting: Uint8Array = virtualIpPacket(ANN), options: AlphanetOptions = {}) {
  const upstream = await startUpstream();
  const connecting = AlphanetClient.connect({ port: upstream.port, timeoutMs: 5000, ...options });
  connecting.catch(() => undefined);
  const socket = await upstream.next();
  socket.write(greeting);
  return { connecting, socket, port: upstream.port };
}

const ANN = '20.0.0.1';
const BOB = '20.0.0.2';
const bob80 = { ip: BOB, port: 80 };

async function scripted(options: AlphanetOptions = {}) {
  const { connecting, socket } = await startScript(undefined, options);
  const client = await connecting;
  onTestFinished(() => void client.close());
  return { client, socket };
}

/** Calls back for each frame that the client sends. */
function hears(socket: Socket, frame: (frame: FrameView) => void): void {
  const ignore = () => undefined;
  const reader = new Reader(alphanet, Direction.toRelay, heap, { frame, fault: ignore, leftover: ignore });
  socket.on('data', (bytes: Buffer) => reader.push(span(bytes), 0, bytes.length));
  socket.resume();
}

describe('two clients', () => {
  test('have addresses, connect, and carry a megabyte each way in odd pieces', async () => {
    const { ann, bob, a, b } = await pair();
    expect(ann.address).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
    expect(ann.address).not.toBe(bob.address);
    expect([a.remote, b.local]).toEqual([b.local, { ip: bob.address, port: 80 }]);
    expect(a.local).toEqual(b.remote);
    const bytes = payload(1_000_003, 5);
    const pieces = cut(bytes, [1, 2, 3, 5, 700, 701, 66_000, 200_001, 200_002, 999_999]);
    const say = async (from: VirtualSocket) => {
      for (const piece of pieces) await from.send(piece);
      await from.send('');
    };
    const [, , heardByB, heardByA] = await Promise.all([
      say(a),
      say(b),
      all(b, bytes.length),
      all(a, bytes.length),
    ]);
    expect([hash(heardByB), hash(heardByA)]).toEqual([hash(bytes), hash(bytes)]);
  });

  test('hear what is sent at once in one piece, up to 65 535 bytes, and nothing as an empty one', async () => {
    const { a, b } = await pair();
    for (const size of [0, 1, DATA_BYTES_MAX, DATA_BYTES_MAX + 1]) void a.send(payload(size));
    const sizes: number[] = [];
    while (sizes.length < 5) sizes.push((await b.receive())!.length);
    expect(sizes).toEqual([0, 1, DATA_BYTES_MAX, DATA_BYTES_MAX, 1]);
  });

  test('have many sockets at once, of which none hears of another, and are not taken for a flood', async () => {
    const { port } = await startRelay();
    const [ann, bob] = [await enter(port), await enter(port)];
    const listener = bob.listen(7);
    const echo = async (socket: VirtualSocket) => {
      for await (const piece of socket) await socket.send(piece.toReversed());
    };
    void (async () => {
      for await (const socket of listener) void echo(socket);
    })();
    const COUNT = 280;
    for (let from = 0; from < COUNT; from += 70)
      await Promise.all(
        Array.from({ length: 70 }, async (_, i) => {
          const socket = await ann.connectTo(bob.address, 7);
          const bytes = payload(1000 + from + i, from + i);
          await socket.send(bytes);
          expect(hash(await all(socket, bytes.length))).toBe(hash(bytes.toReversed()));
          if (i % 2 === 0) await socket.close();
        }),
      );
    expect(await ann.status(bob.address, 7)).toEqual({ open: true, listening: true });
  });

  test('may be one and the same', async () => {
    const { port } = await startRelay();
    const ann = await enter(port);
    const listener = ann.listen(9);
    const [one, other] = await Promise.all([ann.connectTo(ann.address, 9), listener.accept()]);
    await Promise.all([one.send('there'), other.send('and back')]);
    expect([text(await other.receive()), text(await one.receive())]).toEqual(['there', 'and back']);
    await one.close();
    expect(await other.receive()).toBeNull();
  });
});

describe('a port', () => {
  test('says of itself what it is', async () => {
    const { ann, bob, a } = await pair();
    expect(await ann.status(bob.address, 80)).toEqual({ open: true, listening: true });
    expect(await bob.status(ann.address, a.local.port)).toEqual({ open: true, listening: false });
    expect(await ann.status(bob.address, 81)).toEqual({ open: false, listening: false });
    const unknown = ann.address === '9.9.9.9' ? '9.9.9.8' : '9.9.9.9';
    expect(await ann.status(unknown, 80)).toEqual({ open: false, listening: false });
  });

  test('refuses where nobody listens, or nobody is', async () => {
    const { ann, bob, a } = await pair();
    for (const asks of [ann.connectTo(bob.address, 81), ann.connectTo('9.9.9.9', 80)])
      await expect(asks).rejects.toMatchObject({ code: 'refused' });
    // The relay tells of failures, too, to whoever has sent data; that is no answer to the next question.
    await a.send('!');
    const asks = [
      ann.connectTo('9.9.9.9', 80),
      ann.connectTo(bob.address, 80),
      ann.connectTo(bob.address, 82),
      ann.connectTo(bob.address, 80),
    ];
    const results = await Promise.allSettled(asks);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled']);
  });

  test.each([0, -1, 65_536, 1.5, Number.NaN])('is not called %s', async (port) => {
    const { client } = await scripted();
    expect(() => client.listen(port)).toThrow(expect.objectContaining({ code: 'bad-port' }));
    await expect(client.connectTo(BOB, port)).rejects.toMatchObject({ code: 'bad-port' });
    await expect(client.status('here', 1)).rejects.toMatchObject({ code: 'bad-address' });
  });

  test('is listened at once, and by somebody else after that', async () => {
    const { port } = await startRelay();
    const [ann, bob] = [await enter(port), await enter(port)];
    const first = bob.listen(80);
    expect(() => bob.listen(80)).toThrow(expect.objectContaining({ code: 'in-use' }));
    const waiting = await ann.connectTo(bob.address, 80);
    await first.close();
    // Whom nobody had accepted is let go.
    expect(await waiting.receive()).toBeNull();
    await expect(first.accept()).rejects.toMatchObject({ code: 'closed' });
    await expect(ann.connectTo(bob.address, 80)).rejects.toMatchObject({ code: 'refused' });
    const second = bob.listen(80);
    await first.close();
    await ann.connectTo(bob.address, 80);
    await second.accept();
  });

  test('that is closed ends who iterates over it, and who waits for it', async () => {
    const { client } = await scripted();
    const listener = client.listen(80);
    const iterated = (async () => {
      for await (const socket of listener) await socket.close();
      return 'done';
    })();
    const waits = listener.accept();
    await listener.close();
    expect(await iterated).toBe('done');
    await expect(waits).rejects.toMatchObject({ code: 'closed' });
  });
});

describe('an end', () => {
  test.each(['a', 'b'] as const)('by %s: what was sent before arrives, and then null', async (who) => {
    const ends = await pair();
    const [near, far] = who === 'a' ? [ends.a, ends.b] : [ends.b, ends.a];
    const bytes = payload(500_001);
    const sent = near.send(bytes);
    const last = near.send('the last');
    const closed = near.close();
    await expect(near.send('too late')).rejects.toMatchObject({ code: 'closed' });
    const heard = await all(far);
    expect(hash(heard)).toBe(hash(join([bytes, Buffer.from('the last')])));
    await Promise.all([sent, last, closed]);
    expect([await far.receive(), await near.receive()]).toEqual([null, null]);
    await expect(far.send('?')).rejects.toMatchObject({ code: 'ended' });
    expect([near.isOpen, far.isOpen]).toEqual([false, false]);
    await Promise.all([far.close(), near.close()]);
  });

  test('by both at the same time harms nobody', async () => {
    const { ann, bob, a, b } = await pair();
    await Promise.all([a.close(), b.close()]);
    expect([await a.receive(), await b.receive()]).toEqual([null, null]);
    expect(await ann.status(bob.address, 80)).toEqual({ open: true, listening: true });
  });

  test('ends who iterates, and who waits', async () => {
    const { a, b } = await pair();
    const waiting = [b.receive(), b.receive(), a.receive()];
    const iterated = all(a);
    await b.close();
    expect(await Promise.all(waiting)).toEqual([null, null, null]);
    expect((await iterated).length).toBe(0);
  });

  test('of the other client is one of its sockets', async () => {
    const { ann, bob, a, b } = await pair();
    await a.send('my last word');
    await ann.close();
    expect(await ann.ended).toBeNull();
    expect(text(await b.receive())).toBe('my last word');
    expect(await b.receive()).toBeNull();
    await expect(b.send('?')).rejects.toMatchObject({ code: 'ended' });
    await expect(ann.connectTo(bob.address, 80)).rejects.toMatchObject({ code: 'closed' });
    await expect(a.send('?')).rejects.toMatchObject({ code: 'closed' });
    expect(() => ann.listen(1)).toThrow(expect.objectContaining({ code: 'closed' }));
  });

  test('of a connection that carries nothing is told by the relay', async () => {
    const { a, b } = await pair({}, { idleMs: 100 });
    expect([await a.receive(), await b.receive()]).toEqual([null, null]);
  });

  test('of the relay is told to all who wait, after what had come', async () => {
    const { relay, port } = await startRelay();
    const { bob, a, b } = await meet(port);
    await a.send('before');
    await bob.status(a.remote.ip, 80);
    const listener = bob.listen(81);
    const waiting = [a.receive(), listener.accept(), bob.listen(82)[Symbol.asyncIterator]().next()];
    const settled = Promise.allSettled(waiting);
    await relay.stop(0);
    expect(await settled).toMatchObject(
      waiting.map(() => ({ status: 'rejected', reason: { code: 'lost' } })),
    );
    expect(text(await b.receive())).toBe('before');
    for (const late of [
      b.receive(),
      b.send('?'),
      listener.accept(),
      bob.status(ANN, 1),
      bob.connectTo(ANN, 1),
      bob.ended.then((why) => Promise.reject(why as Error)),
    ])
      await expect(late).rejects.toMatchObject({ code: 'lost' });
    await Promise.all([bob.close(), b.close()]);
  });
});

describe('connecting', () => {
  test('with the key', async () => {
    const { port } = await startRelay({ key: 'open sesame' });
    await enter(port, { key: 'open sesame' });
    await expect(enter(port, { key: 'open sesam' })).rejects.toMatchObject({ code: 'wrong-key' });
    await expect(enter(port)).rejects.toMatchObject({ code: 'key-required' });
    await expect(enter(port, { key: 'a key of 17 bytes' })).rejects.toMatchObject({ code: 'bad-key' });
  });

  test('with a key that nobody asks for', async () => {
    const { port } = await startRelay();
    await enter(port, { key: 'open sesame' });
  });

  test('to a relay that lets nobody else in', async () => {
    const { port } = await startRelay({ onePerIp: true });
    await enter(port);
    await expect(enter(port)).rejects.toMatchObject({ code: 'turned-away' });
  });

  test('to nobody, or to somebody who says nothing', async () => {
    const upstream = await startUpstream();
    await expect(enter(upstream.port, { timeoutMs: 50 })).rejects.toMatchObject({ code: 'timed-out' });
    const abort = new AbortController();
    const connecting = enter(upstream.port, { signal: abort.signal });
    abort.abort(new Error('enough'));
    await expect(connecting).rejects.toThrow('enough');
    await expect(enter(upstream.port, { signal: abort.signal })).rejects.toThrow('enough');
    const { port, server } = await startUpstream();
    await new Promise((resolve) => server.close(resolve));
    await expect(enter(port)).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining(`the relay at 127.0.0.1 port ${port} cannot be reached`) as string,
    });
  });
});

describe('what is waited for', () => {
  test('is given up after a time, or with a signal, and takes nothing then', async () => {
    const { bob, a, b } = await pair();
    await expect(b.receive({ timeoutMs: 10 })).rejects.toMatchObject({ code: 'timed-out' });
    const listener = bob.listen(81);
    await expect(listener.accept({ timeoutMs: 10 })).rejects.toMatchObject({ code: 'timed-out' });
    const abort = new AbortController();
    const waiting = [b.receive({ signal: abort.signal }), listener.accept({ signal: abort.signal })];
    abort.abort(new Error('enough'));
    for (const each of waiting) await expect(each).rejects.toThrow('enough');
    await a.send('one');
    expect(text(await b.receive({ timeoutMs: Infinity }))).toBe('one');
  });

  test('an answer that nobody waits for is not taken for the next, and its connection is closed', async () => {
    const { client, socket } = await scripted();
    const asked: string[] = [];
    const sources: number[] = [];
    hears(socket, (frame) => {
      const isRequest = frame.kind === Kind.socketConnectionRequest;
      if (frame.kind === Kind.socketClosed) asked.push(`closes ${endsIn(frame).destination.port}`);
      if (!isRequest) return;
      const values = objectIn('socketConnectionRequest', frame);
      if (typeof values === 'string') throw new Error(values);
      asked.push(`asks ${addressOf(values, 'destination').port}`);
      sources.push(addressOf(values, 'source').port);
    });
    const first = client.connectTo(BOB, 1, { timeoutMs: 20 });
    const second = client.connectTo(BOB, 2, { timeoutMs: 20 });
    const third = client.connectTo(BOB, 3);
    for (const each of [first, second]) await expect(each).rejects.toMatchObject({ code: 'timed-out' });
    expect(asked).toEqual(['asks 1']);
    socket.write(socketConnectionStatusPacket(true));
    await expect.poll(() => asked).toEqual(['asks 1', 'closes 1', 'asks 3']);
    socket.write(
      join([
        socketConnectionStatusPacket(true),
        dataPacket({ ip: BOB, port: 3 }, { ip: ANN, port: sources[1]! }, Buffer.from('at once')),
      ]),
    );
    expect(text(await (await third).receive())).toBe('at once');
  });

  test('answers that nobody asked for mean nothing', async () => {
    const { client, socket } = await scripted();
    socket.write(join([socketConnectionStatusPacket(true), socketStatusPacket(true, true)]));
    await pause(30);
    const asking = client.status(BOB, 1);
    hears(socket, () => socket.write(socketStatusPacket(true, false)));
    expect(await asking).toEqual({ open: true, listening: false });
  });

  test('a send that is given up on stops where it is', async () => {
    const { a, b } = await pair();
    const bytes = long(16_000_000);
    await expect(a.send(bytes, { timeoutMs: 100 })).rejects.toMatchObject({ code: 'timed-out' });
    const last = a.send('the end').then(() => a.close());
    const heard = await all(b);
    await last;
    expect(heard.length).toBeLessThan(bytes.length);
    expect(Buffer.from(heard.subarray(-7)).toString()).toBe('the end');
  });
});

describe('a slow reader', () => {
  test('slows its writer, and nothing is lost', async () => {
    const { a, b } = await pair();
    const bytes = long(24_000_000);
    let isSent = false;
    const sent = a.send(bytes).then(() => (isSent = true));
    await pause(300);
    expect(isSent).toBe(false);
    expect(hash(await all(b, bytes.length))).toBe(hash(bytes));
    await sent;
  });

  test('is closed where it keeps the others waiting for too long, and they go on', async () => {
    const { ann, bob, a, b } = await pair({ stallMs: 200 });
    const listener = bob.listen(81);
    const other = await ann.connectTo(bob.address, 81);
    const quick = await listener.accept();
    const sent = a.send(long(24_000_000));
    await expect(sent).rejects.toMatchObject({ code: 'ended' });
    await other.send('and I?');
    expect(text(await quick.receive())).toBe('and I?');
    let size = 0;
    const rest = (async () => {
      for await (const piece of b) size += piece.length;
    })();
    await expect(rest).rejects.toMatchObject({ code: 'too-slow' });
    expect(size).toBeGreaterThanOrEqual(RECEIVED_BYTES_MAX);
    expect(size).toBeLessThan(2 * RECEIVED_BYTES_MAX);
    await expect(b.send('?')).rejects.toMatchObject({ code: 'too-slow' });
  });

  test('has time again whenever it receives something', async () => {
    const { a, b } = await pair({ stallMs: 300 });
    const bytes = long(12_000_000);
    const sent = a.send(bytes);
    let size = 0;
    for (let i = 0; i < 8; i++) {
      await pause(100);
      size += (await b.receive())!.length;
    }
    size += (await all(b, bytes.length - size)).length;
    await sent;
    expect(size).toBe(bytes.length);
  });

  test('of many small pieces is one too', async () => {
    const { client, socket } = await scripted({ stallMs: 1000 });
    const listener = client.listen(80);
    const ann80 = { ip: ANN, port: 80 };
    socket.write(requestPacket('socketConnectionRequest', bob80, ann80));
    const own = await listener.accept();
    const piece = dataPacket(bob80, ann80, Uint8Array.of(1));
    const many = join(Array.from({ length: 40 * RECEIVED_PIECES_MAX }, () => piece));
    socket.write(many);
    for (let before = -1; before !== socket.writableLength; await pause(100)) before = socket.writableLength;
    expect(socket.writableLength).toBeGreaterThan(0);
    // Who receives at all is not closed, however long it stays full.
    for (let i = 0; i < 15; i++) {
      await pause(100);
      expect((await own.receive())!.length).toBe(1);
    }
    expect((await all(own, 40 * RECEIVED_PIECES_MAX - 15)).length).toBe(40 * RECEIVED_PIECES_MAX - 15);
  });

  test('that is closed, or that ends, keeps nobody waiting', async () => {
    const { ann, bob, a, b } = await pair();
    const sent = a.send(long(24_000_000));
    await pause(200);
    await b.close();
    await expect(sent).rejects.toMatchObject({ code: 'ended' });
    expect(await ann.status(bob.address, 80, { timeoutMs: 5000 })).toEqual({ open: true, listening: true });
  });
});

describe('limits', () => {
  test('of connections that wait to be accepted', async () => {
    const { client, socket } = await scripted();
    const listener = client.listen(80);
    const answers: boolean[] = [];
    hears(socket, (frame) => {
      const values = objectIn('socketConnectionStatus', frame);
      if (typeof values !== 'string') answers.push(values['connected'] === 1);
    });
    for (let port = 1; port <= ACCEPTS_MAX + 1; port++)
      socket.write(requestPacket('socketConnectionRequest', { ip: BOB, port }, { ip: ANN, port: 80 }));
    await expect.poll(() => answers.length, { timeout: 10_000 }).toBe(ACCEPTS_MAX + 1);
    expect(answers.indexOf(false)).toBe(ACCEPTS_MAX);
    const first = await listener.accept();
    expect(first.remote).toEqual({ ip: BOB, port: 1 });
    // There is room again, but not for the same connection twice.
    socket.write(requestPacket('socketConnectionRequest', first.remote, first.local));
    socket.write(requestPacket('socketConnectionRequest', { ip: BOB, port: 999 }, first.local));
    await expect.poll(() => answers.slice(-2), { timeout: 10_000 }).toEqual([false, true]);
  });

  test('of connections of one client, asked for or taken', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const { client, socket } = await scripted();
    const answers: boolean[] = [];
    hears(socket, (frame) => {
      if (frame.kind === Kind.socketConnectionRequest) socket.write(socketConnectionStatusPacket(true));
      if (frame.kind !== Kind.socketConnectionStatus) return;
      const values = objectIn('socketConnectionStatus', frame);
      answers.push(typeof values !== 'string' && values['connected'] === 1);
    });
    const hurry = setTimeout(() => undefined, 0);
    const stop = { is: false };
    void (async () => {
      while (!stop.is) {
        vi.advanceTimersByTime(100);
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    clearTimeout(hurry);
    const sockets: VirtualSocket[] = [];
    while (sockets.length < SOCKETS_MAX) sockets.push(await client.connectTo(BOB, 80));
    expect(new Set(sockets.map(({ local }) => local.port)).size).toBe(SOCKETS_MAX);
    await expect(client.connectTo(BOB, 80)).rejects.toMatchObject({ code: 'too-many-sockets' });
    client.listen(80);
    socket.write(requestPacket('socketConnectionRequest', bob80, { ip: ANN, port: 80 }));
    await expect.poll(() => answers).toEqual([false]);
    await sockets[5]!.close();
    await client.connectTo(BOB, 80);
    stop.is = true;
  });

  test('of ports, of questions, of those who wait, and of bytes on their way', async () => {
    const { client, socket } = await scripted();
    for (let port = 1; port <= LISTENERS_MAX; port++) client.listen(port);
    expect(() => client.listen(2000)).toThrow(expect.objectContaining({ code: 'too-many-ports' }));
    const asked = Array.from({ length: QUESTIONS_MAX }, () => client.status(BOB, 1));
    await expect(client.status(BOB, 1)).rejects.toMatchObject({ code: 'too-many-questions' });
    hears(socket, (frame) => {
      if (frame.kind === Kind.socketConnectionRequest) socket.write(socketConnectionStatusPacket(true));
    });
    const own = await client.connectTo(BOB, 80);
    const receiving = Array.from({ length: TAKERS_MAX }, () => own.receive());
    await expect(own.receive()).rejects.toMatchObject({ code: 'too-many-receivers' });
    socket.pause();
    const half = new Uint8Array(SENDING_BYTES_MAX / 2);
    const sending = [own.send(half), own.send(half.subarray(10_000))];
    await expect(own.send(half.subarray(1000))).rejects.toMatchObject({ code: 'too-much-waiting' });
    const settled = Promise.allSettled([...asked, ...sending]);
    socket.destroy();
    await Promise.allSettled(receiving);
    expect((await settled).every(({ status }) => status === 'rejected')).toBe(true);
  });

  test('of what a relay may ask', async () => {
    const { client, socket } = await scripted();
    const request = requestPacket('socketStatusRequest', bob80, { ip: ANN, port: 80 });
    socket.write(join(Array.from({ length: WAITING_MAX + 5 * BURST }, () => request)));
    expect(await client.ended).toMatchObject({ code: 'flooded' });
  });

  test('a relay that takes nothing is told nothing more, until it does', async () => {
    const { client, socket } = await scripted();
    hears(socket, (frame) => {
      if (frame.kind === Kind.socketConnectionRequest) socket.write(socketConnectionStatusPacket(true));
      if (frame.kind === Kind.socketStatusRequest) socket.write(socketStatusPacket(true, true));
    });
    const own = await client.connectTo(BOB, 80);
    socket.pause();
    const sent = own.send(new Uint8Array(30_000_000));
    await pause(200);
    await expect(client.status(BOB, 80, { timeoutMs: 100 })).rejects.toMatchObject({ code: 'timed-out' });
    socket.resume();
    expect(await client.status(BOB, 80)).toEqual({ open: true, listening: true });
    await sent;
  });

  test('of how often the relay is told something: a hundred at once, forty a second, in order', () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const pace = new Pace(() => hasRoom);
    let hasRoom = true;
    const done: number[] = [];
    for (let i = 0; i < BURST + 60; i++) pace.run(() => done.push(i));
    expect(done.length).toBe(BURST);
    vi.advanceTimersByTime(1000);
    expect(done.length).toBe(BURST + 40);
    vi.advanceTimersByTime(500);
    expect(done).toEqual(Array.from({ length: BURST + 60 }, (_, i) => i));
    vi.advanceTimersByTime(10_000);
    expect(vi.getTimerCount()).toBe(0);
    for (let i = 0; i < BURST + 1; i++) pace.run(() => done.push(-1));
    expect(done.length).toBe(2 * BURST + 60);
    hasRoom = false;
    vi.advanceTimersByTime(1000);
    expect(done.length).toBe(2 * BURST + 60);
    hasRoom = true;
    pace.go();
    expect(done.length).toBe(2 * BURST + 61);
    for (let i = 0; i < 2 * BURST; i++) pace.run(() => done.push(-1));
    const { length } = done;
    pace.stop();
    vi.advanceTimersByTime(10_000);
    expect(done.length).toBe(length);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a server that is no relay of ours', () => {
  const greeting = virtualIpPacket(ANN);

  test('may send its messages in single bytes', async () => {
    const { connecting, socket } = await startScript(new Uint8Array(0));
    const answer = socketStatusPacket(true, true);
    for (const byte of join([words(Status.authSuccess, 'hello'), greeting])) {
      socket.write(Uint8Array.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    const client = await connecting;
    const asking = client.status(BOB, 80);
    for (const byte of answer) {
      socket.write(Uint8Array.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await asking).toEqual({ open: true, listening: true });
  });

  test.each([
    ['the start of a message', greeting.subarray(0, 100), 'lost'],
    ['no length', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), 'not-alphanet'],
    ['a length without end', Buffer.from('00000000000000000001:'), 'not-alphanet'],
    ['a message of 2 MB', Buffer.from('2000000:'), 'not-alphanet'],
    ['another address', greeting, 'not-alphanet'],
    ['a question for the key, too late', words(Status.authRequired, ''), 'not-alphanet'],
    ['a packet that only clients send', message(Status.normal, Uint8Array.of(77)), 'not-alphanet'],
    [
      'an object that is none',
      message(Status.normal, Uint8Array.of(Packet.socketStatus, 1, 2, 3)),
      'not-alphanet',
    ],
  ])('may send %s', async (_, bytes, code) => {
    const { client, socket } = await scripted();
    const waiting = [client.listen(80).accept(), client.status(BOB, 1), client.connectTo(BOB, 1)];
    const settled = Promise.allSettled(waiting);
    socket.end(bytes);
    expect(await client.ended).toMatchObject({ code });
    expect(await settled).toMatchObject(waiting.map(() => ({ reason: { code } })));
  });

  test('may send data before the address', async () => {
    const { connecting } = await startScript(dataPacket(bob80, bob80, Uint8Array.of(1)));
    await expect(connecting).rejects.toMatchObject({ code: 'not-alphanet' });
  });

  test('may speak of sockets that are not there', async () => {
    const { client, socket } = await scripted();
    const nowhere = { ip: ANN, port: 4 };
    socket.write(
      join([
        dataPacket(bob80, nowhere, Uint8Array.of(1)),
        socketClosedPacket(bob80, nowhere),
        requestFailedPacket(Packet.data, bob80, 'no'),
        requestFailedPacket(Packet.socketConnectionRequest, bob80, 'no'),
      ]),
    );
    hears(socket, () => socket.write(socketStatusPacket(false, false)));
    expect(await client.status(BOB, 80)).toEqual({ open: false, listening: false });
  });

  test('may not have waited for us to take a connection, and says so when we send', async () => {
    const { client, socket } = await scripted();
    const listener = client.listen(80);
    const ann80 = { ip: ANN, port: 80 };
    const bob81 = { ip: BOB, port: 81 };
    socket.write(requestPacket('socketConnectionRequest', bob80, ann80));
    socket.write(requestPacket('socketConnectionRequest', bob81, ann80));
    const [taken, proven] = [await listener.accept(), await listener.accept()];
    socket.write(dataPacket(bob81, ann80, Uint8Array.of(1)));
    expect((await proven.receive())!.length).toBe(1);
    socket.write(requestFailedPacket(Packet.data, bob81, 'this was of one before'));
    socket.write(requestFailedPacket(Packet.data, bob80, 'there is no such connection'));
    await expect(taken.receive()).rejects.toThrow('there is no such connection');
    await expect(taken.send('?')).rejects.toMatchObject({ code: 'not-connected' });
    expect(proven.isOpen).toBe(true);
  });

  test(
    'may send anything: it ends with a word for it, and nothing is thrown anywhere else',
    async () => {
      const { port } = await startRelay();
      const { a, b } = await meet(port);
      const upstream = await startUpstream();
      const good = join([
        greeting,
        words(Status.authSuccess, ''),
        requestPacket('socketConnectionRequest', bob80, { ip: ANN, port: 80 }),
        dataPacket(bob80, { ip: ANN, port: 80 }, payload(50)),
        socketStatusPacket(true, true),
        socketConnectionStatusPacket(true),
        socketClosedPacket(bob80, { ip: ANN, port: 80 }),
        requestFailedPacket(Packet.data, bob80, 'no'),
      ]);
      const mutated = fc
        .array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 4 })
        .map((changes) => {
          const bytes = good.slice();
          for (const [at, byte] of changes) bytes[at] = byte;
          return bytes;
        });
      const afterGreeting = fc.uint8Array({ maxLength: 200 }).map((bytes) => join([greeting, bytes]));
      const any = fc.oneof(mutated, mutated, afterGreeting, fc.uint8Array({ maxLength: 300 }));
      const codes = new Set<string>();
      await fc.assert(
        fc.asyncProperty(any, async (bytes) => {
          const connecting = AlphanetClient.connect({ port: upstream.port });
          const outcome = connecting.then(
            async (client) => {
              const asks = [
                client.status(BOB, 80),
                client.connectTo(BOB, 80),
                Promise.resolve().then(() => client.listen(80).accept()),
              ];
              const settled = Promise.allSettled(asks);
              const why = await client.ended;
              await settled;
              return why!;
            },
            (error: unknown) => error as { code: string },
          );
          const socket = await upstream.next();
          socket.end(bytes);
          socket.resume();
          codes.add((await outcome).code);
        }),
        runs(1000),
      );
      expect([...codes].sort()).toEqual(
        ['lost', 'not-alphanet', 'turned-away', 'wrong-key'].filter((code) => codes.has(code)),
      );
      expect(codes.size).toBeGreaterThanOrEqual(3);
      await a.send('undisturbed');
      expect(text(await b.receive())).toBe('undisturbed');
    },
    PROPERTY_TIMEOUT_MS,
  );
});

test('the example in the docs does what it says', async () => {
  const docs = readFileSync(new URL('../../docs/clients.md', import.meta.url), 'utf8');
  const section = docs.slice(docs.indexOf('## AlphaNET'));
  const blocks = [...section.matchAll(/```ts\n([^]*?)```/g)].map(([, code = '']) => code);
  expect(blocks.length).toBe(2);
  const { port } = await startRelay();
  const AsyncFunction = (async () => Promise.resolve()).constructor as new (
    ...args: string[]
  ) => (...args: unknown[]) => Promise<unknown>;
  const run = (code: string, ...args: unknown[]) =>
    new AsyncFunction('AlphanetClient', 'port', 'tell', 'address', code.replace(/^import .*\n/, ''))(
      AlphanetClient,
      port,
      ...args,
    );
  let tell: (address: string) => void = () => undefined;
  const told = new Promise<string>((resolve) => (tell = resolve));
  const serving = run(blocks[0]!, tell);
  const answer = await run(blocks[1]!, null, await told);
  expect(text(answer as Uint8Array)).toBe('!olleH');
  await serving;
});
