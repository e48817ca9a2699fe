/** What becomes of viewers and their watches, in a time of the test's own and without a socket. */
import { EventEmitter } from 'node:events';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Failure } from '../../../../common/failure.ts';
import { LIVE_MS } from '../../../../dashboard/api/live.ts';
import { Hub, type Socket } from '../../../../dashboard/server/live/hub.ts';
import * as limits from '../../../../dashboard/server/live/limits.ts';
import type { Watching } from '../../../../dashboard/server/watching.ts';
import { runs } from '../../../kit/property.ts';

class FakeSocket extends EventEmitter implements Socket {
  bufferedAmount = 0;
  readonly sent: { id: number; news: string; [more: string]: unknown }[] = [];
  pings = 0;
  end: string | null = null;

  send(text: string): void {
    this.sent.push(JSON.parse(text) as FakeSocket['sent'][number]);
  }
  ping(): void {
    this.pings++;
  }
  close(code: number, reason: string): void {
    this.end ??= `${code} ${reason}`;
  }
  terminate(): void {
    this.end ??= 'terminated';
  }
  says(message: unknown): void {
    this.emit('message', Buffer.from(typeof message === 'string' ? message : JSON.stringify(message)), false);
  }
}

/** One that has something to say whenever it is asked, and keeps what it is told. */
interface Watched {
  readonly missed: number[];
  closed: number;
  take: () => unknown;
}

let hub: Hub;
let watched: Watched[];
let mistakes: string[];
/** How long each question takes. */
let takeMs: number;
let now: number;

