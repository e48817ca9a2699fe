/** UDP in the relay, on real sockets: each address is a connection, and none can be used against anybody else. */
import { createSocket, Socket } from 'node:dgram';
import { createServer } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { monotonic } from '../../common/clock.ts';
import { CommonFault } from '../../protocol/fault.ts';
import { UNFRAMED } from '../../protocol/kind.ts';
import { Outcome } from '../../protocol/outcome.ts';
import type { Peer, Protocol, Tap } from '../../protocol/types.ts';
import {
  DATAGRAM_BYTES_MAX,
  DATAGRAMS_WAITING_MAX,
  REQUESTS_BURST,
  UDP_IDLE_MS,
  UDP_SOURCES_MAX,
  UDP_SPARED_MS,
} from '../../relay/limits.ts';
import { Relay } from '../../relay/relay.ts';
import { type Guest, obliging, telling, UNFINISHED_MS } from '../kit/obliging.ts';
import { Client } from '../kit/socket-client.ts';
import { UdpClient } from '../kit/udp-client.ts';

/** What a recorder would be told, as lines. */
class Notes implements Tap {
  readonly lines: string[] = [];
  readonly peers: Peer[] = [];
  hold: (on: boolean) => void = () => undefined;
  onHop: () => void = () => undefined;
  #hops = 0;

  opened(conn: number, _protocol: Protocol, peer: Peer): void {
    this.peers.push(peer);
    this.lines.push(`${conn} opened ${peer.transport ?? 'tcp'} ${peer.address}`);
  }

  identified(): void {
    // Nobody says who he is here.
  }

  hop(
    from: number,
    to: number,
    kind: number,
    outcome: number,
    bytes: Uint8Array,
    at: number,
    end: number,
  ): number {
    const what = kind === UNFRAMED ? 'unframed' : `kind ${kind} outcome ${outcome}`;
    this.onHop();
    this.lines.push(`${from} to ${to} ${what} ${Buffer.from(bytes.slice(at, end)).toString('latin1')}`);
    return ++this.#hops;
  }

  amend(): void {
    // Every request is taken here.
  }

  departed(hop: number): void {
    this.lines.push(`hop ${hop} departed`);
  }

  undelivered(hop: number): void {
    this.lines.push(`hop ${hop} undelivered`);
  }

  closed(conn: number, fault: number): void {
    this.lines.push(`${conn} closed ${fault}`);
  }

  turned(): void {
    // Nothing is handed over.
  }

  attach(hold: (on: boolean) => void): void {
    this.hold = hold;
  }
}

interface Running {
  readonly relay: Relay;
  readonly port: number;
  readonly guests: Guest[];
  readonly notes: Notes;
}

async function start(host = '127.0.0.1', maxConnections = 100): Promise<Running> {
  const { protocol, guests } = obliging();
  const notes = new Notes();
  const relay = new Relay({ host, listeners: [{ protocol, port: 0 }], maxConnections, tap: notes });
  await relay.start();
  onTestFinished(() => relay.stop(100));
  return { relay, port: relay.addresses[0]!.port, guests, notes };
}

/** The clock as the relay's limits see it, moved by hand; sockets stay real. */
function fakeTimers(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
}

/** Until it is so, whatever the clock that is moved by hand shows. */
async function untilSo(isSo: () => boolean): Promise<void> {
  for (let i = 0; i < 20_000 && !isSo(); i++) await new Promise((resolve) => setImmediate(resolve));
  expect(isSo()).toBe(true);
}

/** As many sources as there may be, each of which has said `x`. */
async function crowd(port: number, guests: readonly Guest[]): Promise<UdpClient[]> {
  const sockets: UdpClient[] = [];
  for (let i = 0; i < UDP_SOURCES_MAX; i++) {
    const one = await UdpClient.open();
    sockets.push(one);
    await one.send(telling('x'), port);
    if (i % 50 === 49) await untilSo(() => guests.length === i + 1);
  }
  return sockets;
}

