/**
 * The dashboard's door, on Fastify: every request of the scope passes it before anything of it is read.
 *
 * The rule: a request may do what its route is for, which is said where the route is; a route that says nothing is read.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Door, type Visitor, type Wish } from './door.ts';
import { GUESSES_MAX, GUESSES_MS } from './limits.ts';
import { networkOf } from './ip-address.ts';
import type { Refusal } from './permission.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    readonly wish?: Wish;
  }
}

const GUESSED: Refusal = {
  status: 429,
  error: 'too many wrong tokens came from there: wait a minute',
};

export interface Entry {
  needsToken(request: FastifyRequest): boolean;
  login(token: string, request: FastifyRequest, reply: FastifyReply): Promise<void>;
  logout(request: FastifyRequest, reply: FastifyReply): void;
}

/** Takes @fastify/cookie and @fastify/rate-limit for granted. */
export function guardEntry(scope: FastifyInstance, door: Door): Entry {
  const count = scope.createRateLimit({
    max: GUESSES_MAX,
    timeWindow: GUESSES_MS,
    keyGenerator: ({ ip }) => networkOf(ip),
  });
  /** Wrong tokens count; whoever named too many is not heard any more, even with the right one. */
  const hasGuessed = async (request: FastifyRequest, isRight: boolean): Promise<boolean> => {
    const counted = await count(request, { increment: !isRight });
    return !counted.isAllowed && counted.isExceeded;
  };
  scope.addHook('onRequest', async (request, reply) => {
    const { wish = 'read' } = request.routeOptions.config;
    const { refusal, guess } = door.judge(visitorOf(request), wish);
    const isGuessing = guess !== null && (await hasGuessed(request, guess));
    if (isGuessing) return refuse(reply, GUESSED);
    return refusal === null ? undefined : refuse(reply, refusal);
  });
  return {
    needsToken: (request) => door.needsToken(visitorOf(request)),
    login: async (token, request, reply) => {
      const pass = door.passFor(token);
      if (await hasGuessed(request, pass !== null)) throw refused(GUESSED);
      if (pass === null) throw refused({ status: 401, error: 'that is not the token' });
      void reply.setCookie(cookieName(request), pass, COOKIE);
    },
    logout: (request, reply) => void reply.clearCookie(cookieName(request), COOKIE),
  };
}

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

export function refuse(reply: FastifyReply, { status, error }: Refusal): FastifyReply {
  if (status === 401) void reply.header('www-authenticate', 'Bearer');
  // What may not be said is not read either.
  return reply.code(status).header('connection', 'close').send({ error });
}

/** As an error, which is answered with its status. */
function refused({ status, error }: Refusal): Error {
  return Object.assign(new Error(error), { statusCode: status });
}
