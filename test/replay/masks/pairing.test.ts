import { expect, it } from 'vitest';
import { Cast } from '../../../replay/cast.ts';
import { Talks } from '../../../replay/masks/pairing.ts';
import { ANN, BOB, CAT, talk } from '../../kit/masks.ts';

const DAN = '02:aa:bb:cc:dd:04';
const cast = (...players: [player: string, nickname: string][]) =>
  new Cast(players.map(([player, nickname]) => ({ player, nickname })));

/** Who sends to P1 of the first recording, as the first recording calls them, by their address in the second. */
function known(first: Cast, second: Cast, player: string, to: string): string | undefined {
  const talks = new Talks([first, second]);
  return talks.of(1, talk(second, `${player}/7`, `${to}/7`))?.from;
}

it('a player is known by the address, whatever the nickname and whoever came first', () => {
  const first = cast([ANN, 'Ann'], [BOB, 'Bob'], [CAT, 'Cat']);
  const second = cast([CAT, 'Ann'], [BOB, 'Cat'], [ANN, 'Bob']);
  expect([ANN, BOB, CAT].map((mac) => known(first, second, mac, BOB))).toEqual(['P1', 'P2', 'P3']);
});

it('and then by the nickname, and at last by who came when', () => {
  const first = cast([ANN, 'Ann'], [BOB, 'Bob'], [CAT, '']);
  const second = cast([DAN, ''], ['02:aa:bb:cc:dd:09', 'Bob'], [ANN, 'Ann']);
  expect([DAN, '02:aa:bb:cc:dd:09', ANN].map((mac) => known(first, second, mac, ANN))).toEqual([
    'P3',
    'P2',
    'P1',
  ]);
});

it('conversations of two players are the same in the order in which they began', () => {
  const both = [cast([ANN, ''], [BOB, '']), cast([ANN, ''], [BOB, ''])] as const;
  const talks = new Talks(both);
  const [one, two] = [1, 2].map((port) => talks.of(0, talk(both[0], `${ANN}/${port}`, `${BOB}/9`)));
  const [same, other] = [5, 6].map((port) => talks.of(1, talk(both[1], `${ANN}/${port}`, `${BOB}/9`)));
  expect(one).not.toBe(two);
  expect([same, other]).toEqual([one, two]);
  expect(same).toBe(one);
  expect(talks.of(1, talk(both[1], `${ANN}/5`, `${BOB}/9`))).toBe(one);
});
