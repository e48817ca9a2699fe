/** Clients of the TCP relay on real sockets, against the program as it is built. */
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { describeFault } from '../../protocol/fault.ts';
import { tcpRelay } from '../../protocol/tcp-relay/index.ts';
import { expectVerified, frames } from '../kit/capture-checks.ts';
import { damaged, seeded } from '../kit/damaged.ts';
import { type RunningRelay, startRelay, temporaryFolder } from '../kit/program.ts';
import { Client } from '../kit/socket-client.ts';
import { head, message, named, raw } from '../kit/tcp-relay-wire.ts';

const MEBIBYTE = 1024 * 1024;

async function enter({ ports }: RunningRelay, name: string): Promise<Client> {
  const client = new Client(ports['tcp-relay'] as number);
  await client.connected();
  client.send(named(name));
  // A name is known once its client hears itself.
  client.send(message(name, '!'));
  expect((await client.take(1)).toString()).toBe('!');
  return client;
}

/** The relay has read what was written so far: twice round, as what is accepted in one turn is read in the next. */
async function settled(probe: Client, name: string): Promise<void> {
  for (let round = 0; round < 2; round++) {
    probe.send(message(name, '.'));
    await probe.take(1);
  }
}

async function expectHears(client: Client, text: string): Promise<void> {
  expect((await client.take(text.length)).toString()).toBe(text);
}

function hash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Resident memory of the relay, in bytes. */
function memoryOf({ pid }: RunningRelay): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Sizes and contents that look random, and are the same each time. */
function contents(seed: number, count: number, sizeMax: number): readonly Buffer[] {
  const next = seeded(seed);
  return Array.from({ length: count }, () => {
    const size = 1 + Math.floor(next() * sizeMax);
    return Buffer.alloc(size, Math.floor(next() * 256));
  });
}

describe('two clients', () => {
  test('talk as the page says', async () => {
    const relay = await startRelay();
    const [a, b] = [await enter(relay, 'device_a'), await enter(relay, 'device_b')];
    a.send(raw('device_b|5|hello'));
    await expectHears(b, 'hello');
    b.send(raw('device_a|3|yesdevice_a|0|nobody|4|lostdevice_b|2|me'));
    await expectHears(a, 'yes');
    await expectHears(b, 'me');
  });

  test('are heard whatever pieces their bytes come in', async () => {
    const relay = await startRelay();
    const b = await enter(relay, 'b');
    const a = new Client(relay.ports['tcp-relay'] as number);
    await a.connected();
    const all = Buffer.concat([
      named('a'),
      ...contents(1, 30, 40).map((content) => message('b', content)),
      head('a', 0),
    ]);
    const next = seeded(2);
    for (let at = 0; at < all.length;) {
      const size = next() < 0.5 ? 1 : 1 + Math.floor(next() * 30);
      a.send(all.subarray(at, at + size));
      at += size;
      await new Promise((resolve) => setImmediate(resolve));
    }
    const wanted = Buffer.concat(contents(1, 30, 40));
    expect(await b.take(wanted.length)).toEqual(wanted);
  });

  test('have a name each: a second of the same name is closed at once, one without is after 3 s', async () => {
    const relay = await startRelay(['--log-level', 'debug']);
    const [a, b] = [await enter(relay, 'a'), await enter(relay, 'b')];
    const again = new Client(relay.ports['tcp-relay'] as number);
    again.send(named('a'));
    expect(await again.rest()).toHaveLength(0);
    const nameless = new Client(relay.ports['tcp-relay'] as number);
    nameless.send(raw('half a name'));
    expect(await nameless.rest()).toHaveLength(0);
    b.send(message('a', 'still you'));
    await expectHears(a, 'still you');
    await expect.poll(() => relay.stderr()).toMatch(/the name that the client gave belongs to/);
    await expect.poll(() => relay.stderr()).toMatch(/did not arrive in time/);
  });
});

describe('a long message', () => {
  test('of 16 MiB arrives as it was, both ways at once', async () => {
    const relay = await startRelay();
    const [a, b] = [await enter(relay, 'a'), await enter(relay, 'b')];
    const [one, other] = [randomBytes(16 * MEBIBYTE), randomBytes(16 * MEBIBYTE)];
    a.send(message('b', one));
    b.send(message('a', other));
    const [atB, atA] = await Promise.all([b.take(one.length), a.take(other.length)]);
    expect([hash(atB), hash(atA)]).toEqual([hash(one), hash(other)]);
  });

  test('is never held whole, also where its receiver does not read: the relay stops reading it', async () => {
    const relay = await startRelay();
    const [a, b, c] = [await enter(relay, 'a'), await enter(relay, 'b'), await enter(relay, 'c')];
    const content = randomBytes(16 * MEBIBYTE);
    const before = memoryOf(relay);
    b.socket.pause();
    // Ten, because the buffers of the system can have one.
    for (let i = 0; i < 10; i++) a.send(message('b', content));
    let most = before;
    for (let i = 0; i < 20; i++) {
      await pause(20);
      await settled(c, 'c');
      most = Math.max(most, memoryOf(relay));
    }
    expect(a.socket.writableLength).toBeGreaterThan(100 * MEBIBYTE);
    b.socket.resume();
    for (let i = 0; i < 10; i++) {
      expect(hash(await b.take(content.length))).toBe(hash(content));
      most = Math.max(most, memoryOf(relay));
    }
    // Its own buffers of 256 KiB, its outbox, and whatever Node keeps for itself; not sixteen.
    expect(most - before).toBeLessThan(12 * MEBIBYTE);
  });
});

