/** Sessions, limits and violations of the multiplexer, on a clock that is told. */
import { describe, expect, it, test } from 'vitest';
import { FrameType, HEAD_BYTES, Refusal, writeEcho, writeHead, writeHello } from '../../tunnel/frames.ts';
import {
  DATA_BYTES_MAX,
  DATA_COST_MIN,
  HELLO_MS,
  MESSAGE_BYTES_MAX,
  muxLimits,
  OPEN_MS,
  PEER_SILENCE_MS,
  PING_MS,
  CREDIT_MAX,
} from '../../tunnel/limits.ts';
import { type Violation, violations } from '../../tunnel/violations.ts';
import { join } from '../kit/bytes.ts';
import { Program, smallLimits, World } from '../kit/mux-world.ts';

/** The number of the right side in a new world, which has the odd streams as its number is the larger one. */
const RIGHT = 2000n;
const STRANGER = 77n;

function together(limits = smallLimits): World {
  const world = new World(limits);
  world.settle();
  return world;
}

/** Time goes by for both, and nothing is lost on the way. */
function pass(world: World, ms: number): void {
  world.now += ms;
  world.muxes.left.tick(world.now);
  world.muxes.right.tick(world.now);
  world.settle();
}

describe('a session', () => {
  it('begins when each has heard its own number from the other, whoever comes first', () => {
    const world = new World();
    expect(world.muxes.left.isTogether).toBe(false);
    // Nobody is there yet: what is said now is lost.
    world.send('left');
    world.pipes.right = new Uint8Array(0);
    world.settle();
    expect(world.log).toEqual({ left: ['met'], right: ['met'] });
    expect([world.muxes.left.isTogether, world.muxes.right.isTogether]).toEqual([true, true]);
  });

  it('is asked for every so often, as hellos may be lost', () => {
    const world = new World();
    world.send('left');
    expect(world.muxes.left.pull()).toBeNull();
    world.muxes.left.tick(HELLO_MS - 1);
    expect(world.muxes.left.pull()).toBeNull();
    world.muxes.left.tick(HELLO_MS);
    expect(world.muxes.left.pull()).not.toBeNull();
    expect(world.muxes.left.pull()).toBeNull();
  });

  it('is over when the peer was started again, with all of its streams, and another begins', () => {
    const world = together();
    const old = world.open('left')!;
    old.say(100);
    world.settle();
    // What was on its way to the old one reaches the new one.
    old.say(50);
    world.send('left');
    const again = world.makeMux('right', 5000n);
    Object.assign(world.muxes, { right: again });
    world.settle();
    expect(old.closedWith).toBe('lost');
    expect(world.log.left).toEqual(['met', 'restarted', 'met']);
    expect(again.strayFrames).toBe(1);
    const next = world.open('left')!;
    next.say(10);
    world.settle();
    expect(world.programs.right.at(-1)?.heardBytes).toBe(10);
  });

  it('is over when the other says goodbye, and begins again when it is back', () => {
    const world = together();
    const program = world.open('left')!;
    world.muxes.right.leave();
    world.send('right');
    world.deliver('left');
    expect([program.closedWith, world.log.left]).toEqual(['lost', ['met', 'bye']]);
    expect(world.muxes.left.isTogether).toBe(false);
  });

  it('asks whoever says nothing for a sign of life, and is over where none comes', () => {
    const world = together();
    const program = world.open('left')!;
    world.settle();
    for (let ms = 0; ms < 3 * PEER_SILENCE_MS; ms += PING_MS) pass(world, PING_MS);
    expect(world.log.left).toEqual(['met']);
    const { left } = world.muxes;
    left.tick((world.now += PEER_SILENCE_MS - 1));
    expect(program.closedWith).toBeNull();
    left.tick((world.now += 1));
    expect([program.closedWith, world.log.left]).toEqual(['lost', ['met', 'silent']]);
    // The peer was only slow: what it says of the old session is nothing any more, and a new one begins.
    world.settle();
    expect(world.log).toEqual({ left: ['met', 'silent', 'met'], right: ['met', 'restarted', 'met'] });
  });

  it('cannot be ended by a stranger, who does not know the number', () => {
    const world = together();
    const program = world.open('left')!;
    world.settle();
    const forged = [
      writeHello({ number: STRANGER, windowBytes: 4096 }, 0n),
      writeHello({ number: STRANGER, windowBytes: 4096 }, RIGHT + 1n),
      writeHead({ type: FrameType.bye, length: 0, stream: 0, sequence: 0, number: STRANGER }),
      writeHead({ type: FrameType.reset, length: 0, stream: program.stream.id, sequence: 1, number: 0n }),
      writeEcho(STRANGER),
    ];
    expect(world.muxes.right.receive(join(forged), 0)).toBeNull();
    world.settle();
    program.say(100);
    world.settle();
    expect(world.partner(program)?.heardBytes).toBe(100);
    expect(world.log).toEqual({ left: ['met'], right: ['met'] });
    expect(world.muxes.right.strayFrames).toBe(3);
  });

  it('begins anew where all numbers of streams are used up', () => {
    const world = together({ ...smallLimits, streamIdMax: 5 });
    const ids: (number | undefined)[] = [];
    for (let i = 0; i < 4; i++) {
      const program = world.open('right');
      ids.push(program?.stream.id);
      program?.stream.reset();
      world.settle();
    }
    expect(ids).toEqual([1, 3, 5, undefined]);
    expect(world.log.right).toEqual(['met', 'ids-used-up', 'met']);
    expect(world.open('right')).not.toBeNull();
  });

  it('has no streams before it begins', () => expect(new World().open('left')).toBeNull());

  it('does not mind what it sent to itself', () => {
    const world = together();
    expect(world.muxes.right.receive(world.muxes.right.echo(), 0)).toBeNull();
    expect(world.muxes.right.pull()).toBeNull();
  });
});