test('each address and port is a connection of its own, by UDP, on the port of the TCP server', async () => {
  const { relay, port, guests, notes } = await start();
  const [ann, bob] = [await UdpClient.open(), await UdpClient.open()];
  await ann.send(telling('one'), port);
  await bob.send(telling('two'), port);
  await ann.send(telling('three'), port);
  await expect.poll(() => guests.flatMap(({ heard }) => heard).length).toBe(3);
  expect(guests.map(({ peer }) => peer)).toEqual([
    { address: '127.0.0.1', port: ann.port, transport: 'udp' },
    { address: '127.0.0.1', port: bob.port, transport: 'udp' },
  ]);
  expect(guests.map(({ heard }) => heard)).toEqual([['one', 'three'], ['two']]);
  expect(notes.peers).toEqual(guests.map(({ peer }) => peer));
  expect(relay.metrics).toMatchObject({ connections: 2, connectionsTotal: 2, framesIn: 3, bytesIn: 14 });
  const tcp = new Client(port);
  tcp.send(telling('four'));
  await expect.poll(() => guests[2]?.heard).toEqual(['four']);
  expect(guests[2]?.peer.transport).toBeUndefined();
});

test('where IPv4 and IPv6 share a socket, IPv4 is written as text, and both are answered', async () => {
  const { port, guests } = await start('::');
  const [four, six] = [await UdpClient.open(), await UdpClient.open('::1')];
  await four.send(telling('echo'), port);
  await six.send(telling('echo'), port, '::1');
  expect((await four.next()).bytes).toEqual(telling('echo'));
  expect((await six.next()).bytes).toEqual(telling('echo'));
  expect(guests.map(({ peer }) => peer.address).sort()).toEqual(['127.0.0.1', '::1']);
});

test('a datagram that is no frame is recorded as such, and nothing is closed', async () => {
  const { port, guests, notes, relay } = await start();
  const ann = await UdpClient.open();
  await ann.send(Buffer.from('\0bad', 'latin1'), port);
  await ann.send(Buffer.from('\x09half', 'latin1'), port);
  await ann.send(Buffer.concat([telling('good'), Buffer.from('\0rest', 'latin1')]), port);
  await ann.send(Buffer.alloc(0), port);
  await ann.send(telling('more'), port);
  await expect.poll(() => guests[0]?.heard).toEqual(['good', 'more']);
  expect(notes.lines).toEqual([
    '1 opened udp 127.0.0.1',
    '1 to 0 unframed \0bad',
    '1 to 0 unframed \x09half',
    '1 to 0 kind 0 outcome 1 \x04good',
    '1 to 0 unframed \0rest',
    '1 to 0 kind 0 outcome 1 \x04more',
  ]);
  expect(relay.metrics.connections).toBe(1);
});

test('nobody is sent more bytes by UDP than came from there', async () => {
  const { port, guests, notes, relay } = await start();
  const ann = await UdpClient.open();
  // Three bytes came: an answer of three may go, and one of four may not.
  await ann.send(telling('a\x03'), port);
  await ann.send(telling('e'), port);
  expect((await ann.next()).bytes).toEqual(telling('e'));
  await ann.send(telling('a\x02'), port);
  expect((await ann.next()).bytes).toEqual(telling('aa'));
  await ann.send(telling('a\x06'), port);
  await expect.poll(() => guests[0]?.heard.length).toBe(4);
  // What came and was not used up may be used later.
  await ann.send(telling('a\x05'), port);
  expect((await ann.next()).bytes).toEqual(telling('aaaaa'));
  const sent = ann.heard.reduce((sum, { bytes }) => sum + bytes.length, 0);
  expect(sent).toBeLessThanOrEqual(3 + 2 + 3 + 3 + 3);
  expect(relay.metrics.datagramsDropped).toBe(2);
  expect(notes.lines.filter((line) => line.endsWith('undelivered'))).toHaveLength(2);
  await expect.poll(() => notes.lines.filter((line) => line.endsWith('departed'))).toHaveLength(3);
});

test('a source ends some time after its last datagram, for no fault', async () => {
  fakeTimers();
  const { port, guests, notes, relay } = await start();
  const ann = await UdpClient.open();
  await ann.send(telling('one'), port);
  await untilSo(() => guests[0]?.heard.length === 1);
  vi.advanceTimersByTime(UDP_IDLE_MS - 10);
  await ann.send(telling('two'), port);
  await untilSo(() => guests[0]?.heard.length === 2);
  vi.advanceTimersByTime(UDP_IDLE_MS - 10);
  expect(guests[0]?.isGone).toBe(false);
  vi.advanceTimersByTime(20);
  expect(guests[0]?.isGone).toBe(true);
  expect(notes.lines.at(-1)).toBe(`1 closed ${CommonFault.none}`);
  expect(relay.metrics.connections).toBe(0);
  await ann.send(telling('three'), port);
  await untilSo(() => guests[1]?.heard.length === 1);
});

