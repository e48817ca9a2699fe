import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { language } from '../../../../../../analysis/filter/language.ts';
import { parseFilter } from '../../../../../../analysis/filter/parse.ts';
import { printTree } from '../../../../../../analysis/filter/tree.ts';
import {
  circleOf,
  curveOf,
  measureText,
  mostOf,
  pairFilter,
  PEOPLE_MAX,
  peopleOf,
  strengthOf,
} from '../../../../../../dashboard/web/src/views/session/conversations/people.ts';
import { runs } from '../../../../../kit/property.ts';
import { conversation, way } from './sample.ts';

const talks = [
  conversation([way({}), way({ from: 'bob/50', to: 'ann/50', frames: 4, bytes: 100, perSecond: null })]),
  conversation([way({ from: 'ann/60', to: 'bob/61', frames: 5, bytes: 20, perSecond: 2.5 })]),
  conversation([way({ from: 'bob/50', to: 'eve/1', frames: 1, bytes: 7, perSecond: null })]),
];

describe('who talks to whom', () => {
  const people = peopleOf(['bob', 'ann'], talks);

  test('is told by player, those of the session first and in their order', () => {
    expect(people.names).toEqual(['bob', 'ann', 'eve']);
    expect(people.beyond).toBe(0);
  });

  test('adds up all ports and protocols, each way for itself', () => {
    expect(people.said).toEqual([
      [null, { bytes: 100, frames: 4, rate: 0 }, { bytes: 7, frames: 1, rate: 0 }],
      [{ bytes: 500, frames: 15, rate: 32.5 }, null, null],
      [null, null, null],
    ]);
    expect(mostOf(people, 'frames')).toBe(15);
    expect(mostOf(peopleOf([], []), 'frames')).toBe(0);
  });

  test('loses nothing of what is said among those who have room', () => {
    const who = fc.constantFrom('a/1', 'a/2', 'b/1', 'c', 'd/9');
    const some = fc.record({ from: who, to: who, frames: fc.nat(1000) }).map(way);
    fc.assert(
      fc.property(fc.array(some), (ways) => {
        const { said } = peopleOf(
          ['c'],
          ways.map((each) => conversation([each])),
        );
        const shown = said.flat().reduce((sum, cell) => sum + (cell?.frames ?? 0), 0);
        expect(shown).toBe(ways.reduce((sum, { frames }) => sum + frames, 0));
      }),
      runs(100),
    );
  });

  test('has room for so many, and counts the others', () => {
    const many = Array.from({ length: PEOPLE_MAX + 3 }, (_, i) => `p${i}`);
    const crowd = peopleOf(many, [conversation([way({ from: `p${PEOPLE_MAX + 1}/1`, to: 'p0/1' })])]);
    expect([crowd.names.length, crowd.beyond, mostOf(crowd, 'bytes')]).toEqual([PEOPLE_MAX, 3, 0]);
  });
});

test('a sign is the stronger the more it stands for', () => {
  expect([0, 1, 25, 100].map((value) => strengthOf(value, 100))).toEqual([0, 0.1, 0.5, 1]);
  expect(strengthOf(5, 0)).toBe(0);
});

test('what is measured is told as people read it', () => {
  expect([
    measureText(1500, 'bytes'),
    measureText(1500, 'frames'),
    measureText(2.25, 'rate'),
    measureText(61.7, 'rate'),
  ]).toEqual(['1.5 kB', '1\u202f500', '2.3', '62']);
});

test('what one says to another is a filter', () => {
  const filter = pairFilter('02:00:00:00:00:01', 'an odd "name"');
  expect(printTree(parseFilter(filter, language))).toBe(
    'from == 02:00:00:00:00:01 && to == "an odd \\"name\\""',
  );
});

describe('the circle', () => {
  const centre = { x: 100, y: 100 };

  test('begins on top and goes round clockwise; two lie beside each other', () => {
    const round = (count: number) =>
      circleOf(count, centre, 50).map(({ x, y }) => [Math.round(x), Math.round(y)]);
    expect(round(4)).toEqual([
      [100, 50],
      [150, 100],
      [100, 150],
      [50, 100],
    ]);
    expect(round(2)).toEqual([
      [50, 100],
      [150, 100],
    ]);
    expect(round(1)).toEqual([[100, 100]]);
    expect(round(0)).toEqual([]);
  });

  test('has both ways of two beside each other, each with its head at the one who is spoken to', () => {
    const [left, right] = [
      { x: 0, y: 0 },
      { x: 100, y: 0 },
    ];
    const there = curveOf(left, right, 10, 5);
    const back = curveOf(right, left, 10, 5);
    expect(there.head.x).toBeGreaterThan(85);
    expect(back.head.x).toBeLessThan(15);
    // To its own left: one above the line, the other below.
    expect(Math.sign(there.head.y)).toBe(-1);
    expect(Math.sign(back.head.y)).toBe(1);
  });

  test('has a head that keeps its distance and points at its end', () => {
    const point = fc.record({ x: fc.integer({ min: 0, max: 500 }), y: fc.integer({ min: 0, max: 500 }) });
    fc.assert(
      fc.property(point, point, (from, to) => {
        fc.pre(Math.hypot(from.x - to.x, from.y - to.y) > 60);
        const { head, path } = curveOf(from, to, 12, 6);
        expect(Math.hypot(head.x - to.x, head.y - to.y)).toBeCloseTo(12, 5);
        const angle = (head.degrees * Math.PI) / 180;
        expect(head.x + 12 * Math.cos(angle)).toBeCloseTo(to.x, 5);
        expect(head.y + 12 * Math.sin(angle)).toBeCloseTo(to.y, 5);
        expect(path).not.toContain('NaN');
      }),
      runs(100),
    );
  });
});
