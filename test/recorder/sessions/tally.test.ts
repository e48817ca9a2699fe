/** Sessions that become one: thousands of them cost what they hold, and no more, and nicknames are right. */
import { describe, expect, test } from 'vitest';
import { SessionRows } from '../../../recorder/sessions/rows.ts';
import { NICKNAMES_MAX, Span, Tally } from '../../../recorder/sessions/tally.ts';
import { openStore, temporaryFile } from '../../kit/capture-file.ts';
import { mac } from '../../kit/lobby.ts';
import { Play } from '../../kit/play.ts';

const MANY = 100_000;

/** Each goes into the one before it, the last one first. */
function mergeInARow(tallies: readonly Tally[]): void {
  for (let at = tallies.length - 1; at > 0; at--) tallies[at - 1]!.absorb(tallies[at]!);
}

test('a tally that went into another, and that into another, any number of times, finds what it is now', () => {
  const tallies = Array.from({ length: MANY }, (_, born) => new Tally(born, null));
  mergeInARow(tallies);
  expect(tallies.at(-1)!.root).toBe(tallies[0]);
  expect(tallies.every(({ root }) => root === tallies[0])).toBe(true);
});

test('what gathered before is not moved by every merge in a row', () => {
  const tallies = Array.from({ length: 500 }, (_, born) => new Tally(born, null));
  const last = tallies.at(-1)!;
  for (let n = 0; n < 2_000; n++) last.join(`player ${n}`, { text: 'somebody', order: n }, n);
  const { members } = last;
  mergeInARow(tallies);
  expect(tallies[0]!.members).toBe(members);
  expect(members.size).toBe(2_000);
  expect(tallies[0]!.nicknameOf('player 1999')).toBe('somebody');
});

describe('of two nicknames that a player had', () => {
  const names = (tally: Tally) => ['a', 'b', 'c'].map((player) => tally.nicknameOf(player));

  test.each(['kept', 'gone'])(
    'the one that was told last counts, where more is known in what is %s',
    (more) => {
      const tallies = { kept: new Tally(1, null), gone: new Tally(2, null) };
      const { kept, gone } = tallies;
      kept.join('a', { text: 'before', order: 1 }, 5);
      gone.join('a', { text: 'after', order: 2 }, 7);
      gone.join('b', { text: 'before', order: 3 }, 5);
      kept.join('b', { text: 'after', order: 4 }, 7);
      kept.join('c', { text: 'only', order: 5 }, 5);
      gone.join('c', null, 3);
      for (let n = 0; n < 3; n++) tallies[more as 'kept'].join(`other ${n}`, { text: 'x', order: 0 }, 1);
      for (const tally of [kept, gone]) if (more === 'kept') tally.members.clear();
      kept.absorb(gone);
      expect(names(kept)).toEqual(['after', 'after', 'only']);
      // Both are written again, because the file may have either.
      expect([...kept.members.keys()]).toEqual(expect.arrayContaining(['a', 'b']));
    },
  );

  test.each([0, 1, 2, 3])('that one is in the file, wherever transactions end (%i)', (commits) => {
    const play = new Play();
    const [a, b, c, d] = [play.socket(1), play.socket(2), play.socket(3), play.socket(4)] as const;
    const rename = (nickname: string) => void play.close(play.login(9, nickname));
    const after = (step: number) => {
      if ((commits & step) !== 0) play.commit();
    };
    const p = play.socket(9);
    play.send(a, b);
    rename('before');
    play.send(c, d);
    play.send(p, c);
    after(1);
    rename('after');
    play.send(p, a);
    after(2);
    play.send(d, b);
    const [session, ...others] = play.end();
    expect(others).toEqual([]);
    expect(session?.players.find(({ player }) => player === mac(9))?.nickname).toBe('after');
  });
});

test(`beyond ${NICKNAMES_MAX} nicknames, players have none, in the file neither`, () => {
  const [kept, gone] = [new Tally(1, null), new Tally(2, null)];
  for (let n = 0; n <= NICKNAMES_MAX; n++) kept.join(`${n}`, { text: 'x', order: n }, 1);
  gone.join('other', { text: 'y', order: 1 }, 1);
  expect(gone.nicknameOf('other')).toBe('y');
  gone.members.clear();
  kept.absorb(gone);
  expect(kept.nicknameOf(`${NICKNAMES_MAX - 1}`)).toBe('x');
  expect([kept.nicknameOf(`${NICKNAMES_MAX}`), kept.nicknameOf('other')]).toEqual(['', '']);
  expect(kept.members.has('other')).toBe(true);
  // Whoever is known may be called otherwise.
  kept.join('0', { text: 'z', order: NICKNAMES_MAX + 1 }, 9);
  expect(kept.nicknameOf('0')).toBe('z');
});

test('a part that came to nothing takes none with it that began at the same frame', () => {
  const store = openStore(temporaryFile());
  const rows = new SessionRows(store.db, store.captureId, 0);
  const tally = Object.assign(new Tally(1, null), { number: 1, started: 0, first: 1 });
  const write = () => rows.write({ take: () => ({ changed: [tally], merged: [] }) } as never);
  const over = new Span(7, 'a', 1);
  tally.openSpan(over, 0);
  write();
  tally.openSpan(new Span(7, 'a', 1), 0);
  tally.closeSpan(over, 0, 'left', 0);
  write();
  expect(store.db.prepare('SELECT connection, last_sequence FROM session_connection').all()).toEqual([
    { connection: 7, last_sequence: null },
  ]);
});
