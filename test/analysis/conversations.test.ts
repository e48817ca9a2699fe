import { describe, expect, it } from 'vitest';
import {
  CONVERSATIONS_MAX,
  ConversationObserver,
  SILENCES_MAX,
  SIZE_CLASS_BYTES,
  SIZES_MAX,
  type Conversation,
  type Conversations,
} from '../../analysis/conversations.ts';
import { observe } from '../../analysis/observe.ts';
import { Outcome } from '../../protocol/outcome.ts';
import { MadeSession, NANOS } from '../kit/session-view.ts';

const ANN = '02:aa:bb:cc:dd:01';
const BOB = '02:aa:bb:cc:dd:02';

function told(game: MadeSession): Conversations {
  const observer = new ConversationObserver(game.view());
  observe(game.view(), game.frames, [observer]);
  return observer.end();
}

function only(game: MadeSession): Conversation {
  const { list } = told(game);
  expect(list).toHaveLength(1);
  return list[0]!;
}

/** Two with a datagram socket each. */
function two() {
  const game = new MadeSession();
  return { game, ann: game.pdp(ANN, 100), bob: game.pdp(BOB, 200) };
}

/** One datagram after another, `everyMs` apart, the first of them at once. */
function stream(game: MadeSession, from: number, to: number, count: number, everyMs: number, size = 4): void {
  for (let i = 0; i < count; i++) {
    if (i > 0) game.after(everyMs / 1000);
    game.datagram(from, to, new Uint8Array(size).fill(0xff));
  }
}

describe('a conversation', () => {
  it('is of two endpoints, whoever speaks; what is for the relay is none', () => {
    const { game, ann, bob } = two();
    game.at(1).datagram(ann, bob, [0xff, 1, 2]);
    game.at(2).datagram(bob, ann, [0xff]);
    game.at(4).datagram(ann, bob, [0xff, 9]);
    expect(only(game)).toMatchObject({
      protocol: 'postoffice',
      carries: 'datagrams',
      ways: [
        {
          from: `${ANN}/100`,
          to: `${BOB}/200`,
          frames: 2,
          bytes: 5,
          first: NANOS,
          last: 4 * NANOS,
          firstSequence: 3,
          lastSequence: 5,
        },
        { from: `${BOB}/200`, to: `${ANN}/100`, frames: 1, bytes: 1, first: 2 * NANOS, firstSequence: 4 },
      ],
      dropped: {},
      inner: null,
    });
  });

  it('has one way where nobody answers', () => {
    const { game, ann } = two();
    game.datagram(ann, `${BOB}/7`, [0xff]);
    expect(only(game).ways.map(({ from, to }) => [from, to])).toEqual([[`${ANN}/100`, `${BOB}/7`]]);
  });

  it('is another for each port, and another for streams between the same two', () => {
    const { game, ann, bob } = two();
    const second = game.pdp(BOB, 201);
    const connector = game.connect(`${ANN}/100`, `${BOB}/200`);
    const acceptor = game.accept(`${BOB}/200`, `${ANN}/100`);
    game.datagram(ann, bob, [0xff]);
    game.datagram(ann, second, [0xff]);
    game.block(connector, acceptor, [1, 2]);
    game.block(acceptor, connector, [3]);
    expect(told(game).list.map(({ carries, ways }) => [carries, ways.length, ways[0]?.to])).toEqual([
      ['datagrams', 1, `${BOB}/200`],
      ['datagrams', 1, `${BOB}/201`],
      ['stream', 2, `${BOB}/200`],
    ]);
  });

  it('goes on where an endpoint comes back by another connection', () => {
    const { game, ann, bob } = two();
    game.datagram(ann, bob, [0xff]);
    const again = game.pdp(ANN, 100);
    game.datagram(again, bob, [0xff]);
    expect(only(game).ways[0]?.frames).toBe(2);
  });

  it('is with whom a stream was opened, or with nobody, where nobody else is named', () => {
    const game = new MadeSession();
    const connector = game.connect(`${ANN}/1`, `${BOB}/2`);
    const lonely = game.open('ptp-accept', `${ANN}/3`);
    game.block(connector, 0, [1], { outcome: Outcome.noTarget, delayMs: null });
    game.block(lonely, 0, [1], { outcome: Outcome.noTarget, delayMs: null });
    expect(told(game).list.map(({ ways }) => ways[0]?.to)).toEqual([`${BOB}/2`, 'nobody']);
  });

  it('says so where the recording does not know a connection', () => {
    const { game, ann } = two();
    game.frames.push({
      ...game.frames[0]!,
      sequence: 9,
      from: ann,
      to: 77,
      kind: 5,
      bytes: Buffer.from('01000000ff', 'hex'),
    });
    expect(only(game).ways[0]?.to).toBe('connection 77');
  });

  it('knows which protocol is inside its payloads', () => {
    const { game, ann, bob } = two();
    game.datagram(ann, bob, [1, 0, 0, 0, 0]);
    game.datagram(bob, ann, [2, 0, 0, 0, 0]);
    game.datagram(bob, ann, [0xff]);
    expect(only(game).inner).toEqual({ protocol: 'matching', frames: 2 });
  });

  it('counts what did not arrive, by what became of it', () => {
    const { game, ann, bob } = two();
    game.datagram(ann, bob, [0xff]);
    game.datagram(ann, `${BOB}/200`, [0xff]);
    game.datagram(ann, `${BOB}/200`, [0xff]);
    game.datagram(ann, bob, [0xff], { outcome: Outcome.undelivered, delayMs: null });
    game.datagram(ann, `${BOB}/200`, [0xff], { outcome: 99 });
    expect(only(game).dropped).toEqual({ 'no-target': 2, undelivered: 1, 'outcome-99': 1 });
  });

  it('has the delays of what left the relay', () => {
    const { game, ann, bob } = two();
    for (let i = 0; i < 97; i++)
      game.datagram(i % 2 ? ann : bob, i % 2 ? bob : ann, [0xff], { delayMs: 0.5 });
    for (let i = 0; i < 3; i++) game.datagram(ann, bob, [0xff], { delayMs: 20 });
    const { delayP50, delayP99 } = only(game);
    expect(delayP50! / 1e6).toBeCloseTo(0.5, 1);
    expect(Math.abs(delayP99! / 1e6 - 20)).toBeLessThan(0.7);
  });

  it('has none where nothing left it', () => {
    const { game, ann } = two();
    game.datagram(ann, `${BOB}/7`, [0xff]);
    expect(only(game)).toMatchObject({ delayP50: null, delayP99: null });
  });
});

