/**
 * The page itself: what the build made of `dashboard/web/`.
 *
 * The rule: each of its files is a route of its own, found when the server starts; no path from a request reaches the disk.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** Where the page finds its own way: those of `web/src/lib/route.svelte.ts`. */
const ADDRESSES = ['/sessions', '/sessions/*', '/replays', '/replays/*'] as const;
/** Named by what is in them, so that they never change. */
const HASHED = /[\\/]assets[\\/][^\\/]+$/;
const FOREVER = 'public, max-age=31536000, immutable';

const NOT_BUILT = 'The page of the dashboard is not here: npm run build makes it.\n';

/** Beside this file in dist/, or in the dist/ of the sources; null where nobody has built it. */
export function findPage(): string | null {
  const places = ['../web/', '../../dist/dashboard/web/'].map((place) =>
    fileURLToPath(new URL(place, import.meta.url)),
  );
  return places.find((place) => existsSync(`${place}assets`)) ?? null;
}

/** `greeting` is for who is no browser. */
export function registerPage(scope: FastifyInstance, folder: string | null, greeting: string): void {
  if (folder !== null) {
    scope.register(fastifyStatic, {
      root: folder,
      wildcard: false,
      index: false,
      dotfiles: 'deny',
      cacheControl: false,
      setHeaders: (reply, path) => {
        reply.header('cache-control', HASHED.test(path) ? FOREVER : 'no-cache');
      },
    });
  }
  const page = (_request: FastifyRequest, reply: FastifyReply): FastifyReply =>
    folder === null ? reply.code(503).send(NOT_BUILT) : reply.sendFile('index.html');
  scope.get('/', (request, reply) => {
    void reply.header('vary', 'accept');
    return wantsPage(request) ? page(request, reply) : reply.send(greeting);
  });
  for (const address of ADDRESSES) scope.get(address, page);
}

function wantsPage({ headers }: FastifyRequest): boolean {
  return headers.accept?.includes('text/html') === true;
}
