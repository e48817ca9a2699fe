/** What is on its way: who waits for room, and until when. */
import { describe, expect, test } from 'vitest';
import { Actor } from '../../../replay/engine/actor.ts';
import { Window } from '../../../replay/engine/window.ts';

const ann = new Actor({ name: 'ann' }, false);
const bob = new Actor({ name: 'bob' }, false);

function windowWith(sizes: readonly number[]): Window {
  const window = new Window({ framesMax: 4, bytesMax: 100 });
  for (const size of sizes) window.add(size);
  return window;
}

describe('a window', () => {
  test.each([
    [[1, 1, 1], false],
    [[1, 1, 1, 1], true],
    [[50, 49], false],
    [[50, 50], true],
    [[500], true],
  ])('with frames of %j bytes is full: %s', (sizes, isFull) => {
    expect(windowWith(sizes).isFull).toBe(isFull);
  });

  test('admits all who wait once half of it has come, and each of them once', () => {
    const window = windowWith([10, 10, 10, 10]);
    window.await(ann);
    window.await(bob);
    window.await(ann);
    window.remove(10, false);
    expect([window.isFull, ...window.admitted()]).toEqual([false]);
    window.remove(10, false);
    expect([...window.admitted()]).toEqual([ann, bob]);
    expect([...window.admitted()]).toEqual([]);
  });

  test('admits nobody while more than half of its bytes are on their way, however few frames that is', () => {
    const window = windowWith([60, 30]);
    window.await(ann);
    window.remove(30, false);
    expect([...window.admitted()]).toEqual([]);
    window.remove(60, false);
    expect([...window.admitted()]).toEqual([ann]);
  });

  test('lets everybody go where there is nothing to wait for', () => {
    const window = windowWith([500]);
    window.await(bob);
    expect([...window.everybody()]).toEqual([bob]);
    expect([...window.everybody()]).toEqual([]);
  });

  test('is silent from when something is given up until something comes', () => {
    const window = windowWith([1, 1, 1]);
    const silences = [false, true, false].map((isGivenUp) => {
      window.remove(1, isGivenUp);
      return window.isSilent;
    });
    expect(silences).toEqual([false, true, false]);
  });
});
