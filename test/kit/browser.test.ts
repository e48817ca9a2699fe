/** A tab that notices nothing would prove nothing. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { useBrowser } from './browser.ts';

const browser = useBrowser();
let server: Server;
let origin: string;
const pages: Readonly<Record<string, string>> = {
  '/good': '<!doctype html><html lang="en"><title>Good</title><main><h1>Good</h1></main>',
  '/logs': `<script>console.error('it broke')</script>`,
  '/throws': `<script>setTimeout(() => { throw new Error('nobody caught it'); })</script>`,
  '/rejects': `<script>Promise.reject(new Error('nobody awaited it'))</script>`,
  '/lacks': '<img src="/nothing.png">',
  '/asks': `<script>fetch('http://127.0.0.1:1/').catch(() => {})</script>`,
  '/forbidden': '<p style="color: red">red</p>',
  '/gives-up': `<script>const end = new AbortController(); fetch('/slow', { signal: end.signal }).catch(() => {}); end.abort();</script>`,
  '/bad': '<!doctype html><html><title>Bad</title><main><h1>Bad</h1><button></button></main>',
  '/wide': '<div style="width: 3000px">wide</div>',
  '/rows': `<ul>${'<li>row</li>'.repeat(7)}</ul>`,
};

beforeAll(async () => {
  server = createServer(({ url = '' }, answer) => {
    const page = url === '/favicon.ico' ? '' : pages[url];
    if (page === undefined) return void answer.writeHead(404).end();
    const policy = url === '/forbidden' ? { 'content-security-policy': `default-src 'self'` } : {};
    answer.writeHead(200, { 'content-type': 'text/html', ...policy });
    answer.end(page);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

describe('a tab complains of', () => {
  test.each([
    ['/logs', /it broke/],
    ['/throws', /not caught: nobody caught it/],
    ['/rejects', /not caught: nobody awaited it/],
    ['/lacks', /404/],
    ['/asks', /127\.0\.0\.1:1\/ failed/],
    ['/forbidden', /content-security policy: style-src/],
  ])('%s', async (path, complaint) => {
    const tab = await browser.open(origin + path);
    await expect.poll(() => tab.complaints.join('\n')).toMatch(complaint);
    tab.expects(/./);
  });
});

test('a tab complains of nothing where all is well, nor of what the page no longer wants, nor of what is expected', async () => {
  const tab = await browser.open(`${origin}/good`);
  expect(await tab.accessibility()).toEqual([]);
  expect((await browser.open(`${origin}/gives-up`)).complaints).toEqual([]);
  const other = await browser.open(`${origin}/logs`);
  other.expects(/it broke/);
  expect(other.complaints).toEqual([]);
});

test('a tab knows what cannot be read aloud, what is too wide, how many rows there are, and what memory it takes', async () => {
  const bad = await browser.open(`${origin}/bad`);
  expect((await bad.accessibility()).map((line) => line.split(':')[0])).toEqual(
    expect.arrayContaining(['button-name', 'html-has-lang']),
  );
  expect(await (await browser.open(`${origin}/wide`)).sidewaysPixels()).toBeGreaterThan(1_000);
  expect(await (await browser.open(`${origin}/good`)).sidewaysPixels()).toBe(0);
  const tab = await browser.open(`${origin}/rows`);
  expect(await tab.meters.rows()).toBe(7);
  const before = await tab.meters.heapBytes();
  await tab.page.evaluate('globalThis.kept = new Array(1_000_000).fill(0).map((_, i) => ({ i })); null');
  expect(await tab.meters.heapBytes()).toBeGreaterThan(before + 20_000_000);
  await tab.page.evaluate('globalThis.kept = null');
  expect(await tab.meters.heapBytes()).toBeLessThan(before + 5_000_000);
});
