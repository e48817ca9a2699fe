/**
 * What players hear of one short evening at a relay, whatever the relay does: nobody waits for what may
 * never come. The rule: each connection hears of one sender at a time, so that with a good relay it is always the same.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Barrier } from './barrier.ts';
import { ControlClient } from './control-client.ts';
import { type Address, Client, init, Init, pdp, player, ptp } from './socket-client.ts';

export interface Heard {
  /** As text: `02:00:00:00:00:01/1001[0000] payload`, where the padding is in brackets. */
  readonly frames: readonly string[];
  readonly end: 'none' | 'end' | 'reset';
}

/** By connection. */
export type Sitting = Readonly<Record<string, Heard>>;

/** Datagrams from A to B: the one is empty, the other large. */
export const EMPTY_AT = 5;
export const LARGE_AT = 7;
const PAIRS = 60;
/** Longer than a relay that loses what is queued keeps anything there. */
const QUIET_MS = 60;

type Cut = (bytes: Buffer) => string[];

const addressText = (bytes: Buffer): string => {
  const mac = [...bytes.subarray(0, 6)].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
  return `${mac}/${bytes.readUInt16LE(8)}[${bytes.toString('hex', 6, 8)}]`;
};

const datagrams: Cut = (bytes) => {
  const frames: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + 14 + bytes.readUInt32LE(at + 10);
    frames.push(`${addressText(bytes.subarray(at))} ${bytes.toString('latin1', at + 14, end)}`);
    at = end;
  }
  return frames;
};

const requests: Cut = (bytes) =>
  Array.from({ length: bytes.length / 10 }, (_, i) => addressText(bytes.subarray(10 * i)));

/** Every address here begins with 2, and no block has two bytes: so it is seen whether the stream stood. */
const stream: Cut = (bytes) => {
  const frames = bytes[0] === 2 ? [addressText(bytes)] : [];
  for (let at = 10 * frames.length; at < bytes.length;) {
    const end = at + 4 + bytes.readUInt32LE(at);
    frames.push(bytes.toString('latin1', at + 4, end));
    at = end;
  }
  return frames;
};

const CONTROL_BYTES: Readonly<Record<number, number>> = { 2: 139, 3: 5, 4: 15, 5: 1, 6: 7, 7: 193 };
const control: Cut = (bytes) => {
  const frames: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + (CONTROL_BYTES[bytes[at]!] ?? Infinity);
    frames.push(bytes.toString('hex', at, end));
    at = end;
  }
  return frames;
};

class Table {
  readonly #heard = new Map<string, { client: Client; cut: Cut; isReset: boolean }>();

  seat(name: string, cut: Cut, client: Client): Client {
    const heard = { client, cut, isReset: false };
    client.socket.on('error', ({ code }: NodeJS.ErrnoException) => (heard.isReset ||= code === 'ECONNRESET'));
    this.#heard.set(name, heard);
    return client;
  }

