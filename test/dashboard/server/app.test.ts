/** The HTTP server's routes, without a thread; its limits, on real sockets. */
import { connect, type AddressInfo, type Socket } from 'node:net';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createApp, type AppOptions, type SocketLimits } from '../../../dashboard/server/app.ts';
import { Unanswered, type Backend, type Census } from '../../../dashboard/server/backend.ts';
import type { Dashboard, World } from '../../../dashboard/server/dashboard.ts';
import { monotonic, wallMicros } from '../../../common/clock.ts';
import * as limits from '../../../dashboard/server/limits.ts';
import { listen } from '../../../dashboard/server/listen.ts';
import type { ListedPlayer } from '../../../protocol/guard-list.ts';
import { figures } from '../../kit/figures.ts';

const TOKEN = 'open-sesame-1';

let census: Census;
let asked: number;
let lists: (readonly ListedPlayer[])[];
let trouble: Error | null;
let mistakes: string[];
const apps: FastifyInstance[] = [];

const backend: Backend = {
  census: () => {
    asked++;
    return trouble === null ? Promise.resolve(census) : Promise.reject(trouble);
  },
  figures: () => Promise.resolve(figures()),
  listPlayers: (players) => {
    if (trouble !== null) return Promise.reject(trouble);
    lists.push(players);
    return Promise.resolve();
  },
};

beforeEach(() => {
  census = { games: [], sockets: '' };
  asked = 0;
  lists = [];
  trouble = null;
  mistakes = [];
});
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
});

function app(options: Partial<AppOptions> = {}, sockets?: SocketLimits): FastifyInstance {
  const onMistake = ({ message }: Error): void => void mistakes.push(message);
  const world: World = {
    version: '1.2.3',
    archive: null,
    backend,
    program: 'main.js',
    clock: monotonic,
    wallMicros,
    onMistake,
  };
  const dashboard: Dashboard = { world, handlers: {}, topics: {}, close: () => undefined };
  const made = createApp(
    dashboard,
    { token: null, listToken: null, cookieKey: 'key', hasControlServer: false, ...options },
    sockets,
  );
  apps.push(made);
  return made;
}

const LIST = {
  games: [{ groups: [{ players: [{ mac_addr: '02:aa:bb:cc:dd:01', ip_addr: '192.0.2.1' }] }] }],
};

function sync(body: unknown, more: InjectOptions = {}): InjectOptions {
  const headers = { host: 'localhost:27314', 'content-type': 'application/json', ...more.headers };
  const payload = typeof body === 'string' ? body : JSON.stringify(body);
  return { method: 'POST', url: '/game_list_sync', payload, ...more, headers };
}

const error = (response: { body: string }) => (JSON.parse(response.body) as { error: string }).error;

