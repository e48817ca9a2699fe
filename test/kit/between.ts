/** Sockets on both sides of a proxy, as plain as they come: clients before it, and a server behind it. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Upstream {
  readonly port: number;
  readonly server: Server;
  /** The next connection that it gets. */
  next(): Promise<Socket>;
}

/** A server for a proxy to stand before. It does not read from a connection that nobody listens to. */
export async function startUpstream(): Promise<Upstream> {
  const accepted: Socket[] = [];
  const waiting: ((socket: Socket) => void)[] = [];
  const all = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (socket) => {
    all.add(socket);
    socket.on('error', () => undefined);
    const first = waiting.shift();
    if (first === undefined) accepted.push(socket);
    else first(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of all) socket.destroy();
    server.close();
  });
  return {
    port: (server.address() as AddressInfo).port,
    server,
    next: () =>
      new Promise((resolve) => {
        const first = accepted.shift();
        if (first === undefined) waiting.push(resolve);
        else resolve(first);
      }),
  };
}

/** A client of a proxy. It does not read before somebody listens. */
export function dial(port: number): Socket {
  const client = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
  client.on('error', () => undefined).pause();
  onTestFinished(() => {
    client.destroy();
  });
  return client;
}

/** The next so many bytes, or all until the end. */
export function bytesOf(socket: Socket, size = Infinity): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const done = () => {
      socket.off('data', take).off('end', done).off('close', done).pause();
      resolve(Buffer.concat(chunks));
    };
    const take = (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= size) done();
    };
    socket.on('data', take).on('end', done).on('close', done).resume();
  });
}

/** How a connection ends that is read from now on. */
export function broken(socket: Socket): Promise<string> {
  socket.resume();
  return new Promise((resolve) => {
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
    socket.on('close', () => resolve('closed'));
  });
}
