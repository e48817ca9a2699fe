import { expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { packageRoot, packageVersion } from '../../cli/version.ts';

it('the version is the one that package.json states', () => {
  expect(packageVersion()).toBe(manifest.version);
  expect(packageRoot()).toMatch(/\/$/);
});
