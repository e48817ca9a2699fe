/** What is played is what is in the file, whatever happens to the program, the disk or the reader. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { Barrier } from '../kit/barrier.ts';
import { captures, expectVerified, forwardedTexts, frames } from '../kit/capture-checks.ts';
import { FREE_PORTS, launch, run, startRelay, temporaryFolder } from '../kit/program.ts';
import { addressBytes, Client, Init, pdp, player, ptp, streamPair } from '../kit/socket-client.ts';

async function pair(port: number): Promise<[Client, Client]> {
  const clients: [Client, Client] = [
    await Client.open(port, Init.pdp, player(0)),
    await Client.open(port, Init.pdp, player(1)),
  ];
  const barrier = await Barrier.open(port);
  await barrier.pass();
  await barrier.close();
  return clients;
}

const isBarrier = (text: string) => text === 'barrier';

describe('a recording', () => {
  test('has every connection, every frame, both times, and the bytes as they came', async () => {
    const folder = temporaryFolder();
    const relay = await startRelay(['--record'], { cwd: folder });
    const file = join(folder, 'postreel.db');
    const [a, b] = await pair(relay.port);
    a.send(pdp(player(1), 'hello'));
    await b.datagram();
    a.send(pdp(player(9), 'nobody there'));
    a.send(pdp(player(1), Buffer.alloc(12_000)));
    b.send(pdp(player(0), 'done'));
    await a.datagram();
    const [connector, acceptor] = await streamPair(relay.port, player(3), player(4));
    connector.send(ptp('a block'));
    await acceptor.take(4 + 7);
    connector.end();
    await acceptor.rest();
    expect((await relay.stop()).code).toBe(0);

    const all = await frames(file);
    expect(all.map((line) => line.sequence)).toEqual(all.map((_, i) => i + 1));
    const of = (kind: string) => all.filter((line) => line.kind === kind);
    const sent = of('pdp').filter((line) => !line.bytes.endsWith(Buffer.from('barrier').toString('hex')));
    expect(sent.map((line) => line.outcome)).toEqual(['forwarded', 'no-target', 'too-large', 'forwarded']);
    expect(sent[0]?.bytes).toBe(pdp(player(1), 'hello').toString('hex'));
    expect(sent[0]?.from?.endpoint).toBe('02:00:00:00:00:00/1000');
    expect(sent[0]?.to?.endpoint).toBe('02:00:00:00:00:01/1001');
    expect(sent[1]?.to?.conn).toBe(0);
    expect(of('ptp-request')[0]?.bytes).toBe(addressBytes(player(3)).toString('hex'));
    expect(of('ptp-ready').map((line) => line.outcome)).toEqual(['originated', 'originated']);
    expect(of('ptp').map((line) => [line.outcome, line.bytes])).toEqual([
      ['forwarded', ptp('a block').toString('hex')],
    ]);
    // An init comes before what it sets off.
    expect(of('ptp-connect')[0]?.sequence).toBeLessThan(of('ptp-request')[0]?.sequence as number);
    for (const line of all.filter((each) => each.outcome === 'forwarded' || each.outcome === 'originated')) {
      expect(line.departed).toBeGreaterThanOrEqual(line.time);
      expect((line.departed as number) - line.time).toBeLessThan(5e9);
    }
    const [capture, ...others] = await captures(file);
    expect(others).toEqual([]);
    expect(capture).toMatchObject({ id: 1, ended: 'clean', frames: all.length, gaps: 0, connections: 6 });
    await expectVerified(file);
    expect(existsSync(`${file}-wal`)).toBe(false);
  });

  test('has no hop that left and says that it did not, with large frames, slow readers and broken rules', async () => {
    const file = join(temporaryFolder(), 'outcomes.db');
    const relay = await startRelay(['--record', file]);
    const [connector, acceptor] = await streamPair(relay.port, player(1), player(2));
    const received = (async () => (await acceptor.rest()).length)();
    let sent = 0;
    for (let i = 0; i < 60; i++) {
      const block = ptp(Buffer.alloc(1 + ((i * 7919) % 50_000), i));
      sent += block.length;
      // In pieces, so that frames are completed from what was kept of them.
      connector.send(block.subarray(0, 3));
      await new Promise((resolve) => setImmediate(resolve));
      connector.send(block.subarray(3));
    }
    const tooLong = Buffer.alloc(4, 0xff);
    connector.send(tooLong);
    expect(await received).toBe(sent);
    await relay.stop();
    const lines = await frames(file);
    const blocks = lines.filter((line) => line.kind === 'ptp');
    expect(blocks).toHaveLength(60);
    for (const line of blocks) {
      expect(line.outcome).toBe('forwarded');
      expect(line.departed).toBeGreaterThanOrEqual(line.time);
    }
    // What ended it is there too.
    expect(lines.filter((line) => line.kind === 'unframed').map((line) => line.bytes)).toEqual([
      tooLong.toString('hex'),
    ]);
    await expectVerified(file);
  });

  test('grows by a capture with each run, and reads while it is recorded', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'evening.db');
    for (const round of [1, 2]) {
      const relay = await startRelay(['--record', file]);
      expect(relay.record).toBe(file);
      const [a, b] = await pair(relay.port);
      const follower = launch(['frames', file, '--follow', '--json']);
      for (let i = 0; i < 50; i++) {
        a.send(pdp(player(1), `round ${round} frame ${i}`));
        await b.datagram();
      }
      await expect
        .poll(() => follower.output.stdout)
        .toContain(Buffer.from(`round ${round} frame 49`).toString('hex'));
      expect((await captures(file)).map(({ ended }) => ended)).toEqual([
        ...new Array<string>(round - 1).fill('clean'),
        'recording',
      ]);
      await expectVerified(file);
      await relay.stop();
      // The capture that it follows has ended, and so does it.
      expect((await follower.ended).code).toBe(0);
    }
    expect((await captures(file)).map(({ id, ended }) => [id, ended])).toEqual([
      [1, 'clean'],
      [2, 'clean'],
    ]);
    expect(
      forwardedTexts(await frames(file, '--capture', '1')).filter((text) => text.startsWith('round')),
    ).toHaveLength(50);
  });

  test('is one relay’s alone: a second one is refused in one clear line', async () => {
    const file = join(temporaryFolder(), 'shared.db');
    const relay = await startRelay(['--record', file]);
    const second = await run(['relay', '--record', file, ...FREE_PORTS, '--ready-json']);
    expect(second.code).toBe(3);
    expect(second.stdout).toBe('');
    expect(second.stderr.trim().split('\n')).toHaveLength(1);
    expect(second.stderr).toContain(String(relay.pid));
    await relay.stop();
    const third = await startRelay(['--record', file]);
    expect((await third.stop()).code).toBe(0);
  });
});

describe('who played with whom', () => {
  /** As `postreel sessions --json` says. */
  async function sessions(file: string): Promise<Record<string, unknown>[]> {
    const { code, stdout, stderr } = await run(['sessions', file, '--json']);
    expect(code, stderr).toBe(0);
    expect(stderr).toBe('');
    return JSON.parse(stdout) as Record<string, unknown>[];
  }

  async function indexAgain(file: string): Promise<void> {
    const { code, stderr } = await run(['index', file, '--again']);
    expect(code, stderr).toBe(0);
  }

  test('is found while it is recorded, and found again by index, whether the relay stops or dies', async () => {
    const file = join(temporaryFolder(), 'evening.db');
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      const relay = await startRelay(['--record', file, '--record-flush', '10']);
      const [a, b] = await pair(relay.port);
      for (let i = 0; i < 20; i++) {
        a.send(pdp(player(1), `frame ${i}`));
        await b.datagram();
      }
      a.send(pdp(player(9), 'nobody there'));
      const [connector, acceptor] = await streamPair(relay.port, player(3), player(4));
      connector.send(ptp('a block'));
      await acceptor.take(4 + 7);
      connector.end();
      await acceptor.rest();
      await expect
        .poll(async () => (await sessions(file)).slice(-2))
        .toMatchObject([
          { ended: null, players: [{}, {}, { player: player(9).mac, connections: [] }] },
          { group: null, players: [{}, {}] },
        ]);
      await relay.stop(signal);
    }
    const found = await sessions(file);
    expect(found.map(({ capture, ended }) => [capture, ended])).toEqual([
      [1, 'stopped'],
      [1, expect.stringMatching(/stopped|left/)],
      [2, 'unclean'],
      [2, expect.stringMatching(/unclean|left/)],
    ]);
    // The opening and what was sent; neither of the barrier's.
    expect(found[0]).toMatchObject({ frames: 23, delayMax: expect.any(Number) as number });
    await expectVerified(file);
    await indexAgain(file);
    expect(await sessions(file)).toEqual(found);
    await expectVerified(file);
    const lines = await frames(file, '--session', String(found[0]?.['id']));
    expect(lines).toHaveLength(23);
    expect(forwardedTexts(lines)).toHaveLength(20);
  });
});

