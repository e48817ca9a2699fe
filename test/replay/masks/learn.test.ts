import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileMasks } from '../../../replay/masks/compile.ts';
import { parseMasks } from '../../../replay/masks/file.ts';
import { type Learned, learnMasks, maskFileText } from '../../../replay/masks/learn.ts';
import type { ProposedMask } from '../../../replay/masks/propose.ts';
import { ANN, BOB, CAT, playOf } from '../../kit/masks.ts';
import { runs } from '../../kit/property.ts';
import { MadeSession } from '../../kit/session-view.ts';

type Payload = number[];
const HEADER = 14;

/** Four bytes, the least significant one first. */
const u32 = (value: number): Payload => [0, 8, 16, 24].map((bits) => (value >>> bits) & 255);
/** Likewise, the most significant one first. */
const u32be = (value: number): Payload => u32(value).reverse();
/** Numbers without a pattern. */
function hash(...parts: number[]): number {
  let all = 0x9e37_79b9;
  for (const part of parts) {
    all = Math.imul(all ^ part ^ (all >>> 15), 0x85eb_ca6b);
    all = Math.imul(all ^ (all >>> 13), 0xc2b2_ae35);
    all ^= all >>> 16;
  }
  return all >>> 0;
}

/** Ann sends Bob these payloads, one every 100 ms. */
function sent(payloads: readonly Payload[]): MadeSession {
  const made = new MadeSession();
  const [ann, bob] = [made.pdp(ANN, 100), made.pdp(BOB, 200)];
  for (const payload of payloads) made.after(0.1).datagram(ann, bob, payload);
  return made;
}

/** So many frames of each of so many recordings. */
function learn(
  recordings: number,
  frames: number,
  payload: (run: number, frame: number) => Payload,
): Learned {
  const plays = Array.from({ length: recordings }, (_, run) =>
    playOf(sent(Array.from({ length: frames }, (_, frame) => payload(run, frame)))),
  );
  return learnMasks(plays);
}

const masksOf = ({ proposals }: Learned): ProposedMask[] => proposals.map(({ mask }) => mask);
/** `8+4 counter`, ... */
const told = (learned: Learned) =>
  masksOf(learned).map(({ at, bytes, means }) => `${at === undefined ? '' : `${at}+`}${bytes} ${means}`);

