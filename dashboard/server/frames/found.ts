/**
 * Which frames a search has found, in their order.
 *
 * The rule: of all frames of a session no more is kept than where the miles begin; of those that pass a filter, which may be
 * few and far between, each one, since finding one again may mean to look at all others.
 */
import { MILE } from '../../api/frames.ts';
import { TAIL_ROWS_MAX } from '../../api/live.ts';
import { Numbers } from './numbers.ts';
import type { Rows } from './search.ts';

/** Of one search: 16 MB. */
export const HITS_MAX = 2_000_000;

export class FoundFrames implements Rows {
  readonly revision = 0;
  readonly miles = new Numbers();
  readonly #hits: Numbers | null;
  readonly #hitsMax: number;
  #latest: number[] = [];
  #count = 0;

  constructor(keepsAll: boolean, hitsMax = HITS_MAX) {
    this.#hits = keepsAll ? new Numbers() : null;
    this.#hitsMax = hitsMax;
  }

  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.miles.bytes + (this.#hits?.bytes ?? 0);
  }

  get isFull(): boolean {
    return this.#hits !== null && this.#hits.length >= this.#hitsMax;
  }

  /** Those beyond the last that there is room for are left out; answers how many were taken. */
  add(sequences: readonly number[]): number {
    let taken = 0;
    for (const sequence of sequences) {
      if (this.isFull) break;
      if (this.#count++ % MILE === 0) this.miles.push(sequence);
      this.#hits?.push(sequence);
      taken++;
    }
    this.#latest = [...this.#latest, ...sequences.slice(0, taken).slice(-TAIL_ROWS_MAX)].slice(
      -TAIL_ROWS_MAX,
    );
    return taken;
  }

  /** All from one to another, without looking at each; nothing was found before. */
  addRange(first: number, last: number): void {
    for (let mile = first; mile <= last; mile += MILE) this.miles.push(mile);
    this.#count += last - first + 1;
    for (let each = Math.max(first, last - TAIL_ROWS_MAX + 1); each <= last; each++) this.#latest.push(each);
  }

  /** The last ones, at most so many, `TAIL_ROWS_MAX` at most. */
  latest(count: number): readonly number[] {
    return count === 0 ? [] : this.#latest.slice(-count);
  }

  /** The first `limit` after a sequence number; null where single ones are not kept. */
  after(sequence: number, limit: number): readonly number[] | null {
    if (this.#hits === null) return null;
    const from = this.#hits.upTo(sequence);
    return this.#hits.slice(from, from + limit);
  }

  /** The last `limit` before a sequence number, and whether there are more before them. */
  before(
    sequence: number,
    limit: number,
  ): { readonly sequences: readonly number[]; readonly more: boolean } | null {
    if (this.#hits === null) return null;
    const to = this.#hits.upTo(sequence - 1);
    const from = Math.max(0, to - limit);
    return { sequences: this.#hits.slice(from, to), more: from > 0 };
  }
}
