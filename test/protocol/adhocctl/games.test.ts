import { describe, expect, it } from 'vitest';
import { GameTable, GameTableError, noGames } from '../../../protocol/adhocctl/games.ts';

const table = GameTable.from({
  crosslinks: { ULES01213: 'ULUS10391', ULJM05500: 'ULUS10391', NPJH50001: 'ULES00001' },
  names: { ULUS10391: 'Main', ULES01213: 'Regional', NPJH50001: 'Only the link is named' },
});

describe('a game table', () => {
  it('says what a release plays as: another, or itself', () => {
    expect(table.playsAs('ULES01213')).toBe('ULUS10391');
    expect(table.playsAs('ULJM05500')).toBe('ULUS10391');
    expect(table.playsAs('ULUS10391')).toBe('ULUS10391');
    expect(table.playsAs('ULUS99999')).toBe('ULUS99999');
    expect(table.playsAs('constructor')).toBe('constructor');
  });

  it('names a release as what it plays as, else by its own name, else not at all', () => {
    expect(table.name('ULES01213')).toBe('Main');
    expect(table.name('ULUS10391')).toBe('Main');
    expect(table.name('NPJH50001')).toBe('Only the link is named');
    expect(table.name('ULES00001')).toBe('');
    expect(table.name('ULUS99999')).toBe('');
  });

  it('lists all releases that play together, the one that they play as first', () => {
    const all = ['ULUS10391', 'ULES01213', 'ULJM05500'];
    for (const code of all) expect(table.releases(code)).toEqual(all);
    expect(table.releases('ULUS99999')).toEqual(['ULUS99999']);
  });

  it('may be empty', () => {
    expect(noGames.playsAs('ULUS10391')).toBe('ULUS10391');
    expect(noGames.name('ULUS10391')).toBe('');
    expect(noGames.releases('ULUS10391')).toEqual(['ULUS10391']);
  });
});

describe('an entry that cannot be right', () => {
  const fine = { ULES01213: 'ULUS10391' };
  const rule = 'nine of A-Z and 0-9';

  it.each<[string, unknown, unknown, string, string, string]>([
    [
      'a link from what is no code',
      { ...fine, ULUS1039: 'ULUS10391' },
      {},
      'crosslinks',
      'ULUS1039',
      `is no product code: ${rule}`,
    ],
    [
      'a link to what is no code',
      { ULES01214: 'ulus10391' },
      {},
      'crosslinks',
      'ULES01214',
      `is linked to "ulus10391", which is no product code: ${rule}`,
    ],
    [
      'a link to what is no text',
      { ULES01214: 7 },
      {},
      'crosslinks',
      'ULES01214',
      `is linked to 7, which is no product code: ${rule}`,
    ],
    [
      'a link to nothing',
      { ULES01214: undefined },
      {},
      'crosslinks',
      'ULES01214',
      `is linked to undefined, which is no product code: ${rule}`,
    ],
    ['a link to itself', { ULES01214: 'ULES01214' }, {}, 'crosslinks', 'ULES01214', 'is linked to itself'],
    [
      'a link to a code that is linked',
      { ...fine, ULJM05500: 'ULES01213' },
      {},
      'crosslinks',
      'ULJM05500',
      'is linked to ULES01213, which is itself linked to "ULUS10391"',
    ],
    [
      'a circle',
      { AAAAAAAAA: 'BBBBBBBBB', BBBBBBBBB: 'AAAAAAAAA' },
      {},
      'crosslinks',
      'AAAAAAAAA',
      'is linked to BBBBBBBBB, which is itself linked to "AAAAAAAAA"',
    ],
    [
      'a code with a line behind it',
      { 'ULUS10391\n': 'ULUS10392' },
      {},
      'crosslinks',
      'ULUS10391\n',
      `is no product code: ${rule}`,
    ],
    [
      'a name of what is no code',
      fine,
      { ULUS103911: 'x' },
      'names',
      'ULUS103911',
      `is no product code: ${rule}`,
    ],
    [
      'a name that is no text',
      fine,
      { ULUS10391: null },
      'names',
      'ULUS10391',
      'has a name that is no text: null',
    ],
    [
      'a key that objects have of their own',
      JSON.parse('{"__proto__": "ULUS10391"}'),
      {},
      'crosslinks',
      '__proto__',
      `is no product code: ${rule}`,
    ],
  ])('%s is told by section, key and reason', (_, crosslinks, names, section, key, reason) => {
    const read = () =>
      GameTable.from({
        crosslinks: crosslinks as Record<string, unknown>,
        names: names as Record<string, unknown>,
      });
    expect(read).toThrow(GameTableError);
    expect(read).toThrow(expect.objectContaining({ section, key, reason }));
    expect(read).toThrow(`${section}: ${JSON.stringify(key)} ${reason}`);
  });
});
