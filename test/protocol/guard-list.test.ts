/** Lists of another control server: what changes from one to the next, and what does not. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Guard } from '../../protocol/guard.ts';
import { GuardList, type ListedPlayer } from '../../protocol/guard-list.ts';
import { runs } from '../kit/property.ts';

const HOME = '192.0.2.1';

function listed(mac: number, group: string, address = HOME): ListedPlayer {
  return { mac, group, address };
}

/** How many times a hub is told something. */
function counted(): {
  guard: Guard;
  list: GuardList;
  counts: { arrived: number; moved: number; left: number };
} {
  const guard = new Guard('group');
  const counts = { arrived: 0, moved: 0, left: 0 };
  guard.watch({
    arrived: () => counts.arrived++,
    moved: () => counts.moved++,
    left: () => counts.left++,
  });
  return { guard, list: new GuardList(guard), counts };
}

describe('a list', () => {
  test('admits whom it names, each in a group', () => {
    const { guard, list } = counted();
    list.replace([listed(1, 'G'), listed(2, 'G'), listed(3, 'H')], 0);
    expect(list.size).toBe(3);
    const party = (mac: number) => guard.admit(mac, HOME)?.party;
    expect(party(1)).toBe(party(2));
    expect(party(1)).not.toBe(party(3));
    expect(guard.admit(4, HOME)).toBeNull();
  });

  test('that says the same again changes nothing', () => {
    const { guard, list, counts } = counted();
    list.replace([listed(1, 'G'), listed(2, 'G')], 0);
    const before = { ...counts };
    const ann = guard.admit(1, HOME);
    list.replace([listed(2, 'G'), listed(1, 'G')], 0);
    expect(counts).toEqual(before);
    expect(guard.admit(1, HOME)).toBe(ann);
  });

  test('takes its place: who is not named any more has left', () => {
    const { guard, list, counts } = counted();
    list.replace([listed(1, 'G'), listed(2, 'G')], 0);
    list.replace([listed(2, 'G')], 0);
    expect(counts.left).toBe(1);
    expect(guard.admit(1, HOME)).toBeNull();
    list.replace([], 0);
    expect(counts.left).toBe(2);
    expect(list.size).toBe(0);
  });

  test('moves who is in another group now, and keeps the presence', () => {
    const { guard, list, counts } = counted();
    list.replace([listed(1, 'G'), listed(2, 'H')], 0);
    const ann = guard.admit(1, HOME);
    list.replace([listed(1, 'H'), listed(2, 'H')], 0);
    expect(guard.admit(1, HOME)).toBe(ann);
    expect(ann?.party).toBe(guard.admit(2, HOME)?.party);
    expect(counts.left).toBe(0);
  });

  test('ends who comes from another address now, and admits from there', () => {
    const { guard, list, counts } = counted();
    list.replace([listed(1, 'G')], 0);
    list.replace([listed(1, 'G', '198.51.100.7')], 0);
    expect(counts.left).toBe(1);
    expect(guard.admit(1, HOME)).toBeNull();
    expect(guard.admit(1, '198.51.100.7')).not.toBeNull();
  });

  test('that names somebody twice means the last', () => {
    const { guard, list } = counted();
    list.replace([listed(1, 'G', '198.51.100.7'), listed(2, 'H'), listed(1, 'H')], 0);
    expect(guard.admit(1, HOME)?.party).toBe(guard.admit(2, HOME)?.party);
    expect(list.size).toBe(2);
  });
});

test('whatever lists came before, the guard knows what the last one says', () => {
  const player = fc.record({
    mac: fc.integer({ min: 1, max: 5 }),
    address: fc.constantFrom(HOME, '198.51.100.7'),
    group: fc.constantFrom('G', 'H', 'I'),
  });
  fc.assert(
    fc.property(fc.array(fc.array(player, { maxLength: 6 }), { minLength: 1, maxLength: 6 }), (lists) => {
      const { guard, list } = counted();
      for (const each of lists) list.replace(each, 0);
      const last = new Map((lists.at(-1) ?? []).map((each) => [each.mac, each]));
      for (let mac = 1; mac <= 5; mac++) {
        for (const address of [HOME, '198.51.100.7'])
          expect(guard.admit(mac, address) !== null).toBe(last.get(mac)?.address === address);
      }
      for (const one of last.values()) {
        for (const other of last.values()) {
          const together =
            guard.admit(one.mac, one.address)?.party === guard.admit(other.mac, other.address)?.party;
          expect(together).toBe(one.group === other.group);
        }
      }
    }),
    runs(200),
  );
});
