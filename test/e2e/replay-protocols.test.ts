/**
 * Replays of protocols beside the first two, by the program as it is built: recorded with one relay, replayed against another
 * one, and what cannot be replayed is said to be left out, or refused.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { alphanet } from '../../protocol/alphanet/index.ts';
import { dpea } from '../../protocol/dpea/index.ts';
import { gatepunch } from '../../protocol/gatepunch/index.ts';
import { tcpRelay } from '../../protocol/tcp-relay/index.ts';
import { playAlphanet } from '../kit/alphanet-play.ts';
import { bytesOf, dial, startUpstream } from '../kit/between.ts';
import { type Letter, type Scene, startBreaking } from '../kit/breaking-hub.ts';
import { command } from '../kit/gatepunch-wire.ts';
import { type RunningRelay, run, startRelay, temporaryFolder } from '../kit/program.ts';
import { Client } from '../kit/socket-client.ts';
import { keepAlive, message, named } from '../kit/tcp-relay-wire.ts';

type Play = (relay: RunningRelay) => Promise<unknown>;

/** The capture file of this, played on the program. */
async function record(play: Play, ...args: readonly string[]): Promise<string> {
  const folder = temporaryFolder();
  const relay = await startRelay(['--record', ...args], { cwd: folder });
  await play(relay);
  expect((await relay.stop()).code).toBe(0);
  return join(folder, 'postreel.db');
}

async function leave(...clients: readonly Client[]): Promise<void> {
  for (const client of clients) client.end();
  await Promise.all(clients.map(({ closed }) => closed));
}

/** Ann and Bob write to Cat in turn, who answers; each says once that they are still there. */
async function talk({ ports }: RunningRelay): Promise<void> {
  const names = ['ann', 'bob', 'cat'];
  const clients = names.map(() => new Client(ports['tcp-relay']!));
  const [ann, bob, cat] = clients as [Client, Client, Client];
  for (const [i, client] of clients.entries()) {
    await client.connected();
    // A name is known once its client hears itself.
    client.send(Buffer.concat([named(names[i]!), message(names[i]!, '!')]));
    await client.take(1);
  }
  for (let turn = 1; turn <= 4; turn++)
    for (const [name, client] of [
      ['ann', ann],
      ['bob', bob],
    ] as const) {
      const said = `${name} says ${turn}`;
      client.send(message('cat', said));
      await cat.take(said.length);
      const heard = `cat heard ${name}`;
      cat.send(message(name, heard));
      await client.take(heard.length);
    }
  for (const [i, client] of clients.entries()) client.send(keepAlive(names[i]!));
  await sleep(20);
  await leave(...clients);
}

const talkAlphanet: Play = ({ ports }) => playAlphanet(ports['alphanet']!);

async function knock({ ports }: RunningRelay): Promise<void> {
  const client = new Client(ports['gatepunch']!);
  await client.connected();
  client.send(command('version'));
  await client.take(1);
  await leave(client);
}

/** A packet of dpea through the proxy. */
async function pass({ proxies }: RunningRelay, next: () => Promise<ReturnType<typeof dial>>): Promise<void> {
  const client = dial(proxies['dpea']![0]!);
  const server = await next();
  const packet = Buffer.from('0100000002000000aabb', 'hex');
  client.write(packet);
  expect((await bytesOf(server, packet.length)).equals(packet)).toBe(true);
  server.end();
  await bytesOf(client);
  client.end();
  await bytesOf(server);
}

const at = (port: number | undefined) => `127.0.0.1:${port}`;

/** Where the first frame of this text goes by, one letter of it becomes another. */
function misspelling(text: string, letter: string) {
  let isDone = false;
  return (each: Letter, scene: Scene): boolean => {
    const place = Buffer.from(each.bytes).indexOf(text);
    if (isDone || place < 0) return false;
    isDone = true;
    const bytes = Uint8Array.from(each.bytes);
    bytes[place] = letter.charCodeAt(0);
    scene.deliver({ ...each, bytes });
    return true;
  };
}