beforeEach(() => {
  vi.useFakeTimers();
  watched = [];
  mistakes = [];
  takeMs = 0;
  now = 0;
  const begin = (): Watching<'running'> => {
    const one: Watched = { missed: [], closed: 0, take: () => ({ news: 'running', replays: [] }) };
    watched.push(one);
    return {
      take: (missed) => {
        now += takeMs;
        one.missed.push(missed);
        return one.take() as ReturnType<Watching<'running'>['take']>;
      },
      close: () => {
        one.closed++;
      },
    };
  };
  hub = new Hub({
    topics: {
      running: begin,
      session: ({ session }) => {
        if (session === 13) throw new Failure('input', 'no-such-session', 'there is no session 13');
        if (session === 14) throw new TypeError('x is not a function');
        return begin() as never;
      },
    },
    missing: 'there is nothing of that here',
    clock: () => now,
    onMistake: ({ message }) => void mistakes.push(message),
  });
});
afterEach(() => {
  hub.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

function join(): FakeSocket {
  const socket = new FakeSocket();
  hub.join(socket);
  return socket;
}

function pass(ms: number): void {
  for (let i = 0; i < Math.round(ms / LIVE_MS); i++) {
    now += LIVE_MS;
    vi.advanceTimersByTime(LIVE_MS);
  }
}

const watch = (id: number) => ({ watch: 'running', id });

describe('a watch', () => {
  it('is asked for news once in a while, and its viewer told under the id of its choice', () => {
    const socket = join();
    socket.says(watch(7));
    expect(socket.sent).toEqual([]);
    pass(LIVE_MS * 3);
    expect(socket.sent).toEqual(Array(3).fill({ id: 7, news: 'running', replays: [] }));
  });

  it('with nothing new sends nothing', () => {
    const socket = join();
    socket.says(watch(1));
    (watched[0] as Watched).take = () => null;
    pass(LIVE_MS * 3);
    expect([watched[0]?.missed.length, socket.sent.length]).toEqual([3, 0]);
  });

  it('ends when it is stopped, once', () => {
    const socket = join();
    socket.says(watch(1));
    socket.says({ stop: 1 });
    socket.says({ stop: 1 });
    socket.says({ stop: 99 });
    pass(LIVE_MS * 3);
    expect([watched[0]?.closed, socket.sent, socket.end]).toEqual([1, [], null]);
  });

  it('gives its id to the next that asks for it', () => {
    const socket = join();
    socket.says(watch(1));
    socket.says(watch(1));
    expect(watched.map(({ closed }) => closed)).toEqual([1, 0]);
    pass(LIVE_MS);
    expect(socket.sent).toHaveLength(1);
  });

  it('ends with its viewer', () => {
    const socket = join();
    socket.says(watch(1));
    socket.says(watch(2));
    socket.emit('close');
    expect(watched.map(({ closed }) => closed)).toEqual([1, 1]);
    expect([hub.viewers, hub.isIdle]).toEqual([0, true]);
  });

  it('is over when it says so itself, or breaks', () => {
    const socket = join();
    socket.says(watch(1));
    socket.says(watch(2));
    socket.says(watch(3));
    const [first, second, third] = watched as [Watched, Watched, Watched];
    first.take = () => ({ news: 'refused', error: 'the session is gone' });
    second.take = () => {
      throw new Failure('input', 'gone', 'it was cut off');
    };
    third.take = () => {
      throw new TypeError('x is not a function');
    };
    pass(LIVE_MS * 2);
    expect(socket.sent).toEqual([
      { id: 1, news: 'refused', error: 'the session is gone' },
      { id: 2, news: 'refused', error: 'it was cut off' },
      { id: 3, news: 'refused', error: 'a mistake in postreel itself' },
    ]);
    expect(watched.map(({ closed }) => closed)).toEqual([1, 1, 1]);
    expect(mistakes).toEqual(['x is not a function']);
  });
});

describe('what is asked wrongly', () => {
  it.each([
    ['an unknown topic', { watch: 'weather', id: 1 }],
    ['a topic that is not there', { watch: 'now', id: 1 }],
    ['what is not there', { watch: 'session', id: 1, session: 13 }],
    ['a wrong number', { watch: 'session', id: 1, session: 0 }],
    ['too much', { watch: 'running', id: 1, more: true }],
    [
      'a filter that is too long',
      { watch: 'tail', id: 1, session: 1, filter: 'x'.repeat(8_001), columns: '' },
    ],
  ])('%s is refused in one line, under its id', (_, request) => {
    const socket = join();
    socket.says(request);
    expect(socket.sent).toEqual([
      { id: 1, news: 'refused', error: expect.stringMatching(/^.{5,300}$/) as string },
    ]);
    expect([socket.end, mistakes]).toEqual([null, []]);
  });

  it('a mistake of ours is told as one', () => {
    const socket = join();
    socket.says({ watch: 'session', id: 1, session: 14 });
    expect(socket.sent).toEqual([{ id: 1, news: 'refused', error: 'a mistake in postreel itself' }]);
    expect(mistakes).toEqual(['x is not a function']);
  });

  it('what is no request at all ends the connection', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.constantFrom('{"id":0}', '{"id":1.5}', '{"stop":"1"}', '[]', '{"id":1e10}'),
        ),
        (text) => {
          const socket = join();
          socket.says(text);
          expect(socket.end ?? socket.sent[0]?.news).toMatch(/^(1008 |refused)/);
          expect(hub.viewers).toBe(socket.end === null ? 1 : 0);
          socket.emit('close');
        },
      ),
      runs(200),
    );
    expect(mistakes).toEqual([]);
  });

  it('bytes are no request', () => {
    const socket = join();
    socket.emit('message', Buffer.from(JSON.stringify(watch(1))), true);
    expect(socket.end).toMatch(/^1008 /);
  });
});

