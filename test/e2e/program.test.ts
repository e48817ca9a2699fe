/** The program as scripts and people use it: what it prints, its exit codes, its signals. */
import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Barrier } from '../kit/barrier.ts';
import { captures, frames } from '../kit/capture-checks.ts';
import { FREE_PORTS, launch, run, startRelay, temporaryFolder } from '../kit/program.ts';
import { Client, Init, pdp, player, ptp, streamPair } from '../kit/socket-client.ts';

/** On machines that may be busy. */
const PATIENT = { timeout: 10_000 };

function expectOneLine(text: string): void {
  expect(text.trim().split('\n')).toHaveLength(1);
  expect(text).not.toMatch(/\n\s+at /);
}

describe('starting', () => {
  test('--ready-json prints one line once it listens, and nothing else on stdout', async () => {
    const relay = await startRelay();
    const ended = await relay.stop();
    expect(ended.code).toBe(0);
    const lines = ended.stdout.trim().split('\n');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] as string)).toEqual({
      ready: true,
      listeners: Object.fromEntries(
        Object.entries(relay.ports).map(([name, port]) => [name, { host: relay.host, port }]),
      ),
      http: { host: '127.0.0.1', port: relay.http },
      record: null,
      pid: relay.pid,
    });
  });

  test('tells a person where it listens, where it records, and what to type into the emulator', async () => {
    const { child, output, ended } = launch(['relay', ...FREE_PORTS, '--record']);
    await expect.poll(() => output.stdout, PATIENT).toMatch(/postreel\.db/);
    await expect.poll(() => output.stdout, PATIENT).toMatch(/127\.0\.0\.1/);
    child.kill('SIGINT');
    const { code, stdout } = await ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/ad[- ]?hoc/i);
    // No terminal, no colours.
    expect(stdout).not.toContain('\u001b');
  });

  test('a port that is taken is one line and exit code 3, and leaves no capture half open', async () => {
    const server = createServer().listen(0, '::');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const file = join(temporaryFolder(), 'x.db');
    const ended = await run(['relay', ...FREE_PORTS, '--postoffice', String(port), '--record', file]);
    server.close();
    expect(ended.code).toBe(3);
    expectOneLine(ended.stderr);
    expect(ended.stderr).toContain(String(port));
    expect((await captures(file)).map(({ ended: how }) => how)).toEqual(['clean']);
  });

  test.each([
    [['relay', '--postoffice', 'x']],
    [['relay', '--postoffice', '70000']],
    [['relay', '--record-policy', 'perhaps']],
    [['relay', '--no-such-option']],
    [['relay', '--no-postoffice', '--no-adhocctl']],
    [['relay', '--guard', 'login', '--no-adhocctl', '--no-http']],
    [['relay', '--game-db', 'no-such-file.json']],
    [['no-such-command']],
    [['captures']],
    [['captures', 'no-such-file.db']],
    [['frames', 'no-such-file.db', '--limit', '-1']],
  ])('%j is wrong use: exit code 2 and one line', async (args) => {
    const ended = await run(args);
    expect(ended.code).toBe(2);
    expectOneLine(ended.stderr);
    expect(ended.stdout).toBe('');
  });

  test.each(['captures', 'frames', 'verify', 'relay'])(
    '%s on what is no database ends with 3 and one line',
    async (command) => {
      const file = join(temporaryFolder(), 'notes.txt');
      writeFileSync(file, 'Dear diary, today we lost again. '.repeat(40));
      const ended = await run(
        command === 'relay' ? ['relay', '--record', file, ...FREE_PORTS] : [command, file],
      );
      expect(ended.code).toBe(3);
      expectOneLine(ended.stderr);
    },
  );

  test('options come from the command line, then the environment, then the config file', async () => {
    const folder = temporaryFolder();
    writeFileSync(
      join(folder, 'postreel.json'),
      JSON.stringify({ record: 'from-config.db', 'max-connections': 7 }),
    );
    const how = { cwd: folder, env: { POSTREEL_CONFIG: 'postreel.json' } };
    expect((await (await startRelay([], how)).stop()).stdout).toContain('from-config.db');
    const env = { ...how, env: { ...how.env, POSTREEL_RECORD: 'from-env.db' } };
    expect((await (await startRelay([], env)).stop()).stdout).toContain('from-env.db');
    expect((await (await startRelay(['--record', 'from-line.db'], env)).stop()).stdout).toContain(
      'from-line.db',
    );
  });
});

