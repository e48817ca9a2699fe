/**
 * Short plays of a few players who do anything at all at a relay, in any order and as fast as they can, on
 * real sockets: what a recording may hold.
 *
 * The rule: whatever somebody does is numbered, so that no two payloads are the same, and nobody waits for anything
 * but time: how it comes out is up to the relay, and the recording says.
 */
import fc from 'fast-check';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { type Address, Client, init, Init, pdp, ptp } from './socket-client.ts';

const PLAYERS = 4;
const PORTS = 2;
const CONNECTIONS_MAX = 24;
const GOODBYE_MS = 100;

type Move = readonly [name: string, who: number, whom: number, chance: number];

const weights: readonly [name: string, weight: number][] = [
  ['pdp', 6],
  ['datagram', 30],
  ['toNobody', 4],
  ['burst', 3],
  ['listen', 4],
  ['connect', 6],
  ['accept', 8],
  ['stream', 4],
  ['block', 12],
  ['end', 6],
  ['reset', 3],
  ['garbage', 1],
  ['half', 1],
  ['silent', 1],
  ['tooLarge', 1],
  ['turn', 8],
  ['pause', 10],
];

const move: fc.Arbitrary<Move> = fc.oneof(
  ...weights.map(([name, weight]) => ({
    weight,
    arbitrary: fc.tuple(fc.constant(name), fc.nat(1000), fc.nat(1000), fc.nat(1000)),
  })),
);

/** Somebody is there, at least. */
export const littlePlays: fc.Arbitrary<readonly Move[]> = fc
  .array(move, { minLength: 4, maxLength: 70, size: 'max' })
  .map((moves) => [['pdp', 0, 0, 0], ...moves]);

interface Plug {
  readonly client: Client;
  readonly role: 'pdp' | 'listen' | 'connect' | 'accept' | 'none';
  readonly self: Address;
  readonly toward: Address | null;
}

function address(player: number, port: number): Address {
  return { mac: `02:00:00:00:00:0${1 + (player % PLAYERS)}`, port: 100 + (port % PORTS) };
}

function isSame(one: Address, other: Address): boolean {
  return one.mac === other.mac && one.port === other.port;
}

/** Plays the moves at the postoffice on this port. At the end all connections are over that can be. */
export async function playLittle(port: number, moves: readonly Move[]): Promise<void> {
  const plugs: Plug[] = [];
  let words = 0;
  const said = (): string => `word ${++words}`;
  const pick = (n: number, ...roles: Plug['role'][]): Plug | undefined => {
    const fitting = plugs.filter(({ client, role }) => !client.isEnded && roles.includes(role));
    return fitting[n % Math.max(fitting.length, 1)];
  };
  const open = (
    role: Plug['role'],
    self: Address,
    toward: Address | null,
    first: Uint8Array | null,
  ): void => {
    if (plugs.length >= CONNECTIONS_MAX) return;
    const client = new Client(port);
    plugs.push({ client, role, self, toward });
    if (first !== null) client.send(first);
  };
  const drop = (plug: Plug | undefined): Client | null => {
    if (plug === undefined) return null;
    plugs.splice(plugs.indexOf(plug), 1);
    leaving.push(plug.client);
    return plug.client;
  };
  const leaving: Client[] = [];
  const doing: Record<string, (who: number, whom: number, chance: number) => unknown> = {
    pdp: (who, whom) => open('pdp', address(who, whom), null, init(Init.pdp, address(who, whom))),
    datagram(who, whom, chance) {
      pick(who, 'pdp')?.client.send(pdp(pick(whom, 'pdp')?.self ?? address(whom, chance), said()));
    },
    toNobody: (who, whom, chance) => pick(who, 'pdp')?.client.send(pdp(address(whom, chance), said())),
    burst(who, whom, chance) {
      const to = pick(whom, 'pdp')?.self ?? address(whom, chance);
      const all = Array.from({ length: 2 + (chance % 20) }, () => pdp(to, said()));
      pick(who, 'pdp')?.client.send(Buffer.concat(all));
    },
    listen: (who, whom) => open('listen', address(who, whom), null, init(Init.listen, address(who, whom))),
    connect(who, whom, chance) {
      const self = address(who, chance);
      const toward = pick(whom, 'listen')?.self ?? address(whom, chance >> 1);
      // Both directions of that would be one conversation.
      if (isSame(self, toward)) return;
      const early = chance % 3 === 0 ? [ptp(said())] : [];
      open('connect', self, toward, Buffer.concat([init(Init.connect, self, toward), ...early]));
    },
    accept(who, whom, chance) {
      const wish = pick(who, 'connect');
      const isRefused = wish?.toward == null || chance % 8 === 0;
      const self = isRefused ? address(who, chance) : wish.toward;
      const toward = isRefused ? address(whom, chance >> 1) : wish.self;
      open('accept', self, toward, init(Init.accept, self, toward));
    },
    /** A stream, in good order. */
    async stream(who, whom, chance) {
      const [self, toward] = [address(who, chance), address(whom, chance >> 1)];
      if (isSame(self, toward)) return;
      open('listen', toward, null, init(Init.listen, toward));
      await sleep(5);
      open('connect', self, toward, init(Init.connect, self, toward));
      await sleep(5);
      open('accept', toward, self, init(Init.accept, toward, self));
      await sleep(5);
    },
    block: (who) => pick(who, 'connect', 'accept')?.client.send(ptp(said())),
    end: (who) => drop(plugs[who % Math.max(plugs.length, 1)])?.end(),
    reset: (who) => drop(plugs[who % Math.max(plugs.length, 1)])?.socket.resetAndDestroy(),
    garbage(who, whom, chance) {
      const bytes = Buffer.alloc(1 + (chance % 40), 0xe0 | (who % 16));
      if (chance % 2 === 0) open('none', address(who, whom), null, bytes);
      else pick(who, 'pdp', 'listen', 'connect', 'accept')?.client.send(bytes);
    },
    half: (who, whom, chance) =>
      open(
        'none',
        address(who, whom),
        null,
        init(Init.pdp, address(who, whom)).subarray(0, 1 + (chance % 22)),
      ),
    silent: (who, whom) => open('none', address(who, whom), null, null),
    tooLarge(who, whom, chance) {
      const size = chance % 2 === 0 ? 11_000 : 21_000;
      pick(who, 'pdp')?.client.send(
        pdp(pick(whom, 'pdp')?.self ?? address(whom, 0), Buffer.alloc(size, ++words)),
      );
    },
    turn: () => turn(),
    pause: (_, __, chance) => sleep(chance % 25),
  };
  for (const [name, who, whom, chance] of moves) await doing[name]?.(who, whom, chance);
  for (const { client } of plugs) client.end();
  const all = [...plugs.map(({ client }) => client), ...leaving];
  // A connect that nobody accepts is not read from, so that its end is noticed when it has waited enough.
  await Promise.race([Promise.all(all.map(({ closed }) => closed)), sleep(GOODBYE_MS)]);
}
