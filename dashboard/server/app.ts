/**
 * The HTTP server, as an application that needs neither a thread nor a socket to be tested.
 *
 * The rule: every answer to a bad request is one line of JSON, `{"error": "..."}`, that says what is wrong
 * with it; nothing from a request is looked for on the disk; and who may not ask is told so before a body
 * is read.
 */
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply } from 'fastify';
import { Failure } from '../../common/failure.ts';
import { Unanswered } from './backend.ts';
import { type DashboardRoutes, registerDashboard } from './dashboard-routes.ts';
import type { Dashboard } from './dashboard.ts';
import { BadList } from './game-list.ts';
import { Guesses } from './guesses.ts';
import * as limits from './limits.ts';
import { registerRelay, type RelayRoutes } from './relay-routes.ts';

export type AppOptions = DashboardRoutes & RelayRoutes;

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
  const { backend, clock, onMistake } = dashboard.world;
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
    // Of what is wrong before any route is found, such as an address that cannot be decoded.
    frameworkErrors: (error, _request, reply) => void answerError(error, reply, onMistake),
  });
  app.server.maxConnections = sockets.CONNECTIONS_MAX;
  // The application does so itself only where it was the one to listen; else it would wait for every download.
  app.addHook('preClose', (done) => {
    app.server.closeAllConnections();
    done();
  });
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

  const guesses = new Guesses(clock);
  registerDashboard(app, dashboard, options, guesses);
  if (backend !== null) registerRelay(app, backend, options, guesses);
  return app;
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
