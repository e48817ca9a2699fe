/** Targets that are so bad that a replay may wait for them without end, or overlook what they do: real sockets. */
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { CommonFault } from '../../../protocol/fault.ts';
import { postoffice } from '../../../protocol/postoffice/index.ts';
import { Kind } from '../../../protocol/postoffice/layout.ts';
import type { Breaker } from '../../kit/breaking-hub.ts';
import { type Mutant, type RunningMutant, startMutant } from '../../kit/mutants.ts';
import { recorded, startRelay } from '../../kit/recorded-relay.ts';
import { replayFile } from '../../kit/replaying.ts';
import { Client, Init, pdp, player } from '../../kit/socket-client.ts';

const PATIENCE_MS = 200;
const hasty = { patienceMs: PATIENCE_MS, settleMs: 20 };
const paces = ['causal', 'max'] as const;

/** Whoever opens the same address takes it from who had it. */
const replacing = () =>
  recorded(async ({ port }) => {
    const clients: Client[] = [];
    for (let i = 0; i < 4; i++) {
      clients.push(await Client.open(port, Init.pdp, player(1)));
      await sleep(5);
    }
    clients.at(-1)?.send(pdp(player(1), 'to myself'));
    await clients.at(-1)?.datagram();
    for (const client of clients) client.end();
    await Promise.all(clients.map(({ closed }) => closed));
  });

const talking = (frames: number) =>
  recorded(async ({ port }) => {
    const [one, other] = [
      await Client.open(port, Init.pdp, player(1)),
      await Client.open(port, Init.pdp, player(2)),
    ];
    await sleep(20);
    for (let i = 0; i < frames; i++) {
      one.send(Buffer.concat([pdp(player(2), `and ${i}`), pdp(player(1), `and ${i} to myself`)]));
      await Promise.all([one.datagram(), other.datagram()]);
    }
    for (const client of [one, other]) client.end();
    await Promise.all([one.closed, other.closed]);
  });

async function breaking(breaker: Breaker): Promise<RunningMutant> {
  const mutant: Mutant = { name: '', what: '', protocol: postoffice, expects: [], breaks: () => breaker };
  const running = await startMutant(mutant);
  onTestFinished(() => running.stop());
  return running;
}

/** A relay behind somebody who hands on what `between` lets through. */
async function fronted(
  between: (client: Socket, relay: Socket) => void,
): Promise<{ port: number; adhocctlPort: number }> {
  const { port, adhocctlPort } = await startRelay();
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const relay = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    for (const socket of [client, relay]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
    client.on('data', (bytes) => relay.write(bytes)).on('end', () => relay.end());
    relay.on('data', (bytes) => client.write(bytes));
    between(client, relay);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as { port: number }).port, adhocctlPort };
}

describe.each(paces)('at %s', (pace) => {
  test('one that never closes what was replaced is blamed, and nobody waits for it for ever', async () => {
    const target = await breaking({ close: (_wire, fault) => fault === CommonFault.replaced });
    const { outcome, counts } = await replayFile(await replacing(), target, { ...hasty, pace });
    expect(outcome).toBe('differs');
    expect(counts.differences['closed-late']).toBeGreaterThanOrEqual(3);
  });

  test('one that never closes what its clients have ended is blamed', async () => {
    const target = await fronted(() => undefined);
    const verdict = await replayFile(await talking(1), target, { ...hasty, pace });
    expect(verdict.outcome).toBe('differs');
    expect(verdict.counts).toMatchObject({ equal: 2, differences: { 'closed-late': 2 } });
    expect(verdict.differences[0]?.text).toContain('left this connection open after its client had ended it');
  });

  test('one that closes it in the end is not', async () => {
    const target = await fronted((client, relay) =>
      relay.on('end', () => setTimeout(() => client.end(), 50)),
    );
    const { outcome } = await replayFile(await talking(1), target, { ...hasty, pace, patienceMs: 2_000 });
    expect(outcome).toBe('same');
  });

  test('one that says something that is no frame with its last word is blamed, and nobody else', async () => {
    const target = await fronted((client, relay) => relay.on('end', () => client.end('bye')));
    const { outcome, differences } = await replayFile(await talking(1), target, { ...hasty, pace });
    expect(outcome).toBe('differs');
    expect(differences.map(({ text }) => text).sort()).toEqual([
      'P1 got 3 bytes from the relay that can be no frame',
      'P2 got 3 bytes from the relay that can be no frame',
    ]);
  });
});

test('of one that loses all of a conversation, not every frame is waited for', async () => {
  const target = await breaking({
    letter: ({ from, to, kind }) => kind === Kind.pdpDelivered && from !== to,
  });
  const { counts, lasted } = await replayFile(await talking(60), target, {
    ...hasty,
    pace: 'causal',
  });
  expect(counts.differences.missing).toBe(60);
  expect(lasted).toBeLessThan(60 * PATIENCE_MS * 0.1);
});
