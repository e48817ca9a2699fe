/**
 * A tab with the dashboard in it, and what is measured of it.
 *
 * The rule: memory is what is still held after everything that is garbage was thrown away.
 */
import type { CDPSession, Page } from 'playwright-core';

export class Meters {
  readonly #page: Page;
  #session: Promise<CDPSession> | null = null;

  constructor(page: Page) {
    this.#page = page;
  }

  /** Of JavaScript, in bytes. */
  async heapBytes(): Promise<number> {
    const session = await (this.#session ??= this.#page.context().newCDPSession(this.#page));
    // Twice: the first may leave what only its finalizers let go.
    for (let turn = 0; turn < 2; turn++) await session.send('HeapProfiler.collectGarbage');
    const { usedSize } = await session.send('Runtime.getHeapUsage');
    return usedSize;
  }

  /** Rows of lists and tables that are in the document, seen or not. */
  rows(): Promise<number> {
    return this.#page.locator('[role=row], [role=option], [role=treeitem], tr, li').count();
  }
}

/** By how much figures grow from each to the next, as the line that lies closest to them all has it. */
export function slopeOf(figures: readonly number[]): number {
  const middle = (figures.length - 1) / 2;
  const mean = figures.reduce((sum, figure) => sum + figure, 0) / figures.length;
  let above = 0;
  let below = 0;
  for (const [i, figure] of figures.entries()) {
    above += (i - middle) * (figure - mean);
    below += (i - middle) ** 2;
  }
  return below === 0 ? 0 : above / below;
}
