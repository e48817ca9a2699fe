/** Players of GATE.PUNCH on real sockets and addresses of their own, against the program as it is built. */
import fc from 'fast-check';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { gatepunch } from '../../protocol/gatepunch/index.ts';
import { Direction } from '../../protocol/types.ts';
import { captures, expectVerified, frames } from '../kit/capture-checks.ts';
import {
  command,
  gameMaker,
  headed,
  introduced,
  lobby2,
  notFound,
  reg2,
  said,
} from '../kit/gatepunch-wire.ts';
import { streamBytes, streams } from '../kit/generate.ts';
import { type RunningRelay, startRelay, temporaryFolder } from '../kit/program.ts';
import { Client, Init, pdp, player } from '../kit/socket-client.ts';
import { UdpClient } from '../kit/udp-client.ts';

const SERVER = '127.0.0.2';
const CLIENT = '127.0.0.3';
const KNOCK = Buffer.of(256 - 3);
const WELCOME = Buffer.of(256 - 4);
const VERSION = said('\xf6', '1.2.0\n');

function portOf(relay: RunningRelay): number {
  return relay.ports['gatepunch']!;
}

async function call(relay: RunningRelay, from: string): Promise<Client> {
  const client = new Client(portOf(relay), '127.0.0.1', from);
  await client.connected();
  return client;
}

/** Until the relay has taken all that this client sent. */
async function pass(client: Client): Promise<void> {
  client.send(command('version'));
  expect(await client.take(VERSION.length)).toEqual(Buffer.from(VERSION));
}

interface Punched {
  readonly ip: string;
  readonly port: number;
}

/** What an introduction says. */
async function otherOne(client: Client): Promise<Punched> {
  expect((await client.take(1))[0]).toBe(0xff);
  const texts: string[] = [];
  for (let text = ''; texts.length < 2;) {
    const letter = (await client.take(1)).toString('latin1');
    if (letter === '\0') {
      texts.push(text);
      text = '';
    } else text += letter;
  }
  return { ip: texts[0]!, port: Number(texts[1]) };
}

async function listed(client: Client, query: Uint8Array = lobby2()): Promise<Record<string, unknown>[]> {
  client.send(query);
  expect((await client.take(1))[0]).toBe(0xf9);
  let text = '';
  while (!text.endsWith('\n')) text += (await client.take(1)).toString('latin1');
  return JSON.parse(Buffer.from(text, 'latin1').toString()) as Record<string, unknown>[];
}

/** A player as GameMaker speaks: its TCP, and the UDP socket with which it plays. */
interface Player {
  readonly tcp: Client;
  readonly udp: UdpClient;
}

async function comes(relay: RunningRelay, from: string): Promise<Player> {
  return { tcp: await call(relay, from), udp: await UdpClient.open(from) };
}

/** Both knock at the address that they were told, until each has heard the other. */
async function punch(server: Player, client: Player): Promise<void> {
  const [toServer, toClient] = [await otherOne(client.tcp), await otherOne(server.tcp)];
  expect(toServer).toEqual({ ip: SERVER, port: server.udp.port });
  expect(toClient).toEqual({ ip: CLIENT, port: client.udp.port });
  await client.udp.send(KNOCK, toServer.port, toServer.ip);
  const knock = await server.udp.next();
  expect(knock).toEqual({ bytes: KNOCK, address: CLIENT, port: client.udp.port });
  await server.udp.send(WELCOME, toClient.port, toClient.ip);
  expect(await client.udp.next()).toEqual({ bytes: WELCOME, address: SERVER, port: server.udp.port });
}

describe('a punch between two addresses', () => {
  test.each([
    ['plain lines', command, (bytes: Uint8Array) => bytes],
    ['lines with NULs, and datagrams with a header', gameMaker, headed],
  ])('ends with knock and welcome: %s', async (_, lines, datagram) => {
    const relay = await startRelay();
    const [server, client] = [await comes(relay, SERVER), await comes(relay, CLIENT)];
    await server.udp.send(datagram(lines('reg')), portOf(relay));
    server.tcp.send(lines('reg2', '1.2.0', 'Ann’s game', ...Array.from({ length: 7 }, () => '')));
    await pass(server.tcp);
    client.tcp.send(lines('connect', SERVER));
    await client.udp.send(datagram(lines('connect')), portOf(relay));
    await punch(server, client);
  });

  test('ends so where packets by UDP come last, and a second later not', async () => {
    const relay = await startRelay();
    const [server, client] = [await comes(relay, SERVER), await comes(relay, CLIENT)];
    server.tcp.send(command('reg'));
    await pass(server.tcp);
    client.tcp.send(command('connect', SERVER));
    await pass(client.tcp);
    await client.udp.send(command('connect'), portOf(relay));
    await server.udp.send(command('reg'), portOf(relay));
    await punch(server, client);
    client.tcp.send(command('connect', SERVER));
    expect(await client.tcp.take(1)).toEqual(Buffer.from(notFound));
  });

  test('is none where the server is gone', async () => {
    const relay = await startRelay();
    const [server, client] = [await comes(relay, SERVER), await comes(relay, CLIENT)];
    await server.udp.send(command('reg'), portOf(relay));
    server.tcp.send(command('reg'));
    expect(await (async () => (await pass(server.tcp), listed(client.tcp)))()).toHaveLength(1);
    server.tcp.end();
    await server.tcp.closed;
    await client.udp.send(command('connect'), portOf(relay));
    client.tcp.send(command('connect', SERVER));
    expect(await client.tcp.take(1)).toEqual(Buffer.from(notFound));
    expect(await listed(client.tcp)).toEqual([]);
  });
});

