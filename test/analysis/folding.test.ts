import { beforeEach, describe, expect, it } from 'vitest';
import { BURSTS_MAX, Folding, REPEATS_MAX, TARGETS_MAX } from '../../analysis/folding.ts';
import { NANOS } from '../kit/session-view.ts';

let folding: Folding;
let sequence: number;

function add(seconds: number, what: string, target: string | null = 'bob', lost: string | null = null): void {
  const at = Math.round(seconds * NANOS);
  folding.add({ at, sequence: ++sequence, player: 'ann', what, target, lost }, what);
}

/** `what to whom xN`, as often as there are steps. */
function told(): string[] {
  return folding.told().map(({ what, to, count }) => `${what} to ${to.join('+')} x${count}`);
}

beforeEach(() => {
  folding = new Folding(100);
  sequence = 0;
});

describe('a repeat', () => {
  it('is counted with the first, with when and which was the last', () => {
    for (const seconds of [1, 2, 3, 4]) add(seconds, 'HELLO');
    expect(folding.told()).toEqual([
      {
        at: NANOS,
        sequence: 1,
        player: 'ann',
        what: 'HELLO',
        to: ['bob'],
        lost: null,
        count: 4,
        last: 4 * NANOS,
        lastSequence: 4,
        every: NANOS,
      },
    ]);
  });

  it('may have others between', () => {
    add(1, 'HELLO');
    add(1.2, 'JOIN');
    add(2, 'HELLO');
    expect(told()).toEqual(['HELLO to bob x2', 'JOIN to bob x1']);
    expect(folding.told()[1]?.every).toBeNull();
  });

  it('is none of what somebody else does, or of what did not arrive', () => {
    add(1, 'JOIN');
    add(1.1, 'JOIN', 'bob', 'no-target');
    folding.add({ at: NANOS, sequence: 3, player: 'cyd', what: 'JOIN', target: 'bob', lost: null }, 'JOIN');
    expect(told()).toHaveLength(3);
  });

  it('may differ in words where it is of one sort', () => {
    folding.add(
      { at: 1, sequence: 1, player: 'ann', what: 'JOIN with 4 bytes', target: 'bob', lost: null },
      'join',
    );
    folding.add(
      { at: 2, sequence: 2, player: 'ann', what: 'JOIN with 6 bytes', target: 'bob', lost: null },
      'join',
    );
    expect(told()).toEqual(['JOIN with 4 bytes to bob x2']);
  });

  it('is a step of its own after a silence: somebody tried again', () => {
    for (const seconds of [1, 1.5, 2]) add(seconds, 'JOIN');
    add(6.9, 'JOIN');
    add(30, 'JOIN');
    expect(told()).toEqual(['JOIN to bob x4', 'JOIN to bob x1']);
  });

  it('keeps to its rhythm, however slow that is', () => {
    for (const seconds of [0, 2, 4, 6]) add(seconds, 'PING');
    for (const seconds of [20, 40, 60]) add(seconds, 'PING');
    expect(told()).toEqual(['PING to bob x7']);
  });

  it('is counted with the last once there were many silences', () => {
    for (let i = 0; i < 3 * BURSTS_MAX; i++) add(i * 100, 'JOIN');
    expect(told()).toHaveLength(BURSTS_MAX);
    expect(told().at(-1)).toBe(`JOIN to bob x${2 * BURSTS_MAX + 1}`);
  });
});

describe('what is said to several at once', () => {
  it('is one step, whose rhythm is that of the first', () => {
    for (const seconds of [1, 2, 3]) {
      add(seconds, 'HELLO', 'bob');
      add(seconds + 0.001, 'HELLO', 'cyd');
      add(seconds + 0.002, 'HELLO', 'dan');
    }
    expect(told()).toEqual(['HELLO to bob+cyd+dan x9']);
    expect(folding.told()[0]?.every).toBe(NANOS);
  });

  it('is two where the other came later, and both go on', () => {
    add(1, 'HELLO', 'bob');
    add(2, 'HELLO', 'bob');
    add(3, 'HELLO', 'bob');
    add(3, 'HELLO', 'cyd');
    add(4, 'HELLO', 'bob');
    add(4, 'HELLO', 'cyd');
    expect(told()).toEqual(['HELLO to bob x4', 'HELLO to cyd x2']);
  });

  it('names so many, and counts all', () => {
    for (let i = 0; i < TARGETS_MAX + 5; i++) add(1, 'HELLO', `player ${i}`);
    const [step] = folding.told();
    expect(step?.to).toHaveLength(TARGETS_MAX);
    expect(step?.count).toBe(TARGETS_MAX + 5);
  });

  it('needs somebody to whom it is said', () => {
    add(1, 'opens PDP', null);
    add(1, 'opens PDP', null);
    expect(folding.told()).toMatchObject([{ to: [], count: 2 }]);
  });
});

describe('limits', () => {
  it('of steps: what finds no room is counted, and what has its step goes on', () => {
    folding = new Folding(2);
    for (const what of ['a', 'b', 'c', 'd', 'a']) add(1, what);
    expect(told()).toEqual(['a to bob x2', 'b to bob x1']);
    expect(folding.beyond).toBe(2);
  });

  it('of repeats that are told apart', () => {
    folding = new Folding(REPEATS_MAX);
    for (let i = 0; i < REPEATS_MAX; i++) add(1, `what ${i}`);
    expect(folding.told()).toHaveLength(REPEATS_MAX / 2);
    expect(folding.beyond).toBe(REPEATS_MAX / 2);
    add(2, 'what 0');
    expect(folding.told()[0]?.count).toBe(2);
  });
});
