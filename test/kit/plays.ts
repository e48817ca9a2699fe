/**
 * Plays on real sockets, to be recorded and replayed.
 *
 * The rule: nothing in a play is left to chance. What is sent is the same in each run, but for what is
 * declared to be noise, and everybody waits for what must have happened before they go on.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll } from 'vitest';
import { CaptureFile } from '../../recorder/captures.ts';
import { ControlClient } from './control-client.ts';
import { type DuelOptions, type DuelReport, playDuel } from './game-client.ts';
import { startRelay } from './program.ts';
import { type Address, addressBytes, Client, Init, pdp, player, ptp, streamBytes } from './socket-client.ts';

/** Of the relay that is played on. */
export interface Ports {
  readonly postoffice: number;
  readonly adhocctl?: number;
}

export type Play = (ports: Ports) => Promise<unknown>;

/** Between two rounds: a game is not as fast as it can be. */
const THINK_MS = 10;
/** For what nobody is told of: that a connect has come, say. */
const SETTLE_MS = 60;
const GROUP = 'MESH';
const PORT = 5001;
const OTHER_PORT = 5100;
const STREAM_PORT = 7001;

// The mesh ----------------------------------------------------------------------------------------

/** One player's place at the table. */
class Seat {
  readonly name: string;
  readonly mac: string;
  readonly #port: number;
  readonly #clients = new Set<Client>();
  #socket: Client | null = null;
  #control: ControlClient | null = null;
  /** By sender: what has come, and who waits for more. */
  readonly #mail = new Map<string, Buffer[]>();
  #wake: (() => void)[] = [];
  /** Of all that this player has heard: what it sends depends on it. */
  #digest = '0';
  #said = 0;

  constructor(n: number, port: number) {
    this.name = `P${n}`;
    this.mac = player(n).mac;
    this.#port = port;
  }

  get address(): Address {
    return { mac: this.mac, port: PORT };
  }

  get control(): ControlClient {
    return this.#control!;
  }

  // The lobby

  async logIn(port: number): Promise<void> {
    this.#control = await ControlClient.logIn(port, { mac: this.mac, nickname: this.name, pings: false });
    this.#clients.add(this.#control.client);
  }

  // Sockets

