/** Targets that are not there, say nothing, say nonsense, or are gone in the middle: each is judged, and soon. */
import { spawn } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { bigPlay } from '../../../bench/replay/big-play.ts';
import { temporaryFile } from '../../kit/capture-file.ts';
import { deafRelay, nowhere, target } from '../../kit/odd-targets.ts';
import { startRelay } from '../../kit/recorded-relay.ts';
import { replayFile } from '../../kit/replaying.ts';
import { pingPong } from '../../kit/taped-talk.ts';

const quick = { patienceMs: 100, settleMs: 10 } as const;
/** Far more than any of this takes, and far less than a wait without end. */
const SOON_MS = 8_000;

describe.each(['causal', 'max'] as const)('at %s, a target', (pace) => {
  test('that is not there does not answer', async () => {
    const verdict = await replayFile(pingPong(20), await nowhere(), { ...quick, pace });
    expect(verdict.outcome).toBe('unanswered');
    expect(verdict.notes.join()).toContain('ECONNREFUSED');
    expect(verdict.lasted).toBeLessThan(SOON_MS);
  });

  test.each([1, 400])('that takes connections and says nothing does not answer %i frames', async (turns) => {
    const silent = await target((socket) => socket.resume());
    const verdict = await replayFile(pingPong(turns), silent, { ...quick, pace });
    expect(verdict.outcome).toBe('unanswered');
    expect(verdict.notes.join()).toContain('it took 2 connections, and said nothing');
    expect(verdict.lasted).toBeLessThan(SOON_MS);
  });

  test('that does not take connections does not answer', async () => {
    const port = await stoppedServer();
    const verdict = await replayFile(pingPong(4), { port, adhocctlPort: port }, { ...quick, pace });
    expect(verdict.outcome).toBe('unanswered');
    expect(verdict.lasted).toBeLessThan(SOON_MS);
  });

  test('that takes a few connections and no more is told nothing by the others', async () => {
    const port = await stoppedServer();
    const file = temporaryFile();
    bigPlay(file, 40, { groups: 4 });
    const sockets = watchedSockets();
    const verdict = await replayFile(file, { port, adhocctlPort: port }, { ...quick, pace });
    expect(verdict.outcome).toBe('unanswered');
    expect(sockets).toHaveLength(16);
    const taken = sockets.filter(({ isTaken }) => isTaken);
    expect(taken.length).toBeGreaterThan(0);
    expect(taken.length).toBeLessThan(16);
    // How many is for the system to say: a slow one answers some more before it knows that its queue is full.
    for (const { isTaken, socket } of sockets) expect(socket.bytesWritten > 0).toBe(isTaken);
    // An opening, and no more than two datagrams of 24 among 16 players.
    expect(verdict.counts.sent).toBeLessThanOrEqual(3 * taken.length);
    expect(verdict.lasted).toBeLessThan(SOON_MS);
  });

  test('that closes every connection at once does not answer', async () => {
    const closing = await target((socket) => socket.end());
    const verdict = await replayFile(pingPong(20), closing, { ...quick, pace });
    expect(verdict.outcome).toBe('unanswered');
    expect(verdict.differences[verdict.first!]!.class).toBe('closed-early');
    expect(verdict.lasted).toBeLessThan(SOON_MS);
  });

  test('that says nonsense differs', async () => {
    const babbling = await target((socket) => {
      socket.resume();
      for (let i = 0; i < 20; i++) setTimeout(() => socket.write(Buffer.alloc(1000, 0xe5 + i)), 5 * i);
    });
    const verdict = await replayFile(pingPong(100), babbling, { ...quick, pace });
    expect(verdict.outcome).toBe('differs');
    expect(verdict.counts.differences.missing).toBeGreaterThan(0);
    expect(verdict.lasted).toBeLessThan(SOON_MS);
  });

  test('that says nonsense without end differs', async () => {
    const datagram = Buffer.alloc(14 + 100, 1)
      .fill(0, 10, 14)
      .fill(100, 10, 11);
    const babbling = await target((socket) => {
      socket.resume();
      const babble = setInterval(() => socket.write(datagram), 1);
      socket.on('close', () => clearInterval(babble));
    });
    const verdict = await replayFile(pingPong(100), babbling, { ...quick, pace });
    expect(verdict.outcome).toBe('differs');
    expect(verdict.counts.differences.extra).toBeGreaterThan(0);
    expect(verdict.lasted).toBeLessThan(SOON_MS);
  });

  test('that dies in the middle differs', async () => {
    let letters = 0;
    const relay = await deafRelay(() => {
      if (++letters === 3_000) setImmediate(() => void relay.stop());
      return false;
    });
    const verdict = await replayFile(pingPong(6_000), relay, { ...quick, patienceMs: 500, pace });
    expect(verdict.outcome).toBe('differs');
    const first = verdict.differences[verdict.first!]!;
    expect(['closed-early', 'missing']).toContain(first.class);
    expect(first.sequence).toBeGreaterThan(900);
    expect(verdict.lasted).toBeLessThan(SOON_MS);
  });

  test('that does not read is given no more than fits, and up on', async () => {
    const file = temporaryFile();
    bigPlay(file, 12_000, { groups: 1, payloadBytes: 9_000 });
    const before = process.memoryUsage().external;
    let most = 0;
    const stuck = await target((socket) => socket.pause());
    const { outcome, lasted } = await replayFile(file, stuck, {
      ...quick,
      pace,
      onProgress: () => (most = Math.max(most, process.memoryUsage().external - before)),
    });
    expect(outcome).toBe('unanswered');
    expect(most).toBeLessThan(50_000_000);
    expect(lasted).toBeLessThan(2 * SOON_MS);
  });
});

