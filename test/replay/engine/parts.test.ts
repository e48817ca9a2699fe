/** The small parts of the engine: budgets, alarms, time to settle, windows, tallies. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Alarm } from '../../../replay/engine/alarm.ts';
import { Actor } from '../../../replay/engine/actor.ts';
import { RequestBudget, REQUESTS_BURST, REQUESTS_PER_SECOND } from '../../../replay/engine/budget.ts';
import { HoldTally } from '../../../replay/engine/holds.ts';
import { SettlingSteps } from '../../../replay/engine/settling.ts';
import { Waiters } from '../../../replay/engine/waiters.ts';
import type { EngineOptions } from '../../../replay/engine/options.ts';
import { Stage } from '../../../replay/engine/stage.ts';
import { openingLimits, Window } from '../../../replay/engine/window.ts';
import { OpenStep, type ScriptedClient, type Step } from '../../../replay/script/steps.ts';

const someone = { conn: 1, player: { name: 'ann' } } as ScriptedClient;
const step = (): Step => new OpenStep(someone, 0, 0);
const actor = (name: string): Actor => new Actor({ name }, false);

describe('a budget of requests', () => {
  test('lets a burst go, and then one at a time', () => {
    const budget = new RequestBudget();
    for (let i = 0; i < REQUESTS_BURST; i++) {
      expect(budget.due(0)).toBe(0);
      budget.spend(0);
    }
    const due = budget.due(0);
    expect(due).toBeCloseTo(1000 / REQUESTS_PER_SECOND);
    expect(budget.due(due - 1)).toBeGreaterThan(due - 1);
    expect(budget.due(due)).toBeLessThanOrEqual(due + 1e-6);
  });

  test('grows with time, and never beyond a burst', () => {
    const budget = new RequestBudget();
    for (let i = 0; i < REQUESTS_BURST; i++) budget.spend(0);
    const hour = 3_600_000;
    for (let i = 0; i < REQUESTS_BURST; i++) {
      expect(budget.due(hour)).toBe(hour);
      budget.spend(hour);
    }
    expect(budget.due(hour)).toBeGreaterThan(hour);
  });
});

describe('with a clock that a test turns', () => {
  beforeEach(
    () =>
      void vi.useFakeTimers({
        toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'performance'],
      }),
  );
  afterEach(() => void vi.useRealTimers());

  test('an alarm rings once, at the earliest of the times that it was set to', () => {
    const ring = vi.fn();
    const start = performance.now();
    const alarm = new Alarm(() => performance.now() - start, ring);
    for (const at of [300, 100, 200, Infinity]) alarm.set(at);
    vi.advanceTimersByTime(99);
    expect(ring).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(ring).toHaveBeenCalledOnce();
    vi.advanceTimersByTime(1_000);
    expect(ring).toHaveBeenCalledOnce();
    alarm.set(0);
    vi.advanceTimersByTime(1);
    expect(ring).toHaveBeenCalledTimes(2);
    alarm.set(1e12);
    alarm.stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('a step has settled after its time, and nothing is left running', () => {
    const settled: Step[] = [];
    const settling = new SettlingSteps(100, (each) => settled.push(each));
    const [one, two] = [step(), step()];
    settling.add(one);
    vi.advanceTimersByTime(50);
    settling.add(two);
    vi.advanceTimersByTime(30);
    expect(settled).toEqual([]);
    vi.advanceTimersByTime(45);
    expect(settled).toEqual([one]);
    vi.advanceTimersByTime(75);
    expect(settled).toEqual([one, two]);
    expect(vi.getTimerCount()).toBe(0);
    settling.add(step());
    settling.stop();
    expect(vi.getTimerCount()).toBe(0);
  });
});

test('time in which the program stood still does not settle anything', async () => {
  let isSettled = false;
  const settling = new SettlingSteps(20, () => (isSettled = true));
  settling.add(step());
  for (const until = performance.now() + 60; performance.now() < until;);
  await new Promise((resolve) => setImmediate(resolve));
  expect(isSettled).toBe(false);
  await vi.waitFor(() => expect(isSettled).toBe(true));
});

test('many are given as many turns of the loop as there are of them', async () => {
  const MANY = 200;
  let turns = 0;
  let isOver = false;
  const count = (): void => {
    turns++;
    if (!isOver) setImmediate(count);
  };
  await new Promise<void>((resolve) => {
    let left = MANY;
    const settling = new SettlingSteps(5, () => --left === 0 && resolve());
    for (let i = 0; i < MANY; i++) settling.add(step());
    count();
  });
  isOver = true;
  expect(turns).toBeGreaterThanOrEqual(MANY - 10);
});

describe('a window', () => {
  const limits = { framesMax: 4, bytesMax: 100 } as const;

  test.each([
    ['frames', [1, 1, 1, 1]],
    ['bytes', [60, 40]],
  ])('is full of %s, and lets those in who wait when it is half empty', (_what, sizes) => {
    const window = new Window(limits);
    const [ann, bob] = [actor('ann'), actor('bob')];
    for (const size of sizes) {
      expect(window.isFull).toBe(false);
      window.add(size);
    }
    expect(window.isFull).toBe(true);
    for (const each of [ann, bob, ann]) window.await(each);
    const admitted: Actor[] = [];
    for (const size of sizes) {
      window.remove(size, false);
      admitted.push(...window.admitted());
      if (window.isFull) expect(admitted).toEqual([]);
    }
    expect(admitted).toEqual([ann, bob]);
  });

  test('lets everybody go where there is nothing to wait for any more', () => {
    const window = new Window(limits);
    window.add(100);
    const ann = actor('ann');
    window.await(ann);
    expect([...window.everybody()]).toEqual([ann]);
    expect([...window.everybody()]).toEqual([]);
  });
});

describe('a stage', () => {
  const options = {
    patienceMs: 100,
    settleMs: 10,
    external: null,
    comparison: null,
  } as unknown as EngineOptions;

  test('waits for what a step needs no longer than the patience and the time to settle', () => {
    const stage = new Stage(options, () => undefined);
    const ann = actor('ann');
    const need = step();
    expect(stage.awaitNeed(need, ann)).toBe('order');
    need.isDone = true;
    need.doneAt = 50;
    stage.now = 159;
    expect(stage.awaitNeed(need, ann)).toBe('opening');
    expect(ann.wakeAt).toBe(160);
    stage.now = 160;
    expect(stage.awaitNeed(need, ann)).toBe(null);
    expect(need.isEffective).toBe(true);
    stage.close();
  });

  test('has room for another opening when the target has had time to take the last ones', async () => {
    const stage = new Stage(options, () => undefined);
    const openings = Array.from({ length: openingLimits.framesMax }, () => new OpenStep(someone, 0, 0));
    for (const _ of openings) stage.openings.add(0);
    for (const opening of openings) stage.connects(opening);
    expect(openings.every(({ isEffective }) => isEffective)).toBe(true);
    expect(stage.connected).toBe(openings.length);
    expect(stage.openings.isFull).toBe(true);
    await vi.waitFor(() => expect(stage.openings.isFull).toBe(false));
    stage.close();
  });
});

test('whoever waits for a step is told once', () => {
  const waiters = new Waiters();
  const [ann, bob, one, two] = [actor('ann'), actor('bob'), step(), step()];
  for (const each of [ann, bob, ann]) waiters.add(one, each);
  waiters.add(two, ann);
  expect(waiters.take(one)).toEqual([ann, bob]);
  expect(waiters.take(one)).toEqual([]);
  expect(waiters.take(two)).toEqual([ann]);
});

test('holds are told by what held, in the order of the words for it', () => {
  const tally = new HoldTally();
  tally.count('settling', 10);
  tally.count('answer', 5);
  tally.count('answer', 7);
  expect(tally.told()).toEqual([
    { by: 'answer', sends: 2, total: 12, longest: 7 },
    { by: 'settling', sends: 1, total: 10, longest: 10 },
  ]);
});
