/** Who is remembered without a connection. How long it counts, `finder.test.ts` and the oracle say. */
import { expect, test } from 'vitest';
import { ABSENCE_NS, Absences, AWAY_MAX, NAMED_MAX } from '../../../recorder/sessions/absences.ts';
import { Player } from '../../../recorder/sessions/cast.ts';
import { Span, Tally } from '../../../recorder/sessions/tally.ts';

interface Memory {
  readonly absences: Absences;
  readonly forgotten: string[];
}

function memory(): Memory {
  const forgotten: string[] = [];
  return { absences: new Absences(({ name }) => void forgotten.push(name)), forgotten };
}

function among(tally: Tally | null, name: string | number): Player {
  const player = new Player(`${name}`);
  player.tally = tally;
  return player;
}

/** With somebody in it who has a connection. */
function openTally(): { readonly tally: Tally; readonly span: Span } {
  const tally = new Tally(1, null);
  const span = new Span(1, 'somebody', 1);
  tally.openSpan(span, 0);
  return { tally, span };
}

test(`of more than ${AWAY_MAX} players who are away, the longest absent are forgotten`, () => {
  const { absences, forgotten } = memory();
  const { tally } = openTally();
  const players = Array.from({ length: AWAY_MAX + 1 }, (_, n) => among(tally, n));
  const [first, second, third] = players as [Player, Player, Player];
  for (const player of players.slice(0, AWAY_MAX)) absences.left(player, 0);
  // One that was back meanwhile is not absent for longest.
  absences.returned(first);
  absences.left(first, 1);
  expect(forgotten).toEqual([]);
  absences.left(players.at(-1) as Player, 2);
  expect(forgotten).toEqual([second.name]);
  // Names that somebody makes up take nobody’s place.
  for (let n = 0; n < NAMED_MAX; n++) absences.named(among(null, `made up ${n}`), 3);
  expect(forgotten).toHaveLength(1);
  absences.left(among(tally, 'one more'), 3);
  expect(forgotten).toEqual([second.name, third.name]);
});

test(`of more than ${NAMED_MAX} names, those that were named longest ago are forgotten`, () => {
  const { absences, forgotten } = memory();
  const players = Array.from({ length: NAMED_MAX + 1 }, (_, n) => among(null, n));
  for (const player of players.slice(0, NAMED_MAX)) absences.named(player, 0);
  absences.named(players[0] as Player, 1);
  expect(forgotten).toEqual([]);
  absences.named(players.at(-1) as Player, 1);
  expect(forgotten).toEqual(['1']);
});

test('whoever is over is forgotten while others come and go, and whoever is not is kept', () => {
  const { absences, forgotten } = memory();
  const [goesOn, over] = [openTally(), openTally()];
  for (let n = 0; n < 100; n++) absences.left(among(goesOn.tally, `kept ${n}`), 0);
  for (let n = 0; n < 100; n++) absences.left(among(over.tally, `over ${n}`), 0);
  over.tally.closeSpan(over.span, 1, 'left', 5);
  for (let n = 0; n < 50; n++) absences.pass(4 + ABSENCE_NS);
  expect(forgotten).toEqual([]);
  for (let n = 0; n < 50; n++) absences.pass(5 + ABSENCE_NS);
  expect(forgotten).toHaveLength(100);
  expect(forgotten.every((name) => name.startsWith('over'))).toBe(true);
});
