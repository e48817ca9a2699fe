/**
 * Which row has which sequence number, as far as a search has told: the number of every hundredth row.
 *
 * The rule: a list may be entered at any block of a hundred rows whose mile is known; nothing is counted from the start.
 * A search that is asked for anew, after a lost connection, tells its miles from the first on again.
 */

/** `MILE` of the API, which the page takes types from alone. */
export const BLOCK_ROWS = 100;

export class Miles {
  #at: number[] = [];

  /** Blocks that can be entered. */
  get known(): number {
    return this.#at.length;
  }

  add(next: readonly number[]): void {
    const first = next[0];
    const last = this.#at.at(-1);
    if (first !== undefined && last !== undefined && first <= last) this.#at = [];
    for (const mile of next) this.#at.push(mile);
  }

  /** The frame after which a block begins; null where that is not known yet. */
  before(block: number): number | null {
    const mile = this.#at[block];
    return mile === undefined ? null : mile - 1;
  }

  /** The block in which a frame is, or would be if it were in the list; null where none is known. */
  blockOf(sequence: number): number | null {
    let [low, high] = [0, this.#at.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#at[middle] as number) <= sequence) low = middle + 1;
      else high = middle;
    }
    return this.#at.length === 0 ? null : Math.max(0, low - 1);
  }
}