describe.each([
  {
    protocol: tcpRelay,
    play: talk,
    breaks: misspelling('bob says 3', 'B'),
    told: /^ {2}byte 20 of the stream from bob \(P2\) to cat \(P3\) is 0x42 instead of 0x62$/m,
  },
  {
    protocol: alphanet,
    play: talkAlphanet,
    breaks: misspelling('bob 2 hears ann', 'B'),
    told: /^ {2}frame \d+ from P2 to P1 has other bytes: payload\[0\] is 0x42 instead of 0x62$/m,
  },
])('what was recorded of $protocol.name', ({ protocol, play, breaks, told }) => {
  test('is the same at a fresh relay: exit code 0', async () => {
    const file = await record(play);
    const fresh = await startRelay([]);
    for (const pace of ['causal', 'max']) {
      const words = ['replay', file, '--against', at(fresh.ports[protocol.name]), '--pace', pace];
      const { code, stdout, stderr } = await run(words);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toMatch(/^Same: /);
      expect(stdout).not.toContain('left out');
    }
    expect((await run(['verify', file])).code).toBe(0);
  });

  test('differs at a relay that changes one byte: exit code 1, and whose byte it is', async () => {
    const file = await record(play);
    const port = await startBreaking(protocol, breaks);
    const { code, stdout } = await run(['replay', file, '--against', at(port), '--patience', '1']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^Differs: 1 failure/);
    expect(stdout).toMatch(told);
  });
});

describe('what cannot be replayed', () => {
  async function refusalOf(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await run(['replay', ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    return stderr.trimEnd();
  }

  const only = 'postreel: the capture has only connections that cannot be replayed:';

  test('is refused in one line where there is nothing else', async () => {
    const upstream = await startUpstream();
    const proxy = ['--dpea', `127.0.0.1:0=127.0.0.1:${upstream.port}`];
    const knocked = await record(knock);
    const passed = await record((relay) => pass(relay, () => upstream.next()), ...proxy);
    expect(await refusalOf(knocked, '--against', at(1))).toBe(`${only} gatepunch (${gatepunch.noReplay})`);
    expect(await refusalOf(passed, '--against', at(1))).toBe(`${only} dpea (${dpea.noReplay})`);
  });

  test('to a game is what a relay makes up addresses for, and is refused in one line', async () => {
    const file = await record(talkAlphanet);
    expect(await refusalOf(file, '--play', 'P1', '--listen', '0')).toBe(
      `${only} alphanet (its relay makes up the addresses, and a game under test could not know those of the others)`,
    );
  });

  test('is left out where there is more, and the verdict says so, to people and in JSON', async () => {
    const upstream = await startUpstream();
    const proxy = ['--dpea', `127.0.0.1:0=127.0.0.1:${upstream.port}`];
    const file = await record(
      async (relay) => {
        await knock(relay);
        await talk(relay);
        await pass(relay, () => upstream.next());
        await talkAlphanet(relay);
      },
      ...proxy,
    );
    const fresh = await startRelay([]);
    const words = [
      'replay',
      file,
      '--against-tcp-relay',
      at(fresh.ports['tcp-relay']),
      '--against-alphanet',
      at(fresh.ports['alphanet']),
      '--no-store',
    ];
    const notes = [gatepunch, dpea].map(
      ({ name, noReplay }) => `connections of ${name} were left out: ${noReplay}`,
    );
    const people = await run(words);
    expect({ code: people.code, stderr: people.stderr }).toEqual({ code: 0, stderr: '' });
    expect(people.stdout).toMatch(/^Same: /);
    for (const note of notes) expect(people.stdout).toContain(note);
    const json = await run([...words, '--json']);
    expect(json.code).toBe(0);
    expect(JSON.parse(json.stdout)).toMatchObject({ outcome: 'same', notes });
  });
});
