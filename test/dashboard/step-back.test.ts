import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { stepBack } from '../../dashboard/step-back.ts';

const SCHED_IDLE = 5;

/** Of the thread that asks: its niceness and its class, which are the 19th and the 41st field behind its name. */
function scheduling(): { readonly niceness: number; readonly policy: number } {
  const stat = readFileSync('/proc/thread-self/stat', 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { niceness: Number(fields[16]), policy: Number(fields[38]) };
}

test('a thread that steps back gives way to every other at once', async () => {
  expect(scheduling().policy).toBe(0);
  await stepBack();
  expect(scheduling()).toEqual({ niceness: 10, policy: SCHED_IDLE });
});