describe('a crash', () => {
  // Twenty starts of the program, on machines that may be busy.
  test('loses no more than the last moment, twenty times out of twenty', { timeout: 120_000 }, async () => {
    const file = join(temporaryFolder(), 'crash.db');
    for (let round = 0; round < 20; round++) {
      const relay = await startRelay(['--record', file]);
      const [a, b] = await pair(relay.port);
      const received: { text: string; at: number }[] = [];
      const dieAt = performance.now() + 60 + 12 * round;
      for (let i = 0; performance.now() < dieAt; i++) {
        a.send(pdp(player(1), `${round}/${i}`));
        received.push({ text: (await b.datagram()).payload.toString(), at: performance.now() });
      }
      const killed = performance.now();
      await relay.stop('SIGKILL');
      const kept = new Set(forwardedTexts(await frames(file)));
      // 100 ms is the promise; the rest is for a machine that is busy with something else.
      const owed = received.filter(({ at }) => at < killed - 250).map(({ text }) => text);
      expect(
        owed.filter((text) => !kept.has(text)),
        `round ${round}`,
      ).toEqual([]);
      await expectVerified(file);
      expect((await captures(file)).at(-1)?.ended).toBe('unclean');
    }
    const relay = await startRelay(['--record', file]);
    await relay.stop();
    expect((await captures(file)).map(({ ended }) => ended)).toEqual([
      ...new Array<string>(20).fill('unclean'),
      'clean',
    ]);
    await expectVerified(file);
  });
});

