/** When a frame counts as the one that was recorded. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { adhocctl } from '../../../protocol/adhocctl/index.ts';
import { frames, Kind } from '../../../protocol/adhocctl/layout.ts';
import { encode } from '../../../protocol/layout.ts';
import { Direction, type FrameSpec, type Protocol } from '../../../protocol/types.ts';
import { HANDLES_MAX, Likeness } from '../../../replay/compare/same.ts';
import { type Conversation, type MaskedRange, RELAY_END } from '../../../replay/types.ts';
import {
  ann,
  bob,
  cast,
  ComparedPlay,
  datagramFrom,
  datagrams,
  noMasks,
  told,
} from '../../kit/compared-play.ts';
import { runs } from '../../kit/property.ts';

const toldByServer = cast.conversation(adhocctl, RELAY_END, cast.end('02:00:00:00:00:01'), null);

function newcomer(ip: number, nickname = 'Bob'): { kind: number; bytes: Uint8Array } {
  const spec = frames[Kind.peerConnected] as FrameSpec;
  return { kind: Kind.peerConnected, bytes: encode(spec, { nickname, mac: '02:00:00:00:00:02', ip }) };
}

function gone(ip: number): { kind: number; bytes: Uint8Array } {
  const spec = frames[Kind.peerDisconnected] as FrameSpec;
  return { kind: Kind.peerDisconnected, bytes: encode(spec, { ip }) };
}

describe('numbers that the relay made up', () => {
  test('may be others', () => {
    const likeness = new Likeness(noMasks);
    expect(likeness.same(toldByServer, newcomer(1), newcomer(77))).toBe('equal');
    expect(likeness.same(toldByServer, newcomer(1), newcomer(77, 'Bab'))).toBe('different');
  });

  test('are not taken for the same by trials', () => {
    const likeness = new Likeness(noMasks);
    likeness.same(toldByServer, newcomer(1), newcomer(77));
    expect(likeness.same(toldByServer, newcomer(1), newcomer(78))).toBe('equal');
  });

  test('map one to one once a match is told', () => {
    const likeness = new Likeness(noMasks);
    expect(likeness.bind(toldByServer, newcomer(1), newcomer(77))).toBe(true);
    expect(likeness.same(toldByServer, gone(1), gone(77))).toBe('equal');
    expect(likeness.same(toldByServer, gone(1), gone(78))).toBe('different');
    expect(likeness.same(toldByServer, gone(2), gone(77))).toBe('different');
    expect(likeness.same(toldByServer, gone(1), gone(1))).toBe('different');
    expect(likeness.bind(toldByServer, gone(2), gone(77))).toBe(false);
    expect(likeness.offset(toldByServer, gone(1), gone(1))).toBe(1);
  });

  test('are forgotten where there are very many', () => {
    const likeness = new Likeness(noMasks, 2);
    for (const number of [1, 2, 3]) likeness.bind(toldByServer, gone(number), gone(70 + number));
    expect(likeness.same(toldByServer, gone(1), gone(99))).toBe('equal');
    expect(likeness.same(toldByServer, gone(3), gone(99))).toBe('different');
    expect(HANDLES_MAX).toBeGreaterThan(10_000);
  });

  test('that mean another player are a difference of their field', () => {
    const play = new ComparedPlay();
    play.passes(toldByServer, newcomer(1), newcomer(77));
    play.passes(toldByServer, newcomer(2, 'Cleo'), newcomer(78, 'Cleo'));
    play.passes(toldByServer, gone(1), gone(78));
    expect(play.end()).toMatchObject({
      counts: { equal: 2, differences: { changed: 1 } },
      differences: [{ class: 'changed', sequence: 3, field: 'ip', offset: 1 }],
    });
  });

  test('contradict each other only when they are told', () => {
    const likeness = new Likeness(noMasks);
    const trials = [newcomer(1), newcomer(2)].map((each) => likeness.same(toldByServer, each, newcomer(77)));
    expect(trials).toEqual(['equal', 'equal']);
    expect(likeness.bind(toldByServer, newcomer(1), newcomer(77))).toBe(true);
    expect(likeness.bind(toldByServer, newcomer(2), newcomer(77))).toBe(false);
  });
});

describe('frames', () => {
  const masksOf = (...ranges: MaskedRange[]) => ({ of: () => ranges });
  const frame = (...payload: number[]) => datagramFrom(ann, payload);

  test('of two kinds or two lengths are different, whatever a mask says', () => {
    const likeness = new Likeness(masksOf({ at: 0, size: 99, means: 'noise' }));
    expect(likeness.same(datagrams(ann, bob), frame(1), frame(1, 2))).toBe('different');
    expect(likeness.same(told(bob), frame(1), { ...frame(1), kind: 9 })).toBe('different');
  });

  test('are masked where all that differs is hidden, by either sort of mask', () => {
    for (const means of ['noise', 'address'] as const) {
      const likeness = new Likeness(masksOf({ at: 14, size: 1, means }, { at: 16, size: 2, means }));
      const same = (...payload: number[]) =>
        likeness.same(datagrams(ann, bob), frame(1, 2, 3, 4), frame(...payload));
      expect(same(1, 2, 3, 4)).toBe('equal');
      expect(same(9, 2, 8, 7)).toBe('masked');
      expect(same(9, 8, 3, 4)).toBe('different');
    }
  });

  test('are the same where their padding lies, also behind fields of any size', () => {
    const spec: FrameSpec = {
      name: 'loose',
      direction: Direction.toPeer,
      bytesMin: 3,
      bytesMax: 99,
      fields: [
        { name: 'size', type: 'u8', size: 1 },
        { name: 'text', type: 'ascii', size: { from: 'size' } },
        { name: 'pad', type: 'padding', size: 2 },
        { name: 'number', type: 'u8', size: 1, handle: true },
      ],
    };
    const protocol = { id: 97, name: 'loose', frames: [spec] } as unknown as Protocol;
    const conversation: Conversation = { ...told(bob), protocol };
    const likeness = new Likeness(noMasks);
    const loose = (...bytes: number[]) => ({ kind: 0, bytes: Uint8Array.from(bytes) });
    expect(likeness.same(conversation, loose(1, 65, 0, 0, 7), loose(1, 65, 9, 9, 8))).toBe('equal');
    expect(likeness.same(conversation, loose(1, 65, 0, 0, 7), loose(1, 66, 9, 9, 8))).toBe('different');
    expect(likeness.bind(conversation, loose(1, 65, 0, 0, 7), loose(1, 65, 0, 0, 8))).toBe(true);
    expect(likeness.same(conversation, loose(0, 0, 0, 7), loose(0, 0, 0, 9))).toBe('different');
  });

  test('are compared as bytes, whatever they hold', () => {
    const ranges = fc
      .array(fc.record({ at: fc.nat(30), size: fc.integer({ min: 1, max: 5 }) }), { maxLength: 3 })
      .map((all) => all.map((range) => ({ ...range, means: 'noise' as const })));
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 8 }),
        fc.uint8Array({ maxLength: 8 }),
        ranges,
        (one, other, hidden) => {
          const likeness = new Likeness({ of: () => hidden });
          const [expected, actual] = [datagramFrom(ann, one), datagramFrom(ann, other)];
          const isPadding = (at: number) => at === 6 || at === 7;
          const isHidden = (at: number) =>
            hidden.some((range) => range.at <= at && at < range.at + range.size);
          const differing = [...expected.bytes.keys()].filter(
            (at) => expected.bytes[at] !== actual.bytes[at] && !isPadding(at),
          );
          const isSeen = differing.some((at) => !isHidden(at)) || one.length !== other.length;
          const same = isSeen ? 'different' : differing.length > 0 ? 'masked' : 'equal';
          expect(likeness.same(datagrams(ann, bob), expected, actual)).toBe(same);
        },
      ),
      runs(500),
    );
  });
});
