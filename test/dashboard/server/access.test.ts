/** Who may come into the dashboard: every way of asking, for every kind of route, held against the rule in plain words. */
import { once } from 'node:events';
import type { FastifyInstance } from 'fastify';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { LIVE_PATH, OPENAPI_PATH } from '../../../dashboard/api/paths.ts';
import * as limits from '../../../dashboard/server/limits.ts';
import { listen } from '../../../dashboard/server/listen.ts';
import { listening, served, type Served } from '../../kit/served.ts';

const TOKEN = 'open-sesame-1';

const hosts = {
  here: '127.0.0.1:27314',
  name: 'localhost:27314',
  lan: '192.0.2.7:27314',
  evil: 'evil.example',
};
/** By whether the server asks for a token. */
const tokens = { without: null, with: TOKEN } as const;
const clients = { here: '127.0.0.1', elsewhere: '192.0.2.1' };
const named = ['nothing', 'bearer', 'wrong bearer', 'cookie', 'wrong cookie'] as const;
const origins = ['none', 'own', 'foreign', 'null'] as const;
const wants = ['page', 'who', 'openapi', 'read', 'change', 'live'] as const;

interface Way {
  readonly token: keyof typeof tokens;
  readonly client: keyof typeof clients;
  readonly host: keyof typeof hosts;
  readonly names: (typeof named)[number];
  readonly origin: (typeof origins)[number];
}

const ways: Way[] = (Object.keys(tokens) as Way['token'][]).flatMap((token) =>
  (Object.keys(clients) as Way['client'][]).flatMap((client) =>
    (Object.keys(hosts) as Way['host'][]).flatMap((host) =>
      named.flatMap((names) => origins.map((origin) => ({ token, client, host, names, origin }))),
    ),
  ),
);

/** The rule. 200 for what is let in. */
function expected(way: Way, wanted: (typeof wants)[number]): number {
  if (wanted === 'page') return 200;
  if (way.origin === 'foreign' || way.origin === 'null') return 403;
  if (way.token === 'without')
    return way.client === 'here' && (way.host === 'here' || way.host === 'name') ? 200 : 403;
  if (wanted === 'who' || way.names === 'bearer') return 200;
  if (way.names !== 'cookie') return 401;
  return (wanted === 'change' || wanted === 'live') && way.origin === 'none' ? 403 : 200;
}

const handlers: Served['handlers'] = {
  session: () => ({ let: 'in' }) as never,
  dropComment: () => ({ done: true }),
};

async function cookieOf(app: FastifyInstance): Promise<string> {
  const response = await app.inject({
    method: 'POST',
    url: '/api/login',
    headers: { host: hosts.lan },
    payload: { token: TOKEN },
  });
  expect(response.json()).toEqual({ done: true });
  return String(response.headers['set-cookie']).split(';')[0] ?? '';
}

function headersOf({ host, names, origin }: Way, cookie: string): Record<string, string> {
  return {
    host: hosts[host],
    ...(names === 'bearer' ? { authorization: `Bearer ${TOKEN}` } : {}),
    ...(names === 'wrong bearer' ? { authorization: 'Bearer open-sesame-2' } : {}),
    ...(names === 'cookie' ? { cookie } : {}),
    ...(names === 'wrong cookie' ? { cookie: `${cookie}x` } : {}),
    ...(origin === 'own' ? { origin: `http://${hosts[host]}` } : {}),
    ...(origin === 'foreign' ? { origin: 'http://other.example' } : {}),
    ...(origin === 'null' ? { origin: 'null' } : {}),
  };
}

const requests = {
  page: { method: 'GET', url: '/' },
  who: { method: 'GET', url: '/api/who' },
  openapi: { method: 'GET', url: OPENAPI_PATH },
  read: { method: 'GET', url: '/api/sessions/1' },
  change: { method: 'DELETE', url: '/api/comments/1' },
} as const;

