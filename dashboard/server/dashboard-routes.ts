/** The dashboard's part of the server: its page, its API and its WebSocket, behind its headers, its limits and its door. */
import cookie from '@fastify/cookie';
import rateLimit from '@fastify/rate-limit';
import websocket from '@fastify/websocket';
import type { FastifyInstance } from 'fastify';
import { LIVE_PATH, OPENAPI_PATH } from '../api/paths.ts';
import { doorkeeper, NO_FILE, registerApi } from './api.ts';
import type { Dashboard, World } from './dashboard.ts';
import { Door } from './door.ts';
import { guardEntry } from './entry.ts';
import type { Guesses } from './guesses.ts';
import { registerHeaders } from './headers.ts';
import { CLIENTS_KEPT_MAX, REQUESTS_MAX, REQUESTS_MS } from './limits.ts';
import { Hub } from './live/hub.ts';
import { MESSAGE_BYTES_MAX } from './live/limits.ts';
import { openApi } from './openapi.ts';
import { findPage, registerPage } from './page.ts';

export interface DashboardRoutes {
  /** Who names it may look and change things, from anywhere; null for none, and then only this machine may. */
  readonly token: string | null;
  /** Of the cookies that stand for the token. */
  readonly cookieKey: string;
}

export function registerDashboard(
  app: FastifyInstance,
  dashboard: Dashboard,
  { token, cookieKey }: DashboardRoutes,
  guesses: Guesses,
): void {
  const { world, topics } = dashboard;
  const { version, clock, onMistake } = world;
  const hub = new Hub({ topics, missing: NO_FILE, clock, onMistake });
  app.addHook('onClose', () => dashboard.close());
  app.register(websocket, {
    options: { maxPayload: MESSAGE_BYTES_MAX, perMessageDeflate: false },
    preClose: (done) => {
      hub.close();
      done();
    },
  });
  app.register(async (scope) => {
    registerHeaders(scope);
    await scope.register(cookie);
    await scope.register(rateLimit, {
      max: REQUESTS_MAX,
      timeWindow: REQUESTS_MS,
      cache: CLIENTS_KEPT_MAX,
      addHeaders: UNTOLD,
      addHeadersOnExceeding: UNTOLD,
      errorResponseBuilder: () =>
        Object.assign(new Error('too many requests at once: wait a moment'), { statusCode: 429 }),
    });
    scope.register((open, _options, done) => {
      registerPage(open, findPage(), greeting(world));
      done();
    });
    scope.register((inside, _options, done) => {
      const entry = guardEntry(inside, new Door(token, cookieKey), guesses);
      registerApi(inside, dashboard, doorkeeper(entry, world));
      const document = JSON.stringify(openApi(version));
      inside.get(OPENAPI_PATH, (_request, reply) => reply.type('application/json').send(document));
      inside.get(LIVE_PATH, { websocket: true, config: { wish: 'own' } }, (socket) => hub.join(socket));
      done();
    });
  });
}

/** How much is left of its requests is nobody's business. */
const UNTOLD = {
  'x-ratelimit-limit': false,
  'x-ratelimit-remaining': false,
  'x-ratelimit-reset': false,
} as const;

/** What it says to who is no browser. */
function greeting({ version, backend }: World): string {
  return backend === null
    ? `Postreel ${version}, looking at a recording.\n`
    : `Postreel ${version}, a relay for games. Who plays what: /data.json\n`;
}