test('a lobby tells the second by the wall clock, and what was asked for', async () => {
  const relay = await startRelay();
  const before = Math.floor(Date.now() / 1000);
  const [one, two] = [await call(relay, SERVER), await call(relay, '127.0.0.4')];
  one.send(reg2('1.2.0', 'race', '"quoted"\\'));
  await pass(one);
  two.send(reg2('1.10.0', 'chess'));
  await pass(two);
  const client = await call(relay, CLIENT);
  const all = await listed(client);
  expect(all.map(({ ip, data1 }) => [ip, data1])).toEqual([
    [SERVER, 'race'],
    ['127.0.0.4', 'chess'],
  ]);
  expect(all[0]).toMatchObject({ data2: '"quoted"\\', data8: '' });
  expect(Object.keys(all[0]!).join()).toBe('ip,data1,data2,data3,data4,data5,data6,data7,data8,createdTime');
  expect(all[0]!['createdTime']).toBeGreaterThanOrEqual(before);
  expect(all[0]!['createdTime']).toBeLessThanOrEqual(Date.now() / 1000);
  expect(await listed(client, lobby2({ filters: { 1: 'chess' } }))).toHaveLength(1);
  expect((await listed(client, lobby2({ sort: 'data1', order: 'DESC', limit: '1' })))[0]!['data1']).toBe(
    'chess',
  );
});

test('options turn the lobby off, and tell games that this is for tests', async () => {
  const flags = ['--gatepunch-no-lobby', '--gatepunch-testing', '--gatepunch-name', 'Ann’s relay'];
  const relay = await startRelay(flags);
  const server = await call(relay, SERVER);
  server.send(command('reg'));
  expect(await listed(server)).toEqual([]);
  server.send(command('istesting'));
  expect(await server.take(2)).toEqual(Buffer.of(0xf8, 1));
  server.send(command('testinginfos'));
  const wanted = Buffer.concat([Buffer.of(0xf7), Buffer.from('Ann’s relay\n1.2.0\n1.2.0\n')]);
  expect(await server.take(wanted.length)).toEqual(wanted);
});

test('a command that is half sent ends its connection after a second, and an old game at once', async () => {
  const relay = await startRelay();
  const [half, old, good] = [await call(relay, SERVER), await call(relay, CLIENT), await call(relay, SERVER)];
  good.send(gameMaker('ping'));
  old.send(reg2('1.1.9'));
  await old.closed;
  half.send(command('reg2', '1.2.0', 'and then nothing'));
  const before = performance.now();
  await half.closed;
  expect(performance.now() - before).toBeGreaterThan(900);
  await pass(good);
});

/** What the generators make of the tables, whole, cut short, and with bits turned over; and bytes of any kind. */
function hostileInputs(count: number, seed: number): Uint8Array[] {
  const valid = streams(gatepunch, Direction.toRelay, { crowded: true, dirty: true, bodyMax: 60 }).map(
    streamBytes,
  );
  const flips = fc.array(fc.tuple(fc.nat(), fc.nat(7)), { minLength: 1, maxLength: 5 });
  const mutated = fc.tuple(valid, flips, fc.nat()).map(([bytes, flipped, place]) => {
    const spoilt = bytes.slice(0, 1 + (place % (bytes.length + 1)));
    for (const [at, bit] of flipped) spoilt[at % spoilt.length]! ^= 1 << bit;
    return spoilt;
  });
  const words = fc
    .array(
      fc.constantFrom(
        'reg',
        'reg2',
        'connect',
        'lobby2',
        '1.2.0',
        SERVER,
        '\n',
        '\0',
        '\xff',
        'x'.repeat(600),
      ),
      {
        minLength: 1,
        maxLength: 20,
      },
    )
    .map((parts) => Uint8Array.from(Buffer.from(parts.join(''), 'latin1')));
  const any = fc.oneof(valid, mutated, mutated, words, fc.uint8Array({ minLength: 1, maxLength: 200 }));
  return fc.sample(any, { numRuns: count, seed });
}