test('in a conversation that has fallen silent, what is missing is waited for less and less', async () => {
  const lossy = await deafRelay(
    ({ from, index }) => from?.endpoint.startsWith('02:aa:bb:cc:dd:01') === true && index > 2,
  );
  const verdict = await replayFile(pingPong(60), lossy, { ...quick, patienceMs: 300 });
  expect(verdict).toMatchObject({ outcome: 'differs', counts: { differences: { missing: 27 } } });
  expect(verdict.lasted).toBeGreaterThan(300);
  expect(verdict.lasted).toBeLessThan(27 * 150);
});

test('a frame that does not come is waited for as long as was said', async () => {
  const lossy = await deafRelay(
    ({ from, index }) => from?.endpoint.startsWith('02:aa:bb:cc:dd:01') === true && index === 5,
  );
  const verdict = await replayFile(pingPong(40), lossy, { ...quick, patienceMs: 400 });
  expect(verdict).toMatchObject({ outcome: 'differs', counts: { differences: { missing: 1, late: 0 } } });
  const longest = verdict.holds.find(({ by }) => by === 'answer')!.longest;
  expect(longest).toBeGreaterThanOrEqual(390);
  expect(longest).toBeLessThan(1_000);
});

test('five thousand connections are opened, and found the same', { timeout: 60_000 }, async () => {
  const file = temporaryFile();
  bigPlay(file, 20_000, { groups: 1_250, payloadBytes: 20 });
  const verdict = await replayFile(file, await startRelay(), { pace: 'max', settleMs: 50 });
  expect(verdict).toMatchObject({ outcome: 'same', counts: { sent: 20_000, equal: 15_000 } });
});

interface Watched {
  readonly socket: Socket;
  /** The system says that the other end has taken it. */
  isTaken: boolean;
}

/** All that are opened by this process from now on. */
function watchedSockets(): readonly Watched[] {
  const watched: Watched[] = [];
  const watch = (message: unknown): void => {
    const { socket } = message as { readonly socket: Socket };
    const each: Watched = { socket, isTaken: false };
    socket.once('connect', () => (each.isTaken = true));
    watched.push(each);
  };
  subscribe('net.client.socket', watch);
  onTestFinished(() => void unsubscribe('net.client.socket', watch));
  return watched;
}

/** One whose queue of connections is full, because it is stopped. */
async function stoppedServer(): Promise<number> {
  const program = `const server = require('node:net').createServer();
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(server.address().port));`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  child.kill('SIGSTOP');
  await sleep(20);
  return Number(line.toString());
}