describe('a viewer who does not read', () => {
  it('is told nothing meanwhile, and then how much it missed', () => {
    const socket = join();
    socket.says(watch(1));
    socket.bufferedAmount = limits.BUFFERED_BYTES_MAX + 1;
    pass(LIVE_MS * 5);
    expect([watched[0]?.missed, socket.sent]).toEqual([[], []]);
    socket.bufferedAmount = limits.BUFFERED_BYTES_MAX;
    pass(LIVE_MS * 2);
    expect(watched[0]?.missed).toEqual([5, 0]);
    expect(socket.sent).toHaveLength(2);
  });

  it('does not hold up others', () => {
    const [slow, quick] = [join(), join()];
    slow.says(watch(1));
    quick.says(watch(1));
    slow.bufferedAmount = Infinity;
    pass(LIVE_MS * 10);
    expect([slow.sent.length, quick.sent.length]).toEqual([0, 10]);
  });

  it('and goes on asking wrongly is let go', () => {
    const socket = join();
    socket.bufferedAmount = Infinity;
    socket.says({ watch: 'weather', id: 1 });
    expect([socket.sent, socket.end]).toEqual([[], '1008 nothing is read']);
  });

  it('nor answers a ping is let go', () => {
    const [gone, there] = [join(), join()];
    there.ping = () => void there.emit('pong');
    pass(limits.PING_MS + LIVE_MS);
    expect(gone.end).toBeNull();
    pass(limits.PING_MS);
    expect([gone.end, there.end, hub.viewers]).toEqual(['terminated', null, 1]);
    pass(limits.PING_MS * 3);
    expect(there.end).toBeNull();
  });
});

describe('limits', () => {
  it('so many viewers, and there is room again when one goes', () => {
    const sockets = Array.from({ length: limits.VIEWERS_MAX }, join);
    const late = join();
    expect(late.end).toBe('1013 too many look on already');
    late.says(watch(1));
    expect(watched).toHaveLength(0);
    sockets[0]?.emit('close');
    expect(join().end).toBeNull();
    expect(hub.viewers).toBe(limits.VIEWERS_MAX);
  });

  it('so many watches of one', () => {
    const socket = join();
    for (let id = 1; id <= limits.WATCHES_MAX + 1; id++) socket.says(watch(id));
    expect(socket.sent).toEqual([
      {
        id: limits.WATCHES_MAX + 1,
        news: 'refused',
        error: expect.stringContaining(String(limits.WATCHES_MAX)) as string,
      },
    ]);
    socket.says({ stop: 1 });
    socket.says(watch(100));
    expect(socket.sent).toHaveLength(1);
    expect(watched.filter(({ closed }) => closed === 0)).toHaveLength(limits.WATCHES_MAX);
  });

  it('so many messages at once, and more with time', () => {
    const [flood, calm] = [join(), join()];
    for (let i = 0; i < limits.MESSAGES_AT_ONCE_MAX; i++) flood.says(watch(1));
    expect(flood.end).toBeNull();
    flood.says(watch(1));
    expect(flood.end).toBe('1008 too many messages');
    flood.says(watch(2));
    expect(watched.filter(({ closed }) => closed === 0)).toHaveLength(0);
    for (let i = 0; i < limits.MESSAGES_AT_ONCE_MAX; i++) calm.says({ stop: 1 });
    pass(1_000);
    for (let i = 0; i < limits.MESSAGES_PER_SECOND_MAX; i++) calm.says({ stop: 1 });
    expect(calm.end).toBeNull();
    calm.says({ stop: 1 });
    expect(calm.end).not.toBeNull();
  });

  it('of the time that a round takes: whom there was none for comes first in the next', () => {
    const sockets = Array.from({ length: 10 }, join);
    for (const socket of sockets) socket.says(watch(1));
    takeMs = limits.ROUND_MS / 2;
    pass(LIVE_MS);
    expect(sockets.map(({ sent }) => sent.length)).toEqual([1, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    pass(LIVE_MS * 4);
    expect(sockets.map(({ sent }) => sent.length)).toEqual(Array(10).fill(1));
  });
});

it('there is one timer for all, and none while nobody looks on', () => {
  expect([hub.isIdle, vi.getTimerCount()]).toEqual([true, 0]);
  const sockets = [join(), join(), join()];
  for (const socket of sockets) socket.says(watch(1));
  pass(LIVE_MS * 3);
  expect(vi.getTimerCount()).toBe(1);
  for (const socket of sockets) socket.emit('close');
  expect([hub.isIdle, vi.getTimerCount()]).toEqual([true, 0]);
});

it('when the server stops, viewers are told and watches end', () => {
  const socket = join();
  socket.says(watch(1));
  hub.close();
  expect([socket.end, watched[0]?.closed, hub.viewers]).toEqual(['1001 the server stops', 1, 0]);
});
