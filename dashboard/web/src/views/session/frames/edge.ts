/**
 * The last rows of a list, held apart from its blocks: what a live tail tells, and what is shown of the end before the
 * search has come that far.
 *
 * The rule: they are bounded, and stand at the end as it was when they came. No frame that has passed is kept.
 */
import type { FrameRow } from '../../../../../api/frames.ts';

/** Two messages of a tail: more than a screen shows. */
export const EDGE_ROWS_MAX = 120;

export interface TailNews {
  readonly rows: readonly FrameRow[];
  readonly count: number;
  readonly skipped: number;
  readonly dropped: number;
}

export class Edge {
  #rows: readonly FrameRow[] = [];
  /** Rows of the list up to the last of these. */
  #end = 0;
  /** Frames that a tail did not show, and how many of them because this page was too slow. */
  skipped = 0;
  dropped = 0;

  get end(): number {
    return this.#end;
  }

  get size(): number {
    return this.#rows.length;
  }

  /** The last rows as they are now. */
  set(rows: readonly FrameRow[], end: number): void {
    this.#rows = rows.slice(-EDGE_ROWS_MAX);
    this.#end = end;
  }

  take({ rows, count, skipped, dropped }: TailNews): void {
    if (rows.length === 0) return;
    const follows = skipped === 0 && count - rows.length === this.#end;
    this.set(follows ? [...this.#rows, ...rows] : rows, count);
    this.skipped += skipped;
    this.dropped += dropped;
  }

  rowAt(index: number): FrameRow | null {
    return this.#rows[index - (this.#end - this.#rows.length)] ?? null;
  }

  /** Whether rows `first` to `end` (exclusive) are all here. */
  covers(first: number, end: number): boolean {
    return first >= this.#end - this.#rows.length && end <= this.#end;
  }

  indexOf(sequence: number): number | null {
    const at = this.#rows.findIndex((row) => row.sequence === sequence);
    return at === -1 ? null : this.#end - this.#rows.length + at;
  }
}
