/** Every route of the table: what gets through to its handler, what does not, and how files are handed out. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import fc from 'fast-check';
import type { TObject, TSchema } from 'typebox';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../../common/failure.ts';
import { paths, type RouteName, type RoutePath } from '../../../dashboard/api/paths.ts';
import { routes, type RouteSpec } from '../../../dashboard/api/routes.ts';
import type { Dashboard } from '../../../dashboard/server/dashboard.ts';
import type { Ask, Download } from '../../../dashboard/server/handlers.ts';
import * as limits from '../../../dashboard/server/limits.ts';
import { listen } from '../../../dashboard/server/listen.ts';
import { runs } from '../../kit/property.ts';
import { listening, served } from '../../kit/served.ts';

const LOCAL = { host: 'localhost:27314' };
/** Those that answer of themselves are tested with who may come in. */
const names = (Object.keys(paths) as RouteName[]).filter(
  (name) => !['who', 'login', 'logout'].includes(name),
);

type Asked = Ask<'frames'>;
type Answer = (ask: Asked) => unknown;

function handlersOf(answer: Answer): Dashboard['handlers'] {
  return Object.fromEntries(names.map((name) => [name, answer]));
}

/** One valid request for each route, in the words of an address or a body. */
const ASKS: Partial<Record<RouteName, { query?: Record<string, string>; body?: object }>> = {
  frames: { query: { after: '5', limit: '100', filter: 'kind == pdp', columns: 'a,b' } },
  sessions: {
    query: { after: '3', limit: '200', text: 'ann', ended: 'live', verdict: 'none', capture: '1' },
  },
  timeline: { query: { from: '0', to: '1.5', buckets: '1' } },
  runs: { query: { from: '0', limit: '1', filter: '' } },
  replays: { query: { session: '1', before: '2', limit: '1' } },
  differences: { query: { after: '-1', limit: '200' } },
  frame: { query: { columns: 'x' } },
  downloadFrames: { query: { filter: 'x' } },
  addComment: { body: { sequence: 1, text: 'hello', marker: 'good' } },
  editComment: { body: { text: '', marker: 'note' } },
  startReplay: { body: { session: 1, against: 'localhost:1', pace: 'max', speed: 2, masks: [{ any: 1 }] } },
};

const addressOf = (path: string, fill = '7') => path.replaceAll(/:\w+/g, fill);
const urlOf = (name: RouteName, query: Record<string, unknown> = ASKS[name]?.query ?? {}, fill?: string) =>
  `${addressOf(paths[name].path, fill)}?${new URLSearchParams(query as Record<string, string>).toString()}`;

function requestOf(name: RouteName, url = urlOf(name), body: unknown = ASKS[name]?.body) {
  const { method } = paths[name] as RoutePath;
  const payload = body === undefined ? {} : { payload: JSON.stringify(body) };
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  return { method, url, headers: { ...LOCAL, ...type }, ...payload } as const;
}

describe('every route', () => {
  it.each(names)('%s is given what was asked, as the types of the table have it', async (name) => {
    const asked: Asked[] = [];
    const stream = () => Readable.from([Buffer.from('ok')]);
    const answer: Answer = (ask) => {
      asked.push(ask);
      return (routes[name] as RouteSpec).answers === null
        ? { name: 'f', bytes: 2, stream: stream() }
        : { fine: true };
    };
    const response = await served({ handlers: handlersOf(answer) }).inject(requestOf(name));
    expect([response.statusCode, response.body]).toEqual([
      200,
      expect.stringMatching(/^(ok|\{"fine":true\})$/),
    ]);
    const { params, query, body } = routes[name] as RouteSpec;
    for (const [schema, value] of [
      [params, asked[0]?.params],
      [query, asked[0]?.query],
    ] as [TObject | undefined, Record<string, unknown>][]) {
      for (const [key, { type }] of Object.entries(
        (schema?.properties ?? {}) as Record<string, { type?: string }>,
      ))
        if (value[key] !== undefined && (type === 'integer' || type === 'number'))
          expect(typeof value[key], key).toBe('number');
    }
    expect(asked[0]?.body).toEqual(body === undefined ? undefined : ASKS[name]?.body);
  });

  it('has the defaults of the table where nothing is said', async () => {
    const asked: Asked[] = [];
    const app = served({ handlers: handlersOf((ask) => (asked.push(ask), {})) });
    await app.inject(requestOf('frames', urlOf('frames', {})));
    expect(asked[0]?.query).toEqual({ limit: 100 });
  });

  it('says what to do where there is no file', async () => {
    const app = served();
    for (const name of names) {
      const response = await app.inject(requestOf(name));
      expect([name, response.statusCode]).toEqual([name, 404]);
      expect(response.json()).toEqual({ error: expect.stringContaining('--record') as string });
    }
  });
});

