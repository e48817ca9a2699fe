import { flushSync } from 'svelte';
import { expect, test } from 'vitest';
import { keys } from '../../../../dashboard/web/src/lib/keys.svelte.ts';

test('components that bind keys do not wake each other', () => {
  let runs = 0;
  const bindings = (key: string) => [{ key, does: key, where: 'Test', run: () => undefined }];
  const end = $effect.root(() => {
    for (const key of ['a', 'b'])
      $effect(() => {
        runs++;
        return keys.bind(bindings(key));
      });
  });
  flushSync();
  expect(runs).toBe(2);
  expect(keys.bindings.map(({ key }) => key)).toEqual(['a', 'b']);
  end();
  expect(keys.bindings).toEqual([]);
});
