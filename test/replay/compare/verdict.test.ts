/** What a replay comes to, and what several of the same come to. */
import { describe, expect, test } from 'vitest';
import type { Compared } from '../../../replay/compare/comparison.ts';
import { FIRSTS_MAX, type Played, Repeats, verdictOf } from '../../../replay/compare/verdict.ts';
import { ann, bob, cast, ComparedPlay, datagramFrom, datagrams } from '../../kit/compared-play.ts';

const played: Played = {
  subject: { mode: 'relay', target: '127.0.0.1:27313', pace: 'causal' },
  file: 'evening.db',
  capture: 1,
  session: 2,
  startedAt: '2026-01-01T20:00:00.000Z',
  lasted: 1000,
  partial: null,
  notes: [],
  roles: cast.roles,
  holds: [],
  sent: 5,
  isAnswered: true,
};

/** A play of nine frames that lacks these. */
function lacking(...frames: readonly number[]): Compared {
  const play = new ComparedPlay();
  for (let i = 1; i < 10; i++)
    play[frames.includes(i) ? 'lacks' : 'passes'](datagrams(ann, bob), datagramFrom(ann, [i]));
  return play.end();
}

const silent = lacking(1, 2, 3, 4, 5, 6, 7, 8, 9);

describe('a verdict', () => {
  test('is the same where nothing fails, and knows all that was compared', () => {
    const verdict = verdictOf(lacking(), played);
    expect(verdict).toMatchObject({
      outcome: 'same',
      counts: { sent: 5, expected: 9, came: 9, equal: 9 },
      first: null,
      file: 'evening.db',
      roles: cast.roles,
    });
    expect(verdict).not.toHaveProperty('isAnswered');
    expect(verdict).not.toHaveProperty('sent');
  });

  test('differs where something fails', () => {
    expect(verdictOf(lacking(3), played)).toMatchObject({ outcome: 'differs', first: 0 });
  });

  test('is none where the target was not there, or said nothing at all', () => {
    expect(verdictOf(lacking(), { ...played, isAnswered: false }).outcome).toBe('unanswered');
    expect(verdictOf(silent, played).outcome).toBe('unanswered');
  });

  test('differs where there was no time to answer, or nobody to do so', () => {
    expect(verdictOf(silent, { ...played, partial: 'it was interrupted' }).outcome).toBe('differs');
    const subject = { mode: 'recording', file: 'other.db', session: 1 } as const;
    expect(verdictOf(silent, { ...played, subject }).outcome).toBe('differs');
  });

  test('is the same where nothing was to come', () => {
    expect(verdictOf(new ComparedPlay().end(), played).outcome).toBe('same');
  });
});

describe('several plays', () => {
  function repeated(...plays: readonly Compared[]) {
    const repeats = new Repeats();
    const verdicts = plays.map((play) => verdictOf(play, played));
    for (const verdict of verdicts) repeats.add(verdict);
    return { told: repeats.told(), verdicts };
  }

  test('are none before the first', () => {
    expect(new Repeats().told()).toBeNull();
  });

  test('are stable where all are the same', () => {
    const { told, verdicts } = repeated(lacking(), lacking());
    expect(told).toEqual({
      plays: 2,
      same: 2,
      differed: 0,
      unanswered: 0,
      isStable: true,
      firsts: [],
      beyond: 0,
      verdict: verdicts[0]!,
    } satisfies ReturnType<Repeats['told']>);
  });

  test('are stable where all differ in the same first, whatever follows', () => {
    const { told } = repeated(lacking(3), lacking(3, 7));
    expect(told).toMatchObject({ differed: 2, isStable: true, firsts: [{ plays: 2, play: 1 }] });
  });

  test('are not stable where one differs, and its verdict is kept', () => {
    const { told, verdicts } = repeated(lacking(), lacking(3), lacking());
    expect(told).toMatchObject({ plays: 3, same: 2, differed: 1, isStable: false });
    expect(told?.verdict).toBe(verdicts[1]);
  });

  test('are not stable where firsts differ, of which the most common is told first', () => {
    const { told } = repeated(lacking(3), lacking(5), lacking(5));
    expect(told).toMatchObject({ isStable: false });
    expect(told?.firsts).toEqual([
      { text: 'frame 5 from Ann (P1) to Bob (P2) did not come', plays: 2, play: 2 },
      { text: 'frame 3 from Ann (P1) to Bob (P2) did not come', plays: 1, play: 1 },
    ]);
  });

  test('are not stable where one was not answered', () => {
    expect(repeated(lacking(), silent).told).toMatchObject({ same: 1, unanswered: 1, isStable: false });
  });

  test('are told apart by so many firsts at most', () => {
    const { differences, ...compared } = lacking(3);
    const plays = Array.from({ length: FIRSTS_MAX + 2 }, (_, i) => ({
      ...compared,
      differences: differences.map((each) => ({ ...each, sequence: i })),
    }));
    const { told } = repeated(...plays);
    expect(told?.firsts).toHaveLength(FIRSTS_MAX);
    expect(told).toMatchObject({ differed: FIRSTS_MAX + 2, beyond: 2, isStable: false });
  });
});
