/** `postreel sessions` as a table, over sessions made in memory. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { displayWidth } from '../../cli/format.ts';
import { sessionsTable } from '../../cli/sessions-table.ts';
import { plain } from '../../cli/style.ts';
import type { FoundSession } from '../../recorder/captures.ts';
import { MadeSession } from '../kit/session-view.ts';
import { runs } from '../kit/property.ts';
import type { RecordedSession } from '../../recorder/sessions/session.ts';

type Told = Partial<RecordedSession>;

function found(names: readonly string[], told: Told = {}, absent: readonly string[] = []): FoundSession {
  const game = new MadeSession();
  game.pdp('02:00:00:00:00:01', 1);
  const players = [...absent, ...names].map((nickname, i) => ({
    player: `02:00:00:00:00:0${i}`,
    nickname,
    connections: absent.includes(nickname) ? [] : [{ conn: i, first: 1, last: null }],
  }));
  return { capture: game.capture(), session: { ...game.session(), players, ...told } };
}

/** The cells of one column: its rows' texts below the heading. */
function column(lines: readonly string[], head: string): string[] {
  const [heading = '', ...rows] = lines;
  const start = heading.indexOf(head);
  return rows.map((row) => row.slice(start).split(/ {2,}/)[0] ?? '');
}

const four = ['Annabelle the First', 'Bob', 'Cyd', 'Dan'];
const long = {
  gameName: 'Monster Hunter Freedom Unite: the very long name',
  game: 'ULUS10391',
  group: 'ROOM1',
};

describe('the table of sessions', () => {
  it('names as many players as fit, and counts the others', () => {
    const players = (width: number, names = four) =>
      column(sessionsTable([found(names)], plain, width), 'players')[0];
    expect(players(Infinity)).toBe('Annabelle the First, Bob, Cyd, Dan');
    expect(players(105)).toBe('Annabelle the First, Bob, Cyd, Dan');
    expect(players(101)).toBe('Annabelle the First and 3 more');
    expect(players(88)).toBe('Annabell… and 3 more');
    expect(players(Infinity, [...four, 'Eve'])).toBe('Annabelle the First, Bob, Cyd, Dan, Eve');
    expect(players(Infinity, [...four, 'Eve', 'Fay'])).toBe('Annabelle the First, Bob, Cyd, Dan and 2 more');
    expect(players(Infinity, [''])).toBe('02:00:00:00:00:00');
  });

  it('puts those in parentheses, and last, who never connected', () => {
    const lines = sessionsTable([found(['Ann', 'Bob'], {}, ['Cyd', ''])], plain, Infinity);
    expect(column(lines, 'players')).toEqual(['Ann, Bob, (Cyd), (02:00:00:00:00:01)']);
  });

  it('cuts the game where players need the room, and has all of it where there is room', () => {
    const game = (width: number, names: readonly string[]) =>
      column(sessionsTable([found(names, long)], plain, width), 'game')[0];
    expect(game(Infinity, four)).toBe(long.gameName);
    expect(game(130, ['Ann'])).toBe(long.gameName);
    expect(game(110, four)).toMatch(/^Monster Hunt.*…$/);
    expect(game(80, four)).toMatch(/^Monster.*…$/);
  });

  it('leaves out columns where a terminal is too narrow for all', () => {
    const heading = (width: number) =>
      sessionsTable([found(four, long)], plain, width)[0]
        ?.split(/ +/)
        .filter(Boolean);
    expect(heading(120)).toEqual([
      'id',
      'started',
      'lasted',
      'game',
      'group',
      'players',
      'frames',
      'bytes',
      'ended',
    ]);
    expect(heading(84)).toEqual(['id', 'started', 'lasted', 'game', 'group', 'players', 'frames', 'ended']);
    expect(heading(75)).toEqual(['id', 'started', 'lasted', 'game', 'group', 'players', 'ended']);
    expect(heading(74)).toEqual(['id', 'started', 'game', 'group', 'players', 'ended']);
  });

  it('is no wider than the terminal, whoever plays, and its columns stand below each other', () => {
    const name = fc.string({
      unit: fc.constantFrom('a', ' ', '狩', 'ゆ', '🎮', 'e\u0301', '\x1b'),
      maxLength: 30,
    });
    const session = fc
      .record({
        names: fc.array(name, { maxLength: 12 }),
        absent: fc.array(name, { maxLength: 3 }),
        gameName: name,
        group: fc.option(fc.string({ maxLength: 8 })),
        frames: fc.nat(1e9),
        bytes: fc.nat(1e12),
        id: fc.integer({ min: 1, max: 1e6 }),
      })
      .map(({ names, absent, ...told }) => found(names, told, absent));
    fc.assert(
      fc.property(
        fc.array(session, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 80, max: 300 }),
        (all, width) => {
          const lines = sessionsTable(all, plain, width);
          const start = (lines[0] ?? '').indexOf('ended');
          for (const line of lines) {
            expect(displayWidth(line)).toBeLessThanOrEqual(width);
            // The last column of every line is as far from its start.
            expect(displayWidth(line.slice(0, /\S+$/.exec(line)?.index))).toBe(start);
          }
        },
      ),
      runs(300),
    );
  });
});
