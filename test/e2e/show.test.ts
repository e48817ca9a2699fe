/**
 * Ten ways in which an evening goes wrong, each played on real sockets against the program as it is
 * built, recorded, and then explained by `postreel show`.
 */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { expectVerified } from '../kit/capture-checks.ts';
import { ControlClient } from '../kit/control-client.ts';
import { type RunningRelay, run, startRelay, temporaryFolder } from '../kit/program.ts';
import { type Address, Client, init, Init, pdp, player } from '../kit/socket-client.ts';

interface Shown {
  readonly findings: readonly { id: string; severity: string; text: string; frames: readonly number[] }[];
}

const ANN = player(1);
const BOB = player(2);
const NAMES = ['Ann', 'Bob', 'Cleo'];
const NONE: Buffer = Buffer.alloc(0);

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** One group of players at one relay that records. */
class Evening {
  readonly relay: RunningRelay;
  readonly record: string;
  readonly controls: ControlClient[] = [];

  private constructor(relay: RunningRelay, record: string) {
    this.relay = relay;
    this.record = record;
  }

  static async start(...args: string[]): Promise<Evening> {
    const record = join(temporaryFolder(), 'evening.db');
    const evening = new Evening(await startRelay(['--record', record, ...args]), record);
    for (const n of [1, 2]) {
      const control = await ControlClient.logIn(evening.relay.ports['adhocctl']!, {
        mac: player(n).mac,
        nickname: NAMES[n - 1]!,
      });
      await control.join('ROOM');
      evening.controls.push(control);
    }
    return evening;
  }

  /** Opens a connection, and waits until the relay has its init. */
  async open(type: number, self: Address, target?: Address, early = NONE, from = ''): Promise<Client> {
    const client = new Client(this.relay.port, '127.0.0.1', from);
    await client.connected();
    client.send(Buffer.concat([init(type, self, target), early]));
    await sleep(30);
    return client;
  }

  async pdp(self: Address): Promise<Client> {
    const client = await this.open(Init.pdp, self, undefined, pdp(self, 'open'));
    await client.datagram();
    return client;
  }

  /** Everybody goes home, and the recording is explained. */
  async explain(...sockets: Client[]): Promise<Shown> {
    for (const socket of sockets) socket.end();
    for (const control of this.controls) control.end();
    await sleep(50);
    await this.relay.stop();
    await expectVerified(this.record);
    const sessions = await run(['sessions', this.record, '--json']);
    // What was found while it was recorded is what is found afterwards.
    expect((await run(['index', this.record, '--again'])).code).toBe(0);
    expect((await run(['sessions', this.record, '--json'])).stdout).toBe(sessions.stdout);
    const [session] = JSON.parse(sessions.stdout) as { id: number }[];
    const { code, stdout, stderr } = await run(['show', this.record, String(session?.id), '--json']);
    expect(code, stderr).toBe(0);
    return JSON.parse(stdout) as Shown;
  }
}

/** The findings that somebody has to act upon. */
function ids(shown: Shown): string[] {
  return [
    ...new Set(shown.findings.filter(({ severity }) => severity !== 'note').map(({ id }) => id)),
  ].sort();
}

function textOf(shown: Shown, id: string): string {
  const found = shown.findings.find((finding) => finding.id === id);
  expect(found, JSON.stringify(shown.findings)).toBeDefined();
  return found!.text;
}

/** Both send to each other at a game's rate. */
async function play(ms: number, pairs: readonly (readonly [Client, Address])[], size = 60): Promise<void> {
  for (let sent = 0; sent < ms / 20; sent++) {
    for (const [from, to] of pairs) from.send(pdp(to, Buffer.alloc(size, 0x5a)));
    await sleep(20);
  }
}

