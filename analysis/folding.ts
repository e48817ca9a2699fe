/**
 * Makes steps of what happens: repeats become one step with a count, and what somebody does to several at
 * once becomes one step too.
 *
 * A repeat belongs to the step before it as long as it keeps to its rhythm; after a long silence it is a
 * step of its own, since somebody tried again.
 */

/** Different players that a step names; it counts the others with them. */
export const TARGETS_MAX = 32;
/** Kinds of repeats, by who and to whom, that are told apart. */
export const REPEATS_MAX = 4096;
/** Silences that break a step into two; whatever follows is counted with the last. */
export const BURSTS_MAX = 5;

/** Within this time, what is said to several is said at once. */
const TOGETHER_NS = 1e9;
/** A silence breaks a step where it is no shorter than this, and so many times as long as usual. */
const SILENCE_MIN_NS = 3e9;
const SILENCE_TIMES = 10;

export interface Happening {
  /** Nanoseconds since the capture's start. */
  readonly at: number;
  /** Null where it is no frame. */
  readonly sequence: number | null;
  readonly player: string;
  readonly what: string;
  /** Null where it is for the relay. */
  readonly target: string | null;
  /** The outcome of a frame that did not arrive. */
  readonly lost: string | null;
}

export interface Step {
  /** Of the first, in nanoseconds since the capture's start. */
  readonly at: number;
  readonly sequence: number | null;
  readonly player: string;
  readonly what: string;
  readonly to: readonly string[];
  readonly lost: string | null;
  readonly count: number;
  /** Of the last. */
  readonly last: number;
  readonly lastSequence: number | null;
  /** The mean time between two repeats, in nanoseconds; null where there is one. */
  readonly every: number | null;
}

interface Line {
  readonly first: Happening;
  readonly targets: Set<string>;
  readonly burst: number;
  last: Happening;
  count: number;
  /** Of those for the first target, since the others come at the same times. */
  rounds: number;
  lastRound: number;
}

export class Folding {
  readonly #stepsMax: number;
  readonly #lines: Line[] = [];
  /** The latest line for each repeat. */
  readonly #latest = new Map<string, Line>();
  /** Happenings that found no room. */
  beyond = 0;

  constructor(stepsMax: number) {
    this.#stepsMax = stepsMax;
  }

  /** In order of time. What one player does is a repeat where it is of the same sort. */
  add(happening: Happening, sort: string): void {
    const { player, target, lost } = happening;
    const kind = [player, lost, sort].join('\n');
    const key = [kind, target].join('\n');
    const known = this.#latest.get(key);
    if (known !== undefined && continues(known, happening)) {
      extend(known, happening);
      return;
    }
    const beside = known === undefined && target !== null ? this.#latest.get(kind) : undefined;
    const line = beside !== undefined && isTogether(beside, happening) ? beside : null;
    // A line is known by two keys.
    const hasRoom = known !== undefined || this.#latest.size + 2 <= REPEATS_MAX;
    const taken = hasRoom ? (line ?? this.#begin(happening, (known?.burst ?? 0) + 1)) : null;
    if (taken === null) {
      this.beyond++;
      return;
    }
    if (taken === line) extend(line, happening);
    this.#latest.set(key, taken);
    this.#latest.set(kind, taken);
  }

  /** In the order in which they began. */
  told(): readonly Step[] {
    return this.#lines.map(({ first, last, targets, count, rounds, lastRound }) => ({
      at: first.at,
      sequence: first.sequence,
      player: first.player,
      what: first.what,
      to: [...targets],
      lost: first.lost,
      count,
      last: last.at,
      lastSequence: last.sequence,
      every: rounds > 1 ? Math.round((lastRound - first.at) / (rounds - 1)) : null,
    }));
  }

  #begin(first: Happening, burst: number): Line | null {
    if (this.#lines.length >= this.#stepsMax) return null;
    const targets = new Set(first.target === null ? [] : [first.target]);
    const line: Line = { first, last: first, targets, burst, count: 1, rounds: 1, lastRound: first.at };
    this.#lines.push(line);
    return line;
  }
}

function continues({ first, last, rounds, lastRound, burst }: Line, { at }: Happening): boolean {
  if (burst >= BURSTS_MAX) return true;
  const usual = rounds > 1 ? (lastRound - first.at) / (rounds - 1) : 0;
  return !isSilence(at - last.at, usual);
}

/** Between two repeats that usually come so long after each other: too long for them to be one. In nanoseconds. */
export function isSilence(lasted: number, usual: number): boolean {
  return lasted > Math.max(SILENCE_MIN_NS, usual * SILENCE_TIMES);
}

function isTogether({ first }: Line, { at }: Happening): boolean {
  return at - first.at <= TOGETHER_NS;
}

function extend(line: Line, happening: Happening): void {
  line.count++;
  line.last = happening;
  if (happening.target !== null && line.targets.size < TARGETS_MAX) line.targets.add(happening.target);
  if (happening.target !== line.first.target) return;
  line.rounds++;
  line.lastRound = happening.at;
}
