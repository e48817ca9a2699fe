import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const css = readFileSync('dashboard/web/src/theme.css', 'utf8');

/** The custom properties of a block that hold colours. */
function coloursOf(selector: string): ReadonlyMap<string, string> {
  const start = css.indexOf(`${selector} {`);
  const block = css.slice(start, css.indexOf('}', start));
  return new Map(
    [...block.matchAll(/--([a-z0-9-]+): (#[0-9a-f]{6});/g)].map(([, name = '', value = '']) => [name, value]),
  );
}

/** As the Web Content Accessibility Guidelines define it. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

const dark = coloursOf(':root');
const themes = {
  dark,
  light: new Map([...dark, ...coloursOf(":root[data-theme='light']")]),
};
const grounds = ['bg', 'bg-2', 'bg-3', 'bg-hover', 'bg-chosen'];

describe.each(Object.entries(themes))('in the %s theme', (_, colours) => {
  const of = (name: string) => {
    const colour = colours.get(name);
    if (colour === undefined) throw new RangeError(`no colour ${name}`);
    return colour;
  };

  test.each(['text', 'text-2', 'text-3', 'accent', 'bad', 'warn', 'good'])(
    'the text colour %s is readable on every ground',
    (name) => {
      for (const ground of grounds)
        expect(contrast(of(name), of(ground)), `${name} on ${ground}`).toBeGreaterThanOrEqual(4.5);
    },
  );

  test('judgements are readable on their own grounds, and what is on a main button', () => {
    for (const tone of ['bad', 'warn', 'good'])
      expect(contrast(of(tone), of(`${tone}-bg`)), tone).toBeGreaterThanOrEqual(4.5);
    expect(contrast(of('on-accent'), of('accent-strong'))).toBeGreaterThanOrEqual(4.5);
  });

  test('the signs of players stand out from every ground', () => {
    const players = [...colours.keys()].filter((name) => name.startsWith('player-'));
    expect(players).toHaveLength(10);
    for (const player of players)
      for (const ground of grounds)
        expect(contrast(of(player), of(ground)), `${player} on ${ground}`).toBeGreaterThanOrEqual(3);
  });
});

test('both themes have the same colours', () => {
  const names = (map: ReadonlyMap<string, string>) => [...map.keys()].sort();
  expect(names(coloursOf(":root[data-theme='light']"))).toEqual(names(dark));
});