test('who is held is not silent, and what comes meanwhile waits, up to a limit', async () => {
  fakeTimers();
  const { port, guests, relay } = await start();
  const ann = await UdpClient.open();
  await ann.send(Buffer.concat([telling('hold'), telling('rest')]), port);
  await untilSo(() => guests[0]?.heard.length === 1);
  const more = DATAGRAMS_WAITING_MAX + 3;
  for (let i = 0; i < more; i++) await ann.send(telling(`${i}`), port);
  await untilSo(() => relay.metrics.datagramsDropped === 3);
  vi.advanceTimersByTime(5 * UDP_IDLE_MS);
  expect(guests[0]).toMatchObject({ heard: ['hold'], isGone: false });
  guests[0]?.outlet.hold(false);
  expect(guests[0]?.heard).toEqual([
    'hold',
    'rest',
    ...Array.from({ length: DATAGRAMS_WAITING_MAX }, (_, i) => `${i}`),
  ]);
  vi.advanceTimersByTime(2 * UDP_IDLE_MS);
  expect(guests[0]?.isGone).toBe(true);
});

test('a recorder that must lose nothing stops the reading of datagrams, of newcomers too', async () => {
  const { port, guests, notes, relay } = await start();
  const [ann, bob] = [await UdpClient.open(), await UdpClient.open()];
  await ann.send(telling('one'), port);
  await expect.poll(() => guests[0]?.heard).toEqual(['one']);
  notes.hold(true);
  await ann.send(telling('two'), port);
  await bob.send(telling('three'), port);
  await expect.poll(() => relay.metrics.bytesIn).toBe(4 + 4 + 6);
  expect(guests.map(({ heard }) => heard)).toEqual([['one'], []]);
  notes.hold(false);
  expect(guests.map(({ heard }) => heard)).toEqual([['one', 'two'], ['three']]);
});

test('a recorder that is full again while the first of them go on stops all others before they do', async () => {
  const { port, guests, notes, relay } = await start();
  const [ann, bob] = [await UdpClient.open(), await UdpClient.open()];
  notes.hold(true);
  await ann.send(telling('one'), port);
  await bob.send(telling('two'), port);
  await expect.poll(() => relay.metrics.bytesIn).toBe(4 + 4);
  notes.onHop = () => notes.hold(true);
  notes.hold(false);
  expect(guests.map(({ heard }) => heard)).toEqual([['one'], []]);
  notes.onHop = () => undefined;
  notes.hold(false);
  expect(guests.map(({ heard }) => heard)).toEqual([['one'], ['two']]);
});

test('what a source asks too often ends it, and it is not heard again before it has been quiet', async () => {
  fakeTimers();
  const { port, guests, relay } = await start();
  const ann = await UdpClient.open();
  const many = Buffer.concat(Array.from({ length: REQUESTS_BURST + 10 }, () => telling('x')));
  await ann.send(many, port);
  await untilSo(() => guests[0]?.isGone === true);
  expect(guests[0]?.heard).toHaveLength(REQUESTS_BURST);
  expect(relay.metrics.faults.get('flood')).toBe(1);
  vi.advanceTimersByTime(UDP_IDLE_MS - 10);
  await ann.send(telling('again'), port);
  await untilSo(() => relay.metrics.datagramsDropped === 1);
  vi.advanceTimersByTime(UDP_IDLE_MS + 10);
  await ann.send(telling('at last'), port);
  await untilSo(() => guests[1]?.heard.length === 1);
});

test('a session may close a source: nothing is sent to it or taken from it any more', async () => {
  const { port, guests, notes, relay } = await start();
  const ann = await UdpClient.open();
  await ann.send(Buffer.concat([telling('close'), telling('echo')]), port);
  await expect.poll(() => guests[0]?.isGone).toBe(true);
  guests[0]?.outlet.send(1, telling('e'));
  await ann.send(telling('echo'), port);
  await expect.poll(() => relay.metrics.datagramsDropped).toBe(1);
  expect(guests).toHaveLength(1);
  expect(ann.heard).toEqual([]);
  expect(notes.lines).toContain(`0 to 1 kind 1 outcome ${Outcome.originated} \x01e`);
});