/** What is wrong for a value with this schema, where it is text in an address. */
function wrongTexts(schema: TSchema): fc.Arbitrary<string> {
  const {
    type,
    enum: words,
    minimum,
    maximum,
    maxLength,
  } = schema as {
    type?: string;
    enum?: readonly string[];
    minimum?: number;
    maximum?: number;
    maxLength?: number;
  };
  if (type === 'integer' || type === 'number') {
    return fc.oneof(
      fc.constantFrom(
        'NaN',
        'Infinity',
        '-Infinity',
        '',
        ' ',
        '0x10',
        '1e3',
        '1,5',
        'null',
        'true',
        '+1',
        '١',
      ),
      fc.string().filter((text) => !/^-?\d+(\.\d+)?$/.test(text)),
      ...(type === 'integer' ? [fc.constantFrom('1.5', '0.1', '-0.5')] : []),
      ...(minimum === undefined ? [] : [fc.integer({ max: minimum - 1 }).map(String)]),
      ...(maximum === undefined ? [] : [fc.constantFrom('9'.repeat(400), String(maximum) + '0')]),
    );
  }
  if (words !== undefined) return fc.string().filter((text) => !words.includes(text));
  if (maxLength !== undefined)
    return fc.integer({ min: 1, max: 20 }).map((more) => 'x'.repeat(maxLength + more));
  throw new Error(`no wrong value is known for ${JSON.stringify(schema)}`);
}

const badQueries = names.flatMap((name) =>
  Object.entries(((routes[name] as RouteSpec).query?.properties ?? {}) as Record<string, TSchema>)
    // A filter of the longest kind does not fit into a request at all, which is refused before.
    .map(([key, schema]) => ({ name, key, schema })),
);

/** For many of these. */
const holds = <T>(values: fc.Arbitrary<T>, check: (value: T) => Promise<void>) =>
  fc.assert(fc.asyncProperty(values, check), runs(30));

function expectRefused(name: string, response: { statusCode: number; body: string }): void {
  expect([name, Math.floor(response.statusCode / 100)]).toEqual([name, 4]);
  const { error, ...rest } = JSON.parse(response.body) as { error: string };
  expect(rest).toEqual({});
  expect(error).toMatch(/^[^\n\r]{3,400}$/);
}

const untouched = () =>
  served({
    handlers: handlersOf(() => {
      throw new Error('a handler was asked what it must not be asked');
    }),
  });

