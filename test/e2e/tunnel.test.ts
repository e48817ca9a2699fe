/** The tunnel as it is built, over the relay as it is built, with a real browser at one end. */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventually, useBrowser } from '../kit/browser.ts';
import { firstLine, launch, type RunningRelay, run, type Started, startRelay } from '../kit/program.ts';
import { afterwards, dial, overheard, startServer } from '../kit/tunnels.ts';

interface Ready {
  readonly listen: { readonly host: string; readonly port: number } | null;
}

interface RunningTunnel extends Started {
  readonly port: number;
}

async function startTunnel(
  relayPort: number,
  name: string,
  peer: string,
  ...more: string[]
): Promise<RunningTunnel> {
  const words = [
    'tunnel',
    '--ready-json',
    '--relay',
    `127.0.0.1:${relayPort}`,
    '--name',
    name,
    '--peer',
    peer,
  ];
  const started = launch([...words, ...more]);
  const { listen } = JSON.parse(await firstLine(started)) as Ready;
  return { ...started, port: listen?.port ?? 0 };
}

async function startHttp(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterwards(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const LISTEN = ['--listen', '127.0.0.1:0'];

let relay: RunningRelay;
beforeEach(async () => {
  relay = await startRelay(['--tcp-relay', '0', '--no-http']);
});
afterEach(() => relay.stop());

const port = () => relay.ports['tcp-relay'] as number;

describe('over the real relay', () => {
  test('100 requests at once each way, and a large download whose hash is right', async () => {
    const large = randomBytes(20_000_000);
    const serve =
      (name: string): RequestListener =>
      (request, response) =>
        void response.end(request.url === '/large' ? large : `${name}${request.url ?? ''}`);
    const one = await startTunnel(
      port(),
      'one',
      'two',
      ...LISTEN,
      '--forward',
      await startHttp(serve('left')),
    );
    const two = await startTunnel(
      port(),
      'two',
      'one',
      ...LISTEN,
      '--forward',
      await startHttp(serve('right')),
    );
    const download = fetch(`http://127.0.0.1:${one.port}/large`).then((answer) => answer.arrayBuffer());
    const answers = await Promise.all(
      Array.from({ length: 200 }, async (_, i) => {
        const answer = await fetch(`http://127.0.0.1:${i % 2 === 0 ? one.port : two.port}/${i}`);
        return answer.text();
      }),
    );
    expect(answers).toEqual(answers.map((_, i) => `${i % 2 === 0 ? 'right' : 'left'}/${i}`));
    const sum = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
    expect(sum(new Uint8Array(await download))).toBe(sum(large));
  });

  test('the relay is killed and started again on the same port: the tunnel comes back by itself', async () => {
    const forward = await startHttp((_, response) => void response.end('hello'));
    const one = await startTunnel(port(), 'one', 'two', ...LISTEN);
    await startTunnel(port(), 'two', 'one', '--forward', forward);
    const url = `http://127.0.0.1:${one.port}/`;
    expect(await (await fetch(url)).text()).toBe('hello');
    const same = port();
    await relay.stop('SIGKILL');
    await eventually(() => one.output.stderr).toContain('no connection to the relay');
    relay = await startRelay(['--tcp-relay', String(same), '--no-http']);
    expect(await (await fetch(url)).text()).toBe('hello');
  });

  test('one end is killed and started again: what was open is reset, and the next goes through', async () => {
    const { port: served } = await startServer((socket) => socket.pipe(socket));
    const forward = ['--forward', `127.0.0.1:${served}`];
    const one = await startTunnel(port(), 'one', 'two', ...LISTEN);
    const two = await startTunnel(port(), 'two', 'one', ...forward);
    await eventually(() => one.output.stderr).toContain('"two" is there');
    const socket = dial(one.port);
    socket.write('x');
    await once(socket, 'data');
    const over = overheard(socket);
    two.child.kill('SIGKILL');
    await two.ended;
    const again = await startTunnel(port(), 'two', 'one', ...forward);
    expect((await over).how).toBe('reset');
    await eventually(() => again.output.stderr).toContain('"one" is there');
    const next = dial(one.port);
    next.write('y');
    expect(((await once(next, 'data')) as [Buffer])[0].toString()).toBe('y');
  });

  test('a name that somebody has: one line, and again and again until it is free', async () => {
    const one = await startTunnel(port(), 'one', 'two', ...LISTEN);
    await eventually(() => one.output.stderr).toContain('connected to the relay as "one"');
    const other = await startTunnel(port(), 'one', 'two', ...LISTEN);
    await eventually(() => other.output.stderr).toContain(
      'somebody else has the name "one" there, most likely',
    );
    one.child.kill('SIGTERM');
    await eventually(() => other.output.stderr).toContain('connected to the relay as "one"');
    expect(other.output.stderr.match(/somebody else has the name/g)).toHaveLength(1);
  });

  test('Ctrl-C resets what is open, tells the peer, and ends with 0', async () => {
    const { port: served } = await startServer((socket) => socket.pipe(socket));
    const one = await startTunnel(port(), 'one', 'two', ...LISTEN);
    const two = await startTunnel(port(), 'two', 'one', '--forward', `127.0.0.1:${served}`);
    await eventually(() => one.output.stderr).toContain('"two" is there');
    const socket = dial(one.port);
    socket.write('x');
    await once(socket, 'data');
    const over = overheard(socket);
    one.child.kill('SIGINT');
    expect((await one.ended).code).toBe(0);
    expect((await over).how).toBe('reset');
    await eventually(() => two.output.stderr).toContain('lost "one": it was stopped');
    expect(two.output.stderr).not.toContain('mistake');
  });
});

describe('a browser at one end', () => {
  const { open } = useBrowser();

  test('shows a page with its parts, as if it were here', async () => {
    const parts = 12;
    const forward = await startHttp((request, response) => {
      if (request.url?.endsWith('.js') === true) {
        response.setHeader('content-type', 'text/javascript');
        response.end(`document.title += '+';`);
      } else if (request.url === '/favicon.ico') response.writeHead(204).end();
      else {
        response.setHeader('content-type', 'text/html');
        const scripts = Array.from({ length: parts }, (_, i) => `<script src="/${i}.js"></script>`);
        response.end(`<!doctype html><title>page</title><h1>through the tunnel</h1>${scripts.join('')}`);
      }
    });
    const one = await startTunnel(port(), 'one', 'two', ...LISTEN);
    await startTunnel(port(), 'two', 'one', '--forward', forward);
    const { page } = await open(`http://127.0.0.1:${one.port}/`);
    await eventually(() => page.title()).toBe(`page${'+'.repeat(parts)}`);
    expect(await page.textContent('h1')).toBe('through the tunnel');
  });
});

describe('wrong use', () => {
  const usual = ['--relay', '127.0.0.1:1', '--name', 'a', '--peer', 'b'];

  test.each([
    [['--name', 'a', '--peer', 'b', ...LISTEN], 2, 'postreel tunnel needs --relay'],
    [['--relay', '127.0.0.1:1', '--peer', 'b', ...LISTEN], 2, 'postreel tunnel needs --name'],
    [['--relay', '127.0.0.1:1', '--name', 'a', ...LISTEN], 2, 'postreel tunnel needs --peer'],
    [[...usual], 2, 'a tunnel without --listen and --forward carries nothing: give it one of them, or both'],
    [
      [...usual.slice(0, -1), 'a', ...LISTEN],
      2,
      '--name and --peer are the same: each end has a name of its own',
    ],
    [
      [...usual, '--listen', '9000'],
      2,
      '--listen takes a host and a port, such as 127.0.0.1:27313, not "9000"',
    ],
    [
      [...usual, '--listen'],
      2,
      '--listen takes a host and a port, such as 127.0.0.1:27313, but nothing came after it',
    ],
    [[...usual, ...LISTEN, '--name', 'a|b'], 2, '--name takes a name of 1 to 64 bytes without |, not "a|b"'],
    [[...usual, ...LISTEN, '--name', 'ä'.repeat(33)], 2, '--name takes a name of 1 to 64 bytes without |'],
  ] as const)('%j', async (words, code, line) => {
    const ended = await run(['tunnel', ...words]);
    expect(ended.code).toBe(code);
    expect(ended.stderr).toContain(`postreel: ${line}`);
    expect(ended.stderr.trim().split('\n')).toHaveLength(1);
  });

  test('a port that another program has: one line, and 3', async () => {
    const { port: taken } = await startServer(() => undefined);
    const ended = await run(['tunnel', ...usual, '--listen', `127.0.0.1:${taken}`]);
    expect([ended.code, ended.stderr]).toEqual([
      3,
      `postreel: cannot listen on 127.0.0.1 port ${taken}: another program already does\n`,
    ]);
  });
});
