/** Which browser is taken, and what is said where there is none. */
import { describe, expect, test } from 'vitest';
import { type BrowserMachine, findChromium } from '../../bench/dashboard/chromium.ts';
import { slopeOf } from '../../bench/dashboard/tab.ts';

/** One with these programs, on which an install has these more. */
function machine(
  programs: readonly string[],
  { env = {}, installs = null }: { env?: Record<string, string>; installs?: readonly string[] | null } = {},
): BrowserMachine & { readonly installed: number } {
  const there = new Set(programs);
  return {
    env: { PATH: '/usr/bin:/opt/bin', ...env },
    installed: 0,
    isProgram: (path) => there.has(path),
    ownPath: () => '/own/chrome',
    install() {
      (this as { installed: number }).installed++;
      for (const each of installs ?? []) there.add(each);
      return installs === null ? 'nobody may install one' : null;
    },
  };
}

describe('the browser', () => {
  test('is the one that is named, before all others', () => {
    const env = { POSTREEL_CHROMIUM: '/my/chrome' };
    expect(findChromium(machine(['/my/chrome', '/usr/bin/chromium'], { env }))).toBe('/my/chrome');
    expect(() => findChromium(machine(['/usr/bin/chromium'], { env }))).toThrow(
      'POSTREEL_CHROMIUM names /my/chrome, which is no program',
    );
  });

  test.each([
    ['/opt/bin/chromium'],
    ['/opt/bin/google-chrome'],
    ['/opt/google/chrome/chrome'],
    ['/snap/bin/chromium'],
    ['/own/chrome'],
  ])('is found at %s, and nothing is installed', (path) => {
    const where = machine([path]);
    expect(findChromium(where)).toBe(path);
    expect(where.installed).toBe(0);
  });

  test('is installed where there is none', () => {
    const where = machine([], { installs: ['/usr/bin/chromium'] });
    expect(findChromium(where)).toBe('/usr/bin/chromium');
    expect(where.installed).toBe(1);
  });

  test('is missed in one line that says why, and what would help', () => {
    expect(() => findChromium(machine([]))).toThrow(
      /^there is no Chromium, and nobody may install one: .*POSTREEL_CHROMIUM$/,
    );
    expect(() => findChromium(machine([], { installs: [] }))).toThrow(/installing one did not help/);
  });
});

test('a slope is how much is added each time, whatever jumps about it', () => {
  expect(slopeOf([5, 5, 5, 5])).toBe(0);
  expect(slopeOf([1, 3, 5, 7])).toBeCloseTo(2);
  expect(slopeOf([10, 12, 10, 12, 10, 12, 10])).toBeCloseTo(0);
  expect(slopeOf([7])).toBe(0);
});
