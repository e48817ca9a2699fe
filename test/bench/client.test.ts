/** What the load counts is only worth something if it finds every frame, however the bytes are cut. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Client } from '../../bench/load/client.ts';
import { datagram, ID_AT, STAMPED_PDP } from '../../bench/load/wire.ts';

const PROBE = datagram(1, 16);
let server: ReturnType<typeof createServer> | null = null;
afterEach(() => server?.close());

/** A client that was sent these pieces, one read each, and the senders that it saw. */
async function sawOf(pieces: readonly Buffer[], bytesInAll: number): Promise<string[]> {
  let peer: Socket | null = null;
  server = createServer({ noDelay: true }, (socket) => (peer = socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const seen: string[] = [];
  const client = new Client({
    port: (server.address() as AddressInfo).port,
    hello: PROBE,
    answer: PROBE,
    shape: STAMPED_PDP,
    onFrame: (view, at, size) => seen.push(`${view.getInt32(at + ID_AT)}:${size}`),
  });
  await once(server, 'connection');
  for (const piece of pieces) {
    (peer as Socket | null)?.write(piece);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await client.opened;
  while (client.receivedBytes < bytesInAll) await new Promise((resolve) => setTimeout(resolve, 1));
  expect(client.receivedFrames).toBe(seen.length);
  client.end();
  return seen;
}

describe('a client of the load', () => {
  const frames = [datagram(7, 40), datagram(8, 12), datagram(9, 200)];
  const bytes = Buffer.concat([PROBE, ...frames]);
  const inAll = bytes.length - PROBE.length;
  const expected = ['7:40', '8:12', '9:200'];

  it('finds the frames of one read', async () => {
    expect(await sawOf([bytes], inAll)).toEqual(expected);
  });

  it.each([1, 3, 13, 14, 25, 26, 27, 60])('finds them in pieces of %i bytes', async (step) => {
    const pieces = Array.from({ length: Math.ceil(bytes.length / step) }, (_, i) =>
      bytes.subarray(i * step, (i + 1) * step),
    );
    expect(await sawOf(pieces, inAll)).toEqual(expected);
  });
});
