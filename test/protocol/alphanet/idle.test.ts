/** Things that are ended for their silence: each when it is due, however often it was heard of meanwhile. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { IdleEnds } from '../../../protocol/alphanet/idle.ts';
import { PROPERTY_TIMEOUT_MS, runs } from '../../kit/property.ts';

const DURATION = 100;

class Thing {
  heardAt: number;
  place = -1;

  constructor(now: number) {
    this.heardAt = now;
  }
}

it('has no deadline where nothing is', () => {
  const ends = new IdleEnds<Thing>(DURATION);
  expect(ends.deadline).toBe(Infinity);
  const thing = new Thing(5);
  ends.add(thing);
  expect([ends.deadline, ends.size]).toEqual([105, 1]);
  ends.remove(thing);
  ends.remove(thing);
  expect([ends.deadline, ends.size]).toEqual([Infinity, 0]);
});

it('does not move its deadline for what is heard of, and ends it later', () => {
  const ends = new IdleEnds<Thing>(DURATION);
  const thing = new Thing(0);
  ends.add(thing);
  thing.heardAt = 60;
  expect(ends.deadline).toBe(100);
  const due: Thing[] = [];
  ends.expire(100, (each) => due.push(each));
  expect([due, ends.deadline]).toEqual([[], 160]);
  ends.expire(160, (each) => due.push(each));
  expect([due, ends.deadline]).toEqual([[thing], Infinity]);
});

it(
  'ends each exactly when it has been silent for so long, whatever comes and goes',
  () => {
    const step = fc.record({
      does: fc.constantFrom('add', 'hear', 'hear', 'remove', 'wait'),
      which: fc.nat(30),
      ms: fc.nat(70),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
        const ends = new IdleEnds<Thing>(DURATION);
        const things: Thing[] = [];
        let now = 0;
        for (const { does, which, ms } of steps) {
          const thing = things[which % Math.max(things.length, 1)];
          if (does === 'add') {
            things.push(new Thing(now));
            ends.add(things.at(-1)!);
          } else if (does === 'wait') {
            now += ms;
            const silent = things.filter(({ heardAt }) => heardAt + DURATION <= now);
            const ended: Thing[] = [];
            ends.expire(now, (each) => ended.push(each));
            expect(new Set(ended)).toEqual(new Set(silent));
            for (const each of ended) things.splice(things.indexOf(each), 1);
            expect(ends.deadline).toBeGreaterThan(now);
          } else if (thing !== undefined && does === 'hear') {
            thing.heardAt = now;
          } else if (thing !== undefined) {
            ends.remove(thing);
            things.splice(things.indexOf(thing), 1);
          }
          expect(ends.size).toBe(things.length);
        }
      }),
      runs(300),
    );
  },
  PROPERTY_TIMEOUT_MS,
);
