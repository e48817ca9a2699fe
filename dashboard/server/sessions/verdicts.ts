/**
 * How often each session was replayed, and with what verdict.
 *
 * The rule: what is in the file is read once, a page at a time; replays that go on are asked for again until they have ended.
 */
import type { SessionOutcome } from '../../../recorder/replay-reader.ts';
import { noVerdicts, type Verdicts } from './rows.ts';

/** Replays that may go on, or were broken off; older ones without a verdict will never have one. */
export const OPEN_MAX = 200;
/** Sessions whose verdicts are counted. */
export const SESSIONS_MAX = 100_000;

export interface OutcomeSource {
  /** Oldest first: a page of those after this one, empty where there are none. */
  replayOutcomes(after: number, limit?: number): readonly SessionOutcome[];
}

export class VerdictCounts {
  readonly #source: OutcomeSource;
  readonly #counts = new Map<number, { -readonly [K in keyof Verdicts]: number }>();
  /** The last that has been seen, and those before it that had no verdict then. */
  #last = 0;
  #open: number[] = [];

  constructor(source: OutcomeSource) {
    this.#source = source;
  }

  of(session: number): Verdicts {
    const counts = this.#counts.get(session);
    return counts === undefined ? noVerdicts : { ...counts };
  }

  /** Reads what is new, a page of it. Answers whose counts changed, and whether there may be more. */
  read(): { readonly changed: ReadonlySet<number>; readonly more: boolean } {
    const changed = new Set<number>();
    for (const id of this.#open) {
      const [replay] = this.#source.replayOutcomes(id - 1, 1);
      if (replay?.id !== id || replay.outcome === null) continue;
      this.#open = this.#open.filter((each) => each !== id);
      this.#count(replay, changed);
    }
    const page = this.#source.replayOutcomes(this.#last);
    for (const replay of page) {
      this.#last = replay.id;
      if (replay.outcome !== null) this.#count(replay, changed);
      else if (replay.session !== 0) this.#open.push(replay.id);
    }
    this.#open = this.#open.slice(-OPEN_MAX);
    return { changed, more: page.length > 0 };
  }

  #count({ session, outcome }: SessionOutcome, changed: Set<number>): void {
    if (session === 0 || outcome === null) return;
    let counts = this.#counts.get(session);
    if (counts === undefined) {
      if (this.#counts.size >= SESSIONS_MAX) return;
      this.#counts.set(session, (counts = { ...noVerdicts }));
    }
    counts[outcome]++;
    changed.add(session);
  }
}
