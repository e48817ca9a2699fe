/** A postoffice client on a real socket, as plain as the wire page: it knows nothing of our own codec. */
import { connect, type Socket } from 'node:net';

export const Init = { pdp: 0, listen: 1, connect: 2, accept: 3 } as const;

export interface Address {
  readonly mac: string;
  readonly port: number;
}

/** `02:00:00:00:NN:NN`, port 1000 + n. */
export function player(n: number): Address {
  const hex = (value: number) => value.toString(16).padStart(2, '0');
  return { mac: `02:00:00:00:${hex(n >> 8)}:${hex(n & 255)}`, port: 1000 + n };
}

export function addressBytes({ mac, port }: Address, padding = 0): Buffer {
  const bytes = Buffer.alloc(10, padding);
  bytes.set(mac.split(':').map((part) => Number.parseInt(part, 16)));
  bytes.writeUInt16LE(port, 8);
  return bytes;
}

const NOWHERE = Buffer.alloc(10);

export function init(type: number, self: Address, target?: Address): Buffer {
  const head = Buffer.alloc(4);
  head.writeInt32LE(type);
  return Buffer.concat([head, addressBytes(self), target === undefined ? NOWHERE : addressBytes(target)]);
}

export function pdp(address: Address, payload: Uint8Array | string): Buffer {
  const body = Buffer.from(payload as string);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(body.length);
  return Buffer.concat([addressBytes(address), size, body]);
}

export function ptp(payload: Uint8Array | string): Buffer {
  const body = Buffer.from(payload as string);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(body.length);
  return Buffer.concat([size, body]);
}

/** Bytes that can be waited for. */
export class Client {
  readonly socket: Socket;
  /** Settles when both directions have ended, or the connection broke. */
  readonly closed: Promise<void>;
  isEnded = false;
  #chunks: Buffer[] = [];
  #length = 0;
  #waiting: (() => void)[] = [];

  /** `localAddress` is where it comes from: 127.0.0.2, say, for somebody else. */
  constructor(port: number, host = '127.0.0.1', localAddress = '') {
    this.socket = connect({ port, host, noDelay: true, ...(localAddress && { localAddress }) });
    this.socket.on('data', (chunk) => {
      this.#chunks.push(chunk);
      this.#length += chunk.length;
      this.#wake();
    });
    this.socket.on('end', () => {
      this.isEnded = true;
      this.#wake();
    });
    this.socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      this.socket.on('close', () => {
        this.isEnded = true;
        this.#wake();
        resolve();
      });
    });
  }

  /** Opens a connection and sends its init, with whatever follows in the same write. */
  static async open(
    port: number,
    type: number,
    self: Address,
    target?: Address,
    early?: Buffer,
  ): Promise<Client> {
    const client = new Client(port);
    await client.connected();
    client.send(
      early === undefined ? init(type, self, target) : Buffer.concat([init(type, self, target), early]),
    );
    return client;
  }

  connected(): Promise<void> {
    if (!this.socket.connecting) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.socket.once('connect', resolve);
      this.socket.once('error', reject);
    });
  }

  send(bytes: Uint8Array): void {
    this.socket.write(bytes);
  }

  /** How many bytes have come and were not taken. */
  get length(): number {
    return this.#length;
  }

  /** The next `size` bytes; fewer only if the connection ends before. */
  async take(size: number): Promise<Buffer> {
    while (this.#length < size && !this.isEnded)
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    const all = Buffer.concat(this.#chunks);
    const taken = all.subarray(0, size);
    this.#chunks = [all.subarray(taken.length)];
    this.#length = all.length - taken.length;
    return taken;
  }

  /** The next datagram, as the relay delivers it. */
  async datagram(): Promise<{ from: Buffer; payload: Buffer }> {
    const head = await this.take(14);
    return { from: head.subarray(0, 10), payload: await this.take(head.readUInt32LE(10)) };
  }

  /** All that comes until the relay ends the connection. */
  async rest(): Promise<Buffer> {
    return this.take(Number.MAX_SAFE_INTEGER);
  }

  end(): void {
    this.socket.end();
  }

  destroy(): void {
    this.socket.destroy();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** Both ends of a stream: connector, acceptor and listener, in data mode. */
export async function streamPair(
  port: number,
  from: Address,
  to: Address,
): Promise<[Client, Client, Client]> {
  const listener = await Client.open(port, Init.listen, to);
  const connector = await Client.open(port, Init.connect, from, to);
  await listener.take(10);
  const acceptor = await Client.open(port, Init.accept, to, from);
  await Promise.all([connector.take(10), acceptor.take(10)]);
  return [connector, acceptor, listener];
}

/** At least so many bytes of a stream, wherever its blocks are cut; fewer only if it ends before. */
export async function streamBytes(client: Client, bytesMin: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (let size = 0; size < bytesMin;) {
    const head = await client.take(4);
    if (head.length < 4) break;
    const part = await client.take(head.readUInt32LE());
    parts.push(part);
    size += part.length;
  }
  return Buffer.concat(parts);
}
