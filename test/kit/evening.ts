/**
 * An evening of four players, as people play it: a room with its joins, datagrams at a game's rates, a stream, somebody who falls
 * silent, somebody who leaves and comes back, and what goes wrong on such an evening.
 *
 * The rule: it is to be looked at. Nothing is left to chance but the clock; what is to be replayed is in `plays.ts`. It stands on
 * nothing of a test runner, so that the script which takes pictures can play it too.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ControlClient } from './control-client.ts';
import { type Address, Client, Init, pdp, ptp } from './socket-client.ts';

export interface EveningPorts {
  readonly postoffice: number;
  readonly adhocctl: number;
}

export interface EveningOptions {
  /** Of each act; there are five. */
  readonly actMs?: number;
  readonly product?: string;
}

export const EVENING_NAMES = ['Ann', 'Bob', 'Cleo', 'Dan'] as const;
const GROUP = 'QUEST01';
const PORT = 1001;
const STREAM_PORT = 2001;
const QUIET_PORT = 2900;
const ACT_MS = 2_400;
/** Everybody's own rate and size, as games have hosts that say more than guests. */
const HABITS = [
  { everyMs: 33, bytes: 236 },
  { everyMs: 50, bytes: 92 },
  { everyMs: 50, bytes: 92 },
  { everyMs: 66, bytes: 148 },
] as const;
/** More than what any client survives. */
const TOO_LARGE_BYTES = 10_241;

/** Of the matching library, by opcode. */
const Matching = { hello: 1, join: 2, accept: 3, cancel: 4, birth: 7, bye: 9 } as const;

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function matching(opcode: number, text = ''): Buffer {
  return Buffer.concat([Buffer.of(opcode), u32(text.length), Buffer.from(text)]);
}

class Friend {
  readonly name: string;
  readonly address: Address;
  readonly #postoffice: number;
  readonly #habit: (typeof HABITS)[number];
  control: ControlClient | null = null;
  socket: Client | null = null;
  isSilent = false;
  #turn = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(n: number, postoffice: number) {
    this.name = EVENING_NAMES[n] ?? '';
    this.address = { mac: `02:00:00:00:00:0${n + 1}`, port: PORT };
    this.#habit = HABITS[n] ?? HABITS[0];
    this.#postoffice = postoffice;
  }

  async logIn(port: number, product: string): Promise<void> {
    this.control = await ControlClient.logIn(port, { mac: this.address.mac, nickname: this.name, product });
    await this.control.scan();
    await this.control.join(GROUP);
    this.control.client.socket.resume();
  }

  async open(type: number, self: Address, target?: Address): Promise<Client> {
    return Client.open(this.#postoffice, type, self, target);
  }

  async sitDown(): Promise<void> {
    this.socket = await this.open(Init.pdp, this.address);
    await sleep(20);
  }

  says(to: Friend, payload: Buffer): void {
    this.socket?.send(pdp(to.address, payload));
  }

  /** To all the others, at its own rate, until it is stopped: where it is, what it does, and how often it said so. */
  plays(others: readonly Friend[]): void {
    const { everyMs, bytes } = this.#habit;
    this.#timer = setInterval(() => {
      if (this.isSilent) return;
      const state = Buffer.alloc(bytes);
      state.write('ST', 0);
      state.writeUInt32LE(++this.#turn, 2);
      for (let i = 0; i < 3; i++)
        state.writeFloatLE(100 * Math.sin(this.#turn / 40 + i + this.name.length), 6 + 4 * i);
      state.writeUInt16LE(1_000 - (this.#turn % 400), 18);
      state.write(`${this.name} is hunting`, 24);
      for (const other of others) if (other !== this) this.says(other, state);
    }, everyMs);
  }

  stops(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }
}

/** Resolves when everybody has gone home. */
export async function eveningPlay(
  { postoffice, adhocctl }: EveningPorts,
  { actMs = ACT_MS, product = 'ULUS10391' }: EveningOptions = {},
): Promise<void> {
  const friends = EVENING_NAMES.map((_, n) => new Friend(n, postoffice));
  const [ann, bob, cleo, dan] = friends as [Friend, Friend, Friend, Friend];
  for (const friend of friends) await friend.logIn(adhocctl, product);
  ann.control?.say('ready when you are');

  // A room: its host calls out, the others ask to be let in, and one has to ask twice.
  for (const friend of friends) await friend.sitDown();
  for (let call = 0; call < 3; call++) {
    for (const friend of [bob, cleo, dan]) ann.says(friend, matching(Matching.hello, 'Great Forest'));
    await sleep(60);
  }
  const letsIn = async (guest: Friend, siblings: readonly Friend[]): Promise<void> => {
    guest.says(ann, matching(Matching.join, guest.name));
    await sleep(30);
    const macs = siblings.map(({ address }) => Buffer.from(address.mac.replaceAll(':', ''), 'hex'));
    ann.says(guest, Buffer.concat([Buffer.of(Matching.accept), u32(0), u32(macs.length), ...macs]));
    for (const sibling of siblings)
      ann.says(
        sibling,
        Buffer.concat([Buffer.of(Matching.birth), Buffer.from(guest.address.mac.replaceAll(':', ''), 'hex')]),
      );
    await sleep(30);
  };
  await letsIn(bob, []);
  dan.says(ann, matching(Matching.join, dan.name));
  await sleep(30);
  ann.says(dan, matching(Matching.cancel));
  await letsIn(cleo, [bob]);
  await letsIn(dan, [bob, cleo]);

  // They play.
  for (const friend of friends) friend.plays(friends);
  await sleep(actMs);

  // A stream, for what must not get lost; and one that nobody expects.
  const [listening, calling] = [
    { mac: ann.address.mac, port: STREAM_PORT },
    { mac: bob.address.mac, port: STREAM_PORT + 1 },
  ] as const;
  const listener = await ann.open(Init.listen, listening);
  await sleep(40);
  const caller = await bob.open(Init.connect, calling, listening);
  await listener.take(10);
  const called = await ann.open(Init.accept, listening, calling);
  await Promise.all([caller.take(10), called.take(10)]);
  const knock = await dan.open(
    Init.connect,
    { mac: dan.address.mac, port: QUIET_PORT },
    { mac: cleo.address.mac, port: QUIET_PORT },
  );
  for (let piece = 0; piece < 12; piece++) {
    caller.send(ptp(`piece ${piece} of the quest `.padEnd(1_024, '.')));
    called.send(ptp(`got ${piece}`));
    await sleep(actMs / 12);
  }

  // Somebody falls silent for a while, and somebody else says more than fits.
  cleo.isSilent = true;
  for (let said = 0; said < 3; said++) bob.says(cleo, Buffer.alloc(TOO_LARGE_BYTES, 0x42));
  await sleep(actMs);
  cleo.isSilent = false;

  // One leaves, is spoken to all the same, and comes back.
  dan.stops();
  dan.socket?.end();
  await sleep(actMs / 2);
  await dan.sitDown();
  dan.plays(friends);
  await sleep(actMs / 2);

  // The stream ends in good order; one breaks off.
  caller.end();
  await called.rest();
  called.end();
  listener.end();
  await sleep(actMs / 2);
  cleo.stops();
  cleo.socket?.socket.resetAndDestroy();
  cleo.control?.client.socket.resetAndDestroy();
  await sleep(actMs / 2);
  for (const friend of friends) friend.stops();
  knock.end();
  for (const friend of [dan, bob, ann]) {
    friend.socket?.end();
    friend.control?.end();
    await sleep(20);
  }
}
