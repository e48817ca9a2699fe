/** Addresses that a relay makes up: others each time, and the same play all the same. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { alphanet } from '../../../protocol/alphanet/index.ts';
import { Outcome } from '../../../protocol/outcome.ts';
import { CaptureFile } from '../../../recorder/captures.ts';
import { replayAgainst } from '../../../replay/against.ts';
import type { Verdict } from '../../../replay/types.ts';
import { playAlphanet } from '../../kit/alphanet-play.ts';
import { MemoryTap, recorded, startRelay } from '../../kit/recorded-relay.ts';
import { usual } from '../../kit/replaying.ts';
import { temporaryFile } from '../../kit/capture-file.ts';

const record = () => recorded((relay) => playAlphanet(relay.portOf(alphanet)), [alphanet]);

async function replayed(file: string, port: number): Promise<Verdict> {
  const reader = CaptureFile.open(file);
  try {
    const targets = new Map([[alphanet, { host: '127.0.0.1', port }]]);
    return await replayAgainst(targets, { ...usual(reader, file), settleMs: 30, patienceMs: 600 });
  } finally {
    reader.close();
  }
}

const told = ({ differences }: Verdict) => differences.filter(({ fails }) => fails).map(({ text }) => text);

function contents(file: string): { endpoints: readonly (string | null)[]; outcomes: readonly number[] } {
  const reader = CaptureFile.open(file);
  try {
    const { id } = reader.capture();
    return {
      endpoints: Array.from(reader.connections(id).values(), ({ endpoint }) => endpoint),
      outcomes: Array.from(reader.frames(id, {}), ({ outcome }) => outcome),
    };
  } finally {
    reader.close();
  }
}

/** What the relay sends to clients goes through this. */
async function front(port: number, change: (bytes: Buffer) => Buffer): Promise<number> {
  const sockets: Socket[] = [];
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    const relay = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    sockets.push(client, relay);
    for (const socket of [client, relay]) socket.on('error', () => undefined);
    client.pipe(relay);
    relay.on('data', (bytes: Buffer) => client.write(change(bytes)));
    relay.on('end', () => client.end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

test('our own relay draws other addresses, and is the same; who spoofs is refused alike', async () => {
  const file = await record();
  const tap = new MemoryTap();
  const relay = await startRelay(tap, [alphanet]);
  const verdict = await replayed(file, relay.portOf(alphanet));
  await relay.stop();
  expect(told(verdict)).toEqual([]);
  expect(verdict.outcome).toBe('same');
  const again = temporaryFile();
  tap.writeTo(again);
  const [before, after] = [contents(file), contents(again)];
  expect(after.endpoints).toHaveLength(before.endpoints.length);
  expect(after.endpoints.filter((each) => before.endpoints.includes(each))).toEqual([]);
  const counted = ({ outcomes }: typeof before) => outcomes.filter((each) => each === Outcome.spoofed).length;
  expect(counted(before)).toBe(2);
  expect(counted(after)).toBe(2);
});

test('a byte of what somebody said that is another is found, and named', async () => {
  const file = await record();
  const relay = await startRelay(null, [alphanet]);
  const port = await front(relay.portOf(alphanet), (bytes) => {
    const place = bytes.indexOf('bob 2 hears');
    if (place >= 0) bytes[place] = 'B'.charCodeAt(0);
    return bytes;
  });
  const verdict = await replayed(file, port);
  expect(verdict.outcome).toBe('differs');
  expect(verdict.differences[verdict.first ?? 0]).toMatchObject({ class: 'changed', field: 'payload[0]' });
});

test('a port in a frame that passes that is another is found as well', async () => {
  const file = await record();
  const relay = await startRelay(null, [alphanet]);
  const port = await front(relay.portOf(alphanet), (bytes) => {
    const place = bytes.indexOf('ann 3');
    if (place >= 0) bytes[place - 4] = 81;
    return bytes;
  });
  const verdict = await replayed(file, port);
  expect(verdict.differences[verdict.first ?? 0]).toMatchObject({
    class: 'changed',
    field: 'destination_port',
  });
});
