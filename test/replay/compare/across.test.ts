/** What is said of several differences together: which are one, which follow from which, and what leads. */
import { describe, expect, test } from 'vitest';
import { RECENT_MAX, SENDERS_MAX, SUSPECTS_MAX } from '../../../replay/compare/recent.ts';
import { rules } from '../../../replay/compare/folding.ts';
import type { Difference } from '../../../replay/types.ts';
import {
  ann,
  blockOf,
  bob,
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

const lines = (differences: readonly Difference[]) =>
  differences.map(({ class: what, follows }) => (follows === null ? what : `${what} follows ${follows}`));
const annElsewhere = ann.replace('/100', '/101');

describe('a frame that is missing in one conversation and extra in another', () => {
  test('came under another name, where its receiver is the same', () => {
    const play = new ComparedPlay();
    play.passes(datagrams(bob, ann), datagramFrom(bob, [0]));
    play.lacks(datagrams(ann, bob), datagramFrom(ann, [1, 2, 3]));
    play.gets(datagrams(cleo, bob), datagramFrom(cleo, [1, 2, 3]));
    const { differences, counts } = play.end();
    expect(counts.differences).toMatchObject({ changed: 1, missing: 0, extra: 0 });
    expect(differences).toMatchObject([
      {
        class: 'changed',
        fails: true,
        conversation: datagrams(ann, bob),
        sequence: 2,
        offset: 5,
        field: 'addr',
        text: 'frame 2 from Ann (P1) to Bob (P2) has other bytes: addr is 02:00:00:00:00:03 instead of 02:00:00:00:00:01',
      },
    ]);
  });

  test('came under another port', () => {
    const play = new ComparedPlay();
    play.lacks(datagrams(ann, bob), datagramFrom(ann, [1]));
    play.gets(datagrams(annElsewhere, bob), datagramFrom(annElsewhere, [1]));
    expect(play.first()).toMatchObject({
      class: 'changed',
      offset: 8,
      field: 'port',
      text: 'frame 1 from Ann (P1) to Bob (P2) has other bytes: port is 101 instead of 100',
    });
  });

  test('came to somebody else, which is told of both', () => {
    const play = new ComparedPlay();
    play.passes(datagrams(ann, cleo), datagramFrom(ann, [7]));
    play.lacks(datagrams(ann, bob), datagramFrom(ann, [1, 2]));
    play.gets(datagrams(ann, cleo), datagramFrom(ann, [1, 2]));
    const { differences, first, counts } = play.end();
    expect(counts.differences).toMatchObject({ missing: 1, extra: 1 });
    expect(lines(differences)).toEqual(['missing', 'extra follows 0']);
    expect(first).toBe(0);
    expect(differences.map(({ text }) => text)).toEqual([
      'frame 2 from Ann (P1) to Bob (P2) did not come: it came to Cleo (P3) instead',
      'Cleo (P3) got a frame of 16 bytes (pdp-delivered) from Ann (P1) that was for Bob (P2)',
    ]);
  });

  test('is two differences where what they hold is not the same', () => {
    const play = new ComparedPlay();
    play.lacks(datagrams(ann, bob), datagramFrom(ann, [1, 2]));
    play.gets(datagrams(cleo, bob), datagramFrom(cleo, [1, 3]));
    expect(lines(play.end().differences)).toEqual(['extra', 'missing']);
  });

  test('is each joined once, in order', () => {
    const play = new ComparedPlay();
    for (let i = 0; i < 3; i++) play.lacks(datagrams(ann, bob), datagramFrom(ann, [5]));
    for (let i = 0; i < 2; i++) play.gets(datagrams(cleo, bob), datagramFrom(cleo, [5]));
    const { differences, counts } = play.end();
    expect(counts.differences).toMatchObject({ changed: 2, missing: 1, extra: 0 });
    expect(differences.map(({ class: what, sequence }) => `${what} ${sequence}`)).toEqual([
      'changed 1',
      'changed 2',
      'missing 3',
    ]);
  });

  test('is judged as what it is then', () => {
    const play = new ComparedPlay({ policy: { fails: (_, __, what) => what !== 'changed' } });
    play.lacks(datagrams(ann, bob), datagramFrom(ann, [1]));
    play.gets(datagrams(cleo, bob), datagramFrom(cleo, [1]));
    expect(play.end()).toMatchObject({ first: null, differences: [{ class: 'changed', fails: false }] });
  });
});

describe('a frame that was not expected', () => {
  test('may be the one before it again', () => {
    const play = new ComparedPlay();
    play.passes(datagrams(ann, bob), datagramFrom(ann, [1]));
    play.gets(datagrams(ann, bob), datagramFrom(ann, [1]));
    expect(play.first()?.text).toBe(
      'Bob (P2) got a frame of 15 bytes (pdp-delivered) from Ann (P1) that had come already: the same frame again',
    );
  });

  const leaked = 'that was never sent there: it was sent to Bob (P2)';

  test('may have been sent to somebody else, before', () => {
    const play = new ComparedPlay();
    play.passes(datagrams(ann, bob), datagramFrom(ann, [1]));
    play.gets(datagrams(ann, cleo), datagramFrom(ann, [1]));
    for (let i = 0; i < RECENT_MAX; i++) play.passes(datagrams(ann, bob), datagramFrom(ann, [2, i]));
    expect(play.first()?.text).toContain(leaked);
  });

  test('may have been sent to somebody else, who gets it a little later', () => {
    const play = new ComparedPlay();
    play.gets(datagrams(ann, cleo), datagramFrom(ann, [1]));
    play.passes(datagrams(ann, bob), datagramFrom(ann, [1]));
    expect(play.first()?.text).toContain(leaked);
  });

  test('is not looked for among frames of long ago, nor among those of more senders than are remembered', () => {
    const late = new ComparedPlay();
    late.passes(datagrams(ann, bob), datagramFrom(ann, [1]));
    for (let i = 0; i < RECENT_MAX; i++) late.passes(datagrams(ann, bob), datagramFrom(ann, [2, i]));
    late.gets(datagrams(ann, cleo), datagramFrom(ann, [1]));
    expect(late.first()?.text).toMatch(/never sent there$/);

    const early = new ComparedPlay();
    for (let i = 0; i <= SUSPECTS_MAX; i++) early.gets(datagrams(ann, cleo), datagramFrom(ann, [i]));
    early.passes(datagrams(ann, bob), datagramFrom(ann, [0]));
    expect(early.first()?.text).toMatch(/never sent there$/);

    const many = new ComparedPlay();
    for (let i = 0; i < SENDERS_MAX; i++) many.comparator.lane(datagrams(`${stranger}${i}`, bob));
    many.passes(datagrams(ann, bob), datagramFrom(ann, [1]));
    many.gets(datagrams(ann, cleo), datagramFrom(ann, [1]));
    expect(many.first()?.text).toMatch(/never sent there$/);
  });
});

describe('what follows', () => {
  test('is the same again in the same conversation, with nothing right in between', () => {
    const play = new ComparedPlay();
    for (const payload of [[1], [2], [3]]) play.lacks(datagrams(ann, bob), datagramFrom(ann, payload));
    play.lacks(datagrams(bob, ann), datagramFrom(bob, [9]));
    play.passes(datagrams(ann, bob), datagramFrom(ann, [4]));
    play.lacks(datagrams(ann, bob), datagramFrom(ann, [5]));
    expect(lines(play.end().differences)).toEqual([
      'missing',
      'missing follows 0',
      'missing follows 0',
      'missing',
      'missing',
    ]);
  });

  test('is nothing from what does not fail', () => {
    const play = new ComparedPlay({ policy: { fails: () => false } });
    play.lacks(datagrams(ann, bob), datagramFrom(ann, [1]));
    play.lacks(datagrams(ann, bob), datagramFrom(ann, [2]));
    expect(lines(play.end().differences)).toEqual(['missing', 'missing']);
  });

  test('is a whole stream from a request that did not come', () => {
    const play = new ComparedPlay();
    play.passes(datagrams(ann, bob), datagramFrom(ann, [1]));
    play.lacks(told(bob), request(ann));
    play.closed(bob, 'closed-early', 'the relay did not know of it', play.sequence);
    play.lacks(told(ann), ready(bob));
    play.lacks(told(bob), ready(ann));
    play.lacks(stream(ann, bob), blockOf([1, 2, 3]));
    play.lacks(stream(bob, ann), blockOf([4, 5]));
    play.closed(ann, 'closed-late');
    const { differences, first } = play.end();
    expect(differences[first ?? -1]).toMatchObject({ class: 'missing', sequence: 2 });
    expect(differences.filter(({ follows }) => follows === null)).toHaveLength(1);
  });

  test('is all that a client was to send whose question was not answered, and not what others send', () => {
    const play = new ComparedPlay();
    play.lacks(told(bob), request(ann));
    play.lacks(datagrams(bob, cleo), datagramFrom(bob, [1]));
    play.lacks(datagrams(cleo, bob), datagramFrom(cleo, [2]));
    expect(lines(play.end().differences)).toEqual(['missing', 'missing follows 0', 'missing']);
  });

  test('is what a connection lacks that was closed early, though its recorded end stands behind it', () => {
    const play = new ComparedPlay();
    play.passes(stream(ann, bob), blockOf([1, 2, 3]));
    play.lacks(datagrams(cleo, ann), datagramFrom(cleo, [9]));
    play.passes(datagrams(cleo, ann), datagramFrom(cleo, [8]));
    play.lacks(stream(ann, bob), blockOf([4]));
    play.closed(bob, 'closed-early', '1 frame was still to come');
    play.closed(ann, 'closed-early', 'so was this one');
    expect(lines(play.end().differences)).toEqual([
      'missing',
      'closed-early',
      'missing follows 1',
      'closed-early follows 1',
    ]);
  });

  test('is not what was missing while its connection still carried other frames', () => {
    const play = new ComparedPlay();
    play.lacks(datagrams(ann, bob), datagramFrom(ann, [1]));
    play.passes(datagrams(cleo, bob), datagramFrom(cleo, [8]));
    play.closed(bob, 'closed-early');
    expect(lines(play.end().differences)).toEqual(['missing', 'closed-early']);
  });

  test('is the other end of a pair', () => {
    const play = new ComparedPlay();
    play.passes(stream(ann, bob), blockOf([1]));
    play.closed(ann, 'closed-late');
    play.closed(bob, 'closed-late');
    play.closed(cleo, 'closed-late');
    expect(lines(play.end().differences)).toEqual(['closed-late', 'closed-late follows 0', 'closed-late']);
  });

  test('is a frame that came within the one before it', () => {
    const play = new ComparedPlay();
    play.passes(datagrams(ann, bob), datagramFrom(ann, [1, 2]), datagramFrom(ann, [1, 2, 3, 4]));
    play.lacks(datagrams(ann, bob), datagramFrom(ann, [3, 4]));
    play.lacks(datagrams(ann, bob), datagramFrom(ann, [7, 7]));
    const [changed, swallowed, missing] = play.end().differences;
    expect(changed).toMatchObject({ class: 'changed', field: 'size' });
    expect(swallowed).toMatchObject({ class: 'missing', follows: 0 });
    expect(missing).toMatchObject({ class: 'missing', follows: 0 });
  });

  test('is decided by rules that have names and say why', () => {
    expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
    for (const { text } of rules) expect(text).toMatch(/^[a-z].* .*[a-z]$/);
  });
});
