/**
 * The HTTP server, as an application that needs neither a thread nor a socket to be tested.
 *
 * The rule: every answer to a bad request is one line of JSON, `{"error": "..."}`, that says what is wrong
 * with it; nothing from a request is looked for on the disk; and what changes anything asks
 * `permission.ts` before it reads a body.
 */
import { basename } from 'node:path';
import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import websocket from '@fastify/websocket';
import { Failure } from '../../common/failure.ts';
import { LIVE_PATH } from '../api/paths.ts';
import { NO_FILE, registerApi } from './api.ts';
import { type Backend, type Census, Unanswered } from './backend.ts';
import type { Dashboard } from './dashboard.ts';
import { dataJson } from './data-json.ts';
import { BadList, readGameList } from './game-list.ts';
import { GroupKeys } from './group-keys.ts';
import * as limits from './limits.ts';
import { Hub, type Socket } from './live/hub.ts';
import { MESSAGE_BYTES_MAX } from './live/limits.ts';
import { mayChange } from './permission.ts';

export interface AppOptions {
  /** Who names it may change things from anywhere; null for none. */
  readonly token: string | null;
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
  const { backend, version, onMistake } = dashboard.world;
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
    void reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
  });

  app.get('/', () => `Postreel ${version}, a relay for games. Who plays what: /data.json\n`);

  registerDashboard(app, dashboard, options);
  if (backend !== null) registerRelay(app, backend, options);
  return app;
}

function registerDashboard(app: FastifyInstance, dashboard: Dashboard, { token }: AppOptions): void {
  const { world, topics } = dashboard;
  const { version, archive, backend, clock, onMistake } = world;
  const hub = new Hub({ topics, missing: NO_FILE, clock, onMistake });
  app.addHook('onClose', () => {
    hub.close();
    dashboard.close();
  });
  app.register(websocket, { options: { maxPayload: MESSAGE_BYTES_MAX, perMessageDeflate: false } });
  app.register((scope, _options, done) => {
    scope.addHook('onRequest', permission(token));
    const door = {
      who: () => ({
        version,
        needsToken: false,
        mayChange: true,
        why: null,
        file: archive === null ? null : basename(archive.file),
        hasRelay: backend !== null,
      }),
      login: () => ({ done: true }) as const,
      logout: () => ({ done: true }) as const,
    };
    registerApi(scope, dashboard, door, onMistake);
    scope.get(LIVE_PATH, { websocket: true }, (socket) => hub.join(socket as Socket));
    done();
  });
}

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
  const changes = { onRequest: permission(options.token) };
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
    if (refusal === null) return undefined;
    if (refusal.status === 401) void reply.header('www-authenticate', 'Bearer');
    // What may not be said is not read either.
    return reply.code(refusal.status).header('connection', 'close').send({ error: refusal.error });
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
