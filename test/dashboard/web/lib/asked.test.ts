import { describe, expect, test } from 'vitest';
import { Asked } from '../../../../dashboard/web/src/lib/asked.svelte.ts';

/** Questions that are answered when the test says so. */
function asking() {
  const open: { resolve: (value: string) => void; reject: (error: Error) => void; signal: AbortSignal }[] =
    [];
  const asked = new Asked<string>(
    (signal) => new Promise((resolve, reject) => open.push({ resolve, reject, signal })),
  );
  return { asked, open };
}

describe('what is asked', () => {
  test('is answered, or says why not, and keeps what was there', async () => {
    const { asked, open } = asking();
    const first = asked.ask();
    expect(asked.isWaiting).toBe(true);
    open[0]?.resolve('one');
    await first;
    expect([asked.data, asked.error, asked.isWaiting]).toEqual(['one', null, false]);
    const second = asked.ask();
    open[1]?.reject(new Error('busy'));
    await second;
    expect([asked.data, asked.error?.message]).toEqual(['one', 'busy']);
    const third = asked.ask();
    open[2]?.resolve('three');
    await third;
    expect([asked.data, asked.error]).toEqual(['three', null]);
  });

  test('is answered by the latest answer, whichever comes last', async () => {
    const { asked, open } = asking();
    const both = [asked.ask(), asked.ask()];
    expect(open.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    open[1]?.resolve('two');
    open[0]?.resolve('one');
    await Promise.all(both);
    expect([asked.data, asked.isWaiting]).toEqual(['two', false]);
  });

  test('may be taken back', async () => {
    const { asked, open } = asking();
    const waiting = asked.ask();
    asked.stop();
    expect(open[0]?.signal.aborted).toBe(true);
    open[0]?.reject(new Error('aborted'));
    await waiting;
    expect([asked.data, asked.error, asked.isWaiting]).toEqual([null, null, false]);
  });
});
