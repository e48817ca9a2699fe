/** Which group is which, from list to list: what decides whether players are taken apart. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GroupKeys } from '../../../dashboard/server/group-keys.ts';
import { runs } from '../../kit/property.ts';

const groups = (...macs: number[][]) =>
  macs.map((players) => players.map((mac) => ({ mac, address: '192.0.2.1' })));

/** The key of each player's group. */
function keysOf(keys: GroupKeys, ...macs: number[][]): Map<number, string> {
  return new Map(keys.assign(groups(...macs)).map(({ mac, group }) => [mac, group]));
}

describe('a group', () => {
  it('has a key of its own', () => {
    const keys = keysOf(new GroupKeys(), [1, 2], [3, 4]);
    expect(keys.get(1)).toBe(keys.get(2));
    expect(keys.get(3)).toBe(keys.get(4));
    expect(keys.get(1)).not.toBe(keys.get(3));
  });

  it('stays what it was when one before it in the list is over', () => {
    const keys = new GroupKeys();
    const before = keysOf(keys, [1, 2], [3, 4], [5]);
    const after = keysOf(keys, [5], [4, 3]);
    expect([...after]).toEqual([5, 4, 3].map((mac) => [mac, before.get(mac)]));
  });

  it('stays what it was when players come and go', () => {
    const keys = new GroupKeys();
    const before = keysOf(keys, [1, 2], [3]);
    const after = keysOf(keys, [3], [7, 2, 8]);
    for (const mac of [2, 7, 8]) expect(after.get(mac)).toBe(before.get(1));
  });

  it('that falls apart goes on where most of its players are', () => {
    const keys = new GroupKeys();
    const before = keysOf(keys, [1, 2, 3]);
    const after = keysOf(keys, [1], [2, 3]);
    expect(after.get(2)).toBe(before.get(1));
    expect(after.get(1)).not.toBe(before.get(1));
  });

  it('that comes after one is over is not that one', () => {
    const keys = new GroupKeys();
    const before = keysOf(keys, [1, 2]);
    keysOf(keys);
    expect(keysOf(keys, [1, 2]).get(1)).not.toBe(before.get(1));
  });
});

it('whatever the lists: who stands in one group has one key, and no two groups have the same', () => {
  const list = fc
    .uniqueArray(fc.integer({ min: 1, max: 12 }), { maxLength: 12 })
    .chain((macs) =>
      fc
        .array(fc.integer({ min: 0, max: 3 }), { minLength: macs.length, maxLength: macs.length })
        .map((where) => [0, 1, 2, 3].map((group) => macs.filter((_, i) => where[i] === group))),
    );
  fc.assert(
    fc.property(fc.array(list, { minLength: 1, maxLength: 6 }), (lists) => {
      const keys = new GroupKeys();
      for (const each of lists) {
        const byMac = keysOf(keys, ...each);
        const byGroup = each
          .filter((macs) => macs.length > 0)
          .map((macs) => new Set(macs.map((mac) => byMac.get(mac))));
        for (const used of byGroup) expect(used.size).toBe(1);
        expect(new Set(byGroup.flatMap((used) => [...used])).size).toBe(byGroup.length);
      }
    }),
    runs(200),
  );
});
