import { describe, expect, it } from 'vitest';
import {
  conversationText,
  endText,
  groupsOf,
  headline,
  holdText,
  placeText,
  reasonText,
  roleText,
  sortedOut,
  subjectText,
  whenText,
} from '../../../replay/reports/words.ts';
import {
  changed,
  changedStream,
  closedEarly,
  control,
  datagrams,
  difference,
  fullVerdict,
  madeVerdict,
  missing,
} from '../../kit/verdicts.ts';

describe('a verdict in words', () => {
  it('says how it came out, and whether that is all', () => {
    const said = (verdict: Parameters<typeof headline>[0]) => `${headline(verdict)}: ${reasonText(verdict)}`;
    const counts = { ...madeVerdict().counts, expected: 3412, equal: 3412, came: 0 };
    expect(said(madeVerdict([], { counts }))).toBe('Same: 3 412 of 3 412 expected frames came as recorded');
    expect(said(madeVerdict([], { counts, partial: 'stopped' }))).toMatch(/^Same so far: /);
    expect(said(madeVerdict([difference('late')], { counts }))).toMatch(
      /came as recorded, with 1 difference that the policy allows$/,
    );
    expect(said(madeVerdict([changed()], { counts, partial: 'stopped' }))).toBe(
      'Differs: 1 failure, among 3 412 expected frames',
    );
    expect(said(fullVerdict())).toBe(
      'Differs: 6 failures, and 1 that seems to follow, among 1 200 expected frames',
    );
    expect(said(madeVerdict([], { counts, outcome: 'unanswered' }))).toBe('Did not answer: nothing came');
    expect(said(madeVerdict([], { counts: { ...counts, came: 2 }, outcome: 'unanswered' }))).toBe(
      'Did not answer: only 2 frames came',
    );
  });

  it('says what was compared with what', () => {
    const role = { name: 'P2', player: 'b', nickname: 'Bob' };
    const subjects = [
      madeVerdict(),
      madeVerdict([], { session: null }),
      madeVerdict([], { subject: { mode: 'game', role, target: ':27312', pace: 'max' } }),
      madeVerdict([], { subject: { mode: 'recording', file: 'b.db', session: 4 } }),
    ].map(subjectText);
    expect(subjects).toEqual([
      'session 1 of evening.db against the relay at 127.0.0.1:27313, pace causal',
      'capture 1 of evening.db against the relay at 127.0.0.1:27313, pace causal',
      'session 1 of evening.db with a game as P2 Bob at :27312, pace max',
      'session 1 of evening.db with session 4 of b.db',
    ]);
  });
});

describe('who, where and when', () => {
  const { roles } = madeVerdict();

  it('names roles by their players, and the relay, and strangers', () => {
    expect(roleText({ name: 'P1', player: 'x', nickname: '' })).toBe('P1 x');
    expect(roleText({ name: 'P1', player: '', nickname: '' })).toBe('P1');
    expect(endText({ role: '?', endpoint: 'z/1' }, roles)).toBe('z/1');
    expect(endText({ role: 'P1', endpoint: 'x/1' }, [{ name: 'P1', player: 'x', nickname: '' }])).toBe(
      'P1 (x/1)',
    );
    expect(conversationText(control, roles)).toBe('the relay to P2 Bob (02:aa:bb:cc:dd:02/200), control');
    expect(conversationText(datagrams, roles)).toMatch(
      /^P1 Ann \(.*\/100\) to P2 Bob \(.*\), pdp-delivered$/,
    );
  });

  it('names the place of the first byte that differs', () => {
    expect(placeText(changed())).toBe('offset 8 of the frame, in port');
    expect(placeText(changed({ field: null }))).toBe('offset 8 of the frame');
    expect(placeText(changedStream())).toBe('offset 1000 of the stream');
    expect(placeText(missing())).toBeNull();
    expect(placeText(missing({ field: 'size' }))).toBe('in size');
  });

  it('names the frame, where there was one', () => {
    expect(whenText(changed())).toBe('changed, frame 12, 1.234 s after the start');
    expect(whenText(difference('extra', { sequence: 0 }))).toBe('extra, 1.234 s after the start');
  });

  it('says by what sends were held', () => {
    expect(holdText({ by: 'nothing', sends: 1234, total: 0, longest: 0 })).toBe('1 234 not at all');
    expect(holdText({ by: 'time', sends: 2, total: 1500, longest: 1000 })).toBe(
      '2 for its recorded time (1.500 s in all, 1.000 s at most)',
    );
  });
});

describe('differences, sorted out', () => {
  it('are the first, what follows from it by however many steps, the other failures, and what is allowed', () => {
    const verdict = fullVerdict();
    const { first, fromFirst, others, allowed, unkept } = sortedOut(verdict);
    const places = (all: readonly unknown[]) => all.map((each) => verdict.differences.indexOf(each as never));
    expect(places([first])).toEqual([1]);
    expect(places(fromFirst)).toEqual([2, 3]);
    expect(places(others)).toEqual([4, 5, 6, 7, 8]);
    expect(places(allowed)).toEqual([0]);
    expect(unkept).toBe(0);
  });

  it('tell how many are not kept one by one', () => {
    const verdict = madeVerdict([changed()]);
    const { counts } = verdict;
    const more = { ...counts, differences: { ...counts.differences, changed: 9, late: 3 } };
    expect(sortedOut({ ...verdict, counts: more }).unkept).toBe(11);
  });

  it('come to an end, though they should follow from each other', () => {
    const { fromFirst, others } = sortedOut(
      madeVerdict([changed({ follows: 1 }), changed({ follows: 0 }), missing()], { first: 2 }),
    );
    expect([fromFirst.length, others.length]).toEqual([0, 2]);
  });

  it('are grouped by class and conversation', () => {
    const groups = groupsOf([
      missing(),
      changed(),
      missing(),
      closedEarly(),
      missing({ conversation: control }),
    ]);
    expect(groups.map(({ class: name, differences }) => [name, differences.length])).toEqual([
      ['missing', 2],
      ['changed', 1],
      ['closed-early', 1],
      ['missing', 1],
    ]);
  });
});
