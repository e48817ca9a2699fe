/** An adhocctl client on a real socket, as plain as the wire page: it knows nothing of our own codec. */
import { Client } from './socket-client.ts';

/** How long each of the relay's frames is, by its opcode. */
const LENGTHS: Readonly<Record<number, number>> = { 2: 139, 3: 5, 4: 15, 5: 1, 6: 7, 7: 193 };

const NICKNAME_AT = 1;
const MAC_AT = 129;

export interface ControlLogin {
  readonly mac: string;
  readonly nickname: string;
  readonly product?: string;
  /** Where it comes from: 127.0.0.1, unless it says otherwise. */
  readonly from?: string;
  /** Whether it says every 2 s that it is still there: it does, unless it says otherwise. */
  readonly pings?: boolean;
}

function padded(text: string, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  bytes.write(text);
  return bytes;
}

function macBytes(mac: string): Buffer {
  return Buffer.from(mac.replaceAll(':', ''), 'hex');
}

export class ControlClient {
  readonly client: Client;
  readonly #login: ControlLogin;

  private constructor(client: Client, login: ControlLogin) {
    this.client = client;
    this.#login = login;
    if (login.pings === false) return;
    const ping = setInterval(() => client.send(Buffer.of(0)), 2_000).unref();
    void client.closed.then(() => clearInterval(ping));
  }

  /** Says who it is; the server answers nothing to that. */
  static async logIn(port: number, login: ControlLogin): Promise<ControlClient> {
    const client = new Client(port, '127.0.0.1', login.from);
    await client.connected();
    const { mac, nickname, product = 'ULUS10511' } = login;
    client.send(Buffer.concat([Buffer.of(1), macBytes(mac), padded(nickname, 128), Buffer.from(product)]));
    return new ControlClient(client, login);
  }

  /** Answers who was there before, by nickname, and the founder's MAC address. */
  async join(group: string): Promise<{ peers: string[]; founder: string }> {
    this.client.send(Buffer.concat([Buffer.of(2), padded(group, 8)]));
    const peers: string[] = [];
    for (;;) {
      const frame = await this.next();
      if (frame[0] === 2) peers.push(text(frame.subarray(NICKNAME_AT, MAC_AT)));
      if (frame[0] === 6) return { peers, founder: macText(frame.subarray(1)) };
      if (frame.length === 0) throw new Error(`${this.#login.nickname} was closed instead of joined`);
    }
  }

  /** Answers the names of all groups of its game. */
  async scan(): Promise<string[]> {
    this.client.send(Buffer.of(4));
    const groups: string[] = [];
    for (;;) {
      const frame = await this.next();
      if (frame[0] === 4) groups.push(text(frame.subarray(1, 9)));
      if (frame[0] === 5) return groups;
      if (frame.length === 0) throw new Error(`${this.#login.nickname} was closed instead of answered`);
    }
  }

  /** The MAC address of the next who joins its group. */
  async newcomer(): Promise<string> {
    const frame = await this.#until(2);
    return macText(frame.subarray(MAC_AT, MAC_AT + 6));
  }

  /** Somebody has left its group. */
  async farewell(): Promise<void> {
    await this.#until(3);
  }

  say(message: string): void {
    this.client.send(Buffer.concat([Buffer.of(7), padded(message, 64)]));
  }

  /** What the next says who says something. */
  async said(): Promise<string> {
    return text((await this.#until(7)).subarray(1, 65));
  }

  async #until(opcode: number): Promise<Buffer> {
    for (;;) {
      const frame = await this.next();
      if (frame[0] === opcode) return frame;
      if (frame.length === 0) throw new Error(`${this.#login.nickname} was closed while it waited`);
    }
  }

  leave(): void {
    this.client.send(Buffer.of(3));
  }

  /** The next frame; empty once the connection has ended. */
  async next(): Promise<Buffer> {
    const opcode = await this.client.take(1);
    const length = LENGTHS[opcode[0] ?? -1];
    if (length === undefined) return Buffer.alloc(0);
    return Buffer.concat([opcode, await this.client.take(length - 1)]);
  }

  end(): void {
    this.client.end();
  }
}

function text(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end === -1 ? bytes.length : end);
}

function macText(bytes: Buffer): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}
