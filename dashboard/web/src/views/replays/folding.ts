/**
 * Differences as lines of a list: what follows from another one is folded away under it.
 *
 * The rule: a cause comes before what follows from it, so lines can be made of those that are loaded so far. What follows from
 * what follows is shown with it, under the first cause.
 */
import type { Difference } from '../../../../api/replays.ts';

export interface Line {
  readonly difference: Difference;
  /** It follows from the one above that has none above itself. */
  readonly isConsequence: boolean;
  /** How many follow from it, as far as is known. */
  readonly followers: number;
  readonly isOpen: boolean;
}

/** `differences[i].place` is `i`. */
export function linesOf(differences: readonly Difference[], opened: ReadonlySet<number>): readonly Line[] {
  const followers = new Map<number, Difference[]>();
  const causes: Difference[] = [];
  for (const difference of differences) {
    const cause = causeOf(differences, difference);
    if (cause === difference.place) causes.push(difference);
    else {
      const list = followers.get(cause);
      if (list === undefined) followers.set(cause, [difference]);
      else list.push(difference);
    }
  }
  return causes.flatMap((difference) => {
    const list = followers.get(difference.place) ?? [];
    const isOpen = opened.has(difference.place);
    const own: Line = { difference, isConsequence: false, followers: list.length, isOpen };
    if (!isOpen) return [own];
    return [
      own,
      ...list.map((each) => ({ difference: each, isConsequence: true, followers: 0, isOpen: false })),
    ];
  });
}

/** The place of the one that it follows from in the end; its own where it follows from none. */
export function causeOf(differences: readonly Difference[], { place, follows }: Difference): number {
  let at = place;
  for (let next = follows; next !== null && next < at; next = differences[next]?.follows ?? null) at = next;
  return at;
}