describe('a bad request is answered with one line, and reaches no handler', () => {
  it.each(badQueries)('$name: wrong $key', async ({ name, key, schema }) => {
    const app = untouched();
    await holds(wrongTexts(schema), async (text) => {
      const query = { ...ASKS[name]?.query, [key]: text };
      expectRefused(`${name} ${key}=${text}`, await app.inject(requestOf(name, urlOf(name, query))));
    });
  });

  it.each(names.filter((name) => (routes[name] as RouteSpec).params !== undefined))(
    '%s: wrong numbers in the address',
    async (name) => {
      const app = untouched();
      const wrong = fc.oneof(
        fc.constantFrom(
          '0',
          '-1',
          '1.5',
          'NaN',
          'Infinity',
          '1e3',
          '9'.repeat(30),
          '%00',
          '..%2f..%2fx',
          '__proto__',
          '%20',
        ),
        fc
          .string({ minLength: 1, maxLength: 50 })
          .map(encodeURIComponent)
          .filter((text) => !/^\d+$|^\.+$/.test(text)),
      );
      await holds(wrong, async (text) => {
        const response = await app.inject(requestOf(name, urlOf(name, undefined, text)));
        if (response.statusCode !== 404 || !response.body.includes('GET / says'))
          expectRefused(`${name} ${text}`, response);
      });
    },
  );

  it('what no route asks for, said twice, or of many kinds', async () => {
    const app = untouched();
    for (const name of names) {
      const url = urlOf(name);
      const more = [
        'x=1',
        '__proto__=1',
        'constructor=1',
        'toString=1',
        `${'y'.repeat(3_000)}=1`,
        'limit=1&limit=2',
        'filter=a&filter=b',
      ];
      for (const extra of more)
        expectRefused(`${name} ${extra}`, await app.inject(requestOf(name, `${url}&${extra}`)));
    }
  });

  const posting = names.filter((name) => (routes[name] as RouteSpec).body !== undefined);
  it.each(posting)('%s: any JSON that is not its body', async (name) => {
    const app = untouched();
    const good = ASKS[name]?.body as Record<string, unknown>;
    const broken = fc.oneof(
      fc.anything().filter((value) => JSON.stringify(value) !== undefined),
      fc
        .constantFrom(...Object.keys(good))
        .chain((key) =>
          fc
            .constantFrom<unknown>(NaN, -1, 1e300, [], {}, 'x'.repeat(20_000), true, null)
            .map((value) => ({ ...good, [key]: value })),
        )
        .filter(
          (body) =>
            !('masks' in body) ||
            JSON.stringify((body as { masks: unknown }).masks) === JSON.stringify(good['masks']),
        ),
      fc
        .string({ minLength: 1 })
        .filter((key) => !(key in good) && !['targets', 'patience'].includes(key))
        .map((key) => ({ ...good, [key]: 1 })),
    );
    await holds(broken, async (body) => {
      expectRefused(
        `${name} ${JSON.stringify(body).slice(0, 100)}`,
        await app.inject(requestOf(name, urlOf(name), body)),
      );
    });
    for (const payload of ['', '{', '{"__proto__":{}}', `{"text":"${'x'.repeat(2_000_000)}"}`]) {
      const request = { ...requestOf(name), payload };
      expectRefused(`${name} ${payload.slice(0, 20)}`, await app.inject(request));
    }
    const plain = { ...requestOf(name), headers: { ...LOCAL, 'content-type': 'text/plain' } };
    expect((await app.inject(plain)).statusCode).toBe(415);
  });

  it('a body where none is taken', async () => {
    const app = untouched();
    expectRefused('dropComment', await app.inject(requestOf('dropComment', urlOf('dropComment'), { id: 3 })));
  });
});

describe('what a handler throws', () => {
  it.each([
    [new Failure('input', 'no-such-session', 'there is no session 7'), 404, 'there is no session 7'],
    [new Failure('input', 'bad-filter', 'the filter is wrong'), 400, 'the filter is wrong'],
    [new Failure('outside', 'in-use', 'the file is in use'), 503, 'the file is in use'],
  ])('%s is told to the client', async (failure, status, error) => {
    const thrower = () => {
      throw failure;
    };
    const response = await served({ handlers: handlersOf(thrower) }).inject(requestOf('session'));
    expect([response.statusCode, response.json()]).toEqual([status, { error }]);
  });

  it('is kept to the log where it is our own mistake', async () => {
    const mistakes: string[] = [];
    const app = served({
      world: { onMistake: ({ message }) => void mistakes.push(message) },
      handlers: handlersOf(() => Promise.reject(new TypeError('x is not a function'))),
    });
    const response = await app.inject(requestOf('session'));
    expect([response.statusCode, response.json()]).toEqual([500, { error: 'a mistake in postreel itself' }]);
    expect(mistakes).toEqual(['x is not a function']);
  });
});

