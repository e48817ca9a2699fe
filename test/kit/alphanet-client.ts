/** A client of AlphaNET on a real socket: it takes whole messages out of what comes, and nothing else. */
import { connect, type Socket } from 'node:net';

export class PlainClient {
  readonly socket: Socket;
  readonly #waiting: ((message: Buffer) => void)[] = [];
  readonly #messages: Buffer[] = [];
  #bytes = Buffer.alloc(0);
  readonly closed: Promise<void>;

  constructor(port: number, host = '127.0.0.1', from?: string) {
    this.socket = connect({ port, host, ...(from !== undefined && { localAddress: from }) });
    this.socket.on('data', (chunk: Buffer) => this.#take(chunk));
    this.socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => this.socket.once('close', () => resolve()));
  }

  send(bytes: Uint8Array): void {
    this.socket.write(bytes);
  }

  /** The next whole message. */
  next(): Promise<Buffer> {
    const message = this.#messages.shift();
    if (message !== undefined) return Promise.resolve(message);
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('no message came')), 5000);
      this.#waiting.push((found) => {
        clearTimeout(late);
        resolve(found);
      });
    });
  }

  /** The text of the address in a greeting: the only text between its id and the type of the packet. */
  async virtualIp(): Promise<string> {
    const message = await this.next();
    const found = /\x06\x03\0\0\0.([0-9.]+)\x06\x0b$/s.exec(message.toString('latin1'));
    if (found === null) throw new Error(`no greeting: ${message.toString('latin1')}`);
    return found[1]!;
  }

  end(): Promise<void> {
    this.socket.end();
    return this.closed;
  }

  #take(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    for (;;) {
      const colon = this.#bytes.indexOf(':');
      if (colon < 0) return;
      const size = colon + 1 + Number(this.#bytes.subarray(0, colon).toString());
      if (this.#bytes.length < size) return;
      const message = this.#bytes.subarray(0, size);
      this.#bytes = this.#bytes.subarray(size);
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#messages.push(message);
      else waiting(message);
    }
  }
}