describe('a receiver that stalls', () => {
  test('slows who sends to it, and no one else', async () => {
    const relay = await startRelay();
    const [slow, one, two] = [
      await enter(relay, 'slow'),
      await enter(relay, 'one'),
      await enter(relay, 'two'),
    ];
    const [far, near] = [await enter(relay, 'far'), await enter(relay, 'near')];
    slow.socket.pause();
    const content = Buffer.alloc(MEBIBYTE, 1);
    for (let i = 0; i < 40; i++) one.send(message('slow', content));
    for (let i = 0; i < 40; i++) two.send(message('slow', content));
    await pause(200);
    for (let i = 0; i < 100; i++) {
      near.send(message('far', `beat ${i}.`));
      await expectHears(far, `beat ${i}.`);
    }
    // Eighty million bytes cannot all have been taken: the relay has stopped reading both.
    expect(one.socket.writableLength).toBeGreaterThan(10 * MEBIBYTE);
    expect(two.socket.writableLength).toBeGreaterThan(10 * MEBIBYTE);
    slow.socket.resume();
    expect(await slow.take(80 * MEBIBYTE)).toHaveLength(80 * MEBIBYTE);
  });

  test('is not closed for what many send at once, each of whom waits for room', async () => {
    const relay = await startRelay(['--log-level', 'debug']);
    const slow = await enter(relay, 'slow');
    slow.socket.pause();
    const senders = await Promise.all(Array.from({ length: 150 }, (_, i) => enter(relay, `sender ${i}`)));
    const content = (i: number) => Buffer.alloc(250_000, i);
    for (const [i, sender] of senders.entries()) sender.send(message('slow', content(i)));
    await pause(300);
    await settled(await enter(relay, 'probe'), 'probe');
    expect(relay.stderr()).not.toMatch(/did not read/);
    slow.socket.resume();
    const seen = new Set<number>();
    for (const _ of senders) {
      const bytes = await slow.take(250_000);
      expect(bytes.equals(content(bytes[0]!))).toBe(true);
      seen.add(bytes[0]!);
    }
    expect(seen.size).toBe(senders.length);
  });
});

