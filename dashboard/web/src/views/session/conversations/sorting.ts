/** Conversations in the order that the reader wants, with the figures that they are ordered by. */
import type { Conversation, Way } from '../../../../../api/sessions.ts';
import { countText, durationText } from '../../../lib/format.ts';

export const sortKeys = [
  'begin',
  'frames',
  'bytes',
  'rate',
  'every',
  'size',
  'lost',
  'delay',
  'silences',
] as const;
export type SortKey = (typeof sortKeys)[number];

export interface Order {
  readonly key: SortKey;
  readonly isDown: boolean;
}

const usual: Order = { key: 'frames', isDown: true };

/** Of `?sort=`: `bytes`, or `-bytes` for the largest first. */
export function orderOf(text: string | null): Order {
  const key = sortKeys.find((each) => each === text?.replace(/^-/, ''));
  return key === undefined ? usual : { key, isDown: text?.startsWith('-') === true };
}

/** What the address says after a click on a column: largest first, then the other way round. */
export function orderText(order: Order, clicked: SortKey): string | null {
  const isDown = order.key === clicked ? !order.isDown : clicked !== 'begin';
  const isUsual = clicked === usual.key && isDown === usual.isDown;
  return isUsual ? null : `${isDown ? '-' : ''}${clicked}`;
}

const sum = (ways: readonly Way[], of: (way: Way) => number) =>
  ways.reduce((total, way) => total + of(way), 0);
const most = (ways: readonly Way[], of: (way: Way) => number | null) =>
  Math.max(-1, ...ways.map((way) => of(way) ?? -1));

const figures: Readonly<Record<SortKey, (conversation: Conversation) => number>> = {
  begin: ({ ways }) => Math.min(...ways.map(({ firstSequence }) => firstSequence)),
  frames: ({ ways }) => sum(ways, ({ frames }) => frames),
  bytes: ({ ways }) => sum(ways, ({ bytes }) => bytes),
  rate: ({ ways }) => most(ways, ({ perSecond }) => perSecond),
  every: ({ ways }) => most(ways, ({ interval }) => interval),
  size: ({ ways }) => most(ways, ({ sizes }) => sizes.max),
  lost: lostOf,
  delay: ({ delayP99 }) => delayP99 ?? -1,
  silences: ({ ways }) => longestSilence(ways),
};

/** Equal ones in the order in which they began. */
export function sorted(
  conversations: readonly Conversation[],
  { key, isDown }: Order,
): readonly Conversation[] {
  const figure = figures[key];
  return [...conversations].sort(
    (one, other) =>
      (isDown ? figure(other) - figure(one) : figure(one) - figure(other)) ||
      figures.begin(one) - figures.begin(other),
  );
}

export function lostOf({ dropped }: Conversation): number {
  return Object.values(dropped).reduce((total, count) => total + count, 0);
}

export function longestSilence(ways: readonly Way[]): number {
  return Math.max(0, ...ways.flatMap(({ silences }) => silences.map(({ lasted }) => lasted)));
}

/** `33.3 ms`; what comes in one go has no rhythm that milliseconds could tell. */
export function intervalText(nanos: number): string {
  return nanos < 10_000 ? 'at once' : durationText(nanos);
}

/** `48`, or `12 to 480, mostly 48`; with `~` where they were too many to be told apart. */
export function sizesText({ min, max, common, exact }: Way['sizes']): string {
  if (min === max) return countText(min);
  return `${countText(min)} to ${countText(max)}, mostly ${exact ? '' : '~'}${countText(common)}`;
}