describe('its rate', () => {
  it('is unknown of one frame', () => {
    const { game, ann, bob } = two();
    game.datagram(ann, bob, [0xff]);
    expect(only(game).ways[0]).toMatchObject({ interval: null, perSecond: null, silences: [] });
  });

  it('is of the time in which it was active', () => {
    const { game, ann, bob } = two();
    stream(game, ann, bob, 101, 20);
    game.after(60);
    stream(game, ann, bob, 101, 20);
    const way = only(game).ways[0]!;
    expect(way.perSecond).toBe(50);
    expect(Math.abs(way.interval! / 1e6 - 20)).toBeLessThan(0.7);
  });

  it('is that of a slow rhythm where there is no quicker one', () => {
    const { game, ann, bob } = two();
    stream(game, ann, bob, 11, 5000);
    expect(only(game).ways[0]?.perSecond).toBe(0.2);
  });

  it('is unknown where all came at the same moment', () => {
    const { game, ann, bob } = two();
    stream(game, ann, bob, 3, 0);
    expect(only(game).ways[0]).toMatchObject({ interval: expect.any(Number) as number, perSecond: null });
  });
});

describe('the game’s own rhythm', () => {
  it('is not broken by match-making before and within', () => {
    const { game, ann, bob } = two();
    for (let i = 0; i < 5; i++) game.after(1).datagram(ann, bob, [1, 0, 0, 0, 0]);
    stream(game, ann, bob, 30, 20);
    const after = game.last;
    for (let i = 0; i < 5; i++) game.after(1).datagram(ann, bob, [0]);
    stream(game, ann, bob, 30, 20);
    const way = only(game).ways[0]!;
    expect(way.silences).toEqual([{ after, until: after + 6, at: 5.58 * NANOS, lasted: 5 * NANOS }]);
    expect(way.perSecond).toBe(50);
    expect(way).toMatchObject({ frames: 70, firstSequence: 3 });
  });

  it('is unknown where there is nothing but match-making', () => {
    const { game, ann, bob } = two();
    for (let i = 0; i < 5; i++) game.after(1).datagram(ann, bob, [1, 0, 0, 0, 0]);
    expect(only(game).ways[0]).toMatchObject({ frames: 5, interval: null, perSecond: null, silences: [] });
  });
});