describe('many who send to one', () => {
  test('never interleave, and each is heard in order and whole', async () => {
    const relay = await startRelay();
    const hub = await enter(relay, 'hub');
    const senders = await Promise.all(Array.from({ length: 12 }, (_, i) => enter(relay, `sender ${i}`)));
    const said = senders.map((_, i) => contents(i + 1, 60, 40_000));
    /** Who sent it, which it is, how long it is and its hash, and then itself. */
    const labelled = (sender: number, n: number, content: Buffer) => {
      const label = Buffer.alloc(12);
      label.writeUInt32LE(sender, 0);
      label.writeUInt32LE(n, 4);
      label.writeUInt32LE(content.length, 8);
      return Buffer.concat([label, Buffer.from(hash(content), 'hex'), content]);
    };
    const speak = async (sender: Client, i: number) => {
      const next = seeded(100 + i);
      const bytes = Buffer.concat(
        said[i]!.map((content, n) => Buffer.from(message('hub', labelled(i, n, content)))),
      );
      for (let at = 0; at < bytes.length;) {
        const size = 1 + Math.floor(next() * 30_000);
        sender.send(bytes.subarray(at, at + size));
        at += size;
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const spoken = Promise.all(senders.map(speak));
    const heard = senders.map(() => 0);
    for (let left = senders.length * 60; left > 0; left--) {
      const label = await hub.take(12 + 32);
      const sender = label.readUInt32LE(0);
      const content = await hub.take(label.readUInt32LE(8));
      expect(label.readUInt32LE(4)).toBe(heard[sender]);
      expect(hash(content)).toBe(label.subarray(12).toString('hex'));
      expect(content.equals(said[sender]![heard[sender]!]!)).toBe(true);
      heard[sender]!++;
    }
    await spoken;
    expect(heard).toEqual(senders.map(() => 60));
  });
});

describe('an end in the middle of a message', () => {
  test('of the sender closes the receiver, and the recording says all of it', async () => {
    const file = join(temporaryFolder(), 'cut.db');
    const relay = await startRelay(['--record', file, '--log-level', 'debug']);
    const [a, b, c] = [
      await enter(relay, 'device_a'),
      await enter(relay, 'device_b'),
      await enter(relay, 'c'),
    ];
    a.send(Buffer.concat([message('nobody', 'gone'), head('device_b', 1000), raw('only this')]));
    await expectHears(b, 'only this');
    c.send(message('device_b', 'never'));
    await settled(await enter(relay, 'probe'), 'probe');
    a.socket.resetAndDestroy();
    expect(await b.rest()).toHaveLength(0);
    c.send(message('c', 'goes on'));
    await expectHears(c, 'goes on');
    await expect.poll(() => relay.stderr()).toMatch(/the sender of a message ended in the middle of it/);
    expect((await relay.stop()).code).toBe(0);
    await expectVerified(file);
    const told = await frames(file, '--filter', 'from.conn <= 3');
    expect(told.map(({ kind, outcome, summary }) => `${kind} ${outcome}: ${summary}`)).toEqual([
      ...entered('device_a'),
      ...entered('device_b'),
      ...entered('c'),
      'message no-target: 4 bytes to "nobody"',
      'body no-target: 4 bytes of the message',
      'message consumed: 1000 bytes to "device_b"',
      'body forwarded: 9 bytes of the message',
      'message consumed: 5 bytes to "device_b"',
      'body undelivered: 5 bytes of the message',
      'message consumed: 7 bytes to "c"',
      'body forwarded: 7 bytes of the message',
    ]);
    expect(told.find(({ summary }) => summary === '9 bytes of the message')).toMatchObject({
      from: { endpoint: 'device_a' },
      to: { endpoint: 'device_b' },
      bytes: Buffer.from('only this').toString('hex'),
    });
    expect(faultsOf(file).slice(0, 3)).toEqual(['lost', 'cut-off', 'shutdown']);
    // Filters know the fields.
    const toB = await frames(file, '--filter', 'tcp-relay.dest == "device_b" && tcp-relay.size > 10');
    expect(toB.map(({ summary }) => summary)).toEqual(['1000 bytes to "device_b"']);
    const nobody = await frames(file, '--filter', 'protocol == tcp-relay && outcome == no-target');
    expect(nobody.map(({ kind }) => kind)).toEqual(['message', 'body']);
  });

  test('of the receiver costs its sender that message, and nothing more', async () => {
    const relay = await startRelay();
    const [a, b, c] = [await enter(relay, 'a'), await enter(relay, 'b'), await enter(relay, 'c')];
    a.send(Buffer.concat([head('b', 3 * MEBIBYTE), Buffer.alloc(MEBIBYTE)]));
    await b.take(100);
    b.socket.resetAndDestroy();
    a.send(Buffer.alloc(MEBIBYTE));
    await settled(c, 'c');
    const again = await enter(relay, 'b');
    a.send(Buffer.concat([Buffer.alloc(MEBIBYTE), message('b', 'whole'), message('c', 'too')]));
    await expectHears(again, 'whole');
    await expectHears(c, 'too');
  });
});

describe('bad input', () => {
  test('of ten thousand kinds leaves the relay and everybody else alone', { timeout: 120_000 }, async () => {
    const relay = await startRelay();
    const [a, b] = [await enter(relay, 'a'), await enter(relay, 'b')];
    const good = Buffer.concat([
      named('x'),
      message('x', 'to myself'),
      message('y', 'to another'),
      head('x', 0),
      message('nobody', 'to nobody'),
      head('y', '00012'),
      raw('twelve bytes'),
    ]);
    const next = seeded(6);
    for (let round = 0; round < 100; round++) {
      const intruders = Array.from({ length: 100 }, (_, i) => {
        const client = new Client(relay.ports['tcp-relay'] as number);
        const name = next() < 0.5 ? 'y' : `${round} ${i}`;
        client.send(damaged(Buffer.concat([named(name), good.subarray(2)]), next));
        if (next() < 0.3)
          client.socket.once('connect', () => setImmediate(() => client.socket.resetAndDestroy()));
        else client.end();
        return client;
      });
      a.send(message('b', `beat ${round}.`));
      await expectHears(b, `beat ${round}.`);
      for (const client of intruders) {
        client.socket.resume();
        await client.closed;
      }
    }
    b.send(message('a', 'after'));
    await expectHears(a, 'after');
    expect((await relay.stop()).code).toBe(0);
  });
});

function entered(name: string): readonly string[] {
  return [
    `name consumed: is called "${name}"`,
    `message consumed: 1 byte to "${name}"`,
    'body forwarded: 1 byte of the message',
  ];
}

/** Why each connection ended, in the order in which they came. */
function faultsOf(file: string): readonly string[] {
  const database = new Database(file, { readonly: true });
  const rows = database.prepare('SELECT fault FROM connection ORDER BY id').all() as { fault: number }[];
  database.close();
  return rows.map(({ fault }) => describeFault(tcpRelay, fault).name);
}
