/** Players on real sockets, against the program as it is built. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Barrier } from '../kit/barrier.ts';
import { startRelay } from '../kit/program.ts';
import { addressBytes, Client, init, Init, pdp, player, ptp, streamPair } from '../kit/socket-client.ts';

interface TraceEvent {
  readonly conn: number;
  readonly dir: 'open' | 'in' | 'out' | 'end-in' | 'end-out';
  readonly hex?: string;
}

function trace(name: string): TraceEvent[] {
  const file = new URL(`../fixtures/traces/${name}.jsonl`, import.meta.url);
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as TraceEvent);
}

async function openPlayers(port: number, count: number): Promise<Client[]> {
  return Promise.all(Array.from({ length: count }, (_, n) => Client.open(port, Init.pdp, player(n))));
}

describe('the trace of a real client', () => {
  test('every connection gets exactly the bytes that it got then', async () => {
    const relay = await startRelay();
    const barrier = await Barrier.open(relay.port);
    const clients = new Map<number, Client>();
    const got = new Map<number, Buffer[]>();
    const expected = new Map<number, Buffer[]>();
    for (const { conn, dir, hex = '' } of trace('postoffice')) {
      const bytes = Buffer.from(hex, 'hex');
      if (dir === 'open') {
        const client = new Client(relay.port);
        await client.connected();
        clients.set(conn, client);
        got.set(conn, []);
        expected.set(conn, []);
        continue;
      }
      const client = clients.get(conn) as Client;
      if (dir === 'in') {
        client.send(bytes);
        await barrier.pass();
      } else if (dir === 'out') {
        expected.get(conn)?.push(bytes);
        got.get(conn)?.push(await client.take(bytes.length));
      } else if (dir === 'end-in') {
        client.end();
      } else {
        got.get(conn)?.push(await client.rest());
      }
    }
    expect(expected.size).toBeGreaterThan(5);
    for (const [conn, chunks] of expected) {
      expect(Buffer.concat(got.get(conn) ?? []).equals(Buffer.concat(chunks)), `connection ${conn}`).toBe(
        true,
      );
    }
  });
});

describe('many at once', () => {
  test('a thousand sessions each hear their neighbour', async () => {
    const relay = await startRelay();
    const clients = await openPlayers(relay.port, 1000);
    const barrier = await Barrier.open(relay.port);
    await barrier.pass();
    for (const [n, client] of clients.entries()) client.send(pdp(player((n + 1) % 1000), `from ${n}`));
    for (const [n, client] of clients.entries()) {
      const sender = (n + 999) % 1000;
      const { from, payload } = await client.datagram();
      expect(payload.toString()).toBe(`from ${sender}`);
      expect(from).toEqual(addressBytes(player(sender)));
    }
  });

  test('sixteen players in full mesh get every datagram of each other, in order', async () => {
    const relay = await startRelay();
    const players = 16;
    const rounds = 200;
    const clients = await openPlayers(relay.port, players);
    const barrier = await Barrier.open(relay.port);
    await barrier.pass();
    for (let round = 0; round < rounds; round++) {
      for (const [n, client] of clients.entries()) {
        for (let to = 0; to < players; to++) if (to !== n) client.send(pdp(player(to), `${n} ${round}`));
      }
      if (round % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    for (const [n, client] of clients.entries()) {
      const next = new Array<number>(players).fill(0);
      for (let i = 0; i < (players - 1) * rounds; i++) {
        const { from, payload } = await client.datagram();
        const [sender = -1, round = -1] = payload.toString().split(' ').map(Number);
        expect(from).toEqual(addressBytes(player(sender)));
        expect(round).toBe(next[sender]);
        next[sender] = round + 1;
      }
      expect(next.every((count, sender) => count === (sender === n ? 0 : rounds))).toBe(true);
    }
  });

  test('IPv4 and IPv6 clients play together', async () => {
    const relay = await startRelay();
    const six = new Client(relay.port, '::1');
    await six.connected();
    six.send(init(Init.pdp, player(6)));
    const four = await Client.open(relay.port, Init.pdp, player(4));
    const barrier = await Barrier.open(relay.port);
    await barrier.pass();
    four.send(pdp(player(6), 'over to you'));
    expect((await six.datagram()).payload.toString()).toBe('over to you');
    six.send(pdp(player(4), 'and back'));
    expect((await four.datagram()).payload.toString()).toBe('and back');
  });

  test('those over --max-connections are turned away, and those who play go on', async () => {
    const relay = await startRelay(['--max-connections', '3']);
    const barrier = await Barrier.open(relay.port);
    const [a, b] = (await openPlayers(relay.port, 2)) as [Client, Client];
    await barrier.pass();
    const late = await Client.open(relay.port, Init.pdp, player(9));
    expect(await late.rest()).toHaveLength(0);
    a.send(pdp(player(1), 'still here'));
    expect((await b.datagram()).payload.toString()).toBe('still here');
    b.end();
    await b.closed;
    await barrier.pass();
    const next = await Client.open(relay.port, Init.pdp, player(5));
    await barrier.pass();
    a.send(pdp(player(5), 'welcome'));
    expect((await next.datagram()).payload.toString()).toBe('welcome');
  });
});

describe('streams', () => {
  test('who sends and closes at once is heard to the last byte', async () => {
    const relay = await startRelay();
    const [connector, acceptor] = await streamPair(relay.port, player(1), player(2));
    const block = Buffer.alloc(50_000, 7);
    for (let i = 0; i < 40; i++) connector.send(ptp(block));
    connector.end();
    const received = await acceptor.rest();
    expect(received.equals(Buffer.concat(Array.from({ length: 40 }, () => ptp(block))))).toBe(true);
  });

  test('what was queued for a slow reader is delivered after its partner has gone', async () => {
    const relay = await startRelay();
    const [connector, acceptor] = await streamPair(relay.port, player(1), player(2));
    acceptor.socket.pause();
    const block = ptp(Buffer.alloc(40_000, 3));
    let sent = 0;
    // Until the relay slows us: then its own queue, and both sockets' buffers, are full.
    while (connector.socket.write(block) || sent < 20) {
      sent++;
      await new Promise((resolve) => setImmediate(resolve));
      if (sent === 400) break;
    }
    sent++;
    connector.end();
    acceptor.socket.resume();
    expect(await acceptor.rest()).toHaveLength(sent * block.length);
  });

  test('a stalled reader slows its own partner only', async () => {
    const relay = await startRelay();
    const [connector, acceptor] = await streamPair(relay.port, player(1), player(2));
    const [other, far] = await streamPair(relay.port, player(3), player(4));
    acceptor.socket.pause();
    const block = ptp(Buffer.alloc(50_000));
    for (let i = 0; i < 600; i++) connector.send(block);
    await new Promise((resolve) => setTimeout(resolve, 200));
    // Thirty million bytes cannot all have been taken: the relay has stopped reading them.
    expect(connector.socket.writableLength).toBeGreaterThan(0);
    for (let i = 0; i < 50; i++) other.send(ptp(`block ${i}`));
    for (let i = 0; i < 50; i++) {
      const size = (await far.take(4)).readUInt32LE();
      expect((await far.take(size)).toString()).toBe(`block ${i}`);
    }
    acceptor.socket.resume();
    expect(await acceptor.take(600 * block.length)).toHaveLength(600 * block.length);
  });

  test('early data in the segment of the init arrives after the greeting', async () => {
    const relay = await startRelay();
    const listener = await Client.open(relay.port, Init.listen, player(2));
    const connector = await Client.open(relay.port, Init.connect, player(1), player(2), ptp('early'));
    await listener.take(10);
    const acceptor = await Client.open(relay.port, Init.accept, player(2), player(1), ptp('early too'));
    expect(await acceptor.take(10 + 4 + 5)).toEqual(Buffer.concat([addressBytes(player(1)), ptp('early')]));
    expect(await connector.take(10 + 4 + 9)).toEqual(
      Buffer.concat([addressBytes(player(2)), ptp('early too')]),
    );
  });
});

describe('ends', () => {
  test('a partner whose other end breaks the rules right after a block hears of both at once', async () => {
    const relay = await startRelay();
    const [connector, acceptor] = await streamPair(relay.port, player(1), player(2));
    const started = performance.now();
    const tooLong = Buffer.alloc(4);
    tooLong.writeUInt32LE(200_000);
    connector.send(Buffer.concat([ptp('last words'), tooLong]));
    expect(await acceptor.rest()).toEqual(ptp('last words'));
    // Not after the time that a client may take to read: it has read.
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  test('those that are turned away hold no place, however many they are', async () => {
    const relay = await startRelay(['--max-connections', '2']);
    const barrier = await Barrier.open(relay.port);
    await barrier.pass();
    const one = await Client.open(relay.port, Init.pdp, player(1));
    await barrier.pass();
    const refused = await Promise.all(
      Array.from({ length: 50 }, (_, n) => Client.open(relay.port, Init.pdp, player(100 + n))),
    );
    for (const client of refused) await client.closed;
    one.end();
    await one.closed;
    await barrier.pass();
    const next = await Client.open(relay.port, Init.pdp, player(3));
    next.send(pdp(player(3), 'in'));
    expect((await next.datagram()).payload.toString()).toBe('in');
  });
});

describe('clients that misbehave', () => {
  test('a datagram player who stops reading is closed at the limit, and nobody else notices', async () => {
    const relay = await startRelay(['--log-level', 'debug']);
    const [sender, slow, healthy] = (await openPlayers(relay.port, 3)) as [Client, Client, Client];
    const barrier = await Barrier.open(relay.port);
    await barrier.pass();
    slow.socket.pause();
    const payload = Buffer.alloc(10_000);
    let healthyGot = 0;
    // Far more than two sockets' buffers and the relay's own limit of 512 000 bytes.
    for (let i = 0; i < 3000; i++) {
      sender.send(pdp(player(1), payload));
      if (i % 10 !== 0) continue;
      sender.send(pdp(player(2), `beat ${i}`));
      expect((await healthy.datagram()).payload.toString()).toBe(`beat ${i}`);
      healthyGot++;
    }
    expect(healthyGot).toBe(300);
    slow.socket.resume();
    await slow.closed;
    await expect.poll(() => relay.stderr()).toMatch(/did not read/);
  });

  test('garbage, half inits and broken connections leave the others alone', async () => {
    const relay = await startRelay();
    const [a, b] = (await openPlayers(relay.port, 2)) as [Client, Client];
    const barrier = await Barrier.open(relay.port);
    await barrier.pass();
    const intruders: Client[] = [];
    for (let i = 0; i < 60; i++) {
      const client = new Client(relay.port);
      await client.connected();
      if (i % 3 === 0) client.send(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
      if (i % 3 === 1) client.send(init(Init.pdp, player(100 + i)).subarray(0, 1 + (i % 23)));
      if (i % 3 === 2) client.send(Buffer.concat([init(Init.pdp, player(100 + i)), Buffer.alloc(14, 0xff)]));
      intruders.push(client);
      a.send(pdp(player(1), `beat ${i}`));
      expect((await b.datagram()).payload.toString()).toBe(`beat ${i}`);
    }
    for (const [i, client] of intruders.entries()) {
      if (i % 3 === 1) client.socket.resetAndDestroy();
      else expect(await client.rest()).toHaveLength(0);
    }
    await barrier.pass();
    a.send(pdp(player(1), 'after'));
    expect((await b.datagram()).payload.toString()).toBe('after');
  });
});