describe('its sizes', () => {
  it('are told by the least, the median, the greatest and the most common', () => {
    const { game, ann, bob } = two();
    for (const size of [40, 7, 240, 7, 1400, 240, 300, 240, 50]) stream(game, ann, bob, 1, 0, size);
    expect(only(game).ways[0]?.sizes).toEqual({
      min: 7,
      median: 240,
      max: 1400,
      common: 240,
      commonFrames: 3,
      exact: true,
    });
  });

  it('are classes where there are too many different ones', () => {
    const { game, ann, bob } = two();
    for (let size = 1; size <= SIZES_MAX; size++) stream(game, ann, bob, 1, 0, size);
    expect(only(game).ways[0]?.sizes.exact).toBe(true);
    const large = 20 * SIZE_CLASS_BYTES;
    for (let i = 0; i < 9; i++) stream(game, ann, bob, 1, 0, large + i);
    expect(only(game).ways[0]?.sizes).toEqual({
      min: 1,
      median: 133,
      max: large + 8,
      common: large,
      commonFrames: 9,
      exact: false,
    });
  });
});

describe('a silence', () => {
  it('is a pause that breaks the rhythm, with the frames around it', () => {
    const { game, ann, bob } = two();
    stream(game, ann, bob, 50, 16);
    const [after, at] = [game.last, game.frames.at(-1)!.arrived];
    game.after(4.2);
    stream(game, ann, bob, 50, 16);
    expect(only(game).ways[0]?.silences).toEqual([{ after, until: after + 1, at, lasted: 4.2 * NANOS }]);
  });

  it('is none where pauses of that length are the rhythm', () => {
    const { game, ann, bob } = two();
    for (let i = 0; i < 20; i++) {
      stream(game, ann, bob, 4, 1);
      game.after(1);
    }
    expect(only(game).ways[0]?.silences).toEqual([]);
  });

  it('is none where it is short, however quick the rhythm', () => {
    const { game, ann, bob } = two();
    stream(game, ann, bob, 50, 1);
    game.after(0.15);
    stream(game, ann, bob, 50, 1);
    expect(only(game).ways[0]?.silences).toEqual([]);
  });

  it('is one way’s own', () => {
    const { game, ann, bob } = two();
    for (let i = 0; i < 100; i++) {
      game.after(0.02).datagram(ann, bob, [0xff]);
      if (i < 30 || i > 70) game.datagram(bob, ann, [0xff]);
    }
    expect(only(game).ways.map(({ silences }) => silences.length)).toEqual([0, 1]);
  });

  it('says nothing where the recording lacks frames, or where the sender came back by another connection', () => {
    const { game, ann, bob } = two();
    stream(game, ann, bob, 50, 16);
    game.gap(300);
    game.after(5);
    stream(game, ann, bob, 50, 16);
    const again = game.after(30).pdp(ANN, 100);
    stream(game, again, bob, 50, 16);
    const way = only(game).ways[0]!;
    expect(way.silences).toEqual([]);
    expect(way.perSecond).toBe(62.5);
  });

  it('is kept if it is one of the longest, in order of time', () => {
    const { game, ann, bob } = two();
    const lengths = [5, 1, 9, 2, 8, 3, 7, 4, 6, 10];
    for (const seconds of lengths) {
      stream(game, ann, bob, 50, 10);
      game.after(seconds);
    }
    stream(game, ann, bob, 50, 10);
    const kept = only(game).ways[0]!.silences.map(({ lasted }) => lasted / NANOS);
    expect(kept).toEqual(lengths.filter((seconds) => seconds > lengths.length - SILENCES_MAX));
  });
});

describe('so many conversations', () => {
  it('are told one by one, and others counted together', () => {
    const { game, ann } = two();
    for (let port = 1; port <= CONVERSATIONS_MAX + 3; port++) game.datagram(ann, `${BOB}/${port}`, [0xff, 1]);
    game.datagram(ann, `${BOB}/1`, [0xff]);
    const { list, beyond } = told(game);
    expect(list).toHaveLength(CONVERSATIONS_MAX);
    expect(list[0]?.ways[0]?.frames).toBe(2);
    expect(beyond).toEqual({ frames: 3, bytes: 6 });
  });
});
