/**
 * Verdicts: what was compared and what the caller knows, put together; and what several plays of the same say.
 *
 * The rule: a verdict differs only where the policy says so. Where nobody answered, nothing was compared, and that
 * is said instead.
 */
import { conversationKind } from '../cast.ts';
import type { Verdict } from '../types.ts';
import type { Compared } from './comparison.ts';

/** First differences that are told apart; others are counted together. */
export const FIRSTS_MAX = 100;

/** All of a verdict that comparing does not tell. */
export interface Played extends Omit<Verdict, 'outcome' | 'counts' | 'first' | 'differences'> {
  /** By the replay. */
  readonly sent: number;
  /** The target was there. */
  readonly isAnswered: boolean;
}

export function verdictOf({ counts, first, differences }: Compared, played: Played): Verdict {
  const { sent, isAnswered, ...known } = played;
  return {
    ...known,
    outcome: outcomeOf(counts, first, played),
    counts: { sent, ...counts },
    first,
    differences,
  };
}

function outcomeOf(
  { expected, came }: Compared['counts'],
  first: number | null,
  { isAnswered, partial, subject }: Played,
): Verdict['outcome'] {
  // Who interrupts a replay may do so before the first answer; and a recording cannot be silent.
  const isSilent = came === 0 && expected > 0 && partial === null && subject.mode !== 'recording';
  if (!isAnswered || isSilent) return 'unanswered';
  return first === null ? 'same' : 'differs';
}

/** A first difference that plays had in common. */
export interface CommonFirst {
  readonly text: string;
  readonly plays: number;
  /** The first play that had it, counted from 1. */
  readonly play: number;
}

/** What several plays of the same come to. */
export interface Repeated {
  readonly plays: number;
  readonly same: number;
  readonly differed: number;
  readonly unanswered: number;
  /** All plays came to the same outcome, by the same first difference. */
  readonly isStable: boolean;
  /** The most common first. */
  readonly firsts: readonly CommonFirst[];
  /** Plays whose first difference is not among them. */
  readonly beyond: number;
  /** Of the first play that was not the same, if there is one; else of the last. */
  readonly verdict: Verdict;
}

/** Takes verdicts as they come, and keeps one. */
export class Repeats {
  readonly #outcomes: Record<Verdict['outcome'], number> = { same: 0, differs: 0, unanswered: 0 };
  readonly #firsts = new Map<string, { text: string; plays: number; play: number }>();
  #plays = 0;
  #beyond = 0;
  #verdict: Verdict | null = null;

  add(verdict: Verdict): void {
    this.#plays++;
    this.#outcomes[verdict.outcome]++;
    if (this.#verdict === null || this.#verdict.outcome === 'same') this.#verdict = verdict;
    const first = verdict.first === null ? undefined : verdict.differences[verdict.first];
    if (first === undefined) return;
    const key = keyOf(first);
    const known = this.#firsts.get(key);
    if (known !== undefined) known.plays++;
    else if (this.#firsts.size >= FIRSTS_MAX) this.#beyond++;
    else this.#firsts.set(key, { text: first.text, plays: 1, play: this.#plays });
  }

  /** Null before the first. */
  told(): Repeated | null {
    if (this.#verdict === null) return null;
    const { same, differs, unanswered } = this.#outcomes;
    const isOneOutcome = [same, differs, unanswered].includes(this.#plays);
    return {
      plays: this.#plays,
      same,
      differed: differs,
      unanswered,
      isStable: isOneOutcome && this.#firsts.size <= 1,
      firsts: [...this.#firsts.values()].sort(
        (one, other) => other.plays - one.plays || one.play - other.play,
      ),
      beyond: this.#beyond,
      verdict: this.#verdict,
    };
  }
}

/** The same difference in another play may have other bytes, and comes at another time. */
function keyOf({ class: what, conversation, sequence, field }: Verdict['differences'][number]): string {
  const { protocol, from, to } = conversation;
  return [
    what,
    protocol.id,
    conversationKind(conversation),
    from.endpoint,
    to.endpoint,
    sequence,
    field,
  ].join(' ');
}
