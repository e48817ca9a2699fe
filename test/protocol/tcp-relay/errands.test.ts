import { expect, it } from 'vitest';
import { Errands } from '../../../protocol/tcp-relay/errands.ts';

it('an errand is done at once, unless one is being done', () => {
  const errands = new Errands();
  const done: string[] = [];
  errands.run(() => {
    done.push('first begins');
    errands.run(() => done.push('second'));
    errands.run(() => done.push('third'));
    done.push('first ends');
  });
  expect(done).toEqual(['first begins', 'first ends', 'second', 'third']);
});

it('each may set off the next, without end and without a stack', () => {
  const errands = new Errands();
  let left = 1_000_000;
  const next = () => {
    if (--left > 0) errands.run(next);
  };
  errands.run(next);
  expect(left).toBe(0);
});

it('one that fails does not keep the others from being done ever after', () => {
  const errands = new Errands();
  expect(() =>
    errands.run(() => {
      throw new Error('no');
    }),
  ).toThrow('no');
  let done = false;
  errands.run(() => (done = true));
  expect(done).toBe(true);
});
