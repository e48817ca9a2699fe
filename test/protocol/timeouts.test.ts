import { expect, it } from 'vitest';
import { Timeouts } from '../../protocol/timeouts.ts';

function due(timeouts: Timeouts<string>, now: number): readonly string[] {
  const found: string[] = [];
  timeouts.expire(now, (waiter) => found.push(waiter));
  return found;
}

it('nobody waits at first', () => {
  const timeouts = new Timeouts<string>(10);
  expect(timeouts.deadline).toBe(Infinity);
  expect(timeouts.size).toBe(0);
  expect(due(timeouts, 1e9)).toEqual([]);
});

it('a waiter is due when its time has passed, not before, and once', () => {
  const timeouts = new Timeouts<string>(10);
  timeouts.start('a', 100);
  expect(timeouts.deadline).toBe(110);
  expect(due(timeouts, 109.999)).toEqual([]);
  expect(due(timeouts, 110)).toEqual(['a']);
  expect(due(timeouts, 110)).toEqual([]);
  expect(timeouts.deadline).toBe(Infinity);
});

it('waiters are due in the order in which they came', () => {
  const timeouts = new Timeouts<string>(10);
  timeouts.start('b', 1);
  timeouts.start('a', 1);
  timeouts.start('c', 2);
  expect([...timeouts.waiters()]).toEqual(['b', 'a', 'c']);
  expect(due(timeouts, 11)).toEqual(['b', 'a']);
  expect(timeouts.deadline).toBe(12);
});

it('who is cancelled is not due, and the next one is', () => {
  const timeouts = new Timeouts<string>(10);
  timeouts.start('a', 1);
  timeouts.start('b', 2);
  timeouts.cancel('a');
  timeouts.cancel('never there');
  expect(timeouts.deadline).toBe(12);
  expect(due(timeouts, 20)).toEqual(['b']);
});

it('who starts again waits anew, behind all others', () => {
  const timeouts = new Timeouts<string>(10);
  timeouts.start('a', 1);
  timeouts.start('b', 2);
  timeouts.start('a', 3);
  expect(timeouts.size).toBe(2);
  expect([...timeouts.waiters()]).toEqual(['b', 'a']);
  expect(due(timeouts, 12)).toEqual(['b']);
  expect(timeouts.deadline).toBe(13);
});

it('who is due is forgotten before it hears of it, and may cancel others', () => {
  const timeouts = new Timeouts<string>(10);
  for (const waiter of ['a', 'b', 'c']) timeouts.start(waiter, 1);
  const found: string[] = [];
  timeouts.expire(11, (waiter) => {
    expect([...timeouts.waiters()]).not.toContain(waiter);
    found.push(waiter);
    timeouts.cancel('b');
  });
  expect(found).toEqual(['a', 'c']);
});

it('who starts again when it is due is not due again at once', () => {
  const timeouts = new Timeouts<string>(10);
  timeouts.start('a', 1);
  let times = 0;
  timeouts.expire(11, (waiter) => {
    times++;
    timeouts.start(waiter, 11);
  });
  expect(times).toBe(1);
  expect(timeouts.deadline).toBe(21);
});

it('waiters may be cancelled while one goes through them', () => {
  const timeouts = new Timeouts<string>(10);
  for (const waiter of ['a', 'b', 'c']) timeouts.start(waiter, 1);
  const seen: string[] = [];
  for (const waiter of timeouts.waiters()) {
    seen.push(waiter);
    timeouts.cancel(waiter);
  }
  expect(seen).toEqual(['a', 'b', 'c']);
  expect(timeouts.size).toBe(0);
});
