/** The page's files: which are handed out, how long they are kept, and that nothing else is. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fastify, { type FastifyInstance } from 'fastify';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { registerPage } from '../../../dashboard/server/page.ts';
import { runs } from '../../kit/property.ts';

const BROWSER = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const SECRET = 'what nobody is to see';
const PAGE = '<!doctype html><title>page</title>';

let parent: string;
let app: FastifyInstance;

beforeEach(async () => {
  parent = mkdtempSync(join(tmpdir(), 'postreel-page-'));
  const folder = join(parent, 'web');
  mkdirSync(join(folder, 'assets'), { recursive: true });
  writeFileSync(join(parent, 'secret.txt'), SECRET);
  writeFileSync(join(folder, '.hidden'), SECRET);
  writeFileSync(join(folder, 'index.html'), PAGE);
  writeFileSync(join(folder, 'icon.svg'), '<svg/>');
  writeFileSync(join(folder, 'assets', 'index-AbC123.js'), 'let x;');
  app = fastify();
  registerPage(app, folder, 'hello, program\n');
  await app.ready();
  writeFileSync(join(folder, 'later.txt'), SECRET);
});
afterEach(async () => {
  await app.close();
  rmSync(parent, { recursive: true });
});

describe('a browser', () => {
  it.each(['/', '/sessions', '/sessions/3', '/sessions/3/frames?filter=x', '/replays', '/replays/7'])(
    'finds the page at %s, and asks each time whether it is still the same',
    async (url) => {
      const { statusCode, body, headers } = await app.inject({ url, headers: BROWSER });
      expect([statusCode, body]).toEqual([200, PAGE]);
      expect(headers['content-type']).toBe('text/html; charset=utf-8');
      expect(headers['cache-control']).toBe('no-cache');
      const again = { ...BROWSER, 'if-none-match': headers.etag };
      expect((await app.inject({ url, headers: again })).statusCode).toBe(304);
    },
  );

  it('keeps what is named by what is in it for ever', async () => {
    const { headers, body } = await app.inject('/assets/index-AbC123.js');
    expect(body).toBe('let x;');
    expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(headers['content-type']).toMatch(/^(text|application)\/javascript/);
    const icon = await app.inject('/icon.svg');
    expect([icon.headers['cache-control'], icon.headers['content-type']]).toEqual([
      'no-cache',
      expect.stringMatching(/^image\/svg\+xml/),
    ]);
  });
});

it('who is no browser is greeted in a line', async () => {
  const { body, headers } = await app.inject('/');
  expect([body, headers.vary]).toEqual(['hello, program\n', 'accept']);
});

describe('nothing else is handed out', () => {
  it.each([
    '/.hidden',
    '/later.txt',
    '/assets',
    '/assets/',
    '/secret.txt',
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/assets/../../secret.txt',
    '/assets/%2e%2e/%2e%2e/secret.txt',
    '/assets/..%5c..%5csecret.txt',
    '/sessions/../../secret.txt',
    '/sessions/..%2f..%2fsecret.txt',
    '/replays/%2e%2e%2f%2e%2e%2fsecret.txt',
    '//etc/passwd',
    '/etc/passwd',
    '/index.html/../../secret.txt',
    '/index.html%00.txt',
    '/web/index.html',
  ])('%s', async (url) => {
    const { body } = await app.inject({ url, headers: BROWSER });
    expect(body).not.toContain(SECRET);
    expect(body).not.toContain('root:');
  });

  it('whatever the path', async () => {
    const parts = fc.constantFrom(
      '..',
      '.',
      '%2e%2e',
      'secret.txt',
      'assets',
      'sessions',
      '.hidden',
      'web',
      '%2f',
      '%5c',
      '%00',
      '',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(parts, { maxLength: 8 }), async (path) => {
        const { body, statusCode } = await app.inject({ url: `/${path.join('/')}`, headers: BROWSER });
        expect(body).not.toContain(SECRET);
        expect(statusCode).toBeLessThan(500);
      }),
      runs(300),
    );
  });
});

it('says so where nobody has built it', async () => {
  const bare = fastify();
  registerPage(bare, null, 'hello, program\n');
  const { statusCode, body } = await bare.inject({ url: '/sessions', headers: BROWSER });
  expect([statusCode, body]).toEqual([503, expect.stringMatching(/^[^\n]*npm run build[^\n]*\n$/)]);
  expect((await bare.inject('/')).body).toBe('hello, program\n');
});
