/** The dashboard of the built program: `postreel ui`, and a relay that records. */
import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { HttpServer } from '../../dist/dashboard/http-server.js';
import { addFrames, openConnections, record, temporaryFile } from '../kit/capture-file.ts';
import { firstLine, launch, PROGRAM, run, startRelay, temporaryFolder } from '../kit/program.ts';

const BROWSER = { accept: 'text/html' };

/** A file with a few frames. */
function captured(): string {
  const file = temporaryFile();
  record(file, (store) => {
    openConnections(store, 2);
    addFrames(store, 1, 20);
  });
  return file;
}

async function startUi(file: string, args: readonly string[] = []) {
  const started = launch(['ui', file, '--http', '0', '--ready-json', ...args]);
  const ready = JSON.parse(await firstLine(started)) as {
    http: { host: string; port: number; token?: string };
    file: string;
    pid: number;
  };
  return { ...started, ready, url: `http://127.0.0.1:${ready.http.port}` };
}

/** The page and the script that it names. */
async function expectPage(url: string): Promise<void> {
  for (const path of ['/', '/sessions/1/frames']) {
    const response = await fetch(url + path, { headers: BROWSER });
    const page = await response.text();
    expect([response.status, page]).toEqual([200, expect.stringContaining('<title>Postreel</title>')]);
    const [, script = ''] = /src="(\/assets\/[^"]+\.js)"/.exec(page) ?? [];
    const loaded = await fetch(url + script);
    expect([loaded.status, loaded.headers.get('cache-control')]).toEqual([
      200,
      expect.stringContaining('immutable'),
    ]);
  }
}

const ask = async (url: string, path: string, headers: Record<string, string> = {}) => {
  const response = await fetch(url + path, { headers });
  return { status: response.status, body: await response.json() };
};

describe('postreel ui', () => {
  test('shows a file to a browser until it is told to stop', async () => {
    const file = captured();
    const { url, child, ended, ready } = await startUi(file);
    expect(ready).toMatchObject({ file, pid: child.pid });
    await expectPage(url);
    expect((await ask(url, '/api/who')).body).toMatchObject({ needsToken: false, hasRelay: false });
    expect((await ask(url, '/api/sessions')).status).toBe(200);
    const socket = new WebSocket(`${url.replace('http', 'ws')}/api/live`);
    await new Promise((resolve) => socket.on('open', resolve));
    const closed = new Promise((resolve) => socket.on('close', resolve));
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 0, stderr: '' });
    await closed;
  });

  test('off this machine asks for a token, and says which in the link', async () => {
    const { url, ready } = await startUi(captured(), ['--http-host', '0.0.0.0']);
    const { token = '' } = ready.http;
    expect(token).toMatch(/^[\w-]{32}$/);
    await expectPage(url);
    expect((await ask(url, '/api/who')).body).toMatchObject({ needsToken: true, file: null });
    expect((await ask(url, '/api/sessions')).status).toBe(401);
    expect((await ask(url, '/api/sessions', { authorization: `Bearer ${token}` })).status).toBe(200);
    const login = await fetch(`${url}/api/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    });
    const cookie = String(login.headers.get('set-cookie')).split(';')[0] ?? '';
    expect((await ask(url, '/api/sessions', { cookie })).status).toBe(200);
  });

  test('beside a relay on the usual port takes the next that is free', async () => {
    const USUAL = 27_314;
    const relay = createServer().listen(USUAL, '127.0.0.1');
    // Somebody else may have it already, which does as well.
    await new Promise((resolve) => relay.once('listening', resolve).once('error', resolve));
    const { child, ended, ...started } = launch(['ui', captured(), '--ready-json']);
    const { http } = JSON.parse(await firstLine({ child, ended, ...started })) as { http: { port: number } };
    expect(http.port).toBeGreaterThan(USUAL);
    expect(http.port).toBeLessThan(USUAL + 10);
    await expectPage(`http://127.0.0.1:${http.port}`);
    relay.close();
  });

  test('says in one line why it cannot', async () => {
    const folder = temporaryFolder();
    const junk = join(folder, 'junk.db');
    writeFileSync(junk, 'x'.repeat(1_000));
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as AddressInfo;
    const file = captured();
    for (const [args, code, line] of [
      [[join(folder, 'nothing.db')], 2, /^postreel: .*nothing\.db does not exist\n$/],
      [[junk], 3, /^postreel: .*junk\.db is not a capture: .*\n$/],
      [[file, '--http', String(port)], 3, /^postreel: http cannot listen on 127\.0\.0\.1 port \d+: .*\n$/],
      [[file, '--no-http'], 2, /^postreel: .*HTTP.*\n$/],
      [[], 2, /^postreel: .*\n$/],
    ] as const) {
      const { code: ended, stderr, stdout } = await run(['ui', ...args]);
      expect([ended, stdout, stderr]).toEqual([code, '', expect.stringMatching(line)]);
    }
    taken.close();
  });
});

describe('a relay', () => {
  test('that records shows what it records, while it does', async () => {
    const relay = await startRelay(['--record', join(temporaryFolder(), 'live.db')]);
    const url = `http://127.0.0.1:${relay.http}`;
    await expectPage(url);
    expect((await ask(url, '/api/who')).body).toMatchObject({
      file: 'live.db',
      hasRelay: true,
      mayChange: true,
    });
    expect(await ask(url, '/api/sessions')).toMatchObject({ status: 200 });
    expect((await relay.stop()).code).toBe(0);
  });

  test('that does not record says what to do', async () => {
    const relay = await startRelay();
    const url = `http://127.0.0.1:${relay.http}`;
    await expectPage(url);
    expect(await ask(url, '/api/sessions')).toEqual({
      status: 404,
      body: { error: expect.stringContaining('--record') as string },
    });
    expect((await ask(url, '/api/now')).status).toBe(200);
  });

  test('has a thread that, when it dies, shows the same file again', async () => {
    const file = captured();
    const troubles: string[] = [];
    const relay = { census: () => ({ games: [], sockets: [] }), listPlayers: () => undefined };
    const http = await HttpServer.start(
      { ...relay, figures: () => ({}) as never },
      {
        host: '127.0.0.1',
        port: 0,
        token: null,
        listToken: null,
        cookieKey: 'key',
        version: 'test',
        hasControlServer: true,
        file,
        program: PROGRAM,
        onTrouble: (text) => void troubles.push(text),
      },
    );
    const url = `http://127.0.0.1:${http.address.port}`;
    expect((await ask(url, '/api/sessions')).status).toBe(200);
    await http.worker?.terminate();
    await expect
      .poll(
        () =>
          ask(url, '/api/sessions').then(
            ({ status }) => status,
            () => 0,
          ),
        { timeout: 20_000 },
      )
      .toBe(200);
    expect(troubles).toHaveLength(1);
    await http.stop();
    expect(http.worker).toBeNull();
  });
});
