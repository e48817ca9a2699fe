/** The fast way to read sockets leans on a private field of Node; both ways must do the same. */
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { span } from '../../protocol/memory.ts';
import {
  accept,
  acceptOrdinary,
  canTakeBare,
  type ClientSocket,
  type SocketOwner,
} from '../../relay/intake.ts';

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

const shared = span(new Uint8Array(64 * 1024));

async function listen(onAccepted: (socket: ClientSocket) => void, ordinary: boolean): Promise<number> {
  const server = createServer({ allowHalfOpen: true, noDelay: true, keepAlive: true });
  servers.push(server);
  if (ordinary) acceptOrdinary(server, onAccepted);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  if (!ordinary) expect(accept(server, shared, onAccepted)).toBe(true);
  return (server.address() as AddressInfo).port;
}

/** Answers all that it is told, and can be asked to want no more. */
class Echo implements SocketOwner {
  readonly events: string[] = [];
  wants = true;
  readonly #socket: ClientSocket;

  constructor(socket: ClientSocket) {
    this.#socket = socket;
    socket.owner = this;
  }

  received({ bytes }: { bytes: Uint8Array }, end: number): boolean {
    this.#socket.write(bytes.slice(0, end));
    return this.wants;
  }
  ended(): void {
    this.events.push('ended');
    this.#socket.end();
  }
  failed(): void {
    this.events.push('failed');
  }
  closed(): void {
    this.events.push('closed');
  }
}

test('this Node has what the fast way needs', async () => {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  expect(canTakeBare(server)).toBe(true);
});

describe.each([
  ['the fast way', false],
  ['the ordinary way', true],
])('%s', (_name, ordinary) => {
  test('reads, writes, and hears a client’s last word after all its bytes', async () => {
    const echoes: Echo[] = [];
    const port = await listen((socket) => echoes.push(new Echo(socket)), ordinary);
    const client = connect(port, '127.0.0.1');
    const sent = Buffer.alloc(300_000, 'postreel');
    client.end(sent);
    const chunks: Buffer[] = [];
    for await (const chunk of client) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).equals(sent)).toBe(true);
    await expect.poll(() => echoes[0]?.events).toEqual(['ended', 'closed']);
  });

  test('stops reading when no more is wanted, and loses nothing', async () => {
    let socket: ClientSocket | null = null;
    const echoes: Echo[] = [];
    const port = await listen((accepted) => {
      socket = accepted;
      const echo = new Echo(accepted);
      echo.wants = false;
      echoes.push(echo);
    }, ordinary);
    const client = connect(port, '127.0.0.1');
    let received = 0;
    client.on('data', (chunk: Buffer) => (received += chunk.length));
    const sent = 20_000_000;
    client.write(Buffer.alloc(sent));
    await expect.poll(() => received).toBeGreaterThan(0);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(received).toBeLessThan(sent / 2);
    (echoes[0] as Echo).wants = true;
    (socket as unknown as ClientSocket).resume();
    await expect.poll(() => received, { timeout: 10_000 }).toBe(sent);
    client.destroy();
  });

  test('tells of a connection that breaks', async () => {
    const echoes: Echo[] = [];
    const port = await listen((socket) => echoes.push(new Echo(socket)), ordinary);
    const client = connect(port, '127.0.0.1');
    client.on('error', () => undefined);
    await new Promise((resolve) => client.once('connect', resolve));
    await expect.poll(() => echoes.length).toBe(1);
    client.resetAndDestroy();
    await expect.poll(() => echoes[0]?.events).toEqual(['failed', 'closed']);
  });
});
