/**
 * Every route of `dashboard/api/`, by its table: what is asked is read by the route's schemas, and answered by its handler.
 *
 * The rule: no route has code of its own here. What a handler throws as a `Failure` of kind `input` is the client's
 * mistake and told in its words; what it answers is sent as it is.
 */
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { paths, type RouteName, type RoutePath } from '../api/paths.ts';
import { routes, type RouteSpec, type Who } from '../api/routes.ts';
import type { Dashboard, DashboardRoute, World } from './dashboard.ts';
import type { Wish } from './door.ts';
import type { Entry } from './entry.ts';
import type { Ask, Download } from './handlers.ts';
import { askReader } from './read-ask.ts';

/** Those that are about the client itself: what they answer depends on more than what is asked. */
export interface Doorkeeper {
  who(request: FastifyRequest): Who;
  login(token: string, request: FastifyRequest, reply: FastifyReply): Done;
  logout(request: FastifyRequest, reply: FastifyReply): Done;
}

interface Done {
  readonly done: true;
}

export const NO_FILE =
  'nothing is recorded here: start the relay with --record FILE, or open a file with postreel ui FILE';

/** Strangers learn what they need to name the token, and nothing more. */
export function doorkeeper(entry: Entry, { version, archive, backend }: World): Doorkeeper {
  return {
    who: (request) => {
      const needsToken = entry.needsToken(request);
      const why = needsToken ? 'name the token of --http-token first' : archive === null ? NO_FILE : null;
      const file = archive === null || needsToken ? null : basename(archive.file);
      return { version, needsToken, mayChange: why === null, why, file, hasRelay: backend !== null };
    },
    login: (token, request, reply) => {
      entry.login(token, request, reply);
      return { done: true };
    },
    logout: (request, reply) => {
      entry.logout(request, reply);
      return { done: true };
    },
  };
}

/** Who has not named the token yet must be able to. */
const WISHES: Partial<Record<RouteName, Wish>> = { who: 'open', login: 'open' };

type AnyHandler = (ask: Ask<RouteName>, request: FastifyRequest, reply: FastifyReply) => unknown;

export function registerApi(app: FastifyInstance, { handlers, world }: Dashboard, door: Doorkeeper): void {
  const all: Partial<Record<RouteName, AnyHandler>> = {
    ...(handlers as Partial<Record<DashboardRoute, AnyHandler>>),
    who: (_ask, request) => door.who(request),
    login: ({ body }, request, reply) => door.login((body as { token: string }).token, request, reply),
    logout: (_ask, request, reply) => door.logout(request, reply),
  };
  for (const [name, { method, path, changes }] of Object.entries(paths) as [RouteName, RoutePath][]) {
    const spec: RouteSpec = routes[name];
    const read = askReader(spec);
    const handler = all[name];
    app.route({
      method,
      url: path,
      exposeHeadRoute: false,
      config: { wish: WISHES[name] ?? (changes === true ? 'own' : 'read') },
      handler: async (request, reply) => {
        const asked = read(request);
        if (handler === undefined) return reply.code(404).send({ error: missing(world.archive !== null) });
        const signal = whileThere(reply);
        try {
          const ask = { ...asked, signal } as Ask<RouteName>;
          const answer = await unhurried(reply, () => handler(ask, request, reply));
          if (spec.answers === null)
            return await send(answer as Download, spec.type ?? '', signal, reply, world.onMistake);
          return await reply.type('application/json; charset=utf-8').send(JSON.stringify(answer));
        } catch (error) {
          // Whoever asked is gone: that what was done for it broke off is nobody's mistake.
          if (signal.aborted) return reply.hijack();
          throw error;
        }
      },
    });
  }
}

function missing(hasFile: boolean): string {
  return hasFile ? 'this version has no answer to that yet' : NO_FILE;
}

/** Whoever waits for what is being made, such as a download, is not idle. One who does not take it then is let go. */
async function unhurried(reply: FastifyReply, make: () => unknown): Promise<unknown> {
  const waits = (): void => undefined;
  reply.raw.on('timeout', waits);
  try {
    return await make();
  } finally {
    reply.raw.off('timeout', waits);
  }
}

/** Aborted when the client goes before it has all of its answer. */
function whileThere(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  return gone.signal;
}

/** As a client takes it: a stream waits for its reader. */
function send(
  { name, bytes, stream }: Download,
  type: string,
  signal: AbortSignal,
  reply: FastifyReply,
  onMistake: (error: Error) => void,
): FastifyReply {
  watchStream(stream, signal, onMistake);
  return reply
    .headers({
      'content-length': bytes,
      // In quotes, so without what would end them.
      'content-disposition': `attachment; filename="${name.replaceAll(/[^\w.-]+/g, '_')}"`,
    })
    .type(type)
    .send(stream);
}

function watchStream(stream: Readable, signal: AbortSignal, onMistake: (error: Error) => void): void {
  stream.once('error', (error) => {
    if (!signal.aborted) onMistake(error);
  });
  signal.addEventListener('abort', () => stream.destroy(), { once: true });
}
