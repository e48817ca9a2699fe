/** What all reports say of a verdict, in words: none of them escaped, so whoever shows them must. */
import { countText, plural } from '../../analysis/findings/words.ts';
import { kindName } from '../../protocol/kind.ts';
import type { FrameKind, Millis } from '../../protocol/types.ts';
import { conversationKind } from '../cast.ts';
import {
  type Conversation,
  type Counts,
  type Difference,
  differenceClasses,
  type DifferenceClass,
  type End,
  type Hold,
  type HoldReason,
  type Role,
  type Verdict,
} from '../types.ts';

/** A verdict in a word; `partial` and what did not fail are told beside it. */
export const outcomeWords: Readonly<Record<Verdict['outcome'], string>> = {
  same: 'same',
  differs: 'differs',
  unanswered: 'did not answer',
};

/** `Differs`, `Same so far`: with what is to be said at once. */
export function headline({ outcome, partial }: Verdict): string {
  const word = outcomeWords[outcome];
  const soFar = partial !== null && outcome === 'same' ? ' so far' : '';
  return word.charAt(0).toUpperCase() + word.slice(1) + soFar;
}

/** A clause that says why, without a full stop. */
export function reasonText(verdict: Verdict): string {
  const { expected, came, equal } = verdict.counts;
  const { failures, following, forgiven, allowedCounts } = sortedOut(verdict);
  switch (verdict.outcome) {
    case 'unanswered':
      return came === 0 ? 'nothing came' : `only ${plural(came, 'frame')} came`;
    case 'same': {
      const masked = allowedCounts.masked ?? 0;
      const hidden = masked === 0 ? '' : `, ${countText(masked)} but for what masks hide`;
      const others = forgiven - masked;
      const excused = others === 0 ? '' : `, with ${plural(others, 'difference')} that the policy allows`;
      return `${countText(equal)} of ${plural(expected, 'expected frame')} came as recorded${hidden}${excused}`;
    }
    case 'differs': {
      const rest = following === 0 ? '' : `, and ${plural(following, 'that seems', 'that seem')} to follow`;
      return `${plural(failures, 'failure')}${rest}, among ${plural(expected, 'expected frame')}`;
    }
  }
}

/** What was compared with what. */
export function subjectText({ subject, file, capture, session }: Verdict): string {
  const recorded = session === null ? `capture ${capture} of ${file}` : `session ${session} of ${file}`;
  switch (subject.mode) {
    case 'relay':
      return `${recorded} against the relay at ${subject.target}, pace ${subject.pace}`;
    case 'game':
      return `${recorded} with a game as ${roleText(subject.role)} at ${subject.target}, pace ${subject.pace}`;
    case 'recording':
      return `${recorded} with session ${subject.session} of ${subject.file}`;
  }
}

/** `P1 Ann`. */
export function roleText({ name, nickname, player }: Role): string {
  return nickname === '' && player === '' ? name : `${name} ${nickname || player}`;
}

/** `P1 Ann (02:aa:bb:cc:dd:01/1)`, `the relay`. */
export function endText({ role, endpoint }: End, roles: readonly Role[]): string {
  if (role === 'relay') return 'the relay';
  const known = roles.find(({ name }) => name === role);
  if (known === undefined) return endpoint;
  return `${known.nickname === '' ? role : roleText(known)} (${endpoint})`;
}

export function conversationText(conversation: Conversation, roles: readonly Role[]): string {
  const { from, to } = conversation;
  return `${endText(from, roles)} to ${endText(to, roles)}, ${conversationKind(conversation)}`;
}

/** The same for the same conversation. */
export function conversationKey({ protocol, from, to, kind }: Conversation): string {
  return JSON.stringify([protocol.id, from, to, kind]);
}

/** `pdp-delivered, 34 bytes`. */
export function frameText({ conversation }: Difference, kind: FrameKind | null, bytes: Uint8Array): string {
  const what = conversation.isStream || kind === null ? 'stream' : kindName(conversation.protocol, kind);
  return `${what}, ${plural(bytes.length, 'byte')}`;
}

/** Where the first byte that differs is: `offset 8 of the frame, in port`; null where there is none. */
export function placeText({ offset, streamOffset, field, conversation }: Difference): string | null {
  if (offset === null) return field === null ? null : `in ${field}`;
  const where =
    conversation.isStream && streamOffset !== null
      ? `offset ${streamOffset} of the stream`
      : `offset ${offset} of the frame`;
  return field === null ? where : `${where}, in ${field}`;
}

/** `changed, frame 12, 1.234 s after the start`. */
export function whenText({ class: name, sequence, at }: Difference): string {
  const frame = sequence === 0 ? '' : `, frame ${sequence}`;
  return `${name}${frame}, ${secondsText(at)} after the start`;
}

