/** The table of findings, and how findings are put together. */
import { describe, expect, it, test } from 'vitest';
import { FINDINGS_PER_ID_MAX, type FindingSpec, type Found } from '../../../analysis/findings/finding.ts';
import { findingObservers, findingSpecs } from '../../../analysis/findings/table.ts';
import { Stage } from './stage.ts';

const { view } = new Stage().play();

function spec(id: string, severity: FindingSpec['severity'], found: readonly Found[]): FindingSpec {
  const watch = () => ({ frame: () => undefined, end: () => found });
  return { id, severity, title: `Title of ${id}`, explanation: '', example: '', watch };
}

function found(count: number, at = 0): Found[] {
  return Array.from({ length: count }, (_, i) => ({ text: `number ${i}`, frames: [i + 1, 99], at: at + i }));
}

describe('the table', () => {
  it('gives each finding an id of its own, in kebab-case', () => {
    const ids = findingSpecs.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
  });

  it.each(findingSpecs)('explains $id in one sentence', ({ title, explanation }) => {
    expect(explanation).toMatch(/^[A-Z][^.]*(\d s[^.]*)?\.$/);
    expect(title).toMatch(/^[A-Z].*[^.]$/);
  });
});

describe('findings', () => {
  const listed = (...specs: FindingSpec[]) => findingObservers(view, specs).end();

  it('come worst first, and then in the order of time', () => {
    const listing = listed(
      spec('c', 'note', found(1, 1)),
      spec('b', 'warning', found(1, 7)),
      spec('a', 'problem', found(1, 9)),
      spec('d', 'warning', found(1, 5)),
    );
    expect(listing.map(({ id }) => id)).toEqual(['a', 'd', 'b', 'c']);
    expect(listing[0]).toEqual({
      id: 'a',
      severity: 'problem',
      text: 'number 0',
      frames: [1, 99],
      at: 9,
    });
  });

  it('are all told up to a limit', () => {
    expect(listed(spec('a', 'note', found(FINDINGS_PER_ID_MAX)))).toHaveLength(FINDINGS_PER_ID_MAX);
  });

  it('are counted beyond it, with their frames', () => {
    const listing = listed(spec('a', 'note', found(FINDINGS_PER_ID_MAX + 12).reverse()));
    expect(listing).toHaveLength(FINDINGS_PER_ID_MAX + 1);
    expect(listing.at(-2)?.text).toBe(`number ${FINDINGS_PER_ID_MAX - 1}`);
    expect(listing.at(-1)).toEqual({
      id: 'a',
      severity: 'note',
      text: 'and 12 more like this: Title of a',
      frames: [11, 12, 13, 14, 15, 16, 17, 18],
      at: FINDINGS_PER_ID_MAX,
    });
  });
});

test('an empty session is nothing to speak of', () => {
  expect(new Stage().findings()).toEqual([]);
});
