/** What a menu offers, and which of it the keys reach. */
import type { IconName } from './icons.ts';

export interface MenuItem {
  readonly text: string;
  readonly icon?: IconName;
  /** At its right end: a key, a count. */
  readonly hint?: string;
  readonly isDisabled?: boolean;
  /** Of a choice: whether it is made. Left out where it is none. */
  readonly isChosen?: boolean;
  /** A line above it. */
  readonly isApart?: boolean;
  readonly run: () => void;
}

/** Where the next one is that can be chosen; `from` itself where there is no other. */
export function nextItem(items: readonly MenuItem[], from: number, step: 1 | -1): number {
  for (let i = 1; i <= items.length; i++) {
    const at = (from + step * i + items.length * (i + 1)) % items.length;
    if (items[at]?.isDisabled !== true) return at;
  }
  return from;
}

/** The next one after `from` whose text begins so; `from` where there is none. */
export function itemBeginning(items: readonly MenuItem[], from: number, letter: string): number {
  for (let i = 1; i <= items.length; i++) {
    const at = (from + i) % items.length;
    const item = items[at];
    if (item?.isDisabled !== true && item?.text.toLowerCase().startsWith(letter.toLowerCase()) === true)
      return at;
  }
  return from;
}

/** Where a box of this size is put so that all of it is seen: below and right of the point, or else before it. */
export function placed(at: number, size: number, room: number): number {
  const margin = 4;
  if (at + size + margin <= room) return Math.max(margin, at);
  return Math.max(margin, Math.min(at - size, room - size - margin));
}
