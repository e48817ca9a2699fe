/** What the page says of replays. The classes of differences are those of replay/types.ts, in other words where these are shorter. */
import type { ReplayDetail, ReplayRow } from '../../../../api/replays.ts';
import type { DifferenceClass, HoldReason } from '../../../../../replay/types.ts';
import { countText, plural } from '../../lib/format.ts';
import type { IconName } from '../../ui/icons.ts';
import type { Tone } from '../../ui/tones.ts';

interface Word {
  readonly text: string;
  readonly tone: Tone;
  readonly icon: IconName;
}

export const outcomes: Readonly<Record<NonNullable<ReplayRow['outcome']>, Word>> = {
  same: { text: 'same', tone: 'good', icon: 'check' },
  differs: { text: 'differs', tone: 'bad', icon: 'close' },
  unanswered: { text: 'no answer', tone: 'warn', icon: 'warning' },
};

/** Of a replay that did not come to its end, or has not yet. */
export const unfinished: Word = { text: 'not finished', tone: 'plain', icon: 'pause' };

export function outcomeOf({ outcome }: Pick<ReplayRow, 'outcome'>): Word {
  return outcome === null ? unfinished : outcomes[outcome];
}

/** Of a difference's class: what is said about such a frame, without a full stop. */
export const classTexts: Readonly<Record<DifferenceClass, string>> = {
  masked: 'It differs only in bytes that a mask hides',
  changed: 'It came with other bytes',
  missing: 'It did not come',
  extra: 'It came, and was not expected',
  reordered: 'It came in another place of its conversation',
  'reordered-across': 'It came in another order than frames of other conversations',
  late: 'It came after it was given up',
  'closed-early': 'A connection was closed before its time',
  'closed-late': 'A connection was not closed in time',
};

/** A newer version may know more of them. */
export function classText(name: string): string {
  return (classTexts as Readonly<Record<string, string>>)[name] ?? name;
}

/** In a word or two: what a class's name alone does not say. */
const classWords: Readonly<Record<string, string>> = {
  extra: 'not expected',
  reordered: 'out of order',
  'reordered-across': 'overtook others',
};

export function classWord(name: string): string {
  return classWords[name] ?? name.replaceAll('-', ' ');
}

/** Completes "sends were held ...". */
const holds: Readonly<Record<HoldReason, string>> = {
  nothing: 'not at all',
  answer: 'for an answer',
  opening: 'for a connection to be opened',
  settling: 'for a connection to settle',
  order: 'for what came before',
  time: 'for the recorded time',
  rate: 'by the rate',
  window: 'by what was on its way',
  hand: 'by hand',
};

export function holdText(name: string): string {
  return (holds as Readonly<Record<string, string>>)[name] ?? name;
}

/** What was compared with what: `127.0.0.1:27312 and 127.0.0.1:27313`, of one relay. */
export function targetText({ mode, target, role }: Pick<ReplayRow, 'mode' | 'target' | 'role'>): string {
  switch (mode) {
    case 'relay':
      // It is stored as it was given: an address for each protocol, with blanks between them.
      return target.split(' ').join(' and ');
    case 'game':
      return `a game as ${role ?? 'a player'}`;
    case 'recording':
      return `another recording: ${target}`;
  }
}

export interface Said {
  readonly tone: Tone;
  readonly title: string;
  readonly text: string;
}

/** The verdict in one sentence, and what is to be said at once beside it. */
export function verdictText(replay: ReplayRow): Said {
  const { outcome, partial, equal, expected, came, firstText, differences } = replay;
  const stopped = partial === null ? '' : `It did not come to its end: ${partial}.`;
  const told = `${countText(equal)} of ${plural(expected, 'expected frame')} came as recorded`;
  switch (outcome) {
    case 'same': {
      const excused =
        differences === 0 ? '' : ` There are ${plural(differences, 'difference')} that are allowed.`;
      return {
        tone: partial === null ? 'good' : 'warn',
        title: `The same${partial === null ? '' : ' so far'}: ${told}`,
        text: `${stopped}${excused}`.trim(),
      };
    }
    case 'differs':
      return {
        tone: 'bad',
        title: firstText === null ? 'It differs' : `It differs: ${firstText}`,
        text: `${told}, and there ${differences === 1 ? 'is' : 'are'} ${plural(differences, 'difference')}. ${stopped}`.trim(),
      };
    case 'unanswered':
      return {
        tone: 'warn',
        title:
          came === 0
            ? 'The target did not answer: nothing came'
            : `The target hardly answered: only ${plural(came, 'frame')} came`,
        text: stopped,
      };
    case null:
      return {
        tone: 'plain',
        title: 'There is no verdict',
        text: stopped || 'It goes on, or was broken off before its end.',
      };
  }
}

/** How often each class came, those that came most first. */
export function classCounts({
  counts,
}: Pick<ReplayDetail, 'counts'>): readonly (readonly [string, number])[] {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .sort(([, a], [, b]) => b - a);
}
