/** What a comparison says of plays that differ in one thing, and of those that do not. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LANES_MAX } from '../../../replay/compare/comparator.ts';
import {
  BYTES_BEHIND_KEPT,
  BYTES_KEPT_MAX,
  EXAMPLES_MAX,
  FEW_BYTES_KEPT,
  FRAME_BYTES_KEPT_MAX,
  HARMLESS_KEPT_MAX,
} from '../../../replay/compare/ledger.ts';
import { postoffice } from '../../../protocol/postoffice/index.ts';
import { Kind } from '../../../protocol/postoffice/layout.ts';
import { type Difference, differenceClasses, DIFFERENCES_KEPT_MAX } from '../../../replay/types.ts';
import { payload } from '../../kit/bytes.ts';
import {
  ann,
  blockOf,
  bob,
  cast,
  cleo,
  ComparedPlay,
  datagramFrom,
  datagrams,
  ready,
  request,
  stranger,
  stream,
  told,
} from '../../kit/compared-play.ts';
import { runs } from '../../kit/property.ts';

const texts = (differences: readonly Difference[]) => differences.map(({ text }) => text);

describe('a play that is the same', () => {
  test('has no differences, and all of it is counted', () => {
    const play = new ComparedPlay();
    for (let i = 0; i < 5; i++) play.passes(datagrams(ann, bob), datagramFrom(ann, [i, i]));
    play.passes(told(bob), request(ann));
    play.passes(stream(ann, bob), blockOf([1, 2, 3]));
    const { counts, first, differences } = play.end();
    expect({ first, differences }).toEqual({ first: null, differences: [] });
    expect(counts).toMatchObject({ expected: 7, came: 7, equal: 7 });
    expect(Object.values(counts.differences)).toEqual(Object.keys(differenceClasses).map(() => 0));
  });

  test('may have other padding, which some clients leave unset', () => {
    const play = new ComparedPlay();
    play.passes(datagrams(ann, bob), datagramFrom(ann, [1], 0), datagramFrom(ann, [1], 0xaa));
    expect(play.end().differences).toEqual([]);
  });

  test('may lack what did not quite arrive in the recording either', () => {
    const play = new ComparedPlay();
    play.lacks(datagrams(ann, bob), datagramFrom(ann, [1]), { isOptional: true });
    play.passes(datagrams(ann, bob), datagramFrom(ann, [2]));
    const { counts, differences } = play.end();
    expect(differences).toEqual([]);
    expect(counts).toMatchObject({ expected: 1, came: 1, equal: 1 });
  });

  test('has one lane for a conversation', () => {
    const { comparator } = new ComparedPlay();
    expect(comparator.lane(datagrams(ann, bob))).toBe(comparator.lane(datagrams(ann, bob)));
    expect(comparator.lane(datagrams(ann, bob))).not.toBe(comparator.lane(datagrams(bob, ann)));
  });

  test('holds nothing more when it has ended', () => {
    const play = new ComparedPlay();
    play.passes(datagrams(ann, bob), datagramFrom(ann, [1]));
    play.lacks(datagrams(ann, bob), datagramFrom(ann, [2]));
    play.gets(stream(ann, bob), blockOf([1]));
    expect(play.comparator.held).toBe(2);
    play.end();
    expect(play.comparator.held).toBe(0);
  });
});

describe('one difference', () => {
  test('in a payload is told by the place in it', () => {
    const play = new ComparedPlay();
    play.passes(datagrams(ann, bob), datagramFrom(ann, [1, 2, 0x40]), datagramFrom(ann, [1, 2, 0x3f]));
    expect(play.first()).toMatchObject({
      class: 'changed',
      fails: true,
      sequence: 1,
      offset: 16,
      field: 'payload[2]',
      streamOffset: null,
      text: 'frame 1 from Ann (P1) to Bob (P2) has other bytes: payload[2] is 0x3f instead of 0x40',
    });
  });

  test('in length is told by the field that announces it', () => {
    const play = new ComparedPlay();
    play.passes(datagrams(ann, bob), datagramFrom(ann, payload(50)), datagramFrom(ann, payload(49)));
    expect(play.first()).toMatchObject({
      class: 'changed',
      offset: 10,
      field: 'size',
      text: 'Bob (P2) got 63 bytes from Ann (P1) where 64 were recorded: size is 49 instead of 50',
    });
  });

  test('in a message of a protocol inside payloads is told by that one', () => {
    const hello = [1, 3, 0, 0, 0, 7, 7, 7];
    const play = new ComparedPlay();
    play.passes(datagrams(ann, bob), datagramFrom(ann, hello));
    play.passes(datagrams(bob, ann), datagramFrom(bob, [2, 0, 0, 0, 0]));
    play.passes(datagrams(ann, bob), datagramFrom(ann, hello), datagramFrom(ann, [9, ...hello.slice(1)]));
    play.passes(datagrams(bob, ann), datagramFrom(bob, [9]), datagramFrom(bob, [0]));
    const { differences } = play.end();
    expect(differences.map(({ field }) => field)).toEqual(['matching.opcode', 'matching.opcode']);
    expect(texts(differences)).toEqual([
      // A BYE of so many bytes is none, so that of what came only the byte can be told.
      'frame 3 from Ann (P1) to Bob (P2) has other bytes: matching.opcode is 0x09 instead of HELLO (1)',
      'frame 4 from Bob (P2) to Ann (P1) has other bytes: matching.opcode is PING (0) instead of BYE (9)',
    ]);
  });

  test('is in the payload where nothing says what that is', () => {
    const play = new ComparedPlay();
    play.passes(datagrams(ann, bob), datagramFrom(ann, [9]), datagramFrom(ann, [0]));
    expect(play.first()?.field).toBe('payload[0]');
  });

  test('of kind is told by the names of both', () => {
    const play = new ComparedPlay();
    play.passes(told(bob), request(ann), ready(ann));
    expect(play.first()).toMatchObject({
      class: 'changed',
      expectedKind: Kind.ptpRequest,
      actualKind: Kind.ptpReady,
      offset: null,
      field: null,
      text: 'Bob (P2) got ptp-ready from the relay where ptp-request was recorded',
    });
  });

  test('is a frame that did not come', () => {
    const play = new ComparedPlay();
    play.passes(datagrams(ann, bob), datagramFrom(ann, [1]));
    play.lacks(datagrams(ann, bob), datagramFrom(ann, [2]));
    play.passes(datagrams(ann, bob), datagramFrom(ann, [3]));
    expect(play.first()).toMatchObject({
      class: 'missing',
      sequence: 2,
      actual: null,
      actualKind: null,
      text: 'frame 2 from Ann (P1) to Bob (P2) did not come',
    });
  });

  test('is a frame that nobody expected', () => {
    const play = new ComparedPlay();
    play.passes(datagrams(ann, bob), datagramFrom(ann, [1]));
    play.gets(datagrams(ann, bob), datagramFrom(ann, [2]));
    play.gets(datagrams(stranger, cleo), datagramFrom(stranger, [3]));
    const { differences, counts } = play.end();
    expect(counts.differences.extra).toBe(2);
    expect(differences.map(({ sequence, expected }) => ({ sequence, expected }))).toEqual([
      { sequence: 1, expected: null },
      { sequence: 0, expected: null },
    ]);
    expect(texts(differences)).toEqual([
      'Bob (P2) got a frame of 15 bytes (pdp-delivered) from Ann (P1) that was never sent there',
      'Cleo (P3) got a frame of 15 bytes (pdp-delivered) from 02:00:00:00:00:09/100 that was never sent there',
    ]);
  });

  test('in a stream is told in its bytes, wherever its blocks are cut', () => {
    const play = new ComparedPlay();
    play.passes(stream(ann, bob), blockOf([1, 2, 3]));
    play.passes(stream(ann, bob), blockOf([4, 5, 6]), blockOf([4, 5, 9]));
    expect(play.first()).toMatchObject({
      class: 'changed',
      sequence: 2,
      offset: 0,
      streamOffset: 5,
      expected: Uint8Array.of(6),
      actual: Uint8Array.of(9),
      field: null,
      text: 'byte 5 of the stream from Ann (P1) to Bob (P2) is 0x09 instead of 0x06',
    });
  });

  test('is the end of a stream that did not come', () => {
    const play = new ComparedPlay();
    play.passes(stream(ann, bob), blockOf([1, 2, 3]));
    play.lacks(stream(ann, bob), blockOf([4, 5]));
    expect(play.first()).toMatchObject({
      class: 'missing',
      sequence: 2,
      streamOffset: 3,
      text: 'the stream from Ann (P1) to Bob (P2) lacks 2 bytes at byte 3',
    });
  });

  test('is a connection that was closed early, or too late', () => {
    const play = new ComparedPlay();
    play.passes(datagrams(ann, bob), datagramFrom(ann, [1]));
    play.closed(bob, 'closed-early', 'the relay closed it while 3 frames to it were still to come');
    play.closed(cleo, 'closed-late', 'it was still open after 2000 ms');
    expect(texts(play.end().differences)).toEqual([
      'the connection of Bob (P2) at 02:00:00:00:00:02/100 was closed early: the relay closed it while 3 frames to it were still to come',
      'the connection of Cleo (P3) at 02:00:00:00:00:03/100 was not closed in time: it was still open after 2000 ms',
    ]);
  });

  test('that a mask hides is no failure', () => {
    const play = new ComparedPlay({ masks: { of: () => [{ at: 14, size: 1, means: 'noise' }] } });
    play.passes(datagrams(ann, bob), datagramFrom(ann, [1, 5]), datagramFrom(ann, [2, 5]));
    const { first, counts, differences } = play.end();
    expect(first).toBeNull();
    expect(counts).toMatchObject({ equal: 0, differences: { masked: 1 } });
    expect(differences).toMatchObject([{ class: 'masked', fails: false, offset: 14, field: 'payload[0]' }]);
  });

  test('behind what a mask hides is the first that is told', () => {
    const play = new ComparedPlay({ masks: { of: () => [{ at: 14, size: 1, means: 'address' }] } });
    play.passes(datagrams(ann, bob), datagramFrom(ann, [1, 5, 0]), datagramFrom(ann, [2, 6, 0]));
    expect(play.first()).toMatchObject({ class: 'changed', offset: 15, field: 'payload[1]' });
  });
});

describe('differences', () => {
  test('stand in the order of the capture: frames, then what came after them, then ends', () => {
    const play = new ComparedPlay();
    play.passes(datagrams(ann, bob), datagramFrom(ann, [1]));
    play.closed(cleo, 'closed-late', '', 1);
    play.gets(datagrams(ann, bob), datagramFrom(ann, [7, 7]));
    play.lacks(datagrams(bob, ann), datagramFrom(bob, [2]));
    play.lacks(datagrams(ann, cleo), datagramFrom(ann, [3]), { sequence: 1 });
    const { differences, first } = play.end();
    expect(differences.map(({ class: what, sequence }) => `${what} ${sequence}`)).toEqual([
      'missing 1',
      'extra 1',
      'closed-late 1',
      'missing 2',
    ]);
    expect(first).toBe(0);
  });

  test('of a conversation that was never recorded stand where the play was when it began', () => {
    const play = new ComparedPlay();
    play.lacks(datagrams(bob, ann), datagramFrom(bob, [9, 9]));
    play.passes(datagrams(ann, bob), datagramFrom(ann, [1]));
    play.gets(datagrams(stranger, bob), datagramFrom(stranger, [3]));
    expect(play.end().differences.map(({ class: what }) => what)).toEqual(['missing', 'extra']);
  });

  test('are all counted, and the first that fail are kept', () => {
    const play = new ComparedPlay();
    const beyond = 25;
    for (let i = 0; i < DIFFERENCES_KEPT_MAX + beyond; i++)
      play.lacks(datagrams(ann, bob), datagramFrom(ann, [i & 0xff]));
    const { counts, differences, first } = play.end();
    expect(counts.differences.missing).toBe(DIFFERENCES_KEPT_MAX + beyond);
    expect(differences).toHaveLength(DIFFERENCES_KEPT_MAX);
    expect(differences.at(-1)?.sequence).toBe(DIFFERENCES_KEPT_MAX);
    expect(first).toBe(0);
  });

  test('that may be millions are counted, and a few are kept as examples', () => {
    const play = new ComparedPlay({ masks: { of: () => [{ at: 14, size: 1, means: 'noise' }] } });
    const lane = play.comparator.lane(datagrams(ann, bob));
    for (let i = 0; i < 50; i++) {
      play.passes(datagrams(ann, bob), datagramFrom(ann, [i, i]), datagramFrom(ann, [i + 1, i]));
      play.comparator.overtook(lane, play.expected(datagramFrom(ann, [i])));
    }
    const { counts, differences } = play.end();
    expect(counts.differences).toMatchObject({ masked: 50, 'reordered-across': 50 });
    expect(differences.filter(({ class: what }) => what === 'masked')).toHaveLength(EXAMPLES_MAX);
    expect(differences.filter(({ class: what }) => what === 'reordered-across')).toHaveLength(EXAMPLES_MAX);
  });

  test('that do not fail take no room from those that do', () => {
    const policy = { fails: (_: unknown, __: unknown, what: string) => what === 'missing' };
    const play = new ComparedPlay({ policy });
    for (let i = 0; i < DIFFERENCES_KEPT_MAX; i++) play.closed(ann, 'closed-late');
    play.lacks(datagrams(ann, bob), datagramFrom(ann, [1]));
    const { counts, differences, first } = play.end();
    expect(counts.differences).toMatchObject({ 'closed-late': DIFFERENCES_KEPT_MAX, missing: 1 });
    expect(differences).toHaveLength(HARMLESS_KEPT_MAX + 1);
    expect(differences[first ?? 0]?.class).toBe('missing');
  });

  test('of classes that usually do not fail are kept like others where the policy fails them', () => {
    const play = new ComparedPlay({ policy: { fails: () => true } });
    const lane = play.comparator.lane(datagrams(ann, bob));
    for (let i = 0; i < 50; i++) play.comparator.overtook(lane, play.expected(datagramFrom(ann, [i])));
    const { differences } = play.end();
    expect(differences).toHaveLength(50);
    expect(differences[7]).toMatchObject({
      class: 'reordered-across',
      fails: true,
      sequence: 8,
      text: 'frame 8 from Ann (P1) to Bob (P2) overtook a frame of another conversation',
    });
  });

  test('keep as many bytes as show what differs', () => {
    const long = payload(9000);
    const other = Uint8Array.from(long);
    other[8000] = 0xff ^ (long[8000] as number);
    const play = new ComparedPlay();
    play.passes(datagrams(ann, bob), datagramFrom(ann, long), datagramFrom(ann, other));
    play.lacks(datagrams(ann, cleo), datagramFrom(ann, long));
    const [changed, missing] = play.end().differences;
    expect(changed).toMatchObject({ offset: 8014 });
    expect(changed?.actual).toHaveLength(8014 + BYTES_BEHIND_KEPT);
    expect(missing?.expected).toHaveLength(FRAME_BYTES_KEPT_MAX);
    expect(missing?.text).toBe('frame 2 from Ann (P1) to Cleo (P3) did not come');
  });

  test('keep few bytes each once all that are kept are many', () => {
    const play = new ComparedPlay();
    const frames = BYTES_KEPT_MAX / FRAME_BYTES_KEPT_MAX + 10;
    const long = datagramFrom(ann, payload(5000));
    for (let i = 0; i < frames; i++) play.lacks(datagrams(ann, bob), long);
    const { differences } = play.end();
    expect(differences[0]?.expected).toHaveLength(FRAME_BYTES_KEPT_MAX);
    expect(differences.at(-1)?.expected).toHaveLength(FEW_BYTES_KEPT);
  });

  test('of conversations beyond the limit are found, though nothing is aligned there', () => {
    const play = new ComparedPlay();
    const [from, to] = [cast.end(ann), cast.end(bob)];
    for (let kind = 0; kind < LANES_MAX; kind++)
      play.comparator.lane({ protocol: postoffice, from, to, kind, isStream: false });
    play.passes(datagrams(ann, cleo), datagramFrom(ann, [1]));
    const { counts } = play.end();
    expect(counts).toMatchObject({ expected: 1, came: 1, equal: 0, differences: { missing: 1, extra: 1 } });
  });
});

describe('whatever happens', () => {
  const players = [ann, bob, cleo];
  const step = fc.record({
    from: fc.integer({ min: 0, max: 2 }),
    to: fc.integer({ min: 1, max: 2 }),
    body: fc.uint8Array({ maxLength: 4 }),
    other: fc.uint8Array({ maxLength: 4 }),
    fate: fc.constantFrom('passes', 'passes', 'passes', 'changes', 'lacks', 'gets'),
  });
  const conversationOf = (from: number, to: number) =>
    datagrams(players[from] as string, players[(from + to) % 3] as string);

  function playOf(steps: readonly (typeof step extends fc.Arbitrary<infer T> ? T : never)[]): ComparedPlay {
    const play = new ComparedPlay();
    for (const { from, to, body, other, fate } of steps) {
      const conversation = conversationOf(from, to);
      const [frame, changed] = [body, other].map((each) => datagramFrom(players[from] as string, each));
      if (frame === undefined || changed === undefined) continue;
      if (fate === 'changes') play.passes(conversation, frame, changed);
      else play[fate](conversation, frame);
    }
    return play;
  }

  test('each frame is counted once on each side', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const { counts } = playOf(steps).end();
        const { expected, came, equal, differences: found } = counts;
        const paired = equal + found.changed + found.masked + found.reordered + found.late;
        expect(paired + found.missing).toBe(expected);
        expect(paired + found.extra).toBe(came);
      }),
      runs(200),
    );
  });

  test('the offset is that of the first byte that differs', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        for (const { offset, expected, actual } of playOf(steps).end().differences) {
          if (expected === null || actual === null) {
            expect(offset).toBeNull();
            continue;
          }
          const at = offset as number;
          expect(actual.subarray(0, at)).toEqual(expected.subarray(0, at));
          expect(actual[at]).not.toBe(expected[at]);
        }
      }),
      runs(200),
    );
  });

  test('the same plays come to the same account', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        expect(playOf(steps).end()).toEqual(playOf(steps).end());
      }),
      runs(50),
    );
  });

  test('what is kept is in order, follows from nothing that follows, and leads with one that does not', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const { counts, differences, first } = playOf(steps).end();
        const counted = Object.values(counts.differences).reduce((sum, count) => sum + count, 0);
        expect(differences).toHaveLength(counted);
        for (const [i, { follows }] of differences.entries()) {
          if (follows === null) continue;
          expect(follows).toBeLessThan(i);
          expect(differences[follows]).toMatchObject({ fails: true, follows: null });
        }
        expect(first).toBe(differences.length === 0 ? null : 0);
      }),
      runs(200),
    );
  });
});
