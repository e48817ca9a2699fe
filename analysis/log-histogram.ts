/** How many values of each size: classes grow with the values, eight for each power of ten, so that few of them tell both ends. */

const CLASSES_PER_DECADE = 8;

export interface LogCounts {
  /** `counts[i]` lie from `edges[i]` on, below `edges[i + 1]`. The last class also has whatever is greater. */
  readonly edges: readonly number[];
  readonly counts: readonly number[];
}

export class LogHistogram {
  /** Whole numbers, from zero on. */
  readonly #edges: readonly number[];
  readonly #counts: Float64Array;

  /** What lies between zero and `least` is one class. */
  constructor(least: number, most: number) {
    this.#edges = edgesBetween(least, most);
    this.#counts = new Float64Array(this.#edges.length - 1);
  }

  add(value: number): void {
    let [low, high] = [0, this.#counts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#edges[middle] as number) <= value) low = middle;
      else high = middle - 1;
    }
    this.#counts[low] = (this.#counts[low] as number) + 1;
  }

  /** Without the empty classes at both ends. */
  told(): LogCounts {
    const first = this.#counts.findIndex((count) => count > 0);
    if (first === -1) return { edges: [0], counts: [] };
    const last = this.#counts.findLastIndex((count) => count > 0);
    return {
      edges: this.#edges.slice(first, last + 2),
      counts: [...this.#counts.subarray(first, last + 1)],
    };
  }
}

function edgesBetween(least: number, most: number): readonly number[] {
  const edges = new Set([0]);
  const [from, to] = [least, most].map((value) => Math.round(Math.log10(value) * CLASSES_PER_DECADE));
  for (let i = from as number; i <= (to as number); i++)
    edges.add(Math.round(10 ** (i / CLASSES_PER_DECADE)));
  return [...edges];
}
