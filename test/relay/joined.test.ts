/** A joined pair over real sockets: what an observer may not change, break or hold. */
import { expect, onTestFinished, test } from 'vitest';
import { CommonFault } from '../../protocol/fault.ts';
import { UNFRAMED } from '../../protocol/kind.ts';
import { Outcome } from '../../protocol/outcome.ts';
import type { Tap } from '../../protocol/types.ts';
import { DIAL_MS } from '../../relay/limits.ts';
import { Relay } from '../../relay/relay.ts';
import { broken, bytesOf, dial, startUpstream } from '../kit/between.ts';
import { onlooker, onlookerHub } from '../kit/onlooker.ts';

interface Seen {
  readonly from: number;
  readonly to: number;
  readonly kind: number;
  outcome: number;
  readonly bytes: Buffer;
  hasDeparted: boolean;
}

class SeeingTap implements Tap {
  readonly hops: Seen[] = [];
  readonly closes: [conn: number, fault: number][] = [];
  readonly peers: string[] = [];

  opened(conn: number, _protocol: unknown, { address, port }: { address: string; port: number }): void {
    this.peers[conn] = `${address}:${port}`;
  }
  identified(): void {
    // Nobody here says who it is.
  }
  hop(from: number, to: number, kind: number, outcome: number, bytes: Uint8Array, at: number, end: number) {
    const copy = Buffer.from(bytes.slice(at, end));
    return this.hops.push({ from, to, kind, outcome, bytes: copy, hasDeparted: false }) - 1;
  }
  amend(hop: number, outcome: number): void {
    this.hops[hop]!.outcome = outcome;
  }
  departed(hop: number): void {
    this.hops[hop]!.hasDeparted = true;
  }
  undelivered(hop: number): void {
    this.hops[hop]!.outcome = Outcome.undelivered;
  }
  closed(conn: number, fault: number): void {
    this.closes.push([conn, fault]);
  }
  turned(): void {
    // All is seen at once.
  }
  attach(): void {
    // There is always room.
  }
}

async function startProxy(target: { address: string; port: number }, maxConnections = 100) {
  const tap = new SeeingTap();
  const relay = new Relay({
    host: '127.0.0.1',
    listeners: [{ protocol: onlooker, port: 0, createHub: onlookerHub(target) }],
    maxConnections,
    tap,
  });
  await relay.start();
  onTestFinished(() => relay.stop(0));
  return { relay, tap, port: relay.addresses[0]!.port };
}

/** A client and the server's end of its connection, with a proxy between them. */
async function pair() {
  const upstream = await startUpstream();
  const proxy = await startProxy({ address: '127.0.0.1', port: upstream.port });
  const client = dial(proxy.port);
  return { ...proxy, client, server: await upstream.next() };
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 2));
}

const ways = [
  ['to the server', false],
  ['to the client', true],
] as const;

test('a part of a frame goes on at once, and the frame is recorded when it is whole', async () => {
  const { client, server, tap } = await pair();
  client.write(Buffer.of(3, 1));
  expect(await bytesOf(server, 2)).toEqual(Buffer.of(3, 1));
  expect(tap.hops).toEqual([]);
  client.write(Buffer.of(2, 3, 0));
  expect(await bytesOf(server, 3)).toEqual(Buffer.of(2, 3, 0));
  const hop = { from: 1, to: 2, kind: 0, outcome: Outcome.forwarded, hasDeparted: true };
  expect(tap.hops).toEqual([
    { ...hop, bytes: Buffer.of(3, 1, 2, 3) },
    { ...hop, bytes: Buffer.of(0) },
  ]);
});

test('a server may speak first', async () => {
  const { client, server, tap } = await pair();
  server.write(Buffer.of(1, 9));
  expect(await bytesOf(client, 2)).toEqual(Buffer.of(1, 9));
  expect(tap.hops).toMatchObject([{ from: 2, to: 1, kind: 0 }]);
});

test.each(ways)('bytes that are no frames go on all the same, and are recorded: %s', async (_, isBack) => {
  const { client, server, tap } = await pair();
  const [from, to] = isBack ? [server, client] : [client, server];
  const bytes = Buffer.concat([Buffer.of(1, 7), Buffer.alloc(300_000, 0xee)]);
  from.write(bytes);
  expect((await bytesOf(to, bytes.length)).equals(bytes)).toBe(true);
  const [first, ...rest] = tap.hops;
  expect(first).toMatchObject({ kind: 0, bytes: Buffer.of(1, 7) });
  expect(rest.every(({ kind, outcome }) => kind === UNFRAMED && outcome === Outcome.forwarded)).toBe(true);
  expect(Buffer.concat(rest.map((hop) => hop.bytes)).equals(bytes.subarray(2))).toBe(true);
  expect(tap.closes).toEqual([]);
  // The other way is as it was.
  to.write(Buffer.of(0));
  expect(await bytesOf(from, 1)).toEqual(Buffer.of(0));
  expect(tap.hops.at(-1)).toMatchObject({ kind: 0, bytes: Buffer.of(0) });
});

