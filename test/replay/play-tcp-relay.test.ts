/** A game under test that speaks the TCP relay, on real sockets, in the place of one of the recorded players. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { tcpRelay } from '../../protocol/tcp-relay/index.ts';
import type { Verdict } from '../../replay/types.ts';
import { playFor } from '../kit/playing-game.ts';
import { recorded } from '../kit/recorded-relay.ts';
import { Client } from '../kit/socket-client.ts';
import { head, keepAlive, message, named } from '../kit/tcp-relay-wire.ts';

const TURNS = 4;

async function enter(port: number, name: string): Promise<Client> {
  const client = new Client(port);
  await client.connected();
  client.send(named(name));
  return client;
}

const annSays = (turn: number) => `turn ${turn}, and it is yours, bob`;
const bobSays = (turn: number) => `bob's answer to turn ${turn}`;

/** Hears each turn of Ann, and answers it; `now` is told where in between something else may be said. */
async function answers(
  bob: Client,
  say: (turn: number) => Uint8Array | string = bobSays,
  now: (turn: number) => void = () => undefined,
): Promise<void> {
  for (let turn = 1; turn <= TURNS; turn++) {
    now(turn);
    await bob.take(annSays(turn).length);
    bob.send(message('ann', say(turn)));
  }
}

async function leaves(client: Client): Promise<void> {
  client.end();
  await client.closed;
}

function record(): Promise<string> {
  return recorded(
    async (relay) => {
      const port = relay.portOf(tcpRelay);
      const ann = await enter(port, 'ann');
      const bob = await enter(port, 'bob');
      await sleep(30);
      const answered = answers(bob, bobSays, (turn) => {
        if (turn === 2) bob.send(keepAlive('bob'));
      });
      for (let turn = 1; turn <= TURNS; turn++) {
        if (turn === 3) ann.send(keepAlive('ann'));
        ann.send(message('bob', annSays(turn)));
        await ann.take(bobSays(turn).length);
      }
      await answered;
      await leaves(bob);
      await leaves(ann);
    },
    [tcpRelay],
  );
}

/** Bob comes when the others wait, and does this. */
async function played(play: (bob: Client) => Promise<void>, role = 'bob') {
  return playFor(await record(), role, async (_, { addresses }) => {
    const bob = await enter(addresses.find(({ protocol }) => protocol === tcpRelay)!.port, 'bob');
    await play(bob);
    await leaves(bob);
  });
}

const told = ({ outcome, differences }: Verdict) => ({
  outcome,
  differences: differences.filter(({ fails }) => fails).map(({ text }) => text),
});
const same = { outcome: 'same', differences: [] };

test.each(['P2', 'bob'])('a game that plays as recorded is the same in the place of %s', async (role) => {
  const { verdict } = await played((bob) => answers(bob), role);
  expect(told(verdict)).toEqual(same);
  expect(verdict.notes).toEqual([]);
  // His name, each head, and all the bytes.
  expect(verdict.counts.equal).toBeGreaterThan(TURNS);
});

test('that it is still there a game says when it likes', async () => {
  const { verdict } = await played((bob) =>
    answers(bob, bobSays, (turn) => {
      for (let times = 0; times < turn; times++) bob.send(keepAlive('bob'));
    }),
  );
  expect(told(verdict)).toEqual(same);
});

test('where a message is cut means nothing', async () => {
  const { verdict } = await played(async (bob) => {
    for (let turn = 1; turn <= TURNS; turn++) {
      await bob.take(annSays(turn).length);
      const [first, second] = [bobSays(turn).slice(0, 5), bobSays(turn).slice(5)];
      bob.send(Buffer.concat([head('ann', bobSays(turn).length), Buffer.from(first)]));
      await sleep(10);
      bob.send(Buffer.from(second));
    }
  });
  expect(told(verdict)).toEqual(same);
});

test('a byte that is another is found in what Bob said to Ann', async () => {
  const { verdict } = await played((bob) =>
    answers(bob, (turn) => (turn === 3 ? bobSays(turn).replace('answer', 'Answer') : bobSays(turn))),
  );
  expect(verdict.outcome).toBe('differs');
  const first = verdict.differences[verdict.first!]!;
  expect(first).toMatchObject({ class: 'changed' });
  expect(first.text).toBe('byte 50 of the stream from bob (P2) to ann (P1) is 0x41 instead of 0x61');
  expect([first.conversation.from.role, first.conversation.to.role]).toEqual(['P2', 'P1']);
});

test('a message that begins with no bytes to come is no answer: what was to be said is missing', async () => {
  const { verdict } = await played((bob) => answers(bob, (turn) => (turn === 3 ? '' : bobSays(turn))));
  expect(verdict.outcome).toBe('differs');
  expect(verdict.counts.differences.missing + verdict.counts.differences.changed).toBeGreaterThan(0);
});
