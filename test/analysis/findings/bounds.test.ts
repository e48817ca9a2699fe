/** What is remembered is bounded, whatever a session holds. */
import { expect, test } from 'vitest';
import { Bounded, CONVERSATIONS_MAX } from '../../../analysis/findings/bounded.ts';
import { FINDINGS_PER_ID_MAX } from '../../../analysis/findings/finding.ts';
import { Outcome } from '../../../protocol/outcome.ts';
import { pair } from './story.ts';
import { Stage } from './stage.ts';

test('a full map keeps what it has, and takes nothing more', () => {
  const map = new Bounded<number, { n: number }>(2);
  map.take(1, () => ({ n: 1 }));
  map.take(2, () => ({ n: 2 }));
  expect(map.take(3, () => ({ n: 3 }))).toBeNull();
  expect(map.take(1, () => ({ n: 9 }))).toEqual({ n: 1 });
  expect(map.size).toBe(2);
  map.delete(1);
  expect(map.take(3, () => ({ n: 3 }))).toEqual({ n: 3 });
  map.clear();
  expect([...map.entries()]).toEqual([]);
});

test('a sender that sprays addresses is told of as far as the limit goes', () => {
  const stage = new Stage();
  const { a } = pair(stage);
  for (let i = 0; i < CONVERSATIONS_MAX + 50; i += 1) {
    const digits = i
      .toString(16)
      .padStart(6, '0')
      .replaceAll(/(..)(?=.)/g, '$1:');
    const target = stage.outsider(`06:00:00:${digits}`).unopened(1);
    for (let again = 0; again < 3; again += 1)
      a.says(target, 1 + i / 1e5 + again, { outcome: Outcome.noTarget, bytes: 0 });
  }
  const told = stage.findings().filter(({ id }) => id === 'nobody-there');
  expect(told).toHaveLength(FINDINGS_PER_ID_MAX + 1);
  const rest = (CONVERSATIONS_MAX - FINDINGS_PER_ID_MAX).toLocaleString('en').replaceAll(',', ' ');
  expect(told.at(-1)?.text).toMatch(`and ${rest} more like this`);
});

test('a conversation that changes all the time is told of a few times', () => {
  const stage = new Stage();
  const { a, b } = pair(stage);
  for (let i = 0; i < 20; i += 1)
    b.sends(a, { from: i * 10, to: i * 10 + 9.95, rate: i % 2 === 0 ? 10 : 30, bytes: 10 });
  expect(stage.findings().filter(({ id }) => id === 'rate-change')).toHaveLength(4);
});