  async rise(): Promise<Sitting> {
    const sitting: Record<string, Heard> = {};
    for (const [name, { client, cut, isReset }] of this.#heard) {
      const end = isReset ? 'reset' : client.isEnded ? 'end' : 'none';
      sitting[name] = { frames: cut(await client.take(client.length)), end };
    }
    for (const { client } of this.#heard.values()) client.destroy();
    return sitting;
  }
}

/** `waitMs` is how much later than others this relay may deliver. */
export async function sitAtPostoffice(port: number, waitMs = 0): Promise<Sitting> {
  const table = new Table();
  const open = async (name: string, cut: Cut, type: number, self: Address, to?: Address): Promise<Client> => {
    const client = table.seat(name, cut, new Client(port));
    await client.connected();
    client.send(init(type, self, to));
    return client;
  };
  const [A, B, C] = [player(1), player(2), player(3)];
  const a = await open('a', datagrams, Init.pdp, A);
  const b = await open('b', datagrams, Init.pdp, B);
  const c = await open('c', datagrams, Init.pdp, C);
  const barrier = await Barrier.open(port);
  await barrier.pass();

  for (let i = 0; i < 2 * PAIRS; i += 2) {
    const words = [i, i + 1].map((n) =>
      pdp(B, n === EMPTY_AT ? '' : `a to b ${n}`.padEnd(n === LARGE_AT ? 1_300 : 0)),
    );
    a.send(Buffer.concat(words));
    if (i % 20 === 0) await barrier.pass();
  }
  await barrier.pass();
  for (const word of ['one', 'two']) {
    a.send(pdp(C, `${word} to c`));
    b.send(pdp(A, `${word} to a`));
  }
  await barrier.pass();

  c.end();
  await c.closed;
  a.send(pdp(C, 'while you were away'));
  await barrier.pass();
  await open('c again', datagrams, Init.pdp, C);
  await barrier.pass();
  a.send(pdp(C, 'welcome back'));
  await barrier.pass();

  const [called, caller] = [
    { ...B, port: 2000 },
    { ...A, port: 2001 },
  ];
  await open('listener', requests, Init.listen, called);
  await barrier.pass();
  const x = await open('caller', stream, Init.connect, caller, called);
  await barrier.pass();
  const y = await open('called', stream, Init.accept, called, caller);
  await barrier.pass();
  for (const blocks of [['block 0', 'block 1'], ['block 2'], ['block 3']]) {
    x.send(Buffer.concat(blocks.map((block) => ptp(block))));
    await barrier.pass();
  }
  for (const block of ['answer 0', 'answer 1', 'answer 2', 'answer 3']) {
    y.send(ptp(block));
    await barrier.pass();
  }
  await sleep(QUIET_MS);
  x.send(Buffer.concat([ptp('last word'), ptp('the end')]));
  x.end();
  await barrier.pass();

  const [lateCalled, earlyCaller] = [
    { ...B, port: 2002 },
    { ...C, port: 2003 },
  ];
  const early = await open('early caller', stream, Init.connect, earlyCaller, lateCalled);
  await barrier.pass();
  await open('late listener', requests, Init.listen, lateCalled);
  await barrier.pass();
  const late = await open('late called', stream, Init.accept, lateCalled, earlyCaller);
  await barrier.pass();
  early.send(ptp('early'));
  await barrier.pass();
  await sleep(QUIET_MS);
  late.send(ptp('goodbye'));
  late.end();
  await barrier.pass();
  await sleep(QUIET_MS + waitMs);
  await barrier.close();
  return table.rise();
}

/** The postoffice of the same relay tells when its lobby has dealt with all. */
export async function sitInLobby(port: number, postoffice: number, waitMs = 0): Promise<Sitting> {
  const table = new Table();
  const barrier = await Barrier.open(postoffice);
  const pass = async (): Promise<void> => {
    await barrier.pass();
    await sleep(waitMs);
  };
  const enter = async (n: number, nickname: string): Promise<Client> => {
    const { client } = await ControlClient.logIn(port, { mac: player(n).mac, nickname, pings: false });
    table.seat(nickname, control, client);
    await pass();
    return client;
  };
  const joins = async (client: Client, group: string): Promise<void> => {
    client.send(Buffer.from(`\x02${group.padEnd(8, '\0')}`, 'latin1'));
    await pass();
  };
  const asks = async (client: Client, bytes: string): Promise<void> => {
    client.send(Buffer.from(bytes, 'latin1'));
    await pass();
  };
  const [ann, bob, cid, dan] = [
    await enter(1, 'Ann'),
    await enter(2, 'Bob'),
    await enter(3, 'Cid'),
    await enter(4, 'Dan'),
  ];
  for (const client of [ann, bob, cid]) await joins(client, 'G');
  await joins(dan, 'H');
  await asks(dan, '\x04');
  await asks(ann, `\x07${'hello'.padEnd(64, '\0')}`);
  await asks(bob, '\x03');
  await joins(bob, 'G');
  await barrier.close();
  return table.rise();
}