describe('stopping', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    '%s delivers what is queued, finishes the capture and exits with 0',
    async (signal) => {
      const file = join(temporaryFolder(), 'stop.db');
      const relay = await startRelay(['--record', file]);
      const [connector, acceptor] = await streamPair(relay.port, player(1), player(2));
      const barrier = await Barrier.open(relay.port);
      acceptor.socket.pause();
      const block = ptp(Buffer.alloc(40_000, 9));
      for (let i = 0; i < 6; i++) connector.send(block);
      await barrier.pass();
      const ended = relay.stop(signal);
      acceptor.socket.resume();
      expect(await acceptor.rest()).toHaveLength(6 * block.length);
      expect((await ended).code).toBe(0);
      expect((await captures(file))[0]).toMatchObject({ ended: 'clean', gaps: 0 });
      const blocks = (await frames(file)).filter((line) => line.kind === 'ptp');
      expect(blocks.map((line) => line.outcome)).toEqual(new Array(6).fill('forwarded'));
    },
  );

  test('gives up after two seconds on a client that reads nothing, and says what was not delivered', async () => {
    const file = join(temporaryFolder(), 'stuck.db');
    const relay = await startRelay(['--record', file]);
    const [connector, acceptor] = await streamPair(relay.port, player(1), player(2));
    acceptor.socket.pause();
    // More than the system's buffers for both connections take: the rest waits in the relay.
    for (let i = 0; i < 400; i++) connector.send(ptp(Buffer.alloc(50_000)));
    await new Promise((resolve) => setTimeout(resolve, 300));
    const started = performance.now();
    const { code } = await relay.stop();
    expect(code).toBe(0);
    expect(performance.now() - started).toBeGreaterThan(1900);
    const outcomes = (await frames(file)).filter((line) => line.kind === 'ptp').map((line) => line.outcome);
    expect(outcomes).toContain('undelivered');
    expect((await captures(file))[0]?.ended).toBe('clean');
  });

  test('a second signal ends it at once', async () => {
    const relay = await startRelay();
    const [connector, acceptor] = await streamPair(relay.port, player(1), player(2));
    acceptor.socket.pause();
    for (let i = 0; i < 400; i++) connector.send(ptp(Buffer.alloc(50_000)));
    await new Promise((resolve) => setTimeout(resolve, 300));
    const started = performance.now();
    relay.process.kill('SIGTERM');
    await expect.poll(() => relay.stderr(), PATIENT).toMatch(/stopping/);
    relay.process.kill('SIGTERM');
    const { code } = await relay.ended;
    expect(code).not.toBe(0);
    expect(performance.now() - started).toBeLessThan(1900);
  });

  test('SIGHUP reads the configuration again, and a broken one changes nothing', async () => {
    const folder = temporaryFolder();
    const config = join(folder, 'postreel.json');
    writeFileSync(config, JSON.stringify({ 'max-connections': 1 }));
    const relay = await startRelay(['--config', config]);
    const first = await Client.open(relay.port, Init.pdp, player(1));
    first.send(pdp(player(1), 'in'));
    await first.datagram();
    expect(await (await Client.open(relay.port, Init.pdp, player(2))).rest()).toHaveLength(0);
    writeFileSync(config, JSON.stringify({ 'max-connections': 2 }));
    relay.process.kill('SIGHUP');
    await expect.poll(() => relay.stderr(), PATIENT).toMatch(/max-connections/);
    const second = await Client.open(relay.port, Init.pdp, player(2));
    second.send(pdp(player(2), 'in too'));
    expect((await second.datagram()).payload.toString()).toBe('in too');
    writeFileSync(config, '{ not json');
    relay.process.kill('SIGHUP');
    await expect.poll(() => relay.stderr(), PATIENT).toMatch(/stay as they are/);
    first.send(pdp(player(2), 'still here'));
    expect((await second.datagram()).payload.toString()).toBe('still here');
  });
});
