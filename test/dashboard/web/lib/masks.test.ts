import { beforeEach, describe, expect, test } from 'vitest';
import { MASKS_MAX, masks, maskText } from '../../../../dashboard/web/src/lib/masks.svelte.ts';

beforeEach(() => masks.clear());

describe('gathered masks', () => {
  test('are one where they say the same, in whatever order', () => {
    masks.add({ kind: 'pdp', at: 4, bytes: 4 });
    expect(masks.has({ bytes: 4, kind: 'pdp', at: 4 })).toBe(true);
    masks.add({ bytes: 4, at: 4, kind: 'pdp' });
    masks.add({ bytes: 4, at: 5, kind: 'pdp' });
    expect(masks.list).toHaveLength(2);
    masks.remove({ at: 4, kind: 'pdp', bytes: 4 });
    expect(masks.list).toEqual([{ bytes: 4, at: 5, kind: 'pdp' }]);
  });

  test('are kept by the browser, and heard of from another tab', () => {
    masks.add({ field: 'size' });
    expect(JSON.parse(localStorage.getItem('postreel.masks') ?? '')).toEqual([{ field: 'size' }]);
    localStorage.setItem('postreel.masks', '[{"field":"port"}]');
    dispatchEvent(new StorageEvent('storage', { key: 'postreel.masks' }));
    expect(masks.list).toEqual([{ field: 'port' }]);
  });

  test('survive what somebody else wrote in their place', () => {
    for (const text of ['nonsense', '{}', '[1, null]']) {
      localStorage.setItem('postreel.masks', text);
      dispatchEvent(new StorageEvent('storage', { key: 'postreel.masks' }));
      expect(masks.list, text).toEqual([]);
    }
  });

  test('are no more than so many', () => {
    for (let at = 0; at < MASKS_MAX; at++) expect(masks.add({ at, bytes: 1 })).toBe(true);
    expect(masks.add({ at: MASKS_MAX, bytes: 1 })).toBe(false);
    expect(masks.add({ at: 0, bytes: 1 })).toBe(true);
    expect(masks.list).toHaveLength(MASKS_MAX);
  });

  test('are written as a file of masks', () => {
    masks.add({ kind: 'pdp', at: 4, bytes: 'rest', means: 'random' });
    expect(JSON.parse(masks.fileText())).toEqual({
      masks: [{ kind: 'pdp', at: 4, bytes: 'rest', means: 'random' }],
    });
  });

  test('are told in a few words', () => {
    expect(maskText({ kind: 'pdp', at: 4, bytes: 4 })).toBe('bytes 4 to 7 of pdp');
    expect(maskText({ kind: 'pdp', at: 4, bytes: 1 })).toBe('byte 4 of pdp');
    expect(maskText({ field: 'size', conversation: { from: 'Hana' } })).toBe(
      'size of any frame, Hana to anyone',
    );
    expect(maskText({ kind: 'pdp', bytes: 'all' })).toBe('all bytes of pdp');
    expect(maskText({ kind: 'pdp', at: 3, bytes: 'rest' })).toBe('bytes from 3 on of pdp');
  });
});