describe('show', () => {
  test('an evening on which nothing went wrong: says so', async () => {
    const evening = await Evening.start();
    const [ann, bob] = [await evening.pdp(ANN), await evening.pdp(BOB)];
    await play(2_000, [
      [ann, BOB],
      [bob, ANN],
    ]);
    const shown = await evening.explain(ann, bob);
    expect(shown.findings).toEqual([]);
  });

  test('1. a connect that nobody listened for, and the listener that came too late', async () => {
    const evening = await Evening.start();
    const connector = await evening.open(Init.connect, BOB, ANN);
    await connector.closed;
    await sleep(300);
    const listener = await evening.open(Init.listen, ANN);
    const shown = await evening.explain(listener);
    expect(ids(shown)).toEqual(['no-listener']);
    expect(textOf(shown, 'no-listener')).toMatch(
      /^Bob .* asked for a stream .* of Ann .*a listener appeared 0\.[34] s too late$/,
    );
  });

  test('2. a listener that never accepted', { timeout: 60_000 }, async () => {
    const evening = await Evening.start();
    const listener = await evening.open(Init.listen, ANN);
    const connector = await evening.open(Init.connect, BOB, ANN);
    await connector.closed;
    const shown = await evening.explain(listener);
    expect(ids(shown)).toEqual(['not-accepted']);
    expect(textOf(shown, 'not-accepted')).toMatch(/^Bob .*Ann .*did not accept it in 20\.0 s/);
  });

  test('3. datagrams to a port that nobody holds, though the player holds another', async () => {
    const evening = await Evening.start();
    const [ann, bob] = [await evening.pdp(ANN), await evening.pdp(BOB)];
    await play(1_000, [
      [ann, { ...BOB, port: 999 }],
      [bob, ANN],
    ]);
    const shown = await evening.explain(ann, bob);
    expect(ids(shown)).toContain('nobody-there');
    expect(textOf(shown, 'nobody-there')).toMatch(/Ann .*50 .*Bob/s);
  });

  test('4. a player who is there, and never answers', async () => {
    const evening = await Evening.start();
    const [ann, bob] = [await evening.pdp(ANN), await evening.pdp(BOB)];
    await play(5_000, [[ann, BOB]]);
    const shown = await evening.explain(ann, bob);
    expect(ids(shown)).toEqual(['one-way']);
    expect(textOf(shown, 'one-way')).toMatch(/Ann .*Bob/);
  });

  test('5. two machines with the same MAC address', async () => {
    const evening = await Evening.start();
    const [ann, bob] = [await evening.pdp(ANN), await evening.pdp(BOB)];
    const twin = { ...BOB, port: 2002 };
    const other = await evening.open(Init.pdp, twin, undefined, pdp(twin, 'open'), '127.0.0.9');
    await other.datagram();
    await play(2_000, [
      [ann, BOB],
      [bob, ANN],
      [other, ANN],
      [ann, twin],
    ]);
    const shown = await evening.explain(ann, bob, other);
    expect(ids(shown)).toEqual(['same-mac-twice']);
    expect(textOf(shown, 'same-mac-twice')).toMatch(/^Bob .*127\.0\.0\.1 and from 127\.0\.0\.9/);
  });

  test('6. a reader that was too slow', async () => {
    const evening = await Evening.start();
    const [ann, bob] = [await evening.pdp(ANN), await evening.pdp(BOB)];
    bob.socket.pause();
    // More than the system's buffers take, and then more than the relay keeps for anybody.
    for (let sent = 0; sent < 2_000 && !bob.socket.destroyed; sent++) {
      ann.send(pdp(BOB, Buffer.alloc(10_000, 0x5a)));
      if (sent % 20 === 0) await sleep(5);
    }
    await sleep(200);
    bob.socket.resume();
    const shown = await evening.explain(ann, bob);
    expect(ids(shown)).toContain('slow-reader');
    expect(textOf(shown, 'slow-reader')).toMatch(/^Bob /);
  });

  test('7. datagrams that are larger than any client survives', async () => {
    const evening = await Evening.start();
    const [ann, bob] = [await evening.pdp(ANN), await evening.pdp(BOB)];
    await play(1_000, [
      [ann, BOB],
      [bob, ANN],
    ]);
    for (let sent = 0; sent < 3; sent++) ann.send(pdp(BOB, Buffer.alloc(10_241)));
    const shown = await evening.explain(ann, bob);
    expect(ids(shown)).toEqual(['datagram-too-large']);
    expect(textOf(shown, 'datagram-too-large')).toMatch(/Ann /);
  });

  test('8. somebody whom the guard refused', async () => {
    const evening = await Evening.start('--guard', 'group');
    const [ann, bob] = [await evening.pdp(ANN), await evening.pdp(BOB)];
    const thief = await evening.open(Init.pdp, BOB, undefined, pdp(ANN, 'stolen'), '127.0.0.9');
    await thief.closed;
    const shown = await evening.explain(ann, bob);
    expect(ids(shown)).toEqual(['connections-refused']);
    expect(textOf(shown, 'connections-refused')).toMatch(/127\.0\.0\.9.*logged in from another IP address/);
  });

  test('9. a join that was answered with CANCEL, and one that was not answered', async () => {
    const hello = Buffer.from('0100000000', 'hex');
    const ask = Buffer.from('0200000000', 'hex');
    const cancel = Buffer.from('0400000000', 'hex');
    const evening = await Evening.start();
    const third = { mac: player(3).mac, port: 3 };
    const control = await ControlClient.logIn(evening.relay.ports['adhocctl']!, {
      mac: third.mac,
      nickname: 'Cleo',
    });
    await control.join('ROOM');
    evening.controls.push(control);
    const [ann, bob, cleo] = [await evening.pdp(ANN), await evening.pdp(BOB), await evening.pdp(third)];
    ann.send(Buffer.concat([pdp(BOB, hello), pdp(third, hello)]));
    await sleep(50);
    bob.send(pdp(ANN, ask));
    await sleep(50);
    ann.send(pdp(BOB, cancel));
    for (let asked = 0; asked < 10; asked++) {
      cleo.send(pdp(ANN, ask));
      await sleep(500);
    }
    const shown = await evening.explain(ann, bob, cleo);
    expect(ids(shown)).toEqual(['join-refused', 'join-unanswered']);
    expect(textOf(shown, 'join-refused')).toMatch(/^Ann .* JOIN of Bob .* CANCEL/);
    expect(textOf(shown, 'join-unanswered')).toMatch(/^Cleo .* Ann /);
  });

  test('10. a player who fell silent, and whose connection then broke', async () => {
    const evening = await Evening.start();
    const [ann, bob] = [await evening.pdp(ANN), await evening.pdp(BOB)];
    await play(2_000, [
      [ann, BOB],
      [bob, ANN],
    ]);
    await play(4_000, [[ann, BOB]]);
    bob.socket.resetAndDestroy();
    evening.controls[1]!.client.socket.resetAndDestroy();
    await play(500, [[ann, BOB]]);
    const shown = await evening.explain(ann);
    expect(ids(shown)).toContain('silent-before-break');
    expect(textOf(shown, 'silent-before-break')).toMatch(
      /^Bob .*4\.\d s before its connection broke; Ann .*went on$/,
    );
  });
});
