import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Silence } from '../../protocol/silence.ts';
import { PROPERTY_TIMEOUT_MS, runs } from '../kit/property.ts';

interface Person {
  readonly name: string;
  heardAt: number;
}

function expired(silence: Silence<Person>, now: number): string[] {
  const names: string[] = [];
  silence.expire(now, ({ name }) => names.push(name));
  return names;
}

describe('silence', () => {
  it('of nobody is never due', () => {
    expect(new Silence<Person>(30).deadline).toBe(Infinity);
  });

  it('is due so long after somebody was heard of, and not before', () => {
    const silence = new Silence<Person>(30);
    silence.start({ name: 'ann', heardAt: 100 });
    expect(silence.deadline).toBe(130);
    expect(expired(silence, 129)).toEqual([]);
    expect(silence.deadline).toBe(130);
    expect(expired(silence, 130)).toEqual(['ann']);
    expect([silence.deadline, silence.size]).toEqual([Infinity, 0]);
  });

  it('is asked about only when it is due: to be heard of moves no deadline until then', () => {
    const silence = new Silence<Person>(30);
    const ann = { name: 'ann', heardAt: 100 };
    silence.start(ann);
    ann.heardAt = 120;
    expect(silence.deadline).toBe(130);
    expect(expired(silence, 130)).toEqual([]);
    expect(silence.deadline).toBe(150);
  });

  it('is found in order also where somebody in between is not waited for any more', () => {
    const silence = new Silence<Person>(30);
    // In this order the last of them takes the place of the one that goes, among others who are due later.
    const people = [1, 10, 2, 11, 12, 30, 4, 20, 21, 22, 23, 31, 32, 33, 8].map((heardAt) => ({
      name: `${heardAt}`,
      heardAt,
    }));
    for (const person of people) silence.start(person);
    silence.cancel(people[7]!);
    expect(expired(silence, 39)).toEqual(['1', '2', '4', '8']);
  });

  it('may be excused by whoever is told of it, who starts anew', () => {
    const silence = new Silence<Person>(30);
    const ann = { name: 'ann', heardAt: 100 };
    silence.start(ann);
    silence.expire(130, (who) => {
      who.heardAt = 130;
      silence.start(who);
    });
    expect([silence.deadline, silence.size]).toEqual([160, 1]);
  });

  it('never comes where it may last for ever', () => {
    const silence = new Silence<Person>(Infinity);
    silence.start({ name: 'ann', heardAt: 100 });
    expect(silence.deadline).toBe(Infinity);
    expect(expired(silence, 1e12)).toEqual([]);
  });

  it(
    'of many is found as a list finds it that looks at all of them',
    () => {
      const step = fc.record({
        does: fc.constantFrom('start', 'start', 'start', 'hear', 'cancel', 'cancel', 'expire'),
        who: fc.nat(29),
        ms: fc.nat(9),
      });
      fc.assert(
        fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
          const silence = new Silence<Person>(30);
          const people = Array.from({ length: 30 }, (_, i) => ({ name: `${i}`, heardAt: 0 }));
          const plain = new Set<Person>();
          let now = 0;
          for (const { does, who, ms } of steps) {
            now += ms;
            const person = people[who]!;
            if (does === 'start') {
              // Not in order, so that nobody is due in the order in which they came.
              person.heardAt = now - 3 * ms;
              silence.start(person);
              plain.add(person);
            } else if (does === 'hear') {
              person.heardAt = now;
            } else if (does === 'cancel') {
              silence.cancel(person);
              plain.delete(person);
            } else {
              const silent = [...plain].filter(({ heardAt }) => heardAt + 30 <= now);
              for (const each of silent) plain.delete(each);
              expect(expired(silence, now).sort()).toEqual(silent.map(({ name }) => name).sort());
              // Whoever was asked just now is due when it was last heard of; the others were heard of since, or not.
              expect(silence.deadline).toBeGreaterThan(now);
              const next = Math.min(Infinity, ...[...plain].map(({ heardAt }) => heardAt + 30));
              expect(silence.deadline).toBeLessThanOrEqual(next);
            }
            expect(silence.size).toBe(plain.size);
          }
        }),
        runs(300),
      );
    },
    PROPERTY_TIMEOUT_MS,
  );
});