/** Keeps the recorder's thread from writing, as a slow disk would, until it is let go. */
function stall(file: string): () => void {
  const db = new Database(file);
  db.exec('BEGIN IMMEDIATE');
  return () => {
    db.exec('ROLLBACK');
    db.close();
  };
}

/** More than all the memory between relay and recorder, in datagrams of the largest size. */
const FLOOD = 8000;
const LARGE = Buffer.alloc(10_000, 5);

describe('a recorder that cannot keep up', () => {
  test('with --record-policy gap says exactly how many frames it lacks, and players go on', async () => {
    const file = join(temporaryFolder(), 'gap.db');
    const relay = await startRelay(['--record', file, '--record-policy', 'gap']);
    const [a, b] = await pair(relay.port);
    const release = stall(file);
    for (let i = 0; i < FLOOD; i++) {
      a.send(pdp(player(1), LARGE));
      if (i % 20 === 19) for (let k = 0; k < 20; k++) await b.datagram();
    }
    release();
    await relay.stop();
    const [capture] = await captures(file);
    expect(capture?.gaps).toBeGreaterThan(0);
    const lines = await frames(file);
    const there = lines.filter((line) => line.gap === undefined);
    const missing = lines.reduce((sum, line) => sum + (line.gap?.frames ?? 0), 0);
    expect(missing).toBe(capture?.gaps);
    const sent = there.filter((line) => line.kind === 'pdp' && line.size === LARGE.length + 14).length;
    const others = there.length - sent;
    expect(sent + missing).toBeGreaterThanOrEqual(FLOOD);
    expect(sent + missing).toBeLessThanOrEqual(FLOOD + others);
    await expectVerified(file);
  });

  test('with --record-policy block slows the players and loses nothing', async () => {
    const file = join(temporaryFolder(), 'block.db');
    const relay = await startRelay(['--record', file, '--record-policy', 'block']);
    const [a, b] = await pair(relay.port);
    const release = stall(file);
    const windowFrames = 20;
    let stopped = false;
    for (let i = 0; i < FLOOD; i += windowFrames) {
      for (let k = 0; k < windowFrames; k++) a.send(pdp(player(1), LARGE));
      const size = windowFrames * (LARGE.length + 14);
      const arrived = b.take(size);
      const isLate = await Promise.race([
        arrived.then(() => false),
        new Promise<boolean>((resolve) => setTimeout(() => resolve(true), 700)),
      ]);
      if (isLate) {
        expect(stopped, 'stopped once, for as long as nothing could be recorded').toBe(false);
        stopped = true;
        release();
      }
      expect(await arrived).toHaveLength(size);
    }
    expect(stopped).toBe(true);
    await relay.stop();
    const [capture] = await captures(file);
    expect(capture).toMatchObject({ gaps: 0, ended: 'clean' });
    expect(forwardedTexts(await frames(file)).filter((text) => !isBarrier(text))).toHaveLength(FLOOD);
    await expectVerified(file);
  });
});

describe('a disk that is full', () => {
  test('does not stop the relay; it is said once, and the capture says what it lacks', async () => {
    const outside = temporaryFolder();
    // A file system of three megabytes, in a namespace of its own so that no rights are needed.
    const relay = await startRelay(['--record', 'disk/full.db'], {
      cwd: outside,
      wrapper: [
        'unshare',
        '-Urm',
        'sh',
        '-c',
        'mkdir disk && mount -t tmpfs -o size=3m none disk && "$@"; code=$?; cp disk/full.db* . ; exit $code',
        'sh',
      ],
    });
    const [a, b] = await pair(relay.port);
    const rounds = 600;
    for (let i = 0; i < rounds; i++) {
      a.send(pdp(player(1), LARGE));
      await b.datagram();
    }
    await expect.poll(() => relay.stderr()).toMatch(/disk is full/);
    a.send(pdp(player(1), 'still relaying'));
    expect((await b.datagram()).payload.toString()).toBe('still relaying');
    process.kill(relay.pid, 'SIGTERM');
    await relay.ended;
    expect(relay.stderr().match(/RECORDING IS IN TROUBLE/g)).toHaveLength(1);
    const file = join(outside, 'full.db');
    expect(statSync(file).size).toBeGreaterThan(0);
    const [capture] = await captures(file);
    expect(capture?.gaps).toBeGreaterThan(0);
    const lines = await frames(file);
    const there = lines.filter(
      (line) => line.gap === undefined && line.kind === 'pdp' && line.size === LARGE.length + 14,
    );
    expect(there.length).toBeGreaterThan(0);
    expect(there.length + (capture?.gaps as number)).toBeGreaterThanOrEqual(rounds);
    await expectVerified(file);
  });
});