describe('a file to download', () => {
  const CHUNK = Buffer.alloc(64 * 1024, 7);

  it('has a size, a kind and a name that no header can be smuggled into', async () => {
    const name = 'a"; x\r\nset-cookie: é.db';
    const file: Download = { name, bytes: 3, stream: Readable.from([Buffer.from('abc')]) };
    const response = await served({ handlers: handlersOf(() => file) }).inject(requestOf('downloadCapture'));
    expect(response.body).toBe('abc');
    expect(response.headers).toMatchObject({
      'content-length': '3',
      'content-type': 'application/vnd.sqlite3',
      'content-disposition': 'attachment; filename="a_x_set-cookie_.db"',
      'cache-control': 'no-store',
    });
    expect(response.headers['set-cookie']).toBeUndefined();
  });

  it('waits for its reader, and ends when that goes', async () => {
    let read = 0;
    let signal: AbortSignal | undefined;
    const chunks = 10_000;
    const stream = new Readable({
      read() {
        this.push(++read > chunks ? null : CHUNK);
      },
    });
    const handlers = handlersOf((ask) => {
      signal = ask.signal;
      return { name: 'f', bytes: chunks * CHUNK.length, stream };
    });
    const socket = connect(await listening({ handlers }), '127.0.0.1');
    socket.write(`GET ${urlOf('downloadCapture')} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
    await once(socket, 'readable');
    let before = -1;
    // Until nothing moves any more: what the system holds for both sides is full.
    await expect
      .poll(
        () => {
          const stands = read === before;
          before = read;
          return stands;
        },
        { interval: 200, timeout: 10_000 },
      )
      .toBe(true);
    expect(read).toBeLessThan(chunks / 2);
    expect(signal?.aborted).toBe(false);
    socket.destroy();
    await expect.poll(() => [signal?.aborted, stream.destroyed]).toEqual([true, true]);
  });

  it('may take longer to be made than a connection may be silent, and is not sent to one who does not read', async () => {
    const IDLE_MS = 100;
    let read = 0;
    const stream = new Readable({
      read() {
        read++;
        this.push(CHUNK);
      },
    });
    const handlers = handlersOf(async () => {
      await setTimeout(IDLE_MS * 5);
      return { name: 'f', bytes: 10_000 * CHUNK.length, stream };
    });
    const port = await listening({ handlers, sockets: { ...limits, IDLE_MS } });
    const socket = connect(port, '127.0.0.1');
    socket.write(`GET ${urlOf('downloadCapture')} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
    await once(socket, 'readable');
    expect(String(socket.read(15))).toBe('HTTP/1.1 200 OK');
    await expect.poll(() => stream.destroyed, { timeout: 10_000 }).toBe(true);
    expect(read).toBeLessThan(10_000);
    socket.destroy();
  });

  it('that breaks off is a mistake of ours, and the client sees that it lacks something', async () => {
    const mistakes: string[] = [];
    const stream = Readable.from(
      (function* () {
        yield CHUNK;
        throw new Error('broken');
      })(),
    );
    const port = await listening({
      world: { onMistake: ({ message }) => void mistakes.push(message) },
      handlers: handlersOf(() => ({ name: 'f', bytes: 10 * CHUNK.length, stream })),
    });
    const response = await fetch(`http://127.0.0.1:${port}${urlOf('downloadCapture')}`);
    await expect(response.arrayBuffer()).rejects.toThrow();
    expect(mistakes).toEqual(['broken']);
  });
});

it('a server that stops waits for no answer that is still being made', async () => {
  let signal: AbortSignal | undefined;
  const handlers = handlersOf(async (ask) => {
    signal = ask.signal;
    await new Promise(() => undefined);
  });
  const app = served({ handlers });
  const { port } = await listen(app, '127.0.0.1', 0);
  const socket = connect(port, '127.0.0.1');
  socket.write(`GET ${urlOf('downloadCapture')} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
  await expect.poll(() => signal).toBeDefined();
  const gone = once(socket, 'close');
  await app.close();
  await gone;
  await expect.poll(() => signal?.aborted).toBe(true);
});

it('who goes before there is an answer is nobody’s mistake, and what is done for it is told to stop', async () => {
  let signal: AbortSignal | undefined;
  const mistakes: Error[] = [];
  const handlers = handlersOf(async (ask) => {
    signal = ask.signal;
    await once(ask.signal, 'abort');
    throw new Error('stopped');
  });
  const port = await listening({ handlers, world: { onMistake: (error) => void mistakes.push(error) } });
  const socket = connect(port, '127.0.0.1');
  socket.write(`GET ${urlOf('session')} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
  await expect.poll(() => signal).toBeDefined();
  socket.destroy();
  await expect.poll(() => signal?.aborted).toBe(true);
  expect(mistakes).toEqual([]);
});
