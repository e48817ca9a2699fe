import { describe, expect, test } from 'vitest';
import { Names, playerOf } from '../../../../../dashboard/web/src/views/session/names.ts';

const names = new Names([
  { player: '02:00:00:00:00:01', nickname: 'Ann' },
  { player: '02:00:00:00:00:02', nickname: 'Bob' },
  { player: '02:00:00:00:00:03', nickname: 'Twin' },
  { player: '02:00:00:00:00:04', nickname: 'Twin' },
  { player: '02:00:00:00:00:05', nickname: '' },
]);

describe('names', () => {
  test('stand for addresses, with the port kept', () => {
    expect(names.player('02:00:00:00:00:01')).toBe('Ann');
    expect(names.endpoint('02:00:00:00:00:02/5001')).toBe('Bob/5001');
  });

  test('that two share stand for neither, and none stands for nobody', () => {
    for (const player of ['02:00:00:00:00:03', '02:00:00:00:00:04', '02:00:00:00:00:05', 'who'])
      expect(names.player(player)).toBe(player);
  });

  test('are put into sentences, for whole addresses alone', () => {
    expect(names.within('02:00:00:00:00:01/7 asks 02:00:00:00:00:02 and 02:00:00:00:00:03')).toBe(
      'Ann/7 asks Bob and 02:00:00:00:00:03',
    );
    expect(names.within('02:00:00:00:00:01:09')).toBe('02:00:00:00:00:01:09');
    expect(new Names([]).within('02:00:00:00:00:01')).toBe('02:00:00:00:00:01');
  });

  test('stand alone where there is little room, but for those that are clear of nobody', () => {
    expect(
      names.alone('Ann (02:00:00:00:00:01) left Bob (02:00:00:00:00:02) and x (02:00:00:00:00:03)'),
    ).toBe('Ann left Bob and x (02:00:00:00:00:03)');
  });

  test('are not read as patterns', () => {
    expect(new Names([{ player: 'a.b(c', nickname: 'Odd' }]).within('a.b(c and axb(c')).toBe('Odd and axb(c');
  });
});

test('an endpoint belongs to what stands before its port', () => {
  expect([playerOf('a/1'), playerOf('a'), playerOf('')]).toEqual(['a', 'a', '']);
});
