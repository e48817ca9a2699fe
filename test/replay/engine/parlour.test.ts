/** Any protocol that relays can be replayed: here one with names, and with nothing that a console has. */
import fc from 'fast-check';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import type { HubContext, Protocol } from '../../../protocol/types.ts';
import type { Pace } from '../../../replay/types.ts';
import { breakingHub, Scene } from '../../kit/breaking-hub.ts';
import { line, parlour, pigeon } from '../../kit/parlour.ts';
import { PROPERTY_TIMEOUT_MS, runs } from '../../kit/property.ts';
import { recorded, type RunningRelay, startRelay } from '../../kit/recorded-relay.ts';
import { replayFile } from '../../kit/replaying.ts';
import { Client } from '../../kit/socket-client.ts';

vi.mock(import('../../../protocol/registry.ts'), async (original) => {
  const registry = await original();
  const protocols = [...registry.protocols, parlour, pigeon];
  return {
    protocols,
    protocolById: (id) => protocols.find((each) => each.id === id) ?? null,
    protocolByName: (name) => protocols.find((each) => each.name === name) ?? null,
  };
});

async function replayed(file: string, pace: Pace, spoken: Protocol) {
  const target = await startRelay(null, [spoken]);
  const verdict = await replayFile(file, target, { pace, settleMs: 20, patienceMs: 500 });
  await target.stop();
  return verdict;
}

async function guest(relay: RunningRelay, protocol: Protocol, name: string): Promise<Client> {
  const client = new Client(relay.portOf(protocol));
  client.send(line('H', name));
  await client.take(1);
  return client;
}

/** Ann and Bob write each other; somebody else who is called Ann takes her place. */
async function evening(relay: RunningRelay, protocol: Protocol): Promise<void> {
  const ann = await guest(relay, protocol, 'ann');
  const bob = await guest(relay, protocol, 'bob');
  const hears = async (who: Client, last: string): Promise<void> => {
    for (let heard = ''; !heard.endsWith(`${last}\n`);) heard += (await who.take(1)).toString();
  };
  ann.send(line('Sannbob', 'hello'));
  await hears(bob, 'hello');
  bob.send(Buffer.concat([line('Sbobcid', 'hello?'), line('Sbobann', 'how are you')]));
  await hears(ann, 'you');
  const again = await guest(relay, protocol, 'ann');
  await ann.closed;
  bob.send(line('Sbobann', 'who is this'));
  await hears(again, 'this');
  for (const each of [bob, again]) {
    each.end();
    await each.closed;
  }
}

describe.each([
  { protocol: parlour, pace: 'causal', heard: 9 },
  { protocol: parlour, pace: 'max', heard: 9 },
  { protocol: pigeon, pace: 'causal', heard: 6 },
  { protocol: pigeon, pace: 'max', heard: 6 },
] as const)('$protocol.name at $pace:', ({ protocol, pace, heard }) => {
  test('an evening is the same', async () => {
    const file = await recorded((relay) => evening(relay, protocol), [protocol]);
    const verdict = await replayed(file, pace, protocol);
    expect(verdict.differences.map(({ class: what, text }) => [what, text])).toEqual([]);
    expect(verdict).toMatchObject({ outcome: 'same', notes: [], counts: { sent: 7, equal: heard } });
    expect(verdict.roles.map(({ player, nickname }) => [player, nickname])).toEqual([
      ['ann', 'ann'],
      ['bob', 'bob'],
    ]);
  });

  test('a relay that does something else is told from it', async () => {
    const file = await recorded((relay) => evening(relay, protocol), [protocol]);
    const scene = new Scene(protocol);
    scene.breaker = { letter: ({ from, to }) => from !== null && to.endpoint === 'bob' };
    const createHub = (context: HubContext) => breakingHub(scene, context);
    const { outcome, first, differences } = await replayed(file, pace, { ...protocol, createHub });
    expect(outcome).toBe('differs');
    expect(differences[first!]).toMatchObject({
      class: 'missing',
      conversation: { from: { role: 'P1' }, to: { role: 'P2', endpoint: 'bob' } },
    });
  });

  test(
    'any evening is the same',
    async () => {
      await fc.assert(
        fc.asyncProperty(evenings, async (moves) => {
          const file = await recorded((relay) => anyEvening(relay.portOf(protocol), moves), [protocol]);
          const { outcome, differences } = await replayed(file, pace, protocol);
          expect(differences.filter(({ fails }) => fails).map(({ text }) => text)).toEqual([]);
          expect(outcome).toBe('same');
        }),
        { ...runs(6), endOnFailure: true },
      );
    },
    PROPERTY_TIMEOUT_MS,
  );
});

const names = ['ann', 'bob', 'cid'] as const;
type Move = readonly [
  what: 'comes' | 'says' | 'ends' | 'breaks' | 'lies' | 'repeats' | 'waits',
  who: number,
  whom: number,
];

const evenings: fc.Arbitrary<readonly Move[]> = fc
  .array(
    fc.tuple(
      fc.constantFrom(
        'comes',
        'comes',
        'says',
        'says',
        'says',
        'says',
        'ends',
        'breaks',
        'lies',
        'repeats',
        'waits',
      ),
      fc.nat(20),
      fc.nat(20),
    ),
    { maxLength: 40, size: 'max' },
  )
  .map((moves) => [['comes', 0, 0], ...moves]);

/** What happens when nobody waits for anybody. */
async function anyEvening(port: number, moves: readonly Move[]): Promise<void> {
  const all: Client[] = [];
  const guests: { readonly client: Client; readonly name: string }[] = [];
  for (const [n, [what, who, whom]] of moves.entries()) {
    const place = who % Math.max(guests.length, 1);
    const { client, name = '' } = guests[place] ?? {};
    if (what === 'comes') {
      const newcomer = { client: new Client(port), name: names[who % 3] as string };
      newcomer.client.send(line('H', newcomer.name));
      guests.push(newcomer);
      all.push(newcomer.client);
    } else if (what === 'says') client?.send(line(`S${name}${names[whom % 3]!}`, `${n}`));
    else if (what === 'lies') client?.send(line(`Sdan${name}`, `${n}`));
    else if (what === 'repeats') client?.send(line('H', name));
    else if (what === 'waits') await sleep(whom % 8);
    else {
      if (what === 'ends') client?.end();
      else client?.socket.resetAndDestroy();
      guests.splice(place, 1);
    }
    if (whom % 2 === 0) await turn();
  }
  for (const { client } of guests) client.end();
  await Promise.all(all.map(({ closed }) => closed));
}
