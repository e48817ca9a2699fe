/**
 * A game for two, as a client that plays one of them on real sockets: what it sends follows from what it
 * hears, and from nothing that was recorded.
 *
 *   host:  opens --HELLO--> asked --ACCEPT--> plays --12 turns--> listens to the score sheet --> hears BYE
 *   guest: opens --JOIN---> let in ---------> plays --12 turns--> calls, sends the sheet -----> says BYE
 *
 * The rule: with the same seed two games have the same bytes, and with another seed they differ in what is
 * noise, and in nothing else.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ControlClient } from './control-client.ts';
import { accept, bulkData, bye, counted, Opcode } from './matching-wire.ts';
import { type Address, addressBytes, Client, init, Init, pdp, ptp, streamBytes } from './socket-client.ts';

export const TURNS = 12;
export const DUEL_GROUP = 'DUEL';
const GAME_PORT = 4001;
const SHEET_PORT = 4002;

export const duelMacs = { host: '02:00:00:00:0d:01', guest: '02:00:00:00:0d:02' } as const;
const nicknames = { host: 'Hana', guest: 'Gus' } as const;

/** Where things are in what a turn's BULK carries; behind these are four random bytes. */
export const TurnAt = { turn: 2, move: 3, points: 4, counter: 6, time: 10, random: 14 } as const;
const TURN_BYTES = 18;

/** Long enough for a socket to be open at the relay. */
const SETTLE_MS = 50;
const HELLO_EVERY_MS = 500;
const PATIENCE_MS = 15_000;
const SCAN_EVERY_MS = 100;

/** May change the n-th message that a client sends (from 0, HELLO, JOIN, ACCEPT and BYE included). */
export type Twist = (message: Buffer, n: number) => Buffer;

export interface DuelOptions {
  readonly role: 'host' | 'guest';
  readonly postoffice: number;
  /** Where there is one: logs in, finds the other there, and leaves it at the end. */
  readonly adhocctl?: number;
  readonly mac?: string;
  /** Its own ports are higher by so many than those of the game. */
  readonly portsBy?: number;
  /** Whom a host invites where no lobby tells it. */
  readonly guestMac?: string;
  /** Before each thing that it does because of another. */
  readonly thinkMs?: number;
  /** How long it waits for anything, before it gives up: 15 s, unless told otherwise. */
  readonly patienceMs?: number;
  readonly seed?: number;
  /** Its JOIN or HELLO says its own MAC address. */
  readonly namesItself?: boolean;
  readonly twist?: Twist;
  /** All its sockets are open. */
  readonly onOpen?: () => void;
  /** A host says nothing before. */
  readonly start?: Promise<unknown>;
}

export interface DuelReport {
  readonly role: 'host' | 'guest';
  /** Played to its end. */
  readonly isOver: boolean;
  /** What it waited for in vain. */
  readonly gaveUp: string | null;
  readonly points: number;
  readonly sent: readonly Buffer[];
  readonly heard: readonly Buffer[];
}

/** Says another opcode in the n-th message. */
export function otherOpcode(n: number, opcode: number): Twist {
  return (message, at) => (at === n ? Buffer.concat([Buffer.of(opcode), message.subarray(1)]) : message);
}

/** Changes one byte of what the n-th message carries, behind its opcode and its length. */
export function otherByte(n: number, offset: number, flip = 0x01): Twist {
  return (message, at) => {
    if (at !== n) return message;
    const other = Buffer.from(message);
    other[5 + offset]! ^= flip;
    return other;
  };
}

/** A counter, a clock and random bytes, all of them out of a seed. */
class Noise {
  #state: number;
  #counter: number;
  #time: number;

  constructor(seed: number) {
    this.#state = Math.imul(seed, 0x9e3779b1) >>> 0;
    this.#counter = this.#random();
    this.#time = this.#random();
  }

