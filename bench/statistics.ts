/** From the figures of several rounds to one that can be quoted. */
export interface Summary {
  readonly median: number;
  /** How far the rounds lie apart, as a share of the median; 0 for one round. */
  readonly spread: number;
  readonly rounds: readonly number[];
}

/** Null if there is nothing, or if any round could not tell. */
export function summarize(rounds: readonly (number | null)[]): Summary | null {
  const known = rounds.filter((figure) => figure !== null);
  if (known.length === 0 || known.length < rounds.length) return null;
  const middle = median(known);
  const apart = Math.max(...known) - Math.min(...known);
  return {
    median: significant(middle),
    spread: middle === 0 ? 0 : significant(apart / middle),
    rounds: known.map(significant),
  };
}

export function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] as number;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] as number;
  return (upper + lower) / 2;
}

/** Null where there is nothing to compare, or the baseline is zero. */
export function ratio(figure: Summary | null, baseline: Summary | null): number | null {
  if (figure === null || baseline === null || baseline.median === 0) return null;
  return significant(figure.median / baseline.median);
}

/** More digits than four would claim to know what nobody measured. Whole numbers stay as they are. */
export function significant(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(4));
}
