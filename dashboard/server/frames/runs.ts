/**
 * Folds frames that repeat into runs: a game sends the same thirty times a second, and one line says so.
 *
 * The rule: a run is of frames of one kind and outcome from one connection to another, and goes on as long as nothing else
 * goes that way and no long silence comes; what is meant for the relay itself must say the same too. So between its first and
 * its last, all frames of its sort that go its way are its own, and a filter can name them.
 */
import { isSilence } from '../../../analysis/folding.ts';
import type { FrameHead } from '../../../recorder/frame-pages.ts';
import { Numbers } from './numbers.ts';
import type { Rows } from './search.ts';

/** Runs that are kept, and those of them that may still go on. */
export const RUNS_MAX = 20_000;
export const OPEN_MAX = 4_096;
/** Memory that one run takes, about. */
const RUN_BYTES = 200;

export interface RunOfFrames {
  readonly first: FrameHead;
  /** What it says, where that counts; else empty. */
  readonly says: string;
  lastSequence: number;
  until: number;
  count: number;
  sizeMin: number;
  sizeMax: number;
  /** The mean time between two, and the sum of the squares of how far each was from it. */
  every: number;
  squares: number;
}

export class Runs implements Rows {
  readonly miles = new Numbers();
  readonly #runsMax: number;
  readonly #openMax: number;
  readonly #runs: RunOfFrames[] = [];
  /** By both ends, the one that may go on. */
  readonly #open = new Map<string, RunOfFrames>();
  #revision = 0;
  /** Frames of runs that found no room. */
  beyond = 0;

  constructor(runsMax = RUNS_MAX, openMax = OPEN_MAX) {
    this.#runsMax = runsMax;
    this.#openMax = openMax;
  }

  get count(): number {
    return this.#runs.length;
  }

  get bytes(): number {
    return (this.#runs.length + this.#open.size) * RUN_BYTES;
  }

  /** Never: what finds no room is counted. */
  get isFull(): boolean {
    return false;
  }

  get revision(): number {
    return this.#revision;
  }

  slice(from: number, to: number): readonly RunOfFrames[] {
    return this.#runs.slice(from, to);
  }

  /** In the order of the frames. */
  add(head: FrameHead, says: string): void {
    const ends = `${head.from} ${head.to}`;
    const open = this.#open.get(ends);
    if (open !== undefined && goesOn(open, head, says)) {
      extend(open, head);
      this.#revision++;
      return;
    }
    this.#open.delete(ends);
    if (this.#runs.length >= this.#runsMax) {
      this.beyond++;
      return;
    }
    const run = begin(head, says);
    this.#runs.push(run);
    if (this.#open.size >= this.#openMax) this.#open.delete(this.#open.keys().next().value as string);
    this.#open.set(ends, run);
  }
}

function goesOn({ first, says, until, every }: RunOfFrames, head: FrameHead, saying: string): boolean {
  const isSame = first.kind === head.kind && first.outcome === head.outcome && says === saying;
  return isSame && !isSilence(head.arrived - until, every);
}

function begin(first: FrameHead, says: string): RunOfFrames {
  const { sequence, arrived, size } = first;
  return {
    first,
    says,
    lastSequence: sequence,
    until: arrived,
    count: 1,
    sizeMin: size,
    sizeMax: size,
    every: 0,
    squares: 0,
  };
}

function extend(run: RunOfFrames, { sequence, arrived, size }: FrameHead): void {
  const interval = arrived - run.until;
  const before = interval - run.every;
  // Count is now how many intervals there are, this one included.
  run.every += before / run.count;
  run.squares += before * (interval - run.every);
  run.count++;
  run.lastSequence = sequence;
  run.until = arrived;
  if (size < run.sizeMin) run.sizeMin = size;
  if (size > run.sizeMax) run.sizeMax = size;
}
