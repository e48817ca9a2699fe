import { flushSync } from 'svelte';
import { expect, test } from 'vitest';
import { keys } from '../../../../dashboard/web/src/lib/keys.svelte.ts';

test('keys that are bound in effects are bound once, however many effects bind some', () => {
  let bound = 0;
  const binding = (key: string) => () => {
    bound++;
    return keys.bind([{ key, does: key, where: 'Test', run: () => undefined }]);
  };
  const end = $effect.root(() => {
    $effect(binding('a'));
    $effect(binding('b'));
  });
  flushSync();
  expect(bound).toBe(2);
  expect(keys.bindings.map(({ key }) => key)).toEqual(['a', 'b']);
  end();
  expect(keys.bindings).toEqual([]);
});