describe('every way of asking is let in or refused by the rule', () => {
  for (const token of Object.keys(tokens) as Way['token'][]) {
    const mine = ways.filter((way) => way.token === token);
    // Whoever guesses is heard again at once, or it would not be heard in the end.
    let now = 0;
    const how: Served = {
      handlers,
      options: { token: tokens[token] },
      world: { clock: () => (now += limits.GUESSES_MS) },
    };

    it.each(wants.filter((want) => want !== 'live'))(`%s, ${token} a token`, async (wanted) => {
      const app = served(how);
      const cookie = token === 'with' ? await cookieOf(app) : 'postreel-0=x';
      for (const way of mine) {
        const response = await app.inject({
          ...requests[wanted],
          headers: headersOf(way, cookie),
          remoteAddress: clients[way.client],
        });
        expect({ ...way, status: response.statusCode }).toEqual({ ...way, status: expected(way, wanted) });
        if (response.statusCode === 200) continue;
        expect(Object.keys(response.json<object>())).toEqual(['error']);
        expect(response.headers.connection).toBe('close');
        expect(response.headers['www-authenticate']).toBe(response.statusCode === 401 ? 'Bearer' : undefined);
      }
    });

    it(`live, ${token} a token`, async () => {
      const app = served(how);
      const { port } = await listen(app, '127.0.0.1', 0);
      const login = token === 'with' ? await cookieOf(app) : 'postreel-0=x';
      // The port is in the cookie's name, which requests without a socket have none of.
      const cookie = login.replace(/^postreel-\d+/, `postreel-${port}`);
      for (const way of mine.filter(({ client }) => client === 'here')) {
        const status = await upgrade(port, LIVE_PATH, headersOf(way, cookie));
        expect({ ...way, status }).toEqual({ ...way, status: expected(way, 'live') });
      }
    });
  }
});

/** The status of what it is answered; 200 where it is taken for a WebSocket. */
function upgrade(port: number, path: string, headers: Record<string, string> = {}): Promise<number> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers });
  socket.on('error', () => undefined);
  return new Promise<number>((resolve) => {
    socket.on('open', () => resolve(200));
    socket.on('unexpected-response', (_request, { statusCode = 0 }) => resolve(statusCode));
  }).finally(() => socket.terminate());
}

describe('without a token', () => {
  it.each([
    [{ 'x-forwarded-for': '192.0.2.1' }],
    [{ forwarded: 'for=192.0.2.1' }],
    [{ via: '1.1 proxy' }],
    [{ 'x-real-ip': '192.0.2.1' }],
    [{ 'sec-fetch-site': 'cross-site' }],
    [{ 'sec-fetch-site': 'same-site' }],
  ])('%o is not this machine itself', async (more) => {
    const response = await served({ handlers }).inject({
      url: '/api/sessions/1',
      headers: { host: hosts.here, ...more },
    });
    expect(response.statusCode).toBe(403);
  });

  it.each([[{ 'sec-fetch-site': 'same-origin' }], [{ 'sec-fetch-site': 'none' }]])('%o is', async (more) => {
    const headers = { host: hosts.here, ...more };
    expect((await served({ handlers }).inject({ url: '/api/sessions/1', headers })).statusCode).toBe(200);
  });
});

describe('who asks who it is', () => {
  const ask = async (app: FastifyInstance, headers: Record<string, string> = {}) =>
    (await app.inject({ url: '/api/who', headers: { host: hosts.here, ...headers } })).json<object>();

  it('learns that it must name the token, and nothing of the file', async () => {
    const app = served({
      world: { archive: { file: '/secret/place/play.db', reader: {} as never } },
      options: { token: TOKEN },
    });
    const stranger = { needsToken: true, mayChange: false, file: null };
    expect(await ask(app)).toMatchObject({ ...stranger, why: expect.stringContaining('token') as string });
    const known = { needsToken: false, mayChange: true, file: 'play.db', why: null };
    expect(await ask(app, { cookie: await cookieOf(app) })).toMatchObject(known);
    expect(await ask(app, { authorization: `Bearer ${TOKEN}` })).toMatchObject(known);
  });

  it('learns what it may not, where there is no file', async () => {
    expect(await ask(served())).toEqual({
      version: '1.2.3',
      needsToken: false,
      mayChange: false,
      why: expect.stringContaining('--record') as string,
      file: null,
      hasRelay: false,
    });
  });
});

