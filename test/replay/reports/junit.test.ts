import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verdictJunit } from '../../../replay/reports/junit.ts';
import type { Verdict } from '../../../replay/types.ts';
import { hostileVerdict } from '../../kit/hostile.ts';
import { PROPERTY_TIMEOUT_MS, runs } from '../../kit/property.ts';
import { changed, closedEarly, difference, fullVerdict, madeVerdict, missing } from '../../kit/verdicts.ts';
import { type Element, elements, parseMarkup, textOf } from '../../kit/well-formed.ts';

const read = (verdict: Verdict): Element => parseMarkup(verdictJunit(verdict));
const cases = (verdict: Verdict) => elements(read(verdict), 'testcase');
/** Names of cases, with what is wrong with them. */
const outcomes = (verdict: Verdict) =>
  cases(verdict).map((each) => {
    const wrong = [...elements(each, 'failure'), ...elements(each, 'error')];
    return [
      each.attributes['name'],
      ...wrong.map(({ name, attributes }) => `${name} ${attributes['type'] ?? ''}`),
    ];
  });

const ALWAYS = ['the target answers', 'the replay comes to its end', 'connections end as recorded'] as const;
const BOB = 'P1 02:aa:bb:cc:dd:01/100 to P2 02:aa:bb:cc:dd:02/200: postoffice/pdp-delivered';
const ANN = 'P2 02:aa:bb:cc:dd:02/200 to P1 02:aa:bb:cc:dd:01/100: postoffice/ptp-delivered';

/** What Jenkins, GitLab and the reporters on GitHub read, and in which order. */
function check(verdict: Verdict): void {
  const suites = read(verdict);
  const [suite, ...others] = elements(suites, 'testsuite');
  expect([suites.name, others]).toEqual(['testsuites', []]);
  const children = suite!.children.filter((each) => typeof each !== 'string').map(({ name }) => name);
  expect(children.join(' ')).toMatch(/^properties( testcase)+ system-out$/);
  const all = elements(suite!, 'testcase');
  for (const { attributes } of [suites, suite!]) {
    expect(attributes).toMatchObject({
      tests: String(all.length),
      failures: String(elements(suite!, 'failure').length),
      errors: String(elements(suite!, 'error').length),
    });
    expect(attributes['time']).toMatch(/^\d+\.\d{3}$/);
  }
  expect(suite!.attributes['timestamp']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
  const names = all.map(({ attributes }) => `${attributes['classname'] ?? ''}.${attributes['name'] ?? ''}`);
  expect(new Set(names).size).toBe(names.length);
  for (const { children: within } of all) {
    const results = within.filter((each) => typeof each !== 'string').map(({ name }) => name);
    expect(results.filter((name) => name !== 'system-out').length).toBeLessThan(2);
  }
  for (const each of [...elements(suite!, 'failure'), ...elements(suite!, 'error')]) {
    expect(each.attributes).toHaveProperty('message');
    expect(each.attributes).toHaveProperty('type');
  }
}

describe('a suite', () => {
  it('has a case for each conversation that differed, and for what holds of all', () => {
    expect(outcomes(fullVerdict())).toEqual([
      [ALWAYS[0]],
      [ALWAYS[1]],
      [ALWAYS[2], 'failure closed-early'],
      [BOB, 'failure changed'],
      [ANN, 'failure changed'],
    ]);
    check(fullVerdict());
  });

  it('passes where nothing differed, or only what may', () => {
    expect(outcomes(madeVerdict())).toEqual([
      ...ALWAYS.map((name) => [name]),
      ['every conversation is as recorded'],
    ]);
    const late = madeVerdict([difference('late'), closedEarly({ fails: false })]);
    expect(outcomes(late)).toEqual([...ALWAYS.map((name) => [name]), [BOB]]);
    expect(elements(read(late), 'system-out').map(textOf)[0]).toMatch(/^allowed by the policy:\n/);
    check(late);
  });

  it('is no success where the target was silent, or where it was stopped', () => {
    const silent = madeVerdict([], { outcome: 'unanswered', counts: { ...madeVerdict().counts, came: 0 } });
    expect(outcomes(silent)).toEqual([[ALWAYS[0], 'error not-played'], [ALWAYS[1]], [ALWAYS[2]]]);
    const stopped = madeVerdict([], { partial: 'it was <stopped>' });
    expect(outcomes(stopped)[1]).toEqual([ALWAYS[1], 'error not-played']);
    expect(elements(read(stopped), 'error')[0]!.attributes['message']).toBe('it was <stopped>');
    check(silent);
    check(stopped);
  });

  it('tells of a failure the sentence, the place and the bytes', () => {
    const verdict = madeVerdict([changed({ follows: null }), missing({ text: 'and <then> nothing' })]);
    const [failure] = elements(read(verdict), 'failure');
    expect(failure!.attributes['message']).toBe('Bob got a datagram from Ann with port 101 where it was 100');
    const lines = textOf(failure!).split('\n');
    expect(lines[0]).toBe(
      'Bob got a datagram from Ann with port 101 where it was 100 (changed, frame 12, 1.234 s after the start; offset 8 of the frame, in port)',
    );
    expect(lines[1]).toMatch(/^and <then> nothing \(missing/);
    expect(lines[2]).toBe('expected, 24 bytes:');
    expect(lines[3]).toMatch(/^ {2}0000 {2}02 .* 00 \[64\] 00 /);
    expect(lines[5]).toBe('came, 24 bytes:');
    expect(lines[6]).toMatch(/ 00 \[65\] 00 /);
  });

  it('tells of many failures in one case some, and how many more', () => {
    const many = Array.from({ length: 70 }, (_, i) => missing({ text: `the one ${i}` }));
    const [failure] = elements(read(madeVerdict(many)), 'failure');
    expect(textOf(failure!)).toContain('the one 19');
    expect(textOf(failure!)).not.toContain('the one 20');
    expect(textOf(failure!)).toContain('and 50 more\n');
  });

  it('is named the same in the next run, whatever players call themselves then', () => {
    const names = (verdict: Verdict) =>
      cases(verdict).map(({ attributes }) => [attributes['classname'], attributes['name']]);
    const other = fullVerdict({
      startedAt: '2030-01-01T00:00:00.000Z',
      lasted: 1,
      notes: [],
      file: '/else/where/evening.db',
    });
    const roles = other.roles.map((role) => ({ ...role, nickname: 'X' }));
    expect(names({ ...other, roles })).toEqual(names(fullVerdict()));
    expect(names(fullVerdict())[0]![0]).toBe('postreel.evening_db session 1');
    expect(read(fullVerdict({ session: null })).children[1]).toMatchObject({
      attributes: { name: 'evening.db capture 1' },
    });
  });

  it(
    'is XML that CI systems read, whatever players called themselves and sent',
    { timeout: PROPERTY_TIMEOUT_MS },
    () => {
      fc.assert(
        fc.property(hostileVerdict(), (verdict) => check(verdict)),
        runs(150),
      );
    },
  );
});
