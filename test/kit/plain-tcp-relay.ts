/**
 * A TCP relay as plain as its wire page, which takes each message whole before it passes it on, and may be told to do
 * something else with it: a target that is right, or wrong in one thing.
 */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';

export interface PlainMessage {
  readonly from: string;
  readonly to: string;
  /** From 1, of those from one to the other. */
  readonly number: number;
  readonly bytes: Buffer;
}

/** What is written to the receiver, and when that is done. */
export type Deliver = (message: PlainMessage, write: (bytes: Buffer) => void) => void;

const faithful: Deliver = ({ bytes }, write) => write(bytes);

/** Answers its port. */
export async function plainTcpRelay(deliver: Deliver = faithful): Promise<number> {
  const clients = new Map<string, Socket>();
  const sockets = new Set<Socket>();
  const counts = new Map<string, number>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    let waiting = Buffer.alloc(0);
    let name: string | null = null;
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      if (name !== null) clients.delete(name);
    });
    socket.on('data', (chunk) => {
      waiting = Buffer.concat([waiting, chunk]);
      for (;;) {
        const bar = waiting.indexOf('|');
        if (bar < 0) return;
        if (name === null) {
          name = waiting.toString('latin1', 0, bar);
          clients.set(name, socket);
          waiting = waiting.subarray(bar + 1);
          continue;
        }
        const second = waiting.indexOf('|', bar + 1);
        if (second < 0) return;
        const end = second + 1 + Number(waiting.toString('latin1', bar + 1, second));
        if (waiting.length < end) return;
        const to = waiting.toString('latin1', 0, bar);
        const bytes = Buffer.from(waiting.subarray(second + 1, end));
        waiting = waiting.subarray(end);
        const key = `${name} ${to}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
        if (bytes.length === 0) continue;
        deliver({ from: name, to, number: counts.get(key) ?? 0, bytes }, (written) =>
          clients.get(to)?.write(written),
        );
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}
