/** Two multiplexers do anything in any order over pipes that are cut anywhere: every stream's bytes arrive exactly, and nobody holds more than may be. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Refusal } from '../../tunnel/frames.ts';
import { PING_MS } from '../../tunnel/limits.ts';
import { violations } from '../../tunnel/violations.ts';
import { cut, join } from '../kit/bytes.ts';
import { CHUNK_BYTES_MAX, type Program, type Side, smallLimits, World } from '../kit/mux-world.ts';
import { PROPERTY_TIMEOUT_MS, runs } from '../kit/property.ts';

interface Deed {
  readonly what: keyof typeof doings;
  readonly side: Side;
  /** Which of its programs. */
  readonly n: number;
  readonly much: number;
}

const ofProgram = (act: (program: Program, much: number) => void) => (world: World, deed: Deed) => {
  const programs = world.programs[deed.side];
  const program = programs[deed.n % programs.length];
  if (program !== undefined) act(program, deed.much);
};

const doings = {
  send: (world: World, { side }: Deed) => void world.send(side),
  deliver: (world: World, { side, much }: Deed) => expect(world.deliver(side, much)).toBeNull(),
  deliverAll: (world: World, { side }: Deed) => expect(world.deliver(side)).toBeNull(),
  open: (world: World, { side }: Deed) => void world.open(side),
  say: ofProgram((program, much) => program.say(much)),
  hear: ofProgram((program, much) => program.hear(much % 4)),
  end: ofProgram((program) => program.end()),
  reset: ofProgram((program) => program.stream.reset()),
  answer: ofProgram((program, much) => {
    if (program.answered) return;
    program.answered = true;
    if (much % 4 === 0) program.stream.refuse(0);
    else program.stream.accept();
  }),
};

const often: Readonly<Record<keyof typeof doings, number>> = {
  ...{ send: 18, deliver: 12, deliverAll: 9, open: 6, say: 18, hear: 15, end: 3, reset: 1, answer: 6 },
};

const deeds: fc.Arbitrary<Deed> = fc.record({
  what: fc.oneof(
    ...Object.entries(often).map(([what, weight]) => ({
      weight,
      arbitrary: fc.constant(what as keyof typeof doings),
    })),
  ),
  side: fc.constantFrom<Side>('left', 'right'),
  n: fc.nat({ max: 50 }),
  much: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: CHUNK_BYTES_MAX })),
});

/** What a stream came to, once there is nothing left to say. */
function expectExact(world: World, program: Program): void {
  const partner = world.partner(program);
  if (typeof program.closedWith === 'number') {
    // The other may have broken it off while the refusal was on its way.
    if (partner === undefined) expect([Refusal.tooMany, 'reset']).toContain(program.closedWith);
    else expect([program.closedWith, 'reset']).toContain(partner.closedWith);
    return;
  }
  if (partner === undefined || typeof partner.closedWith === 'number') {
    expect(program.closedWith).toBe('reset');
    return;
  }
  const ends = [program.closedWith, partner.closedWith];
  if (ends.includes('reset')) {
    // One of them may have been done with it before.
    expect(ends.every((end) => end === 'reset' || end === 'done')).toBe(true);
    expect(partner.heardBytes).toBeLessThanOrEqual(program.saidBytes);
    return;
  }
  expect(partner.heardBytes).toBe(program.saidBytes);
  expect(partner.hasHeardAll).toBe(program.hasSaidAll);
  const isOver = program.hasSaidAll && partner.hasSaidAll;
  expect(program.closedWith).toBe(isOver ? 'done' : null);
}