test('more sources than there may be are dropped, and take no place of a connection by TCP', async () => {
  fakeTimers();
  const { port, guests, relay } = await start('127.0.0.1', 1);
  const sockets = await crowd(port, guests);
  const [ann, bob] = [sockets[0]!, await UdpClient.open()];
  await bob.send(telling('too many'), port);
  await untilSo(() => relay.metrics.datagramsDropped === 1);
  await ann.send(telling('still here'), port);
  await untilSo(() => guests[0]?.heard.length === 2);
  expect(guests[0]?.heard).toEqual(['x', 'still here']);
  expect(guests).toHaveLength(UDP_SOURCES_MAX);
  vi.useRealTimers();
  const tcp = new Client(port);
  tcp.send(telling('echo'));
  expect(await tcp.take(5)).toEqual(telling('echo'));
});

test('a newcomer takes the place of who has been quiet for longest, but of nobody who was just heard', async () => {
  fakeTimers();
  const { port, guests, relay } = await start();
  const sockets = await crowd(port, guests);
  const [ann, bob, cid, dan] = [sockets[0]!, sockets[1]!, sockets[2]!, await UdpClient.open()];
  await bob.send(telling('hold'), port);
  await untilSo(() => guests[1]?.heard.length === 2);
  vi.advanceTimersByTime(UDP_SPARED_MS);
  await ann.send(telling('still here'), port);
  await untilSo(() => guests[0]?.heard.length === 2);
  await dan.send(telling('me too'), port);
  await untilSo(() => guests.length === UDP_SOURCES_MAX + 1);
  expect(guests.map(({ isGone }, i) => (isGone ? i : -1)).filter((i) => i >= 0)).toEqual([2]);
  expect(relay.metrics.connections).toBe(UDP_SOURCES_MAX);
  // It comes back as anybody new, in the place of the next.
  await cid.send(telling('again'), port);
  await untilSo(() => guests.at(-1)?.heard[0] === 'again');
  expect(guests[3]?.isGone).toBe(true);
  expect(guests[0]?.isGone).toBe(false);
});

test('who comes from no port cannot be answered, and is not heard', async () => {
  const bind = vi.spyOn(Socket.prototype, 'bind');
  onTestFinished(() => bind.mockRestore());
  const { port, guests, relay } = await start();
  const [socket] = bind.mock.contexts as Socket[];
  socket!.emit('message', telling('echo'), { address: '127.0.0.1', family: 'IPv4', port: 0, size: 5 });
  const ann = await UdpClient.open();
  await ann.send(telling('echo'), port);
  expect((await ann.next()).bytes).toEqual(telling('echo'));
  expect(guests.map(({ peer }) => peer.port)).toEqual([ann.port]);
  expect(relay.metrics.datagramsDropped).toBe(1);
});

test('a datagram longer than any should be is dropped', async () => {
  const { port, guests, relay } = await start();
  const ann = await UdpClient.open();
  await ann.send(Buffer.alloc(DATAGRAM_BYTES_MAX + 1, 1), port);
  await expect.poll(() => relay.metrics.datagramsDropped).toBe(1);
  expect(guests).toEqual([]);
  await ann.send(Buffer.alloc(DATAGRAM_BYTES_MAX, 1), port);
  await expect.poll(() => guests.length).toBe(1);
});

test('a stop ends all sources, and frees the port', async () => {
  const { relay, port, guests, notes } = await start();
  const ann = await UdpClient.open();
  await ann.send(telling('one'), port);
  await expect.poll(() => guests[0]?.heard.length).toBe(1);
  await relay.stop(100);
  expect(guests[0]?.isGone).toBe(true);
  expect(notes.lines.at(-1)).toBe(`1 closed ${CommonFault.shutdown}`);
  const socket = createSocket('udp4');
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, '127.0.0.1', resolve);
  });
  socket.close();
});

test('a port that is taken for UDP is said to be so, and nothing is left listening', async () => {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  onTestFinished(() => void socket.close());
  const { port } = socket.address();
  const { protocol } = obliging();
  const relay = new Relay({
    host: '127.0.0.1',
    listeners: [{ protocol, port }],
    maxConnections: 1,
    tap: null,
  });
  await expect(relay.start()).rejects.toMatchObject({
    code: 'port-in-use',
    message: `obliging cannot listen on 127.0.0.1 udp port ${port}: another program already does`,
  });
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  server.close();
});