test.each(ways)('an end of one direction goes on as one: %s', async (_, isBack) => {
  const { client, server, tap } = await pair();
  const [from, to] = isBack ? [server, client] : [client, server];
  from.end(Buffer.of(2, 1));
  expect(await bytesOf(to)).toEqual(Buffer.of(2, 1));
  // What had come of a frame has left, and is recorded as what it is.
  expect(tap.hops).toMatchObject([{ kind: UNFRAMED, outcome: Outcome.forwarded, hasDeparted: true }]);
  const answer = Buffer.alloc(1_000_000, 9);
  to.write(answer);
  expect((await bytesOf(from, answer.length)).equals(answer)).toBe(true);
  expect(tap.closes).toEqual([]);
  to.end();
  await bytesOf(from);
  await until(() => tap.closes.length === 2);
  expect(tap.closes.map(([, fault]) => fault)).toEqual([CommonFault.none, CommonFault.none]);
});

test.each(ways)('a reset goes on as a reset, after what came before it: %s', async (_, isBack) => {
  const { client, server, tap } = await pair();
  const [from, to] = isBack ? [server, client] : [client, server];
  from.write(Buffer.of(1, 5));
  expect(await bytesOf(to, 2)).toEqual(Buffer.of(1, 5));
  const breaks = broken(to);
  from.resetAndDestroy();
  expect(await breaks).toBe('ECONNRESET');
  const [one, other] = isBack ? [2, 1] : [1, 2];
  expect(tap.closes).toEqual([
    [one, CommonFault.lost],
    [other, CommonFault.partnerGone],
  ]);
});

test.each(ways)('who does not read slows the other, and is given all the time: %s', async (_, isBack) => {
  const { client, server, relay, tap } = await pair();
  const [from, to] = isBack ? [server, client] : [client, server];
  const bytes = Buffer.alloc(40_000_000);
  for (let i = 0; i < bytes.length; i += 4) bytes.writeUInt32LE(i, i);
  from.end(bytes);
  let [before, after] = [-1, 0];
  while (after !== before || after === 0) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    [before, after] = [after, relay.metrics.bytesIn];
  }
  expect(after).toBeLessThan(bytes.length);
  for (const { waitingBytes } of relay.listeners[0]!.connections)
    expect(waitingBytes).toBeLessThan(onlooker.outboxBytesMax / 2);
  expect((await bytesOf(to)).equals(bytes)).toBe(true);
  expect(tap.closes).toEqual([]);
  expect(tap.hops.every(({ outcome, hasDeparted }) => outcome === Outcome.forwarded && hasDeparted)).toBe(
    true,
  );
});

test('what a client says before its connection stands waits for that, and so does its end', async () => {
  const upstream = await startUpstream();
  const { port } = await startProxy({ address: 'localhost', port: upstream.port });
  const client = dial(port);
  client.end(Buffer.of(1, 2));
  const server = await upstream.next();
  expect(await bytesOf(server)).toEqual(Buffer.of(1, 2));
  server.end(Buffer.of(0));
  expect(await bytesOf(client)).toEqual(Buffer.of(0));
});

test('who is refused where it is dialled is gone without having stood', async () => {
  const upstream = await startUpstream();
  await new Promise((resolve) => upstream.server.close(resolve));
  const { port, tap } = await startProxy({ address: '127.0.0.1', port: upstream.port });
  expect(await bytesOf(dial(port))).toEqual(Buffer.alloc(0));
  expect(tap.peers[2]).toBe(`127.0.0.1:${upstream.port}`);
  expect(tap.closes).toEqual([
    [2, CommonFault.lost],
    [1, CommonFault.partnerGone],
  ]);
});

test('those who are dialled count: where no more may be had, both ends are closed', async () => {
  const upstream = await startUpstream();
  const { port, tap, relay } = await startProxy({ address: '127.0.0.1', port: upstream.port }, 1);
  expect(await bytesOf(dial(port))).toEqual(Buffer.alloc(0));
  expect(tap.closes).toEqual([
    [2, CommonFault.overLimit],
    [1, CommonFault.partnerGone],
  ]);
  await until(() => relay.metrics.connections === 0);
  expect(DIAL_MS).toBeLessThanOrEqual(10_000);
});

test('for who is turned away because there are too many, nobody is dialled', async () => {
  const upstream = await startUpstream();
  const { port, tap } = await startProxy({ address: '127.0.0.1', port: upstream.port }, 0);
  expect(await bytesOf(dial(port))).toEqual(Buffer.alloc(0));
  expect(tap.peers).toHaveLength(2);
  expect(tap.closes).toEqual([[1, CommonFault.overLimit]]);
});

test('a relay that stops ends both', async () => {
  const { client, server, relay, tap } = await pair();
  client.write(Buffer.of(0));
  await bytesOf(server, 1);
  const rests = Promise.all([bytesOf(client), bytesOf(server)]);
  await relay.stop(500);
  expect(await rests).toEqual([Buffer.alloc(0), Buffer.alloc(0)]);
  expect(tap.closes.map(([, fault]) => fault)).toEqual([CommonFault.shutdown, CommonFault.shutdown]);
});
