import { describe, expect, test } from 'vitest';
import {
  FILTERS_MAX,
  FILTER_CHARACTERS_KEPT_MAX,
  FilterHistory,
} from '../../../../dashboard/web/src/views/session/frames/history.ts';

function storage(begun: string | null = null) {
  let kept = begun;
  return { getItem: () => kept, setItem: (_: string, value: string) => void (kept = value) };
}

describe('the history of filters', () => {
  test('has the newest first, and each once', () => {
    const history = new FilterHistory(storage());
    for (const filter of ['size > 1', 'size > 2', ' size > 1 ']) history.add(filter);
    expect(history.list).toEqual(['size > 1', 'size > 2']);
  });

  test('is there again when the page is', () => {
    const place = storage();
    new FilterHistory(place).add('kind == pdp');
    expect(new FilterHistory(place).list).toEqual(['kind == pdp']);
  });

  test('has room for so many', () => {
    const history = new FilterHistory(storage());
    for (let i = 0; i <= FILTERS_MAX; i++) history.add(`size == ${i}`);
    expect(history.list).toHaveLength(FILTERS_MAX);
    expect(history.list[0]).toBe(`size == ${FILTERS_MAX}`);
    expect(history.list).not.toContain('size == 0');
  });

  test('keeps neither nothing nor too much', () => {
    const history = new FilterHistory(storage());
    history.add('  ');
    history.add('x'.repeat(FILTER_CHARACTERS_KEPT_MAX + 1));
    expect(history.list).toEqual([]);
  });

  test.each(['{', '{"a":1}', null])('begins anew where what was kept is %s', (kept) => {
    expect(new FilterHistory(storage(kept)).list).toEqual([]);
  });

  test('lasts as long as the page where the browser keeps nothing', () => {
    const history = new FilterHistory({
      getItem: () => null,
      setItem: () => {
        throw new DOMException('full', 'QuotaExceededError');
      },
    });
    history.add('size > 1');
    expect(history.list).toEqual(['size > 1']);
  });
});