test('a port that the system chose for TCP and that is taken for UDP is given up for another', async () => {
  const taken: number[] = [];
  const bind = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(createSocket('udp4')) as object, 'bind')!
    .value as (this: unknown, options: { port: number }, done: () => void) => unknown;
  const prototype = Object.getPrototypeOf(createSocket('udp4')) as { bind: typeof bind };
  vi.spyOn(prototype, 'bind').mockImplementation(function (this: unknown, options, done) {
    if (taken.push(options.port) > 3) return bind.call(this, options, done);
    const error = Object.assign(new Error('taken'), { code: 'EADDRINUSE' });
    setImmediate(() => (this as { emit(name: string, error: Error): void }).emit('error', error));
    return this;
  });
  onTestFinished(() => void vi.restoreAllMocks());
  const { port, relay } = await start();
  expect(taken).toHaveLength(4);
  expect(taken.at(-1)).toBe(port);
  vi.restoreAllMocks();
  const ann = await UdpClient.open();
  await ann.send(telling('echo'), port);
  expect((await ann.next()).bytes).toEqual(telling('echo'));
  expect(relay.addresses).toHaveLength(1);
});

// Frames that are begun and not finished ------------------------------------------------------------

test('by TCP a frame that has begun must be whole in time, and bytes that trickle do not change that', async () => {
  const { port, guests, relay } = await start();
  const [ann, bob] = [new Client(port), new Client(port)];
  const before = monotonic();
  bob.send(telling('whole'));
  ann.send(Buffer.concat([telling('whole'), telling('half a frame').subarray(0, 4)]));
  const trickle = setInterval(() => ann.send(Buffer.from('x')), 50);
  await ann.closed;
  clearInterval(trickle);
  expect(monotonic() - before).toBeGreaterThanOrEqual(UNFINISHED_MS - 5);
  await expect.poll(() => relay.metrics.faults.get('half-frame')).toBe(1);
  expect(guests.map(({ heard }) => heard).flat()).toEqual(['whole', 'whole']);
  await new Promise((resolve) => setTimeout(resolve, 2 * UNFINISHED_MS));
  bob.send(telling('echo'));
  expect(await bob.take(5)).toEqual(telling('echo'));
});

test('each frame has the whole time for itself', async () => {
  const { port, guests, relay } = await start();
  const ann = new Client(port);
  const frame = telling('frame');
  ann.send(frame.subarray(0, 3));
  for (let i = 0; i < 5; i++) {
    await new Promise((resolve) => setTimeout(resolve, UNFINISHED_MS / 3));
    ann.send(Buffer.concat([frame.subarray(3), frame.subarray(0, 3)]));
  }
  ann.send(frame.subarray(3));
  await expect.poll(() => guests[0]?.heard).toHaveLength(6);
  expect(relay.metrics.faults.size).toBe(0);
});

test('a connection that is held is not judged before it is heard again', async () => {
  const { port, guests, relay } = await start();
  const ann = new Client(port);
  ann.send(Buffer.concat([telling('hold'), telling('half a frame').subarray(0, 4)]));
  await expect.poll(() => guests[0]?.heard).toEqual(['hold']);
  await new Promise((resolve) => setTimeout(resolve, 2 * UNFINISHED_MS));
  expect(relay.metrics.faults.size).toBe(0);
  guests[0]?.outlet.hold(false);
  await ann.closed;
  await expect.poll(() => relay.metrics.faults.get('half-frame')).toBe(1);
});

test('a hold that comes in the middle of a frame stops its time', async () => {
  const { port, guests, notes, relay } = await start();
  const ann = new Client(port);
  ann.send(Buffer.concat([telling('whole'), telling('half').subarray(0, 2)]));
  await expect.poll(() => guests[0]?.heard).toEqual(['whole']);
  notes.hold(true);
  await new Promise((resolve) => setTimeout(resolve, 2 * UNFINISHED_MS));
  expect(relay.metrics.faults.size).toBe(0);
  notes.hold(false);
  ann.send(telling('half').subarray(2));
  await expect.poll(() => guests[0]?.heard).toEqual(['whole', 'half']);
});