describe('what differs between two recordings', () => {
  it('is told by what it is', () => {
    const learned = learn(2, 300, (run, frame) => [
      ...[1, 2, 3, frame & 15], // the same in both
      ...u32(run * 1000 + frame), // counts
      ...u32(hash(run)), // of this run
      ...u32be(run * 77_777 + frame * 100 + (hash(run, frame) % 9)), // a clock
      ...u32(hash(run, frame)),
      ...[9, 9, 9, 9],
    ]);
    expect(told(learned)).toEqual(['4+4 counter', '8+4 constant', '12+4 time', '16+4 random']);
    expect(masksOf(learned)[0]).toEqual({
      conversation: { from: 'P1', to: 'P2' },
      kind: 'pdp-delivered',
      size: 24,
      at: 4,
      bytes: 4,
      means: 'counter',
    });
    expect(learned.proposals.map(({ frames }) => frames)).toEqual([300, 300, 300, 300]);
    expect(learned.proposals[0]!.differing).toBe(300);
    expect(learned.proposals[0]!.share).toBeCloseTo(4 / 38);
    // The frames by which the two sockets opened are compared too.
    expect(learned.share).toBeCloseTo((300 * 16) / (300 * 38 + 2 * 24));
    expect(learned).toMatchObject({ pairs: 302, alone: [0, 0], left: 0 });
  });

  it('is nothing where nothing differs', () => {
    const learned = learn(3, 50, (_, frame) => [frame, frame * 3, 7]);
    expect(learned.proposals).toEqual([]);
    expect(learned.share).toBe(0);
  });

  it.each([
    ['one byte that wraps', (n: number) => [5, n & 255, 0, 0], '1+1 counter'],
    ['one byte that has not wrapped, before zeros', (n: number) => [n % 200, 0, 0, 0, 5], '0+4 counter'],
    ['one byte behind zeros', (n: number) => [0, 0, 0, n % 200, 5], '0+4 counter'],
    ['two bytes', (n: number) => [5, 5, n & 255, (n >> 8) & 255, 5], '2+2 counter'],
    [
      'two bytes that count down, the upper one first',
      (n: number) => {
        const left = 60_000 - n;
        return [5, left >> 8, left & 255, 5];
      },
      '1+2 counter',
    ],
    [
      'two at an odd place, and nothing says that there are more',
      (n: number) => [5, ...u32(n * 3 + 70_000 * 256), 5, 5, 5],
      '1+2 counter',
    ],
  ])('is a counter of its whole width: %s', (_, payload, expected) => {
    expect(
      told(learn(2, 150, (run, frame) => payload(run * 7 + frame + (expected.includes('1+1') ? 200 : 0)))),
    ).toEqual([expected]);
  });

  it('is a player’s address, all of it, where it is one in each recording', () => {
    const plays = ['02:aa:bb:cc:dd:07', '02:aa:bb:cc:ee:08'].map((mac) => {
      const made = new MadeSession().nickname(mac, 'Guest');
      const [ann, guest] = [made.pdp(ANN, 100), made.pdp(mac, 200)];
      const bytes = mac.split(':').map((part) => Number.parseInt(part, 16));
      for (let i = 0; i < 20; i++) made.after(0.1).datagram(ann, guest, [1, 2, ...bytes, i]);
      return playOf(made);
    });
    expect(masksOf(learnMasks(plays))).toEqual([
      {
        conversation: { from: 'P1', to: 'P2' },
        kind: 'pdp-delivered',
        size: 9,
        at: 2,
        bytes: 6,
        means: 'address',
      },
    ]);
  });

  it('is not what a comparison translates: addresses and ports of the header', () => {
    const plays = [100, 333].map((port) => {
      const made = new MadeSession();
      const [ann, bob] = [made.pdp(ANN, port), made.pdp(BOB, port + 1)];
      for (let i = 0; i < 20; i++) made.after(0.1).datagram(ann, bob, [i]);
      return playOf(made);
    });
    const learned = learnMasks(plays);
    expect(learned.proposals).toEqual([]);
    expect(learned.pairs).toBe(22);
  });

  it('of a whole payload is proposed without a reason, so that somebody must give one', () => {
    const learned = learn(2, 20, (run, frame) => u32(hash(run, frame)));
    expect(masksOf(learned)).toEqual([
      {
        conversation: { from: 'P1', to: 'P2' },
        kind: 'pdp-delivered',
        size: 4,
        bytes: 'all',
        means: 'random',
        why: '',
      },
    ]);
    expect(learned.proposals[0]!.needsReason).toBe(true);
    expect(() => parseMasks('m.json', maskFileText(learned.proposals, ''))).toThrow('must say why');
  });
});

