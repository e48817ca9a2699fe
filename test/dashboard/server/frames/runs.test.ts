import { describe, expect, it } from 'vitest';
import { Runs } from '../../../../dashboard/server/frames/runs.ts';
import type { FrameHead } from '../../../../recorder/frame-pages.ts';

const MS = 1e6;

class Talk {
  readonly runs: Runs;
  #sequence = 0;

  constructor(...limits: ConstructorParameters<typeof Runs>) {
    this.runs = new Runs(...limits);
  }

  say(atMs: number, from: number, to: number, what: Partial<FrameHead> = {}, says = ''): this {
    const sequence = ++this.#sequence;
    this.runs.add({ sequence, arrived: atMs * MS, from, to, kind: 4, outcome: 0, size: 20, ...what }, says);
    return this;
  }

  get told(): string[] {
    return this.runs
      .slice(0, 100)
      .map(
        ({ first, count, lastSequence }) =>
          `${first.from}>${first.to} x${count} ${first.sequence}-${lastSequence}`,
      );
  }
}

describe('frames that repeat', () => {
  it('become one run for each way between two ends, however they are mixed', () => {
    const talk = new Talk();
    for (let i = 0; i < 5; i++)
      talk
        .say(i * 33, 1, 2)
        .say(i * 33 + 1, 2, 1)
        .say(i * 33 + 2, 3, 2);
    expect(talk.told).toEqual(['1>2 x5 1-13', '2>1 x5 2-14', '3>2 x5 3-15']);
  });

  it('have a mean interval, and say how far it varies, and between which sizes they are', () => {
    const talk = new Talk();
    for (const [at, size] of [
      [0, 20],
      [30, 24],
      [70, 18],
      [100, 20],
    ] as const)
      talk.say(at, 1, 2, { size });
    const [run] = talk.runs.slice(0, 1);
    expect(run).toMatchObject({ count: 4, sizeMin: 18, sizeMax: 24, until: 100 * MS });
    expect(run!.every / MS).toBeCloseTo(100 / 3);
    expect(Math.sqrt(run!.squares / 3) / MS).toBeCloseTo(
      Math.sqrt(((30 - 100 / 3) ** 2 * 2 + (40 - 100 / 3) ** 2) / 3),
    );
  });

  it.each([
    ['another kind', { kind: 5 }, ''],
    ['another outcome', { outcome: 3 }, ''],
    ['what says something else to the relay', {}, 'something else'],
  ])('end with %s that goes the same way', (_, what, says) => {
    const talk = new Talk().say(0, 1, 2).say(10, 1, 2).say(20, 1, 2, what, says).say(30, 1, 2).say(40, 1, 2);
    expect(talk.told).toEqual(['1>2 x2 1-2', '1>2 x1 3-3', '1>2 x2 4-5']);
  });

  it('end with a long silence, which is longer where they are far between', () => {
    const often = new Talk().say(0, 1, 2).say(100, 1, 2).say(3_100, 1, 2).say(7_000, 1, 2);
    expect(often.told).toEqual(['1>2 x4 1-4']);
    const silent = new Talk().say(0, 1, 2).say(10, 1, 2).say(3_011, 1, 2);
    expect(silent.told).toEqual(['1>2 x2 1-2', '1>2 x1 3-3']);
  });
});

describe('runs', () => {
  it('are so many at most; frames of others are counted', () => {
    const talk = new Talk(2).say(0, 1, 2).say(1, 2, 1).say(2, 3, 1).say(3, 1, 2).say(4, 3, 1);
    expect(talk.told).toEqual(['1>2 x2 1-4', '2>1 x1 2-2']);
    expect(talk.runs.beyond).toBe(2);
  });

  it('go on where others found no room, but not over what was left out of them', () => {
    const talk = new Talk(1).say(0, 1, 2).say(1, 1, 2, { kind: 5 }).say(2, 1, 2);
    expect(talk.told).toEqual(['1>2 x1 1-1']);
    expect(talk.runs.beyond).toBe(2);
  });

  it('that may go on are so many at most: the oldest is ended', () => {
    const talk = new Talk(100, 2).say(0, 1, 2).say(1, 2, 1).say(2, 3, 1).say(3, 1, 2).say(4, 3, 1);
    expect(talk.told).toEqual(['1>2 x1 1-1', '2>1 x1 2-2', '3>1 x2 3-5', '1>2 x1 4-4']);
  });

  it('that have grown since are told by their revision', () => {
    const talk = new Talk().say(0, 1, 2);
    const before = talk.runs.revision;
    talk.say(1, 2, 1);
    expect(talk.runs.revision).toBe(before);
    talk.say(2, 1, 2);
    expect(talk.runs.revision).toBeGreaterThan(before);
  });
});
