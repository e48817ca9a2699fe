/** The WebSocket with real clients: one that does not read, those that read beside it, and those that send rubbish. */
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { LIVE_PATH } from '../../../../dashboard/api/paths.ts';
import * as limits from '../../../../dashboard/server/live/limits.ts';
import type { NewsAbout, Watching } from '../../../../dashboard/server/watching.ts';
import { listening } from '../../../kit/served.ts';

const NEWS_BYTES = 200_000;

/** News of some size, always; what is missed is in it. */
function heavy(): { topic: () => Watching<'running'>; taken: () => number; open: () => number } {
  let taken = 0;
  let open = 0;
  const topic = (): Watching<'running'> => {
    open++;
    return {
      take: (missed) => {
        taken++;
        const replays = [{ missed, filling: 'x'.repeat(NEWS_BYTES) }];
        return { news: 'running', replays } as unknown as NewsAbout<'running'>;
      },
      close: () => {
        open--;
      },
    };
  };
  return { topic, taken: () => taken, open: () => open };
}

async function viewer(port: number): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${LIVE_PATH}`);
  socket.on('error', () => undefined);
  await once(socket, 'open');
  return socket;
}

function missedOf(data: unknown): number {
  const news = JSON.parse(String(data)) as { replays: readonly [{ missed: number }] };
  return news.replays[0].missed;
}

describe('a viewer who does not read', () => {
  it('costs bounded memory, disturbs nobody, and learns in the end how much it missed', async () => {
    const { topic, taken } = heavy();
    const port = await listening({ topics: { running: topic } });
    const [slow, quick] = [await viewer(port), await viewer(port)];
    slow.send(JSON.stringify({ watch: 'running', id: 1 }));
    await once(slow, 'message');
    slow.pause();
    const heldAt = taken();
    // Until nothing is made for it any more: what the system and we hold is full.
    let before = -1;
    const stands = () => {
      const isSame = taken() === before;
      before = taken();
      return isSame;
    };
    await expect.poll(stands, { interval: 500, timeout: 20_000 }).toBe(true);
    const held = (taken() - heldAt) * NEWS_BYTES;
    // The system's own buffers on both sides are some megabytes.
    expect(held).toBeLessThan(limits.BUFFERED_BYTES_MAX + 16_000_000);
    quick.send(JSON.stringify({ watch: 'running', id: 1 }));
    let heard = 0;
    quick.on('message', (data) => {
      heard++;
      expect(missedOf(data)).toBe(0);
    });
    await expect.poll(() => heard, { timeout: 10_000 }).toBeGreaterThan(10);
    let missed = 0;
    slow.on('message', (data) => (missed += missedOf(data)));
    slow.resume();
    await expect.poll(() => missed, { timeout: 10_000 }).toBeGreaterThan(5);
  });

  it('is let go with all of its watches when its connection breaks', async () => {
    const { topic, open } = heavy();
    const port = await listening({ topics: { running: topic } });
    const socket = await viewer(port);
    for (const id of [1, 2, 3]) socket.send(JSON.stringify({ watch: 'running', id }));
    await expect.poll(open).toBe(3);
    socket.terminate();
    await expect.poll(open).toBe(0);
  });
});

describe('rubbish', () => {
  it.each([
    ['no JSON', 'hello', 1008],
    ['bytes', Buffer.from([0, 1, 2]), 1008],
    ['more than a message may be', 'x'.repeat(limits.MESSAGE_BYTES_MAX + 1), 1009],
  ])('%s ends the connection that it came on', async (_, message, code) => {
    const port = await listening({ topics: { running: heavy().topic } });
    const [bad, good] = [await viewer(port), await viewer(port)];
    bad.send(message);
    expect((await once(bad, 'close'))[0]).toBe(code);
    good.send(JSON.stringify({ watch: 'running', id: 1 }));
    await once(good, 'message');
  });

  it('that breaks the protocol below ends it too', async () => {
    const port = await listening();
    const socket = await viewer(port);
    const raw = (socket as unknown as { _socket: { write(bytes: Buffer): void } })._socket;
    raw.write(Buffer.alloc(64, 0xff));
    await once(socket, 'close');
    await viewer(port);
  });

  it('by the thousand is not all read', async () => {
    const { topic, open } = heavy();
    const port = await listening({ topics: { running: topic } });
    const socket = await viewer(port);
    for (let id = 1; id <= 5_000; id++) socket.send(JSON.stringify({ watch: 'running', id }));
    expect((await once(socket, 'close'))[0]).toBe(1008);
    await expect.poll(open).toBe(0);
  });
});

it('viewers beyond the limit are told to come later', async () => {
  const port = await listening();
  for (let i = 0; i < limits.VIEWERS_MAX; i++) await viewer(port);
  const late = new WebSocket(`ws://127.0.0.1:${port}${LIVE_PATH}`);
  expect((await once(late, 'close'))[0]).toBe(1013);
});