describe('two multiplexers, whatever is done in whatever order', () => {
  test(
    'bring the bytes of every stream exactly, and its ends, within all limits',
    () => {
      let exact = 0;
      let most = 0;
      fc.assert(
        fc.property(
          fc.array(deeds, { minLength: 50, maxLength: 400, size: 'max' }),
          fc.boolean(),
          (all, accepts) => {
            const world = new World();
            world.settle();
            world.accepts = accepts;
            for (const deed of all) {
              doings[deed.what](world, deed);
              world.checkMemory();
            }
            for (const where of ['left', 'right'] as const)
              for (const program of world.programs[where]) if (!program.answered) program.stream.accept();
            world.accepts = true;
            world.settle();
            world.checkMemory();
            for (const where of ['left', 'right'] as const) {
              for (const program of world.programs[where]) {
                expectExact(world, program);
                if (program.closedWith === 'done' && program.saidBytes > 0) exact++;
                most = Math.max(most, program.saidBytes);
              }
              expect(world.log[where]).toEqual(['met']);
            }
          },
        ),
        runs(150),
      );
      // It is about something.
      expect(exact).toBeGreaterThan(20);
      expect(most).toBeGreaterThan(4 * smallLimits.windowBytesMin);
    },
    PROPERTY_TIMEOUT_MS,
  );
});

/** The right side asks for a stream as soon as there can be one. */
function asking(): World {
  const world = new World();
  world.opensWhenMet = 'right';
  return world;
}

/** A talk with all kinds of frames, as it came to the right side. */
function talk(): Uint8Array {
  const world = asking();
  world.settle();
  const [one, two] = [world.open('left'), world.open('left')];
  one?.say(700);
  two?.say(10);
  world.settle();
  for (const program of [...world.programs.left, ...world.programs.right]) program.say(200);
  world.settle();
  one?.end();
  two?.stream.reset();
  world.now += PING_MS;
  world.muxes.left.tick(world.now);
  world.muxes.right.tick(world.now);
  world.settle();
  world.muxes.left.leave();
  world.send('left');
  return join(world.sent.right);
}

describe('bytes that are not those of a peer', () => {
  const good = talk();

  test('the talk itself is taken, cut anywhere', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 20 }), (places) => {
        const world = asking();
        for (const piece of cut(good, places)) {
          expect(world.muxes.right.receive(piece, 0)).toBeNull();
          for (const program of world.programs.right) program.hear(Infinity);
          world.muxes.right.pull();
        }
        expect(world.log.right).toEqual(['met', 'bye']);
      }),
      runs(100),
    );
  });

  test(
    'never throw, and end in a violation with a name, which then stays',
    () => {
      const seen = new Set<string>();
      const damage = fc.record({
        at: fc.nat(),
        take: fc.oneof(fc.constant(0), fc.nat({ max: 64 })),
        put: fc.uint8Array({ maxLength: 40 }),
        flip: fc.nat({ max: 255 }),
      });
      fc.assert(
        fc.property(
          fc.array(damage, { minLength: 1, maxLength: 4 }),
          fc.array(fc.nat(), { maxLength: 8 }),
          fc.uint8Array({ minLength: 24, maxLength: 200 }),
          (all, places, rest) => {
            let spoilt = good;
            for (const { at, take, put, flip } of all) {
              const place = at % spoilt.length;
              spoilt = join([spoilt.slice(0, place), put, spoilt.slice(place + take)]);
              if (spoilt.length > 0) spoilt[place % spoilt.length]! ^= flip;
            }
            const world = asking();
            world.checksBytes = false;
            const mux = world.muxes.right;
            for (const piece of cut(spoilt, places)) {
              const violation = mux.receive(piece, 0);
              if (violation !== null) expect(Object.keys(violations)).toContain(violation);
              world.checkMemory();
              mux.pull();
            }
            // More than one frame can swallow.
            const garbage = join([rest, new Uint8Array(40_000).fill(0x55)]);
            const violation = mux.receive(garbage, 0);
            expect(Object.keys(violations)).toContain(violation);
            seen.add(violation ?? '');
            expect(mux.receive(good, 0)).toBe(violation);
          },
        ),
        runs(2000),
      );
      expect([...seen].sort()).toEqual(
        expect.arrayContaining(['bad-length', 'bad-stream', 'foreign-bytes', 'lost-frames', 'other-version']),
      );
    },
    PROPERTY_TIMEOUT_MS,
  );
});