describe('bad input', () => {
  const INPUTS = 10_000;

  async function undisturbed(relay: RunningRelay): Promise<{ server: Player; check: () => Promise<void> }> {
    const server = await comes(relay, SERVER);
    await server.udp.send(headed(gameMaker('reg')), portOf(relay));
    server.tcp.send(reg2('1.2.0', 'still here'));
    await pass(server.tcp);
    const before = await listed(server.tcp, lobby2({ filters: { 1: 'still here' } }));
    return {
      server,
      async check() {
        await pass(server.tcp);
        expect(await listed(server.tcp, lobby2({ filters: { 1: 'still here' } }))).toEqual(before);
        const client = await comes(relay, CLIENT);
        await client.udp.send(command('connect'), portOf(relay));
        client.tcp.send(command('connect', SERVER));
        await punch(server, client);
        expect(server.tcp.isEnded).toBe(false);
      },
    };
  }

  test(`${INPUTS} by TCP end nobody but who sends them`, { timeout: 240_000 }, async () => {
    const relay = await startRelay();
    const { check } = await undisturbed(relay);
    const inputs = hostileInputs(INPUTS, 1);
    const sendAll = async (lane: number): Promise<void> => {
      for (let i = lane; i < inputs.length; i += 20) {
        const client = await call(relay, '127.0.0.9');
        client.send(inputs[i]!);
        client.end();
        await client.closed;
      }
    };
    await Promise.all(Array.from({ length: 20 }, (_, lane) => sendAll(lane)));
    await check();
  });

  test(`${INPUTS} by UDP are never answered, and end nobody`, { timeout: 240_000 }, async () => {
    const relay = await startRelay();
    const { check } = await undisturbed(relay);
    const inputs = hostileInputs(INPUTS, 2);
    const senders = await Promise.all(Array.from({ length: 50 }, () => UdpClient.open('127.0.0.9')));
    for (const [i, bytes] of inputs.entries()) {
      await senders[i % senders.length]!.send(bytes.subarray(0, 1400), portOf(relay));
      // So that the system's own buffer does not drop them.
      if (i % 50 === 49) await new Promise((resolve) => setImmediate(resolve));
    }
    await check();
    expect(senders.reduce((sum, { heard }) => sum + heard.length, 0)).toBe(0);
  });
});

test('all of it is in one capture with other protocols, and is read, searched and verified as they are', async () => {
  const file = join(temporaryFolder(), 'punch.db');
  const relay = await startRelay(['--record', file]);
  const datagrams = await Client.open(relay.port, Init.pdp, player(1));
  datagrams.send(pdp(player(1), 'to myself'));
  await datagrams.take(pdp(player(1), 'to myself').length);
  const [server, client] = [await comes(relay, SERVER), await comes(relay, CLIENT)];
  await server.udp.send(headed(command('reg')), portOf(relay));
  await server.udp.send(Buffer.from('what is this?'), portOf(relay));
  server.tcp.send(gameMaker('reg2', '1.2.0', 'Ann’s game', ...Array.from({ length: 7 }, () => '')));
  await pass(server.tcp);
  await client.udp.send(command('connect'), portOf(relay));
  client.tcp.send(command('connect', SERVER));
  await punch(server, client);
  await relay.stop();
  await expectVerified(file);
  expect((await captures(file)).map(({ gaps, ended }) => [gaps, ended])).toEqual([[0, 'clean']]);

  const all = await frames(file);
  const kinds = new Set(all.map(({ kind }) => kind));
  for (const kind of [
    'pdp',
    'udp-reg-headed',
    'udp-connect',
    'reg2',
    'connect',
    'introduced',
    'unframed',
    'blank',
  ])
    expect(kinds).toContain(kind);
  const told = all.filter(({ kind }) => kind === 'introduced');
  expect(told.map(({ bytes }) => bytes)).toEqual(
    [introduced(SERVER, server.udp.port), introduced(CLIENT, client.udp.port)].map((bytes) =>
      Buffer.from(bytes).toString('hex'),
    ),
  );
  expect(told.map(({ to }) => to?.endpoint)).toEqual([CLIENT, SERVER]);

  const commands = await frames(file, '--filter', 'gatepunch.command == "connect"');
  expect(commands.map(({ kind, from }) => [kind, from?.endpoint])).toEqual([
    ['udp-connect', CLIENT],
    ['connect', CLIENT],
  ]);
  const regs = await frames(file, '--filter', 'gatepunch.data1 == "Ann’s game"');
  expect(regs.map(({ kind }) => kind)).toEqual(['reg2']);
});