/** `12.345 s`. */
export function secondsText(ms: Millis): string {
  return `${(ms / 1000).toFixed(3)} s`;
}

export interface Group {
  readonly class: DifferenceClass;
  readonly conversation: Conversation;
  readonly differences: readonly Difference[];
}

/** Differences of one class in one conversation, in the order in which the first of each is found. */
export function groupsOf(differences: readonly Difference[]): readonly Group[] {
  const groups = new Map<
    string,
    { -readonly [K in keyof Group]: Group[K] } & { differences: Difference[] }
  >();
  for (const difference of differences) {
    const key = `${difference.class} ${conversationKey(difference.conversation)}`;
    const group = groups.get(key);
    if (group !== undefined) group.differences.push(difference);
    else {
      const { class: name, conversation } = difference;
      groups.set(key, { class: name, conversation, differences: [difference] });
    }
  }
  return [...groups.values()];
}

export interface SortedOut {
  readonly first: Difference | null;
  /** What seems to follow from the first. */
  readonly fromFirst: readonly Difference[];
  /** The other failures, and what follows from them. */
  readonly others: readonly Difference[];
  /** Those that are no failures, as far as they are kept one by one. */
  readonly allowed: readonly Difference[];
  /** How many they are, those of their classes that are not kept among them. */
  readonly allowedCounts: ClassCounts;
  /** How many failures are of their own; how many follow from another; how many differences are no failures. */
  readonly failures: number;
  readonly following: number;
  readonly forgiven: number;
  /** How many there were that are not kept one by one. */
  readonly unkept: number;
}

export function sortedOut({ first, differences, counts }: Verdict): SortedOut {
  const chosen = first === null ? null : (differences[first] ?? null);
  const failing = differences.filter(({ fails }) => fails);
  const causes = differences.map((_, place) => causeOf(differences, place));
  const fromFirst = differences.filter((each, place) => each !== chosen && causes[place] === first);
  const isFromFirst = new Set(fromFirst);
  const allowed = differences.filter((each) => !each.fails && !isFromFirst.has(each));
  const allowedCounts = countAllowed(allowed, failing, counts);
  return {
    first: chosen,
    fromFirst: chosen === null ? [] : fromFirst,
    others: failing.filter((each) => each !== chosen && !isFromFirst.has(each)),
    allowed,
    allowedCounts,
    failures: failing.filter(({ follows }) => follows === null).length,
    following: failing.filter(({ follows }) => follows !== null).length,
    forgiven: sumOf(allowedCounts),
    unkept: Math.max(
      0,
      sumOf(counts.differences) - differences.length + allowed.length - sumOf(allowedCounts),
    ),
  };
}

/** Of a class that is allowed only a few are kept, and all are of which none fails. */
function countAllowed(
  allowed: readonly Difference[],
  failing: readonly Difference[],
  counts: Counts,
): ClassCounts {
  const found = countByClass(allowed);
  const failed = new Set(failing.map(({ class: name }) => name));
  for (const name of Object.keys(found) as DifferenceClass[])
    if (!failed.has(name)) found[name] = Math.max(found[name] ?? 0, counts.differences[name]);
  return found;
}

/** The place of the one that a difference follows from in the end. Those come before it, so this has an end. */
function causeOf(differences: readonly Difference[], place: number): number {
  for (let at = place; ;) {
    const cause = differences[at]?.follows ?? null;
    if (cause === null || cause >= at) return at;
    at = cause;
  }
}

/** How many there are of some classes. */
export type ClassCounts = Readonly<Partial<Record<DifferenceClass, number>>>;

function sumOf(counts: ClassCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** `2 missing, 1 late`; empty where there are none. */
export function classCounts(counts: ClassCounts): string {
  return (Object.keys(differenceClasses) as DifferenceClass[])
    .filter((name) => (counts[name] ?? 0) > 0)
    .map((name) => `${countText(counts[name] ?? 0)} ${name}`)
    .join(', ');
}

export function countByClass(differences: readonly Difference[]): Partial<Record<DifferenceClass, number>> {
  const counts: Partial<Record<DifferenceClass, number>> = {};
  for (const { class: name } of differences) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

/** Completes "held ...". */
const holdWords: Readonly<Record<HoldReason, string>> = {
  nothing: 'not at all',
  answer: 'for an answer',
  opening: 'for a connection to be opened',
  settling: 'for a connection to settle',
  order: 'for what came before it',
  time: 'for its recorded time',
  rate: 'by the rate',
  window: 'by what was on its way',
  hand: 'by hand',
};

/** `12 for an answer (0.120 s in all, 0.030 s at most)`. */
export function holdText({ by, sends, total, longest }: Hold): string {
  const lengths = by === 'nothing' ? '' : ` (${secondsText(total)} in all, ${secondsText(longest)} at most)`;
  return `${countText(sends)} ${holdWords[by]}${lengths}`;
}
