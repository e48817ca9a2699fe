/**
 * The HTTP server, as an application that needs neither a thread nor a socket to be tested.
 *
 * The rule: every answer to a bad request is one line of JSON, `{"error": "..."}`, that says what is wrong
 * with it; nothing from a request is looked for on the disk; and what changes anything asks
 * `permission.ts` before it reads a body.
 */
import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import cookie from '@fastify/cookie';
import rateLimit from '@fastify/rate-limit';
import websocket from '@fastify/websocket';
import { Failure } from '../../common/failure.ts';
import { LIVE_PATH } from '../api/paths.ts';
import { doorkeeper, NO_FILE, registerApi } from './api.ts';
import { type Backend, type Census, Unanswered } from './backend.ts';
import type { Dashboard, World } from './dashboard.ts';
import { Door } from './door.ts';
import { guardEntry, refuse } from './entry.ts';
import { registerHeaders } from './headers.ts';
import { findPage, registerPage } from './page.ts';
import { dataJson } from './data-json.ts';
import { BadList, readGameList } from './game-list.ts';
import { GroupKeys } from './group-keys.ts';
import * as limits from './limits.ts';
import { Hub } from './live/hub.ts';
import { MESSAGE_BYTES_MAX } from './live/limits.ts';
import { mayChange } from './permission.ts';

export interface AppOptions {
  /** Who names it may look and change things, from anywhere; null for none, and then only this machine may. */
  readonly token: string | null;
  /** The same for lists of players. Null also where the token is one that we made up, which no list knows. */
  readonly listToken: string | null;
  /** Of the cookies that stand for the token. */
  readonly cookieKey: string;
  /** This relay runs its own control server, so that no other may say who is logged in. */
  readonly hasControlServer: boolean;
}

/** Those that tests make smaller, so as not to wait for them. */
export type SocketLimits = Readonly<
  Record<
    | 'HEADERS_MS'
    | 'REQUEST_MS'
    | 'IDLE_MS'
    | 'KEEP_ALIVE_MS'
    | 'CHECK_MS'
    | 'CONNECTIONS_MAX'
    | 'REQUESTS_PER_CONNECTION_MAX',
    number
  >
>;

export function createApp(
  dashboard: Dashboard,
  options: AppOptions,
  sockets: SocketLimits = limits,
): FastifyInstance {
  const { backend, onMistake } = dashboard.world;
  const app = fastify({
    bodyLimit: limits.BODY_BYTES_MAX,
    requestTimeout: sockets.REQUEST_MS,
    connectionTimeout: sockets.IDLE_MS,
    keepAliveTimeout: sockets.KEEP_ALIVE_MS,
    maxRequestsPerSocket: sockets.REQUESTS_PER_CONNECTION_MAX,
    http: {
      maxHeaderSize: limits.HEADER_BYTES_MAX,
      headersTimeout: sockets.HEADERS_MS,
      connectionsCheckingInterval: sockets.CHECK_MS,
    },
    forceCloseConnections: true,
    // Of what is wrong before any route is found, such as an address that cannot be decoded.
    frameworkErrors: (error, _request, reply) => void answerError(error, reply, onMistake),
  });
  app.server.maxConnections = sockets.CONNECTIONS_MAX;
  // A web page may send plain text anywhere without asking first; JSON it may not.
  app.removeContentTypeParser('text/plain');
  app.setErrorHandler((error: FastifyError, _request, reply) => answerError(error, reply, onMistake));
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ error: 'there is nothing here; GET / says what is' }),
  );
  app.addHook('onSend', async (_request, reply) => {
    void reply.header('x-content-type-options', 'nosniff');
    if (!reply.hasHeader('cache-control')) void reply.header('cache-control', 'no-store');
  });

  registerDashboard(app, dashboard, options);
  if (backend !== null) registerRelay(app, backend, options);
  return app;
}

function registerDashboard(app: FastifyInstance, dashboard: Dashboard, options: AppOptions): void {
  const { world, topics } = dashboard;
  const { clock, onMistake } = world;
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
      max: limits.REQUESTS_MAX,
      timeWindow: limits.REQUESTS_MS,
      cache: limits.CLIENTS_KEPT_MAX,
      addHeaders: NO_RATE_HEADERS,
      addHeadersOnExceeding: NO_RATE_HEADERS,
      errorResponseBuilder: () =>
        Object.assign(new Error('too many requests at once: wait a moment'), { statusCode: 429 }),
    });
    scope.register((open, _options, done) => {
      registerPage(open, findPage(), greeting(world));
      done();
    });
    scope.register((inside, _options, done) => {
      const entry = guardEntry(inside, new Door(options.token, options.cookieKey));
      registerApi(inside, dashboard, doorkeeper(entry, world), onMistake);
      inside.get(LIVE_PATH, { websocket: true, config: { wish: 'own' } }, (socket) => hub.join(socket));
      done();
    });
  });
}

/** What it says to who is no browser. */
function greeting({ version, backend }: World): string {
  return backend === null
    ? `Postreel ${version}, looking at a recording.\n`
    : `Postreel ${version}, a relay for games. Who plays what: /data.json\n`;
}

const NO_RATE_HEADERS = {
  'x-ratelimit-limit': false,
  'x-ratelimit-remaining': false,
  'x-ratelimit-reset': false,
} as const;

function registerRelay(app: FastifyInstance, backend: Backend, options: AppOptions): void {
  let told: { readonly census: Census; readonly text: string } | null = null;
  app.get('/data.json', async (_request, reply) => {
    const census = await backend.census();
    if (told?.census !== census) told = { census, text: JSON.stringify(dataJson(census)) };
    return reply
      .header('access-control-allow-origin', '*')
      .type('application/json; charset=utf-8')
      .send(told.text);
  });

  const groupKeys = new GroupKeys();
  const changes = { onRequest: permission(options.listToken) };
  app.post('/game_list_sync', changes, async ({ body }, reply) => {
    if (options.hasControlServer)
      return reply.code(409).send({
        error:
          'this relay runs its own control server, and two cannot both say who is logged in: start it with --no-adhocctl',
      });
    const players = groupKeys.assign(readGameList(body));
    await backend.listPlayers(players);
    return { players: players.length };
  });
}

function permission(token: string | null) {
  return async ({ ip, headers }: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const refusal = mayChange({ address: ip, headers }, token);
    return refusal === null ? undefined : refuse(reply, refusal);
  };
}

function answerError(
  error: FastifyError,
  reply: FastifyReply,
  onMistake: (error: Error) => void,
): FastifyReply {
  if (error instanceof BadList) return reply.code(400).send({ error: error.message });
  if (error instanceof Failure) return reply.code(failureStatus(error)).send({ error: error.message });
  if (error instanceof Unanswered) return reply.code(503).send({ error: error.message });
  const { statusCode = 500 } = error;
  if (statusCode < 500) return reply.code(statusCode).send({ error: error.message });
  onMistake(error);
  return reply.code(500).send({ error: 'a mistake in postreel itself' });
}

/** What is not there is told apart from what is asked wrongly. */
function failureStatus({ kind, code }: Failure): number {
  if (kind === 'outside') return 503;
  return code.startsWith('no-such') ? 404 : 400;
}
