/** Which rows of a long list are rendered: those that are seen, and some around them. Rows are all of one height. */
export interface Window {
  /** The first one, and the one after the last. */
  readonly from: number;
  readonly to: number;
  /** Room for those that are not rendered. */
  readonly beforePx: number;
  readonly afterPx: number;
}

export const OVERSCAN_ROWS = 20;

export function windowOf(rows: number, rowPx: number, scrolledPx: number, seenPx: number): Window {
  const first = Math.floor(Math.max(0, scrolledPx) / rowPx);
  const from = Math.max(0, Math.min(first, rows) - OVERSCAN_ROWS);
  const to = Math.min(rows, first + Math.ceil(seenPx / rowPx) + OVERSCAN_ROWS);
  return { from, to, beforePx: from * rowPx, afterPx: Math.max(0, rows - to) * rowPx };
}

/** Where a list must be scrolled to so that a row is whole in view; where it is, if it is. */
export function scrolledTo(row: number, rowPx: number, scrolledPx: number, seenPx: number): number {
  const top = row * rowPx;
  if (top < scrolledPx) return top;
  if (top + rowPx > scrolledPx + seenPx) return top + rowPx - seenPx;
  return scrolledPx;
}
