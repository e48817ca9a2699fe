/** What a tunnel says to the relay itself, on a clock that is told. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, test, vi } from 'vitest';
import { BackOff } from '../../tunnel/back-off.ts';
import {
  BACK_OFF_MS_MAX,
  BACK_OFF_MS_MIN,
  KEEP_ALIVE_MS,
  LINK_QUEUE_BYTES_MAX,
  LINK_SILENCE_MS,
} from '../../tunnel/limits.ts';
import { RelayLink } from '../../tunnel/relay-link.ts';
import { afterwards, startServer } from '../kit/tunnels.ts';

interface Met {
  readonly link: RelayLink;
  /** The relay's side of it. */
  readonly socket: Socket;
  readonly downs: string[];
  readonly waits: number[];
  readonly clock: { now: number };
  heard(): string;
}

/** A link to a relay that does nothing but listen. */
async function meet(): Promise<Met> {
  const sockets: Socket[] = [];
  let heard = '';
  const { port } = await startServer((socket) => {
    sockets.push(socket);
    socket.on('data', (bytes) => (heard += bytes.toString('latin1')));
  });
  const downs: string[] = [];
  const waits: number[] = [];
  const clock = { now: 1000 };
  const link = new RelayLink({
    ...{ relay: { host: '127.0.0.1', port }, name: 'Ä', peer: 'B' },
    clock: () => clock.now,
    random: () => 0,
    events: {
      up: () => Buffer.from('PROBE'),
      proven: () => undefined,
      data: () => undefined,
      writable: () => undefined,
      down: (why, inMs) => {
        downs.push(why);
        waits.push(inMs);
      },
    },
  });
  link.start();
  afterwards(() => link.stop());
  await vi.waitFor(() => expect(heard).not.toBe(''));
  return { link, socket: sockets[0]!, downs, waits, clock, heard: () => heard };
}

const NAME = Buffer.from('Ä').toString('latin1');

describe('a link', () => {
  test('says its name as bytes, and what it is to get back', async () => {
    const { heard } = await meet();
    await vi.waitFor(() => expect(heard()).toBe(`${NAME}|${NAME}|5|PROBE`));
  });

  test('sends messages with their length before them', async () => {
    const { link, heard } = await meet();
    link.send({ parts: [Buffer.from('one'), Buffer.from('two')], bytes: 6 });
    await vi.waitFor(() => expect(heard()).toMatch(/PROBEB\|6\|onetwo$/));
  });

  test('that says nothing keeps itself alive with nothing, or, where it hears nothing either, with what comes back', async () => {
    const { link, socket, clock, heard } = await meet();
    clock.now += KEEP_ALIVE_MS - 1;
    link.tick();
    socket.write('x');
    await vi.waitFor(() => expect(link.isProven).toBe(true));
    clock.now += 1;
    link.tick();
    await vi.waitFor(() => expect(heard()).toMatch(/PROBE.{1,2}\|0\|$/));
    clock.now += KEEP_ALIVE_MS;
    link.tick();
    await vi.waitFor(() => expect(heard()).toMatch(/\|0\|.{1,2}\|5\|PROBE$/));
    // Far below the 30 s of the relay.
    expect(KEEP_ALIVE_MS * 2).toBeLessThan(30_000);
  });

  test('that hears nothing for so long begins anew', async () => {
    const { link, clock, downs } = await meet();
    clock.now += LINK_SILENCE_MS - 1;
    link.tick();
    expect(downs).toEqual([]);
    clock.now += 1;
    link.tick();
    expect(downs).toEqual(['nothing has come from it for half a minute']);
  });

  test('makes no more messages while the relay does not take them', async () => {
    const { link, socket } = await meet();
    socket.pause();
    let sent = 0;
    while (link.hasRoom && sent < 1000) {
      link.send({ parts: [Buffer.alloc(64 * 1024)], bytes: 64 * 1024 });
      // The system takes what it can.
      await new Promise((resolve) => setImmediate(resolve));
      sent++;
    }
    expect(link.hasRoom).toBe(false);
    expect(sent * 64 * 1024).toBeGreaterThanOrEqual(LINK_QUEUE_BYTES_MAX);
    socket.resume();
    await vi.waitFor(() => expect(link.hasRoom).toBe(true));
  });

  test('that was closed before anything came back tells of the name, and waits longer each time', async () => {
    const { socket, downs, waits } = await meet();
    socket.destroy();
    await vi.waitFor(() => expect(downs.length).toBe(1));
    expect(downs[0]).toBe(
      'it closed the connection at once: somebody else has the name "Ä" there, most likely',
    );
    expect(waits).toEqual([BACK_OFF_MS_MIN / 2]);
  });

  test('that is stopped is not tried again', async () => {
    const { link, socket, downs } = await meet();
    const over = once(socket, 'end');
    await link.stop();
    await over;
    link.tick();
    expect([downs, link.hasRoom]).toEqual([[], false]);
  });
});

test('waits double up to a bound, each cut by as much as half of it', () => {
  for (const [random, share] of [
    [() => 0, 0.5],
    [() => 1, 1],
  ] as const) {
    const backOff = new BackOff(random);
    const waits = Array.from({ length: 9 }, () => backOff.next());
    expect(waits[0]).toBe(BACK_OFF_MS_MIN * share);
    expect(waits[1]).toBe(2 * BACK_OFF_MS_MIN * share);
    expect(waits.at(-1)).toBe(BACK_OFF_MS_MAX * share);
    backOff.reset();
    expect(backOff.next()).toBe(BACK_OFF_MS_MIN * share);
  }
});