  write(data: Buffer): void {
    this.#counter = (this.#counter + 1) >>> 0;
    this.#time = (this.#time + 16 + (this.#random() % 5)) >>> 0;
    data.writeUInt32LE(this.#counter, TurnAt.counter);
    data.writeUInt32LE(this.#time, TurnAt.time);
    data.writeUInt32LE(this.#random(), TurnAt.random);
  }

  #random(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }
}

class GaveUp extends Error {}

class Duellist {
  readonly #options: DuelOptions;
  readonly #mac: string;
  readonly #noise: Noise;
  readonly #clients: Client[] = [];
  readonly sent: Buffer[] = [];
  readonly heard: Buffer[] = [];
  points = 0;
  #move = 0;
  #turn = 0;
  #peer: Address | null = null;
  #game!: Client;
  #listener: Client | null = null;
  #control: ControlClient | null = null;

  constructor(options: DuelOptions) {
    this.#options = options;
    this.#mac = options.mac ?? duelMacs[options.role];
    this.#noise = new Noise(2 * (options.seed ?? 1) + (options.role === 'host' ? 0 : 1));
  }

  async play(): Promise<void> {
    const { role, onOpen } = this.#options;
    const others = await this.#enterLobby();
    if (role === 'host') this.#listener = await this.#open(Init.listen, SHEET_PORT);
    this.#game = await this.#open(Init.pdp, GAME_PORT);
    await sleep(SETTLE_MS);
    onOpen?.();
    await (role === 'host' ? this.#host(others) : this.#guest());
    await this.#leave();
  }

  /** Ends whatever is open. */
  end(): void {
    for (const client of this.#clients) client.end();
  }

  // The lobby ---------------------------------------------------------------------------------------

  /** Answers whether the other one is there to be invited. */
  async #enterLobby(): Promise<boolean> {
    const { adhocctl, role } = this.#options;
    if (adhocctl === undefined) return true;
    const who = { mac: this.#mac, nickname: nicknames[role], pings: false };
    this.#control = await ControlClient.logIn(adhocctl, who);
    this.#clients.push(this.#control.client);
    if (role === 'guest') await this.#findGroup(this.#control);
    const { peers } = await this.#within('an answer to its join', this.#control.join(DUEL_GROUP));
    return peers.length > 0;
  }

  async #findGroup(control: ControlClient): Promise<void> {
    for (let waited = 0; waited < (this.#options.patienceMs ?? PATIENCE_MS); waited += SCAN_EVERY_MS) {
      const groups = await this.#within('an answer to its scan', control.scan());
      await this.#think();
      if (groups.includes(DUEL_GROUP)) return;
      await sleep(SCAN_EVERY_MS);
    }
    throw new GaveUp('a host in the lobby');
  }

  // The two of them ---------------------------------------------------------------------------------

  async #host(isThere: boolean): Promise<void> {
    const { guestMac = duelMacs.guest, start } = this.#options;
    let mac = guestMac;
    if (this.#control !== null && !isThere) mac = await this.#within('a guest', this.#control.newcomer());
    await start;
    const guest = { mac, port: GAME_PORT };
    this.#peer = guest;
    const room = Buffer.concat([Buffer.from('ROOM 1'), this.#ownName()]);
    const hello = (): void => this.#say(counted(Opcode.hello, room));
    hello();
    const timer = setInterval(() => this.#send(this.sent[0]!), HELLO_EVERY_MS);
    await this.#until(Opcode.join).finally(() => clearInterval(timer));
    await this.#think();
    this.#say(accept(Buffer.from('WELCOME')));
    for (let turn = 0; turn < TURNS; turn++) {
      this.#takes(await this.#until(Opcode.bulk));
      await this.#think();
      this.#say(counted(Opcode.bulk, this.#nextTurn()));
    }
    await this.#sign();
    await this.#until(Opcode.bye);
    // The guest goes first: else it would be chance who hears whose farewell.
    if (this.#control !== null) await this.#within('a farewell', this.#control.farewell());
  }

  async #guest(): Promise<void> {
    await this.#until(Opcode.hello);
    await this.#think();
    this.#say(counted(Opcode.join, Buffer.concat([Buffer.from('LET ME IN'), this.#ownName()])));
    await this.#until(Opcode.accept);
    for (let turn = 0; turn < TURNS; turn++) {
      await this.#think();
      this.#say(counted(Opcode.bulk, this.#nextTurn()));
      this.#takes(await this.#until(Opcode.bulk));
    }
    await this.#think();
    await this.#bringSheet();
    await this.#think();
    this.#say(bye);
  }

  /** The move follows from what both have done so far. */
  #nextTurn(): Buffer {
    this.#move = (this.#move * 7 + this.points + this.#turn + 3) & 0xff;
    const data = Buffer.alloc(TURN_BYTES);
    data.write('DL');
    data[TurnAt.turn] = this.#turn++;
    data[TurnAt.move] = this.#move;
    data.writeUInt16LE(this.points, TurnAt.points);
    this.#noise.write(data);
    return data;
  }

  #takes(message: Buffer): void {
    this.#move = (this.#move + (bulkData(message)[TurnAt.move] ?? 0)) & 0xff;
    this.points += this.#move & 15;
  }

  // The score sheet ---------------------------------------------------------------------------------

  /** The guest calls, sends what it has, hears that it is right, and hangs up with its last word. */
  async #bringSheet(): Promise<void> {
    const { mac } = this.#peer!;
    const stream = await this.#open(Init.connect, SHEET_PORT, { mac, port: SHEET_PORT });
    await this.#take(stream, 10, 'its stream to stand');
    for (const line of ['sheet:', `guest ${this.points};`]) stream.send(ptp(line));
    await this.#hear(stream, 'signed'.length, 'a signature');
    await this.#think();
    stream.send(ptp('and done'));
    stream.end();
    await this.#within('its stream to close', stream.closed);
  }

  async #sign(): Promise<void> {
    const asked = await this.#take(this.#listener!, 10, 'a call');
    await this.#think();
    const caller = { mac: macOf(asked), port: asked.readUInt16LE(8) };
    const stream = await this.#open(Init.accept, SHEET_PORT, caller);
    await this.#take(stream, 10, 'the stream to stand');
    for (let sheet = ''; !sheet.includes(';');) sheet += await this.#hear(stream, 1, 'the sheet');
    await this.#think();
    stream.send(ptp('signed'));
    await this.#within('the end of the stream', stream.rest());
    stream.end();
  }

  // Sockets -----------------------------------------------------------------------------------------

  async #open(type: number, port: number, target?: Address): Promise<Client> {
    const { postoffice, portsBy = 0 } = this.#options;
    const client = new Client(postoffice);
    this.#clients.push(client);
    await this.#within('the relay', client.connected());
    client.send(init(type, { mac: this.#mac, port: port + portsBy }, target));
    return client;
  }

  /** Everything at once, as a game does that is quit. */
  async #leave(): Promise<void> {
    this.#control?.leave();
    this.end();
    await this.#within('its sockets to close', Promise.all(this.#clients.map(({ closed }) => closed)));
  }

  #ownName(): Buffer {
    if (this.#options.namesItself !== true) return Buffer.alloc(0);
    return addressBytes({ mac: this.#mac, port: 0 }).subarray(0, 6);
  }

  #say(message: Buffer): void {
    const { twist } = this.#options;
    const said = twist?.(message, this.sent.length) ?? message;
    this.sent.push(said);
    this.#send(said);
  }

  #send(message: Buffer): void {
    this.#game.send(pdp(this.#peer!, message));
  }

  /** The next message of this kind; others are heard, and not minded. */
  async #until(opcode: number): Promise<Buffer> {
    const name = Object.entries(Opcode).find(([, code]) => code === opcode)?.[0] ?? '';
    for (;;) {
      const head = await this.#take(this.#game, 14, name);
      const message = await this.#take(this.#game, head.readUInt32LE(10), name);
      this.heard.push(message);
      this.#peer ??= { mac: macOf(head), port: head.readUInt16LE(8) };
      if (message[0] === opcode) return message;
    }
  }

  async #take(client: Client, size: number, what: string): Promise<Buffer> {
    const bytes = await this.#within(what, client.take(size));
    if (bytes.length < size) throw new GaveUp(`${what}, and was closed`);
    return bytes;
  }

  async #hear(stream: Client, bytesMin: number, what: string): Promise<string> {
    const heard = await this.#within(what, streamBytes(stream, bytesMin));
    if (heard.length < bytesMin) throw new GaveUp(`${what}, and was closed`);
    return heard.toString();
  }

  async #within<T>(what: string, wanted: Promise<T>): Promise<T> {
    const { patienceMs = PATIENCE_MS } = this.#options;
    const patience = new AbortController();
    const late = sleep(patienceMs, null, { signal: patience.signal }).then(() => {
      throw new GaveUp(what);
    });
    try {
      return await Promise.race([wanted, late]);
    } finally {
      late.catch(() => undefined);
      patience.abort();
    }
  }

  async #think(): Promise<void> {
    const { thinkMs = 0 } = this.#options;
    if (thinkMs > 0) await sleep(thinkMs);
  }
}

function macOf(bytes: Buffer): string {
  return [...bytes.subarray(0, 6)].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/** Plays until the game is over, or until what it waits for does not come. */
export async function playDuel(options: DuelOptions): Promise<DuelReport> {
  const duellist = new Duellist(options);
  let gaveUp: string | null = null;
  try {
    await duellist.play();
  } catch (error) {
    if (!(error instanceof GaveUp)) throw error;
    gaveUp = error.message;
    duellist.end();
  }
  const { points, sent, heard } = duellist;
  return { role: options.role, isOver: gaveUp === null, gaveUp, points, sent, heard };
}
