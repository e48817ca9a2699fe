/** What waits: units, and the blocks of a stream. */
import { describe, expect, test } from 'vitest';
import { Budget } from '../../../replay/compare/budget.ts';
import { Block, ByteQueue } from '../../../replay/compare/byte-queue.ts';
import { UnitQueue } from '../../../replay/compare/unit-queue.ts';
import { textOf, unit } from './units.ts';

test('units are counted in bytes, whichever way they leave', () => {
  const queue = new UnitQueue(4, 10, new Budget());
  for (const text of ['aa', 'bb', 'ccc', 'ddd']) queue.push(unit(text));
  expect(queue.isOver).toBe(false);
  expect(textOf(queue.replace(2, 0))).toBe('ccc');
  queue.push(unit('eee'));
  expect(queue.isOver).toBe(false);
  expect(textOf(queue.remove(1))).toBe('aa');
  expect([0, 1, 2].map((i) => textOf(queue.at(i)))).toEqual(['bb', 'ddd', 'eee']);
  queue.push(unit('fff'));
  expect(queue.isOver).toBe(true);
  expect(textOf(queue.shift())).toBe('bb');
  expect(queue.isOver).toBe(false);
});

describe('a stream in blocks', () => {
  function queueOf(texts: readonly string[]): ByteQueue {
    const queue = new ByteQueue(10, 100, new Budget());
    const noise = [{ at: 1, size: 1 }];
    for (const text of texts) {
      const each = unit(text);
      queue.push(new Block(each, each.bytes, text === '' ? [] : noise));
    }
    return queue;
  }

  test('shows what comes next across its blocks, and what of it is noise', () => {
    const queue = queueOf(['abc', '', 'def', 'ghi']);
    queue.advance(2);
    const bytes = new Uint8Array(6);
    const noise = new Uint8Array(6).fill(1);
    queue.look(bytes, noise);
    expect(textOf(bytes)).toBe('cdefgh');
    expect([...noise]).toEqual([0, 0, 1, 0, 0, 1]);
  });

  test('knows how far other blocks are, as far as it may look', () => {
    const queue = queueOf(['abc', '', 'def', 'ghi', 'jkl']);
    queue.advance(2);
    expect(queue.distances(100, 3)).toEqual([3, 3, 6]);
    expect(queue.distances(7, 10)).toEqual([3, 3, 6]);
    expect(queue.distances(8, 10)).toEqual([3, 3, 6, 9]);
  });

  test('is taken piece by piece, and read on from there', () => {
    const queue = queueOf(['abc', '', 'def', 'ghi']);
    queue.advance(1);
    const taken: string[] = [];
    queue.take(6, ({ unit: of }, bytes) => taken.push(`${textOf(of)}:${textOf(bytes)}`));
    expect(taken).toEqual(['abc:bc', 'def:def', 'ghi:g']);
    expect([queue.length, queue.size, queue.rest, queue.offset, queue.passed]).toEqual([1, 2, 2, 1, 7]);
  });
});