describe('limits', () => {
  it('has no more streams than may be, each way; one more is refused, by the opener itself and by the other', () => {
    const world = together();
    const most = smallLimits.streamsMax;
    const opened = Array.from({ length: most + 1 }, () => world.open('left'));
    expect(opened.map((each) => each !== null)).toEqual([...Array<boolean>(most).fill(true), false]);
    expect(world.open('right')).not.toBeNull();
    world.settle();
    expect(world.muxes.right.streams).toBe(most + 1);
    // A peer with another limit asks for more than we take.
    const odd = new World();
    Object.assign(odd, { limits: { ...smallLimits, streamsMax: most + 1 } });
    Object.assign(odd.muxes, { left: odd.makeMux('left', 10n) });
    odd.settle();
    for (let i = 0; i <= most; i++) odd.open('left');
    odd.settle();
    expect(odd.programs.left.map(({ closedWith }) => closedWith)).toEqual([
      ...Array<null>(most).fill(null),
      Refusal.tooMany,
    ]);
  });

  it('gives up on what nobody has opened in time', () => {
    const world = together();
    world.accepts = false;
    const program = world.open('left')!;
    world.settle();
    for (let ms = PING_MS; ms < OPEN_MS; ms += PING_MS) pass(world, PING_MS);
    expect(program.closedWith).toBeNull();
    pass(world, PING_MS);
    expect([program.closedWith, world.partner(program)?.closedWith]).toEqual(['late', 'reset']);
  });

  it('sends no more on a stream than its window, and says when there is room again', () => {
    const world = together();
    const program = world.open('left')!;
    while (program.mayWrite) program.say(500);
    expect(program.stream.queuedBytes).toBeGreaterThanOrEqual(smallLimits.queueBytesMax);
    while (world.send('left')) world.deliver('right');
    const heard = world.partner(program)?.heardBytes ?? 0;
    expect(heard).toBeLessThanOrEqual(smallLimits.windowBytesMin);
    expect(heard).toBeGreaterThan(smallLimits.windowBytesMin - DATA_COST_MIN);
    expect(program.mayWrite).toBe(true);
  });

  it('widens the window of who keeps up, to a limit, and of all together to another', () => {
    const world = together();
    const programs = [0, 1, 2, 3].map(() => world.open('left')!);
    const windows = () => programs.map((each) => world.partner(each)?.stream.windowBytes ?? 0);
    for (let i = 0; i < 60; i++) {
      programs[0]!.say(2000);
      world.settle();
    }
    // What all eight may have at their least is kept for them.
    expect(windows()[0]).toBe(1024 + 6000);
    for (let i = 0; i < 60; i++) {
      for (const program of programs) program.say(2000);
      world.settle();
    }
    expect(windows()).toEqual([1024 + 6000, 1024, 1024, 1024]);
    // Whoever is done gives it back.
    programs[0]!.stream.reset();
    for (let i = 0; i < 60; i++) {
      programs[1]!.say(2000);
      world.settle();
    }
    expect(windows()[1]).toBe(1024 + 6000);
    const alone = together({ ...smallLimits, windowsBytesMax: 1_000_000 });
    const one = alone.open('left')!;
    for (let i = 0; i < 60; i++) {
      one.say(2000);
      alone.settle();
    }
    expect(alone.partner(one)?.stream.windowBytes).toBe(smallLimits.windowBytesMax);
  });

  it('does not widen the window of who is slow', () => {
    const world = together();
    const program = world.open('left')!;
    for (let i = 0; i < 200; i++) {
      program.say(300);
      world.send('left');
      world.deliver('right');
      const reader = world.partner(program)!;
      // Always something left to read.
      if (reader.held.length > 1) reader.hear(1);
      world.send('right');
      world.deliver('left');
    }
    expect(world.partner(program)?.stream.windowBytes).toBe(smallLimits.windowBytesMin);
  });

  it('counts tiny frames as more than they are', () => {
    const world = together();
    const program = world.open('left')!;
    for (let i = 0; i < 20; i++) {
      program.say(1);
      while (world.send('left')) world.deliver('right');
    }
    expect(world.partner(program)?.heardBytes).toBe(smallLimits.windowBytesMin / DATA_COST_MIN);
  });

  it('makes no message longer than it may be, and gives each stream its turn', () => {
    const world = together(muxLimits);
    const programs = Array.from({ length: 6 }, () => world.open('left')!);
    while (world.send('left')) world.deliver('right');
    for (const program of programs) program.stream.write(new Uint8Array(30_000));
    world.messages.left.length = 0;
    while (world.send('left'));
    const messages = world.messages.left;
    expect(Math.max(...messages.map(({ bytes }) => bytes))).toBeLessThanOrEqual(MESSAGE_BYTES_MAX);
    const order = messages.flatMap(({ parts }) =>
      parts.filter((_, i) => i % 2 === 0).map((head) => new DataView(head.buffer).getUint32(8)),
    );
    const ids = programs.map(({ stream }) => stream.id);
    expect(order).toEqual([...ids, ...ids]);
    for (const { parts, bytes } of messages)
      expect(parts.reduce((sum, { length }) => sum + length, 0)).toBe(bytes);
  });

  it('never lets what all streams hold at their least exceed what may be held', () => {
    const { streamsMax, windowBytesMin, windowsBytesMax, answersMax } = muxLimits;
    expect(2 * streamsMax * windowBytesMin).toBeLessThan(windowsBytesMax);
    // Each stream may be owed an answer and a reset, and one read brings so many.
    expect(answersMax).toBeGreaterThanOrEqual(4 * streamsMax + 65_536 / HEAD_BYTES);
    expect(windowBytesMin).toBeGreaterThanOrEqual(2 * DATA_COST_MIN);
    expect(MESSAGE_BYTES_MAX).toBe(4 * (HEAD_BYTES + DATA_BYTES_MAX));
  });
});

