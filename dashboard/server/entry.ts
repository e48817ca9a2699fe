/**
 * The door, on Fastify: requests pass it before anything of them is read.
 *
 * The rule: a request may do what its route is for, which is said where the route is; a route that says nothing is read.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Door, Visitor, Wish } from './door.ts';
import type { Guesses } from './guesses.ts';
import { mayChange, namedToken, type Refusal } from './permission.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    readonly wish?: Wish;
  }
}

export interface Entry {
  needsToken(request: FastifyRequest): boolean;
  /** Rejects with what is answered to one who does not name the token. */
  login(token: string, request: FastifyRequest, reply: FastifyReply): void;
  logout(request: FastifyRequest, reply: FastifyReply): void;
}

/** For all routes of the scope, which has @fastify/cookie. */
export function guardEntry(scope: FastifyInstance, door: Door, guesses: Guesses): Entry {
  scope.addHook('onRequest', async (request, reply) => {
    const { refusal, guess } = door.judge(visitorOf(request), request.routeOptions.config.wish ?? 'read');
    const refused = (guess === null ? null : guesses.heard(request.ip, guess)) ?? refusal;
    return refused === null ? undefined : refuse(reply, refused);
  });
  return {
    needsToken: (request) => door.needsToken(visitorOf(request)),
    login: (token, request, reply) => {
      const pass = door.passFor(token);
      const refused = guesses.heard(request.ip, pass !== null) ?? (pass === null ? WRONG : null);
      if (refused !== null) throw Object.assign(new Error(refused.error), { statusCode: refused.status });
      void reply.setCookie(cookieName(request), pass ?? '', COOKIE);
    },
    logout: (request, reply) => void reply.clearCookie(cookieName(request), COOKIE),
  };
}

/** For one route that changes something and knows no cookies. */
export function guardChange(token: string | null, guesses: Guesses) {
  return async ({ ip, headers }: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const asker = { address: ip, headers };
    const refusal = mayChange(asker, token);
    const isGuess = token !== null && namedToken(asker) !== null;
    const refused = (isGuess ? guesses.heard(ip, refusal?.status !== 401) : null) ?? refusal;
    return refused === null ? undefined : refuse(reply, refused);
  };
}

const WRONG: Refusal = { status: 401, error: 'that is not the token' };

/** Without `secure`, because there is no TLS here. A proxy that adds it may add that too. */
const COOKIE = { path: '/', httpOnly: true, sameSite: 'strict' } as const;

/** Browsers keep the cookies of a host, whatever the port: two relays are not to take each other's. */
function cookieName({ socket }: FastifyRequest): string {
  return `postreel-${socket.localPort ?? 0}`;
}

function visitorOf(request: FastifyRequest): Visitor {
  const { ip, headers, cookies } = request;
  return { address: ip, headers, cookie: cookies[cookieName(request)] };
}

function refuse(reply: FastifyReply, { status, error }: Refusal): FastifyReply {
  if (status === 401) void reply.header('www-authenticate', 'Bearer');
  // What may not be said is not read either.
  return reply.code(status).header('connection', 'close').send({ error });
}
