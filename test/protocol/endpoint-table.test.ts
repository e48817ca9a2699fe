import fc from 'fast-check';
import { expect, it } from 'vitest';
import { EndpointTable } from '../../protocol/endpoint-table.ts';
import { runs } from '../kit/property.ts';

interface Holder {
  readonly name: number;
}

type Step = readonly [does: 'set' | 'delete' | 'delete-by-another', a: number, b: number];

/** What a table must be like: slow, and obvious. */
class Model {
  readonly holders = new Map<string, Holder>();

  static key(a: number, b: number): string {
    return `${a | 0} ${b | 0}`;
  }
}

function follow(steps: readonly Step[]): void {
  const table = new EndpointTable<Holder>(() => 0x9e3779b1);
  const { holders } = new Model();
  for (const [name, [does, a, b]] of steps.entries()) {
    const key = Model.key(a, b);
    if (does === 'set') {
      const holder = { name };
      expect(table.set(a, b, holder)).toBe(holders.get(key) ?? null);
      holders.set(key, holder);
    } else if (does === 'delete') {
      table.delete(a, b, holders.get(key) ?? { name });
      holders.delete(key);
    } else {
      table.delete(a, b, { name });
    }
    expect(table.get(a, b)).toBe(holders.get(key) ?? null);
    expect(table.size).toBe(holders.size);
  }
  for (const [key, holder] of holders) {
    const [a, b] = key.split(' ').map(Number);
    expect(table.get(a!, b!)).toBe(holder);
  }
  expect(new Set(table.values())).toEqual(new Set(holders.values()));
}

const does = fc.constantFrom<Step[0][]>('set', 'set', 'delete', 'delete-by-another');

it('is a map, for few endpoints that come and go', () => {
  const small = fc.nat(4);
  fc.assert(fc.property(fc.array(fc.tuple(does, small, small), { maxLength: 100 }), follow), runs(500));
});

it('is a map, for any endpoints', () => {
  const some = fc.constantFrom(0, 1, -1, 2 ** 31 - 1, -(2 ** 31), 0x02aabbcc, 0x01020304);
  const any = fc.oneof(some, fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }));
  fc.assert(fc.property(fc.array(fc.tuple(does, any, some), { maxLength: 200 }), follow), runs(300));
});

it('is a map, full to where it grows and emptied again, time after time', () => {
  const steps: Step[] = [];
  for (let round = 0; round < 20; round++) {
    for (let i = 0; i < 9; i++) steps.push(['set', 0x02aabbcc, round * 7 + i]);
    for (let i = 8; i >= 0; i -= 1 + (round % 2)) steps.push(['delete', 0x02aabbcc, round * 7 + i]);
  }
  follow(steps);
});

it('holds many, and forgets them all', () => {
  const table = new EndpointTable<Holder>(() => 0x9e3779b1);
  const all = Array.from({ length: 5000 }, (_, name) => ({ name }));
  for (const holder of all) table.set(holder.name >> 4, holder.name << 12, holder);
  expect(table.size).toBe(5000);
  expect(all.every((holder) => table.get(holder.name >> 4, holder.name << 12) === holder)).toBe(true);
  for (const holder of all) table.delete(holder.name >> 4, holder.name << 12, holder);
  expect(table.size).toBe(0);
  expect([...table.values()]).toEqual([]);
  expect(all.every((holder) => table.get(holder.name >> 4, holder.name << 12) === null)).toBe(true);
});

it('takes a number and the same 32 bits without a sign for one', () => {
  const table = new EndpointTable<Holder>(() => 0x9e3779b1);
  const holder = { name: 1 };
  table.set(0xffffffff, 0x80000000, holder);
  expect(table.get(-1, -(2 ** 31))).toBe(holder);
  expect(table.get(0xffffffff, 0x80000000)).toBe(holder);
  expect(table.set(0xffffffff, -(2 ** 31), holder)).toBe(holder);
  table.delete(-1, 0x80000000, holder);
  expect(table.size).toBe(0);
});

it('does not let somebody be removed in the name of another', () => {
  const table = new EndpointTable<Holder>(() => 0x9e3779b1);
  const [old, young] = [{ name: 1 }, { name: 2 }];
  table.set(1, 2, old);
  expect(table.set(1, 2, young)).toBe(old);
  table.delete(1, 2, old);
  expect(table.get(1, 2)).toBe(young);
});