describe('masks of several sizes and conversations', () => {
  /** Each conversation with frames of each of these sizes, a counter at 4 where `counts` says so. */
  function mesh(counts: (who: number, size: number) => boolean, sizes = [20, 32, 64]) {
    const plays = [0, 1].map((run) => {
      const made = new MadeSession();
      const sockets = [ANN, BOB, CAT].map((mac) => made.pdp(mac, 100));
      for (let i = 0; i < 60; i++)
        for (const [who, from] of sockets.entries())
          for (const size of sizes) {
            const payload = new Uint8Array(size).fill(3);
            payload.set(counts(who, size) ? u32(run * 5000 + i) : [1, 2, 3, 4], Math.min(4, size - 4));
            made.after(0.01).datagram(from, sockets[(who + 1) % 3]!, payload);
          }
      return playOf(made);
    });
    return masksOf(learnMasks(plays)).map(({ conversation, size }) => [conversation ?? 'all', size ?? 'any']);
  }
  const [ab, bc, ca] = [
    { from: 'P1', to: 'P2' },
    { from: 'P2', to: 'P3' },
    { from: 'P3', to: 'P1' },
  ];

  it('are one where all agree', () => expect(mesh(() => true)).toEqual([['all', 'any']]));
  it('are one for each conversation, where each agrees with itself alone', () =>
    expect(mesh((who) => who !== 1)).toEqual([
      [ab, 'any'],
      [ca, 'any'],
    ]));
  it('are one for each size on which all conversations agree', () =>
    expect(mesh((_, size) => size !== 32)).toEqual([
      ['all', 20],
      ['all', 64],
    ]));
  it('are one for sizes that are neighbours', () =>
    expect(mesh((_, size) => size !== 64)).toEqual([['all', { min: 20, max: 32 }]]));
  it('leave out nothing where nobody agrees', () =>
    expect(
      mesh(
        (who, size) => (who === 0 && size === 20) || (who === 1 && size > 20) || (who === 2 && size !== 32),
      ),
    ).toEqual([
      [ab, 20],
      [bc, { min: 32, max: 64 }],
      [ca, 20],
      [ca, 64],
    ]));
  it('need not be where a frame is too short for them', () =>
    expect(mesh((_, size) => size > 4, [4, 20, 32])).toEqual([['all', 'any']]));

  it('tell sockets of the same players apart by their ports', () => {
    const plays = [0, 1].map((run) => {
      const made = new MadeSession();
      const [ann, bob] = [made.pdp(ANN, 100), made.pdp(BOB, 200)];
      const [annToo, bobToo] = [made.pdp(ANN, 101), made.pdp(BOB, 201)];
      for (let i = 0; i < 40; i++) {
        made.after(0.1).datagram(ann, bob, [1, 1, ...u32(run * 999 + i), 1, 1]);
        made.after(0.1).datagram(annToo, bobToo, [1, 1, 1, 1, 1, 1, 1, i]);
      }
      return playOf(made);
    });
    expect(masksOf(learnMasks(plays)).map(({ conversation }) => conversation)).toEqual([
      { from: 'P1/100', to: 'P2/200' },
    ]);
  });
});

describe('recordings of which one lacks frames', () => {
  const state = (frame: number) => [hash(frame) & 255, hash(frame + 1) & 255, frame & 7, 5, 5, 5, 5, 5];
  const all = Array.from({ length: 200 }, (_, frame) => frame);
  const recorded = (run: number, frames: readonly number[]) =>
    playOf(sent(frames.map((frame) => [...u32(run * 4000 + frame), ...state(frame)])));

  it.each([
    ['one', all.filter((frame) => frame !== 50)],
    ['the first', all.slice(1)],
    ['the last', all.slice(0, -1)],
    ['several in a row, and another', all.filter((frame) => (frame < 20 || frame > 27) && frame !== 150)],
    ['one in ten', all.filter((frame) => frame % 10 !== 3)],
  ])('are put side by side all the same: %s', (_, frames) => {
    const learned = learnMasks([recorded(0, all), recorded(1, frames)]);
    expect(told(learned)).toEqual(['0+4 counter']);
    expect(learned.alone).toEqual([all.length - frames.length, 0]);
    const other = learnMasks([recorded(0, frames), recorded(1, all)]);
    expect(told(other)).toEqual(['0+4 counter']);
    expect(other.alone).toEqual([0, all.length - frames.length]);
  });

  it('know players by their address, then by their nickname, whoever came first', () => {
    const plays = [0, 1].map((run) => {
      const made = new MadeSession().nickname(ANN, 'Ann').nickname(run === 0 ? BOB : CAT, 'Bob');
      const bobs = run === 0 ? BOB : CAT;
      const opened = run === 0 ? [ANN, bobs] : [bobs, ANN];
      const sockets = new Map(opened.map((mac) => [mac, made.pdp(mac, 100)]));
      for (let i = 0; i < 20; i++)
        made.after(0.1).datagram(sockets.get(ANN)!, sockets.get(bobs)!, [1, 1, ...u32(run * 999 + i), 1, 1]);
      return playOf(made);
    });
    expect(masksOf(learnMasks(plays)).map(({ conversation }) => conversation)).toEqual([
      { from: 'P1', to: 'P2' },
    ]);
  });
});

