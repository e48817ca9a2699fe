/** Thousands of sessions that become one cost what they hold, and no more. */
import { expect, test } from 'vitest';
import { SessionRows } from '../../../recorder/sessions/rows.ts';
import { Span, Tally } from '../../../recorder/sessions/tally.ts';
import { openStore, temporaryFile } from '../../kit/capture-file.ts';

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
  for (let player = 0; player < 2_000; player++) last.join(`player ${player}`, '', player);
  const moved = { members: 0 };
  for (const tally of tallies) {
    const join = tally.join.bind(tally);
    tally.join = (...args) => {
      moved.members++;
      join(...args);
    };
  }
  mergeInARow(tallies);
  expect(tallies[0]!.members.size).toBe(2_000);
  expect(moved.members).toBe(0);
});

test.each(['ours', 'theirs'])(
  'the nickname of the one that goes counts, where more is known of %s',
  (more) => {
    const [kept, gone] = [new Tally(1, null), new Tally(2, null)];
    kept.join('a', 'before', 5);
    gone.join('a', 'after', 7);
    kept.join('b', 'kept', 5);
    gone.join('b', '', 3);
    for (let n = 0; n < 3; n++) (more === 'ours' ? kept : gone).join(`other ${n}`, '', 1);
    kept.absorb(gone);
    expect(kept.members.get('a')).toEqual({ nickname: 'after', first: 5 });
    expect(kept.members.get('b')).toEqual({ nickname: 'kept', first: 3 });
    expect(kept.members.size).toBe(5);
  },
);

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
