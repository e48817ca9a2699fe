/**
 * A verdict as JUnit XML, which CI systems read: a replay is a suite, and a case of it is a conversation in which
 * something differed, the ends of connections, and whether the replay was played at all, and to its end.
 *
 * The rule: names are the same in the next run, so that a CI system knows a case again: they hold roles and recorded
 * endpoints, and no nicknames, times or numbers.
 */
import { basename } from 'node:path';
import { conversationKind } from '../cast.ts';
import type { Conversation, Difference, End, Verdict } from '../types.ts';
import { type ByteView } from './bytes.ts';
import { markup, type Markup, NOTHING } from './markup.ts';
import { bytesOfDifference } from './sides.ts';
import {
  classCounts,
  conversationKey,
  headline,
  holdText,
  placeText,
  reasonText,
  sortedOut,
  subjectText,
  whenText,
} from './words.ts';

/** Of one case; the others are counted. */
const DIFFERENCES_TOLD_MAX = 20;

const BYTE_LAYOUT = { perRow: 16, rowsMax: 16 } as const;

interface Case {
  readonly name: string;
  /** Why it could not be tried, in a line; null where it was. */
  readonly error: string | null;
  readonly differences: readonly Difference[];
}

export function verdictJunit(verdict: Verdict): string {
  const cases = casesOf(verdict);
  const failures = cases.filter(({ differences }) => differences.some(({ fails }) => fails)).length;
  const errors = cases.filter(({ error }) => error !== null).length;
  const seconds = (verdict.lasted / 1000).toFixed(3);
  const totals = markup`tests="${cases.length}" failures="${failures}" errors="${errors}"`;
  const suite = suiteName(verdict);
  return markup`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="postreel" ${totals} time="${seconds}">
  <testsuite name="${suite}" ${totals} skipped="0" timestamp="${verdict.startedAt.slice(0, 19)}" time="${seconds}">
${properties(verdict)}${cases.map((each) => testcase(each, suite))}    <system-out>${about(verdict)}</system-out>
  </testsuite>
</testsuites>
`.text;
}

function casesOf(verdict: Verdict): readonly Case[] {
  const { outcome, partial, differences } = verdict;
  const isEnd = ({ class: name }: Difference) => name === 'closed-early' || name === 'closed-late';
  const unanswered = outcome === 'unanswered' ? reasonText(verdict) : null;
  const conversations = new Map<string, { readonly name: string; readonly differences: Difference[] }>();
  for (const difference of differences) {
    if (isEnd(difference)) continue;
    const { conversation } = difference;
    const key = conversationKey(conversation);
    const known = conversations.get(key);
    if (known !== undefined) known.differences.push(difference);
    else conversations.set(key, { name: caseName(conversation), differences: [difference] });
  }
  return [
    { name: 'the target answers', error: unanswered, differences: [] },
    { name: 'the replay comes to its end', error: partial, differences: [] },
    { name: 'connections end as recorded', error: null, differences: differences.filter(isEnd) },
    ...[...conversations.values()].map((each) => ({ ...each, error: null })),
    ...(conversations.size === 0 && unanswered === null
      ? [{ name: 'every conversation is as recorded', error: null, differences: [] }]
      : []),
  ];
}

function suiteName({ file, capture, session }: Verdict): string {
  return `${basename(file)} ${session === null ? `capture ${capture}` : `session ${session}`}`;
}

function caseName(conversation: Conversation): string {
  const name = ({ role, endpoint }: End) => (endpoint === '' ? role : `${role} ${endpoint}`);
  const { protocol, from, to } = conversation;
  return `${name(from)} to ${name(to)}: ${protocol.name}/${conversationKind(conversation)}`;
}

function properties(verdict: Verdict): Markup {
  const { subject, outcome, file, capture, session, counts } = verdict;
  const told: readonly (readonly [string, string | number])[] = [
    ['outcome', outcome],
    ['file', file],
    ['capture', capture],
    ...(session === null ? [] : [['session', session] as const]),
    ['mode', subject.mode],
    ['target', subject.mode === 'recording' ? `${subject.file}:${subject.session}` : subject.target],
    ...(subject.mode === 'recording' ? [] : [['pace', subject.pace] as const]),
    ['sent', counts.sent],
    ['expected', counts.expected],
    ['came', counts.came],
    ['equal', counts.equal],
  ];
  const each = told.map(
    ([name, value]) => markup`      <property name="${name}" value="${value}"/>
`,
  );
  return markup`    <properties>
${each}    </properties>
`;
}

function testcase({ name, error, differences }: Case, suite: string): Markup {
  const failing = differences.filter(({ fails }) => fails);
  // Jenkins takes what stands before the last full stop for the name of a package.
  const start = markup`    <testcase name="${name}" classname="postreel.${suite.replaceAll('.', '_')}" time="0"`;
  const allowed = differences.filter(({ fails }) => !fails);
  const out =
    allowed.length === 0
      ? NOTHING
      : markup`      <system-out>allowed by the policy:
${sentences(allowed)}</system-out>
`;
  const [first] = failing;
  const wrong =
    error !== null
      ? markup`      <error message="${error}" type="not-played">${error}</error>
`
      : first === undefined
        ? NOTHING
        : markup`      <failure message="${first.text}" type="${first.class}">${told(failing)}</failure>
`;
  if (wrong === NOTHING && out === NOTHING) {
    return markup`${start}/>
`;
  }
  return markup`${start}>
${wrong}${out}    </testcase>
`;
}

/** All that fails in a case: sentences, and the bytes of the first. */
function told(failing: readonly Difference[]): Markup {
  const [first] = failing;
  if (first === undefined) return NOTHING;
  const { expected, actual } = bytesOfDifference(first, BYTE_LAYOUT);
  return markup`${sentences(failing)}${dump('expected', expected)}${dump('came', actual)}`;
}

function sentences(differences: readonly Difference[]): Markup {
  const lines = differences.slice(0, DIFFERENCES_TOLD_MAX).map((difference) => {
    const place = placeText(difference);
    return markup`${difference.text} (${whenText(difference)}${place === null ? '' : `; ${place}`})
`;
  });
  const more = differences.length - lines.length;
  return markup`${lines}${more === 0 ? '' : `and ${more} more\n`}`;
}

function dump(what: string, view: ByteView | null): Markup {
  if (view === null) return NOTHING;
  const lines = view.rows.map(({ at, cells }) => {
    const hex = cells.map((cell) => (cell.differs ? `[${cell.hex}]` : ` ${cell.hex} `)).join('');
    return markup`  ${at.toString(16).padStart(4, '0')} ${hex}
`;
  });
  const left = view.before + view.after;
  return markup`${what}, ${view.size} bytes${left === 0 ? '' : `, of which ${left} are not shown`}:
${lines}`;
}

function about(verdict: Verdict): Markup {
  const { notes, holds, counts } = verdict;
  const { unkept } = sortedOut(verdict);
  const lines = [
    `${headline(verdict)}: ${reasonText(verdict)}`,
    subjectText(verdict),
    ...(classCounts(counts.differences) === '' ? [] : [classCounts(counts.differences)]),
    ...(unkept === 0 ? [] : [`${unkept} differences more than are kept one by one`]),
    ...(holds.length === 0 ? [] : [`held: ${holds.map(holdText).join(', ')}`]),
    ...notes,
  ];
  return markup`${lines.map(
    (line) => markup`${line}
`,
  )}`;
}