describe('a cookie', () => {
  const login = (
    app: FastifyInstance,
    token: string,
    more: Record<string, string> = {},
    address = '127.0.0.1',
  ) =>
    app.inject({
      method: 'POST',
      url: '/api/login',
      headers: { host: hosts.lan, ...more },
      payload: { token },
      remoteAddress: address,
    });

  it('is for our pages and no script, says nothing of the token, and is another one for each key', async () => {
    const one = served({ options: { token: TOKEN } });
    const set = String((await login(one, TOKEN)).headers['set-cookie']);
    expect(set).toMatch(/^postreel-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(set).not.toContain(TOKEN);
    const other = served({ options: { token: TOKEN, cookieKey: 'another' }, handlers });
    expect(await cookieOf(other)).not.toBe(await cookieOf(one));
    const headers = { host: hosts.lan, cookie: await cookieOf(one) };
    expect((await other.inject({ url: '/api/sessions/1', headers })).statusCode).toBe(401);
  });

  it('is given to nobody who does not name the token', async () => {
    const app = served({ options: { token: TOKEN } });
    for (const wrong of ['', TOKEN.slice(1), `${TOKEN}1`, 'x'.repeat(1_000)]) {
      const response = await login(app, wrong);
      expect([response.statusCode, response.headers['set-cookie']]).toEqual([401, undefined]);
    }
    expect((await login(app, TOKEN, { origin: 'http://evil.example' })).statusCode).toBe(403);
    expect((await login(app, 'x'.repeat(1_001))).statusCode).toBe(400);
  });

  it('is forgotten on request', async () => {
    const app = served({ options: { token: TOKEN } });
    const cookie = await cookieOf(app);
    const headers = { host: hosts.lan, cookie, origin: `http://${hosts.lan}` };
    const response = await app.inject({ method: 'POST', url: '/api/logout', headers });
    expect(response.json()).toEqual({ done: true });
    expect(String(response.headers['set-cookie'])).toMatch(/^postreel-\d+=; .*Expires=Thu, 01 Jan 1970/);
  });

  it('does not come easily to who guesses, by whatever way, and comes again after a while', async () => {
    let now = 0;
    const app = served({ options: { token: TOKEN }, world: { clock: () => now }, handlers });
    const bearer = (token: string) =>
      app.inject({ url: '/api/sessions/1', headers: { host: hosts.lan, authorization: `Bearer ${token}` } });
    for (let i = 0; i < limits.GUESSES_MAX; i++)
      expect((i % 2 === 0 ? await login(app, `wrong-${i}`) : await bearer(`wrong-${i}`)).statusCode).toBe(
        401,
      );
    expect((await login(app, TOKEN)).statusCode).toBe(429);
    expect((await bearer(TOKEN)).statusCode).toBe(429);
    expect((await login(app, TOKEN, {}, '192.0.2.9')).statusCode).toBe(200);
    // Who has come in already is not thrown out by somebody beside it.
    const cookie =
      String((await login(app, TOKEN, {}, '192.0.2.9')).headers['set-cookie']).split(';')[0] ?? '';
    const headers = { host: hosts.lan, cookie };
    expect((await app.inject({ url: '/api/sessions/1', headers })).statusCode).toBe(200);
    now = limits.GUESSES_MS;
    expect((await login(app, TOKEN)).statusCode).toBe(200);
  });
});

it('who asks too much at once is told to wait, and others are not', async () => {
  const app = served({ handlers });
  const ask = (remoteAddress = '127.0.0.1') =>
    app.inject({ url: '/api/sessions/1', headers: { host: hosts.here }, remoteAddress });
  for (let i = 0; i < limits.REQUESTS_MAX; i++) expect((await ask()).statusCode).toBe(200);
  const refused = await ask();
  expect([refused.statusCode, refused.json()]).toEqual([
    429,
    { error: 'too many requests at once: wait a moment' },
  ]);
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  expect((await ask('127.0.0.2')).statusCode).toBe(200);
});

it('headers let a browser load and run nothing but our own', async () => {
  const app = served();
  for (const url of ['/', '/api/who', '/sessions/1', OPENAPI_PATH]) {
    const { headers } = await app.inject({ url, headers: { host: hosts.here, accept: 'text/html' } });
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|\*|http:/);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
    });
    expect(headers['access-control-allow-origin']).toBeUndefined();
  }
});

it('a WebSocket on an address that has none is refused or closed', async () => {
  const port = await listening();
  for (const path of ['/nothing', '/data.json', '/api/live/x']) expect(await upgrade(port, path)).toBe(404);
  for (const path of ['/', '/api/who']) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`);
    await once(socket, 'close');
  }
});
