/** What all conversations hold together is bounded, and who holds little does not pay for those who hold much. */
import { describe, expect, test } from 'vitest';
import { Budget, UNIT_BYTES } from '../../../replay/compare/budget.ts';
import { Comparator, HELD_BYTES_MAX } from '../../../replay/compare/comparator.ts';
import { Recent, RECENT_BYTES_MAX } from '../../../replay/compare/recent.ts';
import {
  ann,
  blockOf,
  bob,
  cast,
  datagramFrom,
  datagrams,
  failMost,
  noMasks,
  stream,
} from '../../kit/compared-play.ts';
import type { Conversation, Unit } from '../../../replay/types.ts';
import { unit } from './units.ts';

const BIG_BYTES = 8_000;

describe('a budget', () => {
  const budget = new Budget(1_000_000);
  const taken = unit('x'.repeat(1_000 - UNIT_BYTES));
  const hold = (units: number) => {
    for (; budget.bytes < units * 1_000;) budget.take(taken);
    for (; budget.bytes > units * 1_000;) budget.giveBack(taken);
  };

  test.each([
    ['half of it is left', 500, 400, false],
    ['less than half is left, to whom holds much', 501, 8, true],
    ['less than half is left, but not to whom holds little', 501, 7, false],
    ['nothing is left, to whom holds anything', 1_001, 1, true],
    ['nothing is left, but not to whom holds nothing', 1_001, 0, false],
  ])('asks for something back where %s', (_, all, own, isOver) => {
    hold(all);
    expect(budget.isOverFor(own, own * (1_000 - UNIT_BYTES))).toBe(isOver);
  });
});

describe.each([
  ['datagrams', datagrams, (n: number) => datagramFrom(ann, new Uint8Array(BIG_BYTES).fill(n))],
  ['streams', stream, (n: number) => blockOf(new Uint8Array(BIG_BYTES).fill(n))],
] as const)('of many conversations in which nothing comes (%s)', (_, conversationTo, frameOf) => {
  const clients = Array.from({ length: 40 }, (__, i) => `02:00:00:00:01:${(i + 16).toString(16)}/100`);
  const comparator = new Comparator({ masks: noMasks, policy: failMost, roles: cast.roles });
  const unitOf = (n: number): Unit => ({
    ...frameOf(n),
    sequence: n,
    at: n,
    givenUp: false,
    isOptional: false,
  });
  const silent: readonly Conversation[] = clients.map((client) => conversationTo(ann, client));
  const lively = conversationTo(ann, bob);

  test('so much is held as is allowed, and the one in which all comes is not blamed', () => {
    let most = 0;
    for (let n = 1; n <= 400; n++) {
      for (const conversation of silent) comparator.lane(conversation).expect(unitOf(n));
      comparator.lane(lively).expect(unitOf(n));
      // It comes a little later.
      if (n > 10) comparator.lane(lively).came(unitOf(n - 10));
      most = Math.max(most, comparator.held);
    }
    for (let n = 391; n <= 400; n++) comparator.lane(lively).came(unitOf(n));
    const unitsMax = HELD_BYTES_MAX / (BIG_BYTES + UNIT_BYTES);
    expect(most).toBeLessThanOrEqual(unitsMax + 1);
    expect(most).toBeGreaterThan(unitsMax / 3);
    const { counts, differences } = comparator.end();
    expect(counts).toMatchObject({ expected: 400 * 41, came: 400, equal: 400 });
    expect(differences.filter(({ conversation }) => conversation === lively)).toEqual([]);
  });
});

test('of all senders together so many bytes are remembered', () => {
  const budget = new Budget(RECENT_BYTES_MAX);
  const senders = Array.from({ length: 100 }, () => new Recent(budget));
  for (let n = 0; n < 40; n++)
    for (const sender of senders) {
      sender.add(datagrams(ann, bob), unit('x'.repeat(BIG_BYTES)));
      expect(budget.bytes).toBeLessThanOrEqual(RECENT_BYTES_MAX + BIG_BYTES + UNIT_BYTES);
    }
  expect(budget.bytes).toBeGreaterThan(RECENT_BYTES_MAX / 2);
});

test('what one sender remembers costs what its last frames do, and suspects besides', () => {
  const budget = new Budget(RECENT_BYTES_MAX);
  const recent = new Recent(budget);
  for (let n = 0; n < 200; n++) {
    recent.add(datagrams(ann, bob), unit('xx'));
    recent.suspect(datagrams(ann, bob), unit(`${n}`));
  }
  expect(budget.bytes).toBeLessThanOrEqual((32 + 8) * (UNIT_BYTES + 3));
});
