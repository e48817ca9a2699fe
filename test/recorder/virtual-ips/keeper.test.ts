/** What was given is written down, in order, and tried again where that fails. */
import { expect, it } from 'vitest';
import { Keeper } from '../../../recorder/virtual-ips/keeper.ts';
import type { Given } from '../../../recorder/virtual-ips/store.ts';

function stage() {
  const written: Given[] = [];
  const said: string[] = [];
  const later: (() => void)[] = [];
  const disk = { isFull: false };
  const store = {
    write(given: readonly Given[]) {
      if (disk.isFull) throw new Error('database or disk is full');
      written.push(...given);
    },
  };
  const events = { trouble: (text: string) => said.push(text), recovered: () => said.push('recovered') };
  const keeper = new Keeper(store, events, (again) => later.push(again));
  return { keeper, written, said, later, disk };
}

const [one, two, three] = ['1', '2', '3'].map((ip) => ['real', ip] as const) as [Given, Given, Given];

it('writes at once', () => {
  const { keeper, written, said, later } = stage();
  keeper.keep([one, two]);
  keeper.keep([three]);
  expect(written).toEqual([one, two, three]);
  expect([said, later.length, keeper.close()]).toEqual([[], 0, 0]);
});

it('keeps what cannot be written, says so once, and writes it as soon as that works again', () => {
  const { keeper, written, said, later, disk } = stage();
  disk.isFull = true;
  keeper.keep([one]);
  keeper.keep([two]);
  later.shift()?.();
  expect([written, said, later.length, keeper.waiting]).toEqual([[], ['database or disk is full'], 1, 2]);
  disk.isFull = false;
  later.shift()?.();
  expect([written, said, later.length, keeper.waiting]).toEqual([
    [one, two],
    ['database or disk is full', 'recovered'],
    0,
    0,
  ]);
  keeper.keep([three]);
  expect(written).toEqual([one, two, three]);
});

it('tries a last time when it is closed, and says how much is lost', () => {
  const { keeper, written, disk } = stage();
  disk.isFull = true;
  keeper.keep([one, two]);
  expect(keeper.close()).toBe(2);
  disk.isFull = false;
  expect(keeper.close()).toBe(0);
  expect(written).toEqual([one, two]);
});