/** What a payload is made of, piece by piece. */
const piece = fc.oneof(
  fc.record({ is: fc.constant('constant' as const), bytes: fc.integer({ min: 1, max: 6 }), salt: fc.nat() }),
  fc.record({ is: fc.constant('random' as const), bytes: fc.integer({ min: 1, max: 6 }), salt: fc.nat() }),
  fc.record({ is: fc.constant('same' as const), bytes: fc.integer({ min: 1, max: 6 }), salt: fc.nat() }),
  fc.record({ is: fc.constant('counter' as const), bytes: fc.constantFrom(1, 2, 4), salt: fc.nat(60_000) }),
);
type Piece = typeof piece extends fc.Arbitrary<infer P> ? P : never;

function made({ is, bytes, salt }: Piece, run: number, frame: number): Payload {
  const seed = { constant: [run], random: [run, frame], same: [frame % 5] }[is as 'constant'] ?? [];
  if (is === 'counter') return u32(salt + run * 3000 + frame).slice(0, bytes);
  return Array.from({ length: bytes }, (_, i) => hash(salt, i, ...seed) & 255);
}

it('learned masks make the recordings equal, and hide nothing that was the same but to complete a number', () => {
  const shape = fc.record({
    payloads: fc.array(fc.array(piece, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 4 }),
    recordings: fc.integer({ min: 2, max: 3 }),
    frames: fc.integer({ min: 1, max: 60 }),
  });
  fc.assert(
    fc.property(shape, ({ payloads, recordings, frames }) => {
      const of = (run: number, frame: number) => [
        ...(payloads[frame % payloads.length] ?? []).flatMap((each) => made(each, run, frame)),
        7,
      ];
      const plays = Array.from({ length: recordings }, (_, run) =>
        playOf(sent(Array.from({ length: frames }, (_, frame) => of(run, frame)))),
      );
      const { proposals, alone } = learnMasks(plays);
      // Short payloads of noise may be more alike in another order.
      fc.pre(alone.every((frames) => frames === 0));
      const reasons = proposals.map((each) => ({ ...each, mask: { ...each.mask, why: 'so' as never } }));
      const file = parseMasks('m.json', maskFileText(reasons, 'learned'));
      const masks = compileMasks(file, plays[0]!.cast);
      const units = plays.map((play) => [...play.units()]);
      const everDiffers = new Map<string, Set<number>>();
      for (const [i, { conversation, unit }] of units[0]!.entries()) {
        const ranges = masks.of(conversation, unit.kind, unit.bytes);
        const differs = everDiffers.get(`${unit.kind} ${unit.bytes.length}`) ?? new Set<number>();
        everDiffers.set(`${unit.kind} ${unit.bytes.length}`, differs);
        for (const other of units.slice(1))
          for (const [at, byte] of other[i]!.unit.bytes.entries()) {
            if (byte === unit.bytes[at]) continue;
            differs.add(at);
            expect(ranges.some((range) => at >= range.at && at < range.at + range.size)).toBe(true);
          }
      }
      const numbers = file.masks.filter(({ means }) => means === 'counter' || means === 'time');
      for (const { conversation, unit } of units[0]!)
        for (const range of masks.of(conversation, unit.kind, unit.bytes))
          for (let at = range.at; at < range.at + range.size; at++) {
            const completes = numbers.some(
              ({ place }) => 'at' in place && at - HEADER >= place.at && at - HEADER < place.at + place.bytes,
            );
            if (!completes) expect(everDiffers.get(`${unit.kind} ${unit.bytes.length}`)!.has(at)).toBe(true);
          }
    }),
    runs(120),
  );
});
