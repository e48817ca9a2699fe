/** The dashboard's server with whatever answers and topics a test has, without a file and without a relay. */
import type { FastifyInstance } from 'fastify';
import { afterEach } from 'vitest';
import { type AppOptions, createApp, type SocketLimits } from '../../dashboard/server/app.ts';
import type { Dashboard, World } from '../../dashboard/server/dashboard.ts';
import { listen } from '../../dashboard/server/listen.ts';

export interface Served {
  readonly world?: Partial<World>;
  readonly handlers?: Dashboard['handlers'];
  readonly topics?: Dashboard['topics'];
  readonly options?: Partial<AppOptions>;
  readonly sockets?: SocketLimits;
}

const apps: FastifyInstance[] = [];
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
});

/** It is closed after the test. A mistake of ours fails it, unless the test looks for some. */
export function served({
  world,
  handlers = {},
  topics = {},
  options,
  sockets,
}: Served = {}): FastifyInstance {
  const dashboard: Dashboard = {
    world: {
      version: '1.2.3',
      archive: null,
      backend: null,
      program: 'main.js',
      clock: () => performance.now(),
      wallMicros: () => Date.now() * 1_000,
      onMistake: (error) => {
        throw error;
      },
      ...world,
    },
    handlers,
    topics,
    close: () => undefined,
  };
  const app = createApp(
    dashboard,
    { token: null, listToken: null, cookieKey: 'key', hasControlServer: false, ...options },
    sockets,
  );
  apps.push(app);
  return app;
}

/** The same on a port of this machine, which is answered. */
export async function listening(how: Served = {}): Promise<number> {
  return (await listen(served(how), '127.0.0.1', 0)).port;
}
