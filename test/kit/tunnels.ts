/** Tunnels on real sockets, in this process: two ends, what they said, and ordinary programs at either side. None outlives its test. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach } from 'vitest';
import { monotonic } from '../../common/clock.ts';
import { Tunnel, type TunnelEvent, type TunnelOptions } from '../../tunnel/tunnel.ts';

const LOOPBACK = '127.0.0.1';
const endings: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  // What was started last may stand on what was started before.
  for (const end of endings.splice(0).reverse()) await end();
});

/** Runs when the test is over. */
export function afterwards(end: () => Promise<unknown>): void {
  endings.push(end);
}

export interface End {
  readonly tunnel: Tunnel;
  readonly events: TunnelEvent[];
  /** Where it listens. */
  readonly port: number;
  /** Whether it has said something like it, at this level or any. */
  said(what: RegExp, level?: TunnelEvent['level']): boolean;
}

export interface EndOptions extends Partial<Omit<TunnelOptions, 'relay' | 'listen' | 'forward'>> {
  readonly relayPort: number;
  readonly name: string;
  readonly peer: string;
  readonly listens?: boolean;
  /** In place of one that is free. */
  readonly listenPort?: number;
  readonly forwardPort?: number;
}

export async function startEnd(how: EndOptions): Promise<End> {
  const { relayPort, listens, listenPort = 0, forwardPort, ...options } = how;
  const events: TunnelEvent[] = [];
  const tunnel = new Tunnel({
    relay: { host: LOOPBACK, port: relayPort },
    listen: listens === true ? { host: LOOPBACK, port: listenPort } : null,
    forward: forwardPort === undefined ? null : { host: LOOPBACK, port: forwardPort },
    clock: monotonic,
    random: Math.random,
    drawNumber: () => randomBytes(8).readBigUInt64BE(),
    onEvent: (event) => events.push(event),
    ...options,
  });
  await tunnel.start();
  afterwards(() => tunnel.stop());
  return {
    tunnel,
    events,
    port: tunnel.address?.port ?? 0,
    said: (what, level) =>
      events.some((event) => what.test(event.text) && (level ?? event.level) === event.level),
  };
}

/** A server whose connections the test holds; gone after it. */
export async function startServer(
  onSocket: (socket: Socket) => void,
): Promise<{ port: number; server: Server }> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onSocket(socket);
  });
  server.listen(0, LOOPBACK);
  await once(server, 'listening');
  afterwards(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  return { port: (server.address() as AddressInfo).port, server };
}

/** A connection of an ordinary program. */
export function dial(port: number): Socket {
  const socket = connect({ port, host: LOOPBACK, allowHalfOpen: true, noDelay: true });
  socket.on('error', () => undefined);
  afterwards(() => Promise.resolve(socket.destroy()));
  return socket;
}

export type Close = 'end' | 'reset';

/** How a connection was over for whoever read it, and all that came before. */
export function overheard(socket: Socket): Promise<{ readonly how: Close; readonly bytes: Buffer }> {
  const pieces: Buffer[] = [];
  socket.on('data', (piece) => pieces.push(piece));
  return new Promise((resolve) => {
    const over = (how: Close) => resolve({ how, bytes: Buffer.concat(pieces) });
    socket.on('end', () => over('end'));
    socket.on('error', () => over('reset'));
    socket.on('close', () => over('reset'));
  });
}