describe('what a peer does wrong has a name', () => {
  interface Wrong {
    readonly type: FrameType;
    readonly stream?: number;
    readonly payload?: readonly number[];
    readonly sequence?: number;
  }

  /** The left side's frames go on by hand: stream 2 is its own and open, 4 is asked for; of the right side's, 1 is open and 3 is asked for. */
  function talking(): { world: World; tell: (wrong: Wrong) => Violation | null } {
    const world = together();
    world.checksBytes = false;
    world.open('right');
    world.open('left');
    world.settle();
    world.accepts = false;
    world.open('left');
    world.open('right');
    while (world.send('left')) world.deliver('right');
    // Two opens and an accept.
    let next = 3;
    const tell = ({ type, stream = 0, payload = [], sequence }: Wrong) => {
      const head = writeHead({
        type,
        length: payload.length,
        stream,
        sequence: sequence ?? next++,
        number: RIGHT,
      });
      head.set(payload, HEAD_BYTES);
      return world.muxes.right.receive(head, 0);
    };
    return { world, tell };
  }

  const { open, accept, refuse, data, credit, end, reset, ping } = FrameType;
  const table: readonly [Violation, ...Wrong[]][] = [
    ['lost-frames', { type: ping, sequence: 4 }],
    ['lost-frames', { type: ping, sequence: 2 }],
    ['unknown-type', { type: 99 as FrameType }],
    ['bad-length', { type: ping, payload: [1] }],
    ['bad-length', { type: credit, stream: 2, payload: [1] }],
    ['bad-length', { type: data, stream: 2 }],
    ['bad-stream', { type: ping, stream: 2 }],
    ['bad-stream', { type: end }],
    ['bad-open', { type: open, stream: 2 }],
    ['bad-open', { type: open, stream: 8 }],
    ['bad-open', { type: open, stream: 5 }],
    ['unknown-stream', { type: end, stream: 6 }],
    ['unknown-stream', { type: end, stream: 5 }],
    ['bad-answer', { type: accept, stream: 1 }],
    ['bad-answer', { type: accept, stream: 2 }],
    ['bad-answer', { type: refuse, stream: 4, payload: [0] }],
    ['bad-answer', { type: refuse, stream: 1, payload: [0] }],
    ['before-accept', { type: data, stream: 3, payload: [1] }],
    ['before-accept', { type: end, stream: 3 }],
    ['after-end', { type: end, stream: 2 }, { type: data, stream: 2, payload: [1] }],
    ['after-end', { type: end, stream: 2 }, { type: end, stream: 2 }],
    ['beyond-window', { type: data, stream: 4, payload: Array<number>(1025).fill(0) }],
    ['beyond-window', ...Array.from({ length: 5 }, () => ({ type: data, stream: 4, payload: [1] }))],
    ['credit-overflow', { type: credit, stream: 1, payload: [0x7f, 0xff, 0xff, 0xff] }],
  ];

  test.each(table)('%s', (name, ...wrongs) => {
    const { world, tell } = talking();
    const last = wrongs.pop()!;
    for (const each of wrongs) expect(tell(each)).toBeNull();
    expect(tell(last)).toBe(name);
    expect(world.muxes.right.receive(new Uint8Array(1), 0)).toBe(name);
  });

  test('what was open a moment ago may still be spoken of', () => {
    const { world, tell } = talking();
    for (const program of world.programs.right) program.stream.reset();
    for (const stream of [1, 2, 3, 4]) {
      expect(tell({ type: data, stream, payload: [1] })).toBeNull();
      expect(tell({ type: credit, stream, payload: [0, 0, 0, 1] })).toBeNull();
      expect(tell({ type: reset, stream })).toBeNull();
    }
  });

  test('too-many-answers: more questions than can be answered, while nothing can be sent', () => {
    const { world, tell } = talking();
    let answer: Violation | null = null;
    let asked = 0;
    while (answer === null) {
      answer = tell({ type: ping });
      asked++;
    }
    expect([answer, world.muxes.right.waitingAnswers]).toEqual([
      'too-many-answers',
      smallLimits.answersMax + 1,
    ]);
    expect(asked).toBeGreaterThan(smallLimits.answersMax - 10);
  });

  test('foreign-bytes, other-version: what is no frame of ours', () => {
    expect(new World().muxes.right.receive(Buffer.from('GET / HTTP/1.1\r\nHost: example\r\n'), 0)).toBe(
      'foreign-bytes',
    );
    const newer = writeEcho(1n);
    newer[3] = 2;
    expect(new World().muxes.right.receive(newer, 0)).toBe('other-version');
  });

  test('before-hello: who knows the number has not said hello', () => {
    const early = writeHead({ type: ping, length: 0, stream: 0, sequence: 0, number: RIGHT });
    expect(new World().muxes.right.receive(early, 0)).toBe('before-hello');
  });

  test.each([
    ['a window that holds nothing', { number: 5n, windowBytes: 100 }],
    ['a window beyond all bounds', { number: 5n, windowBytes: CREDIT_MAX + 1 }],
    ['no number', { number: 0n, windowBytes: 4096 }],
    ['our own number', { number: RIGHT, windowBytes: 4096 }],
  ])('bad-hello: %s', (_, said) => {
    expect(new World().muxes.right.receive(writeHello(said, RIGHT), 0)).toBe('bad-hello');
  });

  test('each of them is tried here', () => {
    const tried = [
      ...table.map(([name]) => name),
      'too-many-answers',
      'foreign-bytes',
      'other-version',
      'before-hello',
      'bad-hello',
    ];
    expect(new Set(tried)).toEqual(new Set(Object.keys(violations)));
  });
});

test('nobody hears of a stream that is over', () => {
  const world = together();
  const program = world.open('left')!;
  world.settle();
  const partner = world.partner(program) as Program;
  program.stream.reset();
  for (const { stream } of [program, partner]) {
    world.settle();
    stream.reset();
    stream.end();
    stream.accept();
    stream.refuse(0);
    stream.consumed(5);
    expect(stream.write(new Uint8Array(5))).toBe(true);
  }
  expect([program.closedWith, partner.closedWith]).toEqual(['reset', 'reset']);
  expect(world.muxes.left.pull()).toBeNull();
});

test('a stream is over only when what it brought was taken: until then its bytes count, and it can be broken off', () => {
  const world = together();
  const program = world.open('left')!;
  program.say(100);
  program.end();
  while (world.send('left')) world.deliver('right');
  const partner = world.partner(program)!;
  partner.end();
  while (world.send('right')) world.deliver('left');
  expect([partner.hasHeardAll, partner.closedWith, world.muxes.right.streams]).toEqual([true, null, 1]);
  partner.hear(1);
  expect([partner.closedWith, world.muxes.right.streams]).toEqual(['done', 0]);
});
