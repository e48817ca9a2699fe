/**
 * What a finding is, and how much of each may be said.
 *
 * The rule: a finding says what the capture shows, with frames that show it. Where the capture cannot
 * know, because it lacks frames or ends too early, nothing is said.
 */
import type { Observer, SessionView } from '../observe.ts';

/** Worst first: it broke the game; it may have; worth knowing. */
export const severities = ['problem', 'warning', 'note'] as const;
export type Severity = (typeof severities)[number];

/** Texts may hold what players chose, their nicknames for instance: whoever shows them makes them printable. */
export interface Found {
  readonly text: string;
  /** Sequence numbers, in order. */
  readonly frames: readonly number[];
  /** Nanoseconds since the capture's start. */
  readonly at: number;
}

export interface Finding extends Found {
  readonly id: string;
  readonly severity: Severity;
}

export interface FindingSpec {
  readonly id: string;
  readonly severity: Severity;
  /** A few words, as a heading. */
  readonly title: string;
  /** One sentence: what it means, and what to do. */
  readonly explanation: string;
  /** A text that the tests make happen, word for word. */
  readonly example: string;
  watch(view: SessionView): Observer<readonly Found[]>;
}

/** Findings of one id that are said one by one; the rest are folded into one more. */
export const FINDINGS_PER_ID_MAX = 10;
/** Frames that one finding names. */
export const EVIDENCE_MAX = 8;

/** In order, each once, without the zeros that stand for "not seen". */
export function evidence(...sequences: readonly number[]): readonly number[] {
  const known = new Set(sequences.filter((sequence) => sequence > 0));
  return [...known].sort((a, b) => a - b).slice(0, EVIDENCE_MAX);
}
