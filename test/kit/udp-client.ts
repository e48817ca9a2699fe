/** Somebody who sends and gets datagrams on a real socket. */
import { createSocket, type Socket } from 'node:dgram';
import { onTestFinished } from 'vitest';

export interface Heard {
  readonly bytes: Buffer;
  readonly address: string;
  readonly port: number;
}

export class UdpClient {
  readonly #socket: Socket;
  readonly port: number;
  /** All that came. */
  readonly heard: Heard[] = [];
  #waiting: (() => void)[] = [];
  #taken = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.port = socket.address().port;
    socket.on('message', (bytes, { address, port }) => {
      this.heard.push({ bytes, address, port });
      for (const resolve of this.#waiting.splice(0)) resolve();
    });
  }

  /** Closed when the test ends. */
  static open(address = '127.0.0.1'): Promise<UdpClient> {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    onTestFinished(() => void socket.close());
    return new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(0, address, () => resolve(new UdpClient(socket)));
    });
  }

  send(bytes: Uint8Array, port: number, address = '127.0.0.1'): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.send(bytes, port, address, (error) => (error === null ? resolve() : reject(error)));
    });
  }

  /** The next datagram. */
  async next(): Promise<Heard> {
    while (this.heard.length === this.#taken)
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.heard[this.#taken++] as Heard;
  }
}