describe('GET /', () => {
  it('says what this is, and where to look', async () => {
    const { statusCode, headers, body } = await app().inject('/');
    expect(statusCode).toBe(200);
    expect(headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(body).toBe('Postreel 1.2.3, a relay for games. Who plays what: /data.json\n');
  });
});

describe('GET /data.json', () => {
  it('tells any page who plays, and is kept nowhere', async () => {
    const ann = { endpoint: '02:aa:bb:cc:dd:01', nickname: 'Ann "</script>', group: 'room' };
    census = {
      games: [{ codes: ['ULUS10391'], name: 'Monsters', players: [ann] }],
      sockets: 'pdp 02:aa:bb:cc:dd:01/5',
    };
    const { statusCode, headers, body } = await app().inject({
      url: '/data.json',
      headers: { origin: 'https://elsewhere.example', host: 'relay.example' },
    });
    expect(statusCode).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'access-control-allow-origin': '*',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    const users = [{ name: 'Ann "</script>', pdp_ports: [5], ptp_ports: [] }];
    const groups = [{ name: 'room', channel: 11, usercount: 1, users }];
    expect(JSON.parse(body)).toEqual({
      games: [{ game_ids: ['ULUS10391'], name: 'Monsters', usercount: 1, groups }],
    });
  });

  it('tells what is there now, not what was', async () => {
    const one = app();
    expect((await one.inject('/data.json')).body).toBe('{"games":[]}');
    census = { games: [{ codes: [], name: 'new', players: [] }], sockets: '' };
    expect((await one.inject('/data.json')).body).toContain('"new"');
    expect(asked).toBe(2);
  });

  it('says so where the relay does not answer', async () => {
    trouble = new Unanswered('the relay does not answer');
    const response = await app().inject('/data.json');
    expect(response.statusCode).toBe(503);
    expect(error(response)).toBe('the relay does not answer');
    expect(mistakes).toEqual([]);
  });

  it('keeps a mistake of ours to the log', async () => {
    trouble = new TypeError('x is not a function');
    const response = await app().inject('/data.json');
    expect(response.statusCode).toBe(500);
    expect(error(response)).toBe('a mistake in postreel itself');
    expect(mistakes).toEqual(['x is not a function']);
  });
});

describe('POST /game_list_sync', () => {
  it('tells the guard who is logged in elsewhere', async () => {
    const response = await app().inject(sync(LIST));
    expect([response.statusCode, response.body]).toEqual([200, '{"players":1}']);
    expect(lists).toEqual([
      [{ mac: 0x02aabbccdd01, address: '192.0.2.1', group: expect.any(String) as string }],
    ]);
  });

  it('knows a group again in the next list', async () => {
    const one = app();
    const other = { players: [{ mac_addr: '02aabbccdd02', ip_addr: '192.0.2.2' }] };
    const [game] = LIST.games as [(typeof LIST.games)[number]];
    await one.inject(sync({ games: [{ groups: [other, ...game.groups] }] }));
    await one.inject(sync(LIST));
    expect(lists[1]?.[0]?.group).toBe(lists[0]?.[1]?.group);
  });

  it('refuses a list whole, in one line', async () => {
    const response = await app().inject(
      sync({ games: [{ groups: [...(LIST.games[0]?.groups ?? []), {}] }] }),
    );
    expect(response.statusCode).toBe(400);
    expect(error(response)).toBe('games[0].groups[1].players must be a list, and is not there');
    expect(lists).toEqual([]);
  });

  it.each([
    ['what is no JSON', '{"games":', 'application/json', 400],
    ['nothing', '', 'application/json', 400],
    ['JSON that calls itself text', JSON.stringify(LIST), 'text/plain', 415],
    ['JSON that calls itself a form', JSON.stringify(LIST), 'application/x-www-form-urlencoded', 415],
    ['JSON that calls itself several things', JSON.stringify(LIST), 'text/plain; application/json', 415],
    ['JSON that poisons', '{"__proto__":{"x":1},"games":[]}', 'application/json', 400],
  ])('refuses %s', async (_, payload, type, status) => {
    const response = await app().inject(sync(payload, { headers: { 'content-type': type } }));
    expect(response.statusCode).toBe(status);
    expect(error(response)).not.toBe('');
    expect(lists).toEqual([]);
  });

  it('takes JSON in any charset that JSON has', async () => {
    const type = { 'content-type': 'application/json; charset=utf-8' };
    expect((await app().inject(sync(LIST, { headers: type }))).statusCode).toBe(200);
  });

  it('takes a body of the limit, and none of one byte more', async () => {
    const text = JSON.stringify(LIST);
    const filled = (bytes: number) => text + ' '.repeat(bytes - text.length);
    expect((await app().inject(sync(filled(limits.BODY_BYTES_MAX)))).statusCode).toBe(200);
    expect((await app().inject(sync(filled(limits.BODY_BYTES_MAX + 1)))).statusCode).toBe(413);
  });

  it('is refused where this relay says itself who is logged in', async () => {
    const response = await app({ hasControlServer: true }).inject(sync(LIST));
    expect(response.statusCode).toBe(409);
    expect(error(response)).toContain('--no-adhocctl');
    expect(lists).toEqual([]);
  });

  it('says so where the relay does not answer', async () => {
    trouble = new Unanswered('the relay does not answer');
    expect((await app().inject(sync(LIST))).statusCode).toBe(503);
  });

  it('is for those only who may, and is not read from others', async () => {
    const cases: [number, string | null, InjectOptions][] = [
      [403, null, { remoteAddress: '192.0.2.1' }],
      [403, null, { headers: { origin: 'https://evil.example' } }],
      [403, null, { headers: { host: 'evil.example' } }],
      [401, TOKEN, {}],
      [401, TOKEN, { headers: { authorization: 'Bearer wrong-one' } }],
    ];
    for (const [status, token, more] of cases) {
      const response = await app({ listToken: token }).inject(
        sync('x'.repeat(limits.BODY_BYTES_MAX + 1), more),
      );
      expect(response.statusCode).toBe(status);
      expect(response.headers['www-authenticate']).toBe(status === 401 ? 'Bearer' : undefined);
      expect(response.headers.connection).toBe('close');
    }
    const authorization = `Bearer ${TOKEN}`;
    const more = { remoteAddress: '192.0.2.1', headers: { host: 'relay.example', authorization } };
    expect((await app({ listToken: TOKEN }).inject(sync(LIST, more))).statusCode).toBe(200);
    expect(lists).toHaveLength(1);
  });

  it('answers no page that asks whether it may', async () => {
    const headers = {
      origin: 'https://evil.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type',
    };
    const response = await app().inject({ method: 'OPTIONS', url: '/game_list_sync', headers });
    expect(response.statusCode).toBe(404);
    expect(Object.keys(response.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});

it.each([
  ['GET', '/nothing', 404],
  ['GET', '/data.json/..%2f..%2fpackage.json', 404],
  ['POST', '/data.json', 404],
  ['GET', '/game_list_sync', 404],
  ['GET', '/%zz', 400],
  ['GET', `/${'x'.repeat(500)}`, 404],
] as const)('%s %s is answered with %s and one line', async (method, url, status) => {
  const response = await app().inject({ method, url });
  expect(response.statusCode).toBe(status);
  expect(error(response)).not.toContain('\n');
  expect(Object.keys(response.json<object>())).toEqual(['error']);
});

describe('on a socket', () => {
  async function open(sockets: Partial<SocketLimits> = {}) {
    const made = app({}, { ...limits, CHECK_MS: 20, ...sockets });
    const { port } = await listen(made, '127.0.0.1', 0);
    return port;
  }

  function client(port: number): { socket: Socket; rest: Promise<string> } {
    const socket = connect({ port, host: '127.0.0.1' });
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    socket.on('error', () => undefined);
    return { socket, rest: new Promise((resolve) => socket.on('close', () => resolve(text))) };
  }

  it('who never says anything is not waited for', async () => {
    const { rest } = client(await open({ IDLE_MS: 100 }));
    expect(await rest).toBe('');
  });

  it('who does not come to an end with the headers is told so', async () => {
    const { socket, rest } = client(await open({ HEADERS_MS: 100, REQUEST_MS: 200 }));
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n');
    expect(await rest).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('who does not come to an end with the body is told so', async () => {
    const { socket, rest } = client(await open({ HEADERS_MS: 100, REQUEST_MS: 200 }));
    socket.write(
      'POST /game_list_sync HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{',
    );
    expect(await rest).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('headers beyond the limit are refused', async () => {
    const { socket, rest } = client(await open());
    socket.write(`GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(limits.HEADER_BYTES_MAX)}\r\n\r\n`);
    expect(await rest).toMatch(/^HTTP\/1\.1 431 /);
  });

  it('connections beyond the limit are closed, and there is room again when one goes', async () => {
    const port = await open({ CONNECTIONS_MAX: 1 });
    const first = client(port);
    await new Promise((resolve) => first.socket.once('connect', resolve));
    expect(await client(port).rest).toBe('');
    first.socket.end();
    await first.rest;
    const next = client(port);
    next.socket.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    expect(await next.rest).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('who asks nothing more is let go after a while', async () => {
    const { socket, rest } = client(await open({ KEEP_ALIVE_MS: 100, IDLE_MS: 60_000 }));
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    expect(await rest).toMatch(/^HTTP\/1\.1 200 [^]*connection: keep-alive/i);
  });

  it('who asks without end is let go too', async () => {
    const { socket, rest } = client(await open({ REQUESTS_PER_CONNECTION_MAX: 3, KEEP_ALIVE_MS: 100 }));
    for (let i = 0; i < 10; i++) socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    expect((await rest).match(/HTTP\/1\.1 200/g)).toHaveLength(3);
  });

  it('a port that is taken is a failure with one line', async () => {
    const port = await open();
    await expect(listen(app(), '127.0.0.1', port)).rejects.toMatchObject({
      kind: 'outside',
      code: 'port-in-use',
      message: expect.stringMatching(
        `^http cannot listen on 127.0.0.1 port ${port}: another program`,
      ) as string,
    });
    await expect(listen(app(), '192.0.2.1', 0)).rejects.toMatchObject({ code: 'no-such-host' });
  });

  it('tells where it listens', async () => {
    const made = app();
    const address = await listen(made, '127.0.0.1', 0);
    expect(address).toEqual({ host: '127.0.0.1', port: (made.server.address() as AddressInfo).port });
  });
});
