/**
 * Stands before a relay and passes on what both sides say, except that where the relay closes a connection
 * it resets it. The rule: what the relay said at the very last is lost by that, as a reset may lose it.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** How long what the relay says is on its way. */
export const RESET_HOLD_MS = 60;

export interface Front {
  readonly port: number;
  stop(): Promise<void>;
}

export async function resettingFront(port: number): Promise<Front> {
  const clients = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    clients.add(client);
    const relay = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    client.on('error', () => relay.destroy());
    client.on('close', () => clients.delete(client));
    client.on('data', (bytes) => relay.write(bytes));
    client.on('end', () => relay.end());
    relay.on('data', (bytes) => {
      setTimeout(() => {
        if (!client.destroyed) client.write(bytes);
      }, RESET_HOLD_MS);
    });
    relay.on('error', () => client.resetAndDestroy());
    relay.on('end', () => client.resetAndDestroy());
    relay.on('close', () => client.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      for (const client of clients) client.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
