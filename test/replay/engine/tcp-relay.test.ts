/**
 * Several who write to one who cannot tell them apart: whatever was recorded is the same at any relay that passes messages
 * on whole, and what a relay does wrong is found and told of the one to whom it happened.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tcpRelay } from '../../../protocol/tcp-relay/index.ts';
import { CaptureFile } from '../../../recorder/captures.ts';
import { replayAgainst } from '../../../replay/against.ts';
import type { Pace, Verdict } from '../../../replay/types.ts';
import { type Deliver, plainTcpRelay } from '../../kit/plain-tcp-relay.ts';
import { PROPERTY_TIMEOUT_MS, runs } from '../../kit/property.ts';
import { recorded, startRelay } from '../../kit/recorded-relay.ts';
import { usual } from '../../kit/replaying.ts';
import { Client } from '../../kit/socket-client.ts';
import { keepAlive, message, named } from '../../kit/tcp-relay-wire.ts';

const NAMES = ['ann', 'bob', 'cat with "a blank/slash"'] as const;

/** Who writes how much to whom; in one write with the next one, or not. */
type Line = readonly [from: number, to: number, size: number, withNext: boolean];

const line: fc.Arbitrary<Line> = fc.tuple(
  fc.nat(NAMES.length - 1),
  fc.nat(NAMES.length - 1),
  fc.oneof({ weight: 6, arbitrary: fc.nat(40) }, { weight: 1, arbitrary: fc.constant(200_000) }),
  fc.boolean(),
);

async function enter(port: number): Promise<readonly Client[]> {
  const clients = NAMES.map(() => new Client(port));
  for (const [i, client] of clients.entries()) client.send(Buffer.from(named(NAMES[i]!)));
  await sleep(20);
  return clients;
}

function text(from: number, number: number, size: number): Buffer {
  return Buffer.from(`${NAMES[from]!.slice(0, 3)} ${number} `.padEnd(size, 'x')).subarray(0, size);
}

async function talk(port: number, lines: readonly Line[]): Promise<void> {
  const clients = await enter(port);
  const kept = clients.map(() => [] as Uint8Array[]);
  for (const [number, [from, to, size, withNext]] of lines.entries()) {
    kept[from]!.push(message(NAMES[to]!, text(from, number, size)));
    if (withNext) continue;
    clients[from]!.send(Buffer.concat(kept[from]!.splice(0)));
    if (number % 3 === 0) await sleep(1);
  }
  for (const [i, client] of clients.entries())
    client.send(Buffer.concat([...kept[i]!, keepAlive(NAMES[i]!)]));
  await sleep(60);
  for (const client of clients) client.end();
  await Promise.all(clients.map(({ closed }) => closed));
}

function record(lines: readonly Line[]): Promise<string> {
  return recorded((relay) => talk(relay.portOf(tcpRelay), lines), [tcpRelay]);
}

async function replayed(file: string, port: number, pace: Pace = 'causal'): Promise<Verdict> {
  const reader = CaptureFile.open(file);
  try {
    const targets = new Map([[tcpRelay, { host: '127.0.0.1', port }]]);
    return await replayAgainst(targets, { ...usual(reader, file), pace, settleMs: 20, patienceMs: 400 });
  } finally {
    reader.close();
  }
}

const failing = ({ differences }: Verdict) => differences.filter(({ fails }) => fails);

test.each(['causal', 'max', 'recorded'] as const)(
  'any messages of several to several are the same once more, at %s',
  async (pace) => {
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 3, maxLength: 30 }), async (lines) => {
        const file = await record(lines);
        const relay = await startRelay(null, [tcpRelay]);
        const verdict = await replayed(file, relay.portOf(tcpRelay), pace);
        await relay.stop();
        expect(failing(verdict).map(({ text: told }) => told)).toEqual([]);
        expect(verdict.outcome).toBe('same');
        expect(verdict.counts.came).toBeGreaterThanOrEqual(lines.some(([, , size]) => size > 0) ? 1 : 0);
      }),
      { ...runs(6), endOnFailure: true },
    );
  },
  2 * PROPERTY_TIMEOUT_MS,
);

// Ann and Bob take turns in writing to Cat.
const turns: readonly Line[] = Array.from({ length: 12 }, (_, i) => [i % 2, 2, 20 + i, false]);

test('another relay that passes messages on whole does the same, however it cuts them', async () => {
  const file = await record(turns);
  // One after the other, each in two pieces.
  let before = Promise.resolve();
  const port = await plainTcpRelay(({ bytes }, write) => {
    before = before.then(async () => {
      write(bytes.subarray(0, 7));
      await sleep(3);
      write(bytes.subarray(7));
    });
  });
  expect(failing(await replayed(file, port))).toEqual([]);
});

const wrongs: readonly (readonly [what: string, classes: readonly string[], deliver: () => Deliver])[] = [
  [
    'a byte is another',
    ['changed'],
    () =>
      ({ from, number, bytes }, write) => {
        if (from === 'bob' && number === 3) bytes[5]! ^= 1;
        write(bytes);
      },
  ],
  [
    'a message is lost',
    ['missing'],
    () =>
      ({ from, number, bytes }, write) => {
        if (from !== 'bob' || number !== 3) write(bytes);
      },
  ],
  [
    'a message comes twice',
    ['extra', 'changed'],
    () =>
      ({ from, number, bytes }, write) => {
        write(bytes);
        if (from === 'bob' && number === 3) write(bytes);
      },
  ],
];

test.each(wrongs)('%s, and it is found in what Bob said to Cat', async (_, classes, deliver) => {
  const file = await record(turns);
  const verdict = await replayed(file, await plainTcpRelay(deliver()));
  expect(verdict.outcome).toBe('differs');
  const [first] = failing(verdict);
  expect(classes).toContain(first?.class);
  expect([first?.conversation.from.role, first?.conversation.to.role]).toEqual(['P2', 'P3']);
});

test('two messages of one sender are swapped, and it is found', async () => {
  // Bob writes two at once.
  const file = await record([
    ...turns.slice(0, 4),
    [1, 2, 30, true],
    [1, 2, 31, false],
    ...turns.slice(4, 6),
  ]);
  let kept: Buffer | null = null;
  const port = await plainTcpRelay(({ from, number, bytes }, write) => {
    if (from === 'bob' && number === 3) {
      kept = bytes;
      return;
    }
    write(bytes);
    if (kept !== null && from === 'bob') write(kept);
    kept = null;
  });
  const verdict = await replayed(file, port);
  expect(verdict.outcome).toBe('differs');
  expect(failing(verdict).every(({ conversation }) => conversation.from.role === 'P2')).toBe(true);
});

test('a message goes to somebody else, and it is found at both', async () => {
  const file = await record(turns);
  let aside: ((bytes: Buffer) => void) | null = null;
  const port = await plainTcpRelay(({ from, number, to, bytes }, write) => {
    if (to === 'ann') aside = write;
    if (from !== 'bob' || number !== 3) write(bytes);
    else aside?.(bytes);
  });
  const verdict = await replayed(file, port);
  expect(verdict.outcome).toBe('differs');
});
