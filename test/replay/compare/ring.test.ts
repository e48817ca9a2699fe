/** A ring does what an array does, and keeps nothing that was taken. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Ring } from '../../../replay/ring.ts';
import { runs } from '../../kit/property.ts';

test('a ring does what an array does', () => {
  const act = fc.tuple(fc.constantFrom('push', 'push', 'push', 'shift', 'remove', 'set'), fc.nat());
  fc.assert(
    fc.property(fc.array(act, { maxLength: 200 }), (acts) => {
      const ring = new Ring<number>();
      const array: number[] = [];
      for (const [act, value] of acts) {
        const index = value % Math.max(1, array.length);
        if (act === 'push') {
          ring.push(value);
          array.push(value);
        } else if (array.length === 0) {
          expect(() => ring.shift()).toThrow(RangeError);
        } else if (act === 'shift') {
          expect(ring.shift()).toBe(array.shift());
        } else if (act === 'remove') {
          expect(ring.remove(index)).toBe(array.splice(index, 1)[0]);
        } else {
          ring.set(index, value);
          array[index] = value;
        }
        expect(Array.from({ length: ring.length }, (_, i) => ring.at(i))).toEqual(array);
      }
    }),
    runs(100),
  );
});

test('a place that is not there is a mistake', () => {
  const ring = new Ring<number>();
  ring.push(1);
  for (const index of [-1, 1]) {
    expect(() => ring.at(index)).toThrow(RangeError);
    expect(() => ring.set(index, 2)).toThrow(RangeError);
    expect(() => ring.remove(index)).toThrow(RangeError);
  }
});
