/** What a browser has to fetch before it shows anything, as it is built. */
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';

const built = fileURLToPath(new URL('../../../dist/dashboard/web/', import.meta.url));
const BYTES_MAX = 200_000;

const read = (file: string) => readFileSync(join(built, file), 'utf8');

/** What the page names, and all that these import before they run; not what is only fetched when it is wanted. */
function scriptsAtOnce(): readonly string[] {
  const named = [...read('index.html').matchAll(/(?:src|href)="\/([^"]+\.js)"/g)].map(
    ([, path = '']) => path,
  );
  const all = new Set<string>();
  const add = (path: string): void => {
    if (all.has(path)) return;
    all.add(path);
    for (const [, target = ''] of read(path).matchAll(/(?:\bfrom|\bimport)\s*["'](\.[^"']+\.js)["']/g))
      add(relative(built, join(built, dirname(path), target)));
  };
  for (const path of named) add(path);
  return [...all];
}

test('the page loads less than 200 kB of JavaScript at once, gzipped', () => {
  const scripts = scriptsAtOnce();
  expect(scripts.length).toBeGreaterThan(0);
  const sizes = scripts.map((path) => ({ path, bytes: gzipSync(read(path)).length }));
  const bytes = sizes.reduce((sum, each) => sum + each.bytes, 0);
  expect(bytes, JSON.stringify(sizes)).toBeLessThan(BYTES_MAX);
  // A page without its framework would be one that we did not look at.
  expect(bytes).toBeGreaterThan(10_000);
});

test('the page holds no script and no style of its own, which the content-security policy would forbid', () => {
  const page = read('index.html');
  expect(page).not.toMatch(/<style|<script(?![^>]*\bsrc=)|\son\w+=|javascript:/);
  expect(page).not.toMatch(/(src|href)="(https?:)?\/\//);
});