  async stream(type: number, self: Address, target?: Address): Promise<Client> {
    const client = await Client.open(this.#port, type, self, target);
    this.#clients.add(client);
    return client;
  }

  /** Opens its datagram socket; nothing tells it that this is done. */
  async open(): Promise<void> {
    const client = await this.stream(Init.pdp, this.address);
    this.#socket = client;
    void this.#listen(client);
  }

  async leave(): Promise<void> {
    this.#socket!.end();
    await this.#socket!.closed;
  }

  /** All its connections break, at once. */
  async isLost(): Promise<void> {
    for (const { socket } of this.#clients) socket.resetAndDestroy();
    await Promise.all([...this.#clients].map(({ closed }) => closed));
  }

  /** Ends what is open, one after the other. */
  async goHome(): Promise<void> {
    for (const client of this.#clients) {
      client.end();
      await client.closed;
    }
  }

  // Datagrams

  async #listen(client: Client): Promise<void> {
    for (;;) {
      const head = await client.take(14);
      if (head.length < 14) return;
      const payload = await client.take(head.readUInt32LE(10));
      const from = keyOf(head);
      const mail = this.#mail.get(from) ?? [];
      this.#mail.set(from, [...mail, payload]);
      for (const wake of this.#wake.splice(0)) wake();
    }
  }

  /** The next from this sender, or from this address of theirs. */
  async hears(from: Seat | Address): Promise<string> {
    const key = keyOf(addressBytes('address' in from ? from.address : from));
    for (;;) {
      const payload = this.#mail.get(key)?.shift();
      if (payload !== undefined) {
        this.#digest = digest(this.#digest, payload);
        return payload.toString();
      }
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  /** In one write. */
  sends(to: Seat | Address, ...payloads: readonly (Buffer | string)[]): void {
    const address = 'address' in to ? to.address : to;
    this.#socket!.send(Buffer.concat(payloads.map((payload) => pdp(address, payload))));
  }

  /** Numbered, and different if anything that this player has heard had been different. */
  words(what: string, size = 0): string {
    return `${this.name} #${++this.#said} ${what} after ${this.#digest} `.padEnd(size, 'x');
  }
}

/** Without the padding, which means nothing. */
function keyOf(address: Buffer): string {
  return `${address.toString('hex', 0, 6)} ${address.readUInt16LE(8)}`;
}

function digest(before: string, bytes: Uint8Array): string {
  return createHash('sha256').update(before).update(bytes).digest('hex').slice(0, 12);
}

/** What is said in a round to each of the others. Some rounds are special. */
function wordsOf(seat: Seat, to: Seat, round: number): readonly string[] {
  if (round === 4 && seat.name === 'P1') return [''];
  const size = round === 6 && seat.name === 'P2' ? 1_300 : round === 7 && seat.name === 'P3' ? 9_000 : 0;
  const words = seat.words(`round ${round} to ${to.name}`, size);
  return round % 3 === 2 ? [words, seat.words(`and one more to ${to.name}`)] : [words];
}

/** Everybody says something to everybody else, and goes on when they have heard all. */
async function rounds(seats: readonly Seat[], first: number, last: number): Promise<void> {
  for (let round = first; round <= last; round++) {
    const counts = new Map<Seat, number>();
    for (const seat of seats)
      for (const to of seats) {
        if (to === seat) continue;
        const words = wordsOf(seat, to, round);
        counts.set(seat, words.length);
        seat.sends(to, ...words);
      }
    for (const seat of seats)
      for (const from of seats)
        if (from !== seat) for (let i = 0; i < counts.get(from)!; i++) await seat.hears(from);
    await sleep(THINK_MS);
  }
}

/** A player opens a socket, and those who hear of it know that it is open. */
async function arrives(seat: Seat, others: readonly Seat[]): Promise<void> {
  await seat.open();
  for (const other of others) seat.sends(other, seat.words(`hello ${other.name}`));
  for (const other of others) await other.hears(seat);
}

async function entersLobby(seat: Seat, members: readonly Seat[]): Promise<void> {
  await seat.control.scan();
  await seat.control.join(GROUP);
  for (const member of members) await member.control.newcomer();
}

/** Bytes of a stream, in blocks, that reach the relay cut anywhere. */
async function sendsCut(stream: Client, ...blocks: readonly string[]): Promise<void> {
  const bytes = Buffer.concat(blocks.map((block) => ptp(block)));
  for (const [from, to] of [
    [0, 3],
    [3, 9],
    [9, bytes.length],
  ] as const) {
    stream.send(bytes.subarray(from, to));
    await sleep(2);
  }
}

/** What was said on a stream, and not more. */
async function hearsAll(stream: Client, said: readonly string[]): Promise<Buffer> {
  const heard = await streamBytes(stream, said.join('').length);
  if (heard.toString() !== said.join('')) throw new Error(`a stream says ${heard.toString()}`);
  return heard;
}

/** Both ends by turns, each answering with what depends on all that was said. */
async function streamTalk(from: Client, to: Client, name: string): Promise<void> {
  let sum = name;
  for (let i = 0; i < 4; i++) {
    const said = [`${name} ${i}: ${sum}`, `and more of ${i}`];
    await sendsCut(from, ...said);
    sum = digest(sum, await hearsAll(to, said));
    const answer = [`${name} ${i} heard ${sum}`, 'go on'];
    to.send(Buffer.concat(answer.map((block) => ptp(block))));
    sum = digest(sum, await hearsAll(from, answer));
  }
}

/** The last words of one end, and its end, in one go; the other hears both. */
async function hangsUp(from: Client, to: Client, words: string): Promise<void> {
  const last = [words, 'the end'];
  from.send(Buffer.concat(last.map((block) => ptp(block))));
  from.end();
  await hearsAll(to, last);
  if ((await to.rest()).length > 0) throw new Error('somebody spoke after the end');
  to.end();
  await Promise.all([from.closed, to.closed]);
}

/**
 * Four players: a full mesh of datagrams, streams, one who leaves and comes back, and one who is lost.
 * All in all about 2 s. With adhocctl they meet in its lobby first.
 */
export async function meshPlay({ postoffice, adhocctl }: Ports): Promise<void> {
  const seats = [1, 2, 3, 4].map((n) => new Seat(n, postoffice));
  const [p1, p2, p3, p4] = seats as [Seat, Seat, Seat, Seat];
  const inLobby = adhocctl !== undefined;
  if (inLobby) {
    for (const [i, seat] of seats.entries()) {
      await seat.logIn(adhocctl);
      await entersLobby(seat, seats.slice(0, i));
    }
    p1.control.say('good evening');
    for (const seat of [p2, p3, p4]) await seat.control.said();
    await p1.control.scan();
  }

  // Whoever is first has nobody to say hello to.
  await arrives(p1, [p1]);
  for (const [i, seat] of seats.entries()) if (i > 0) await arrives(seat, seats.slice(0, i));
  await rounds(seats, 0, 7);

  // A stream whose listener is there first.
  const [listening, calling] = [p1, p2].map(({ mac }, i) => ({ mac, port: STREAM_PORT + i })) as [
    Address,
    Address,
  ];
  const listener = await p1.stream(Init.listen, listening);
  await sleep(SETTLE_MS);
  p1.sends(p2, p1.words('call me'));
  await p2.hears(p1);
  const call = async (): Promise<[Client, Client]> => {
    const caller = await p2.stream(Init.connect, calling, listening);
    await listener.take(10);
    const called = await p1.stream(Init.accept, listening, calling);
    await Promise.all([caller.take(10), called.take(10)]);
    return [caller, called];
  };
  const [caller, called] = await call();
  await streamTalk(caller, called, 'first');

  // A connect that comes before its listener.
  const [early, late] = [p3, p4].map(({ mac }, i) => ({ mac, port: STREAM_PORT + 2 + i })) as [
    Address,
    Address,
  ];
  const waiting = await p3.stream(Init.connect, early, late);
  await sleep(SETTLE_MS);
  p3.sends(p4, p3.words('I have called'));
  await p4.hears(p3);
  const lateListener = await p4.stream(Init.listen, late);
  await lateListener.take(10);
  const accepted = await p4.stream(Init.accept, late, early);
  await Promise.all([waiting.take(10), accepted.take(10)]);
  await streamTalk(waiting, accepted, 'second');
  await rounds(seats, 8, 12);

  // Last words of the one who called; then of the one who was called, in another stream of the same two.
  await hangsUp(caller, called, 'last words of who called');
  const [again, calledAgain] = await call();
  await streamTalk(again, calledAgain, 'third');
  await hangsUp(calledAgain, again, 'last words of who was called');

  // One leaves, is written to all the same, and comes back to the same port.
  if (inLobby) {
    p4.control.leave();
    for (const seat of [p1, p2, p3]) await seat.control.farewell();
  }
  await p4.leave();
  p1.sends(p4, p1.words('are you there?'));
  p1.sends(p1, p1.words('nobody is'));
  await p1.hears(p1);
  await rounds([p1, p2, p3], 13, 16);
  if (inLobby) await entersLobby(p4, [p1, p2, p3]);
  await arrives(p4, [p1, p2, p3]);
  await rounds(seats, 17, 20);

  // One opens another socket for a while.
  const other = { mac: p2.mac, port: OTHER_PORT };
  const second = await p2.stream(Init.pdp, other);
  for (let i = 0; i < 3; i++) {
    second.send(pdp(p1.address, `from my other socket ${i}`));
    await p1.hears(other);
    p1.sends(other, p1.words('so I see'));
    await second.datagram();
  }
  second.end();
  await second.closed;

  // One is lost, which the other end of its stream is told by the end of that, and the lobby by a farewell.
  await p3.isLost();
  await accepted.closed;
  if (inLobby) for (const seat of [p1, p2, p4]) await seat.control.farewell();
  await rounds([p1, p2, p4], 21, 24);

  for (const seat of [p4, p2, p1]) await seat.goHome();
}

// The duel ----------------------------------------------------------------------------------------

/** Two players of the game in `game-client.ts`. Another seed is another run of it: the same, but for its noise. */
export async function duelPlay(
  { postoffice, adhocctl }: Ports,
  options: Pick<DuelOptions, 'seed' | 'namesItself' | 'thinkMs' | 'patienceMs'> = {},
): Promise<readonly [DuelReport, DuelReport]> {
  const ports = { postoffice, ...(adhocctl !== undefined && { adhocctl }) };
  const invited = new Signal();
  const hosted = new Signal();
  const host = playDuel({ ...options, ...ports, role: 'host', onOpen: hosted.give, start: invited.given });
  await hosted.given;
  const guest = playDuel({ ...options, ...ports, role: 'guest', onOpen: invited.give });
  return Promise.all([host, guest]);
}

/** That something has happened. */
class Signal {
  give!: () => void;
  readonly given = new Promise<void>((resolve) => {
    this.give = resolve;
  });
}

// Recording ---------------------------------------------------------------------------------------

export interface Recording {
  readonly file: string;
  /** Of all sessions in it. */
  readonly sessions: readonly number[];
}

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Records a play with the built program. The file is gone when all tests of the test file have run. */
export async function recordPlay(play: Play, args: readonly string[] = []): Promise<Recording> {
  const folder = mkdtempSync(join(tmpdir(), 'postreel-'));
  folders.push(folder);
  const file = join(folder, 'play.db');
  const relay = await startRelay(['--record', file, ...args], { cwd: folder });
  try {
    await play({ postoffice: relay.port, adhocctl: relay.ports['adhocctl']! });
  } finally {
    await relay.stop();
  }
  const capture = CaptureFile.open(file);
  try {
    return { file, sessions: capture.sessions().map(({ id }) => id) };
  } finally {
    capture.close();
  }
}
