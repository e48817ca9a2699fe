/** The view of a session's frames, as tests read and use it. */
import { expect } from 'vitest';
import type { Locator, Page } from 'playwright-core';
import { ROW, sequencesSeen } from '../../bench/dashboard/frame-list.ts';
import type { Tab } from './browser.ts';

export class FramesView {
  readonly tab: Tab;
  readonly page: Page;
  readonly grid: Locator;
  readonly filter: Locator;
  readonly pane: Locator;

  constructor(tab: Tab) {
    this.tab = tab;
    this.page = tab.page;
    this.grid = this.page.getByRole('grid', { name: 'Frames' });
    this.filter = this.page.getByRole('combobox', { name: 'Filter' });
    this.pane = this.page.getByRole('region', { name: 'Frame', exact: true });
  }

  /** Waits until there are rows. */
  async ready(): Promise<this> {
    await this.page.locator(ROW).first().waitFor();
    return this;
  }

  /** Sequence numbers, from top to bottom. */
  seen(): Promise<readonly number[]> {
    return sequencesSeen(this.page);
  }

  row(sequence: number): Locator {
    const shown = sequence.toLocaleString('en').replaceAll(',', '\\u202f');
    return this.page.locator(ROW).filter({
      has: this.page.locator('[data-column=sequence]', { hasText: new RegExp(`(^|comments)\\s*${shown}$`) }),
    });
  }

  cell(sequence: number, column: string): Locator {
    return this.row(sequence).locator(`[data-column="${column}"]`);
  }

  async filterBy(text: string): Promise<void> {
    await this.filter.fill(text);
    await this.page.keyboard.press('Enter');
  }

  /** How many there are in all, as the grid says to those who cannot see it. */
  async count(): Promise<number> {
    return Number(await this.grid.getAttribute('aria-rowcount')) - 1;
  }

  /** Rows that are seen are these, in this order, without a hole. */
  async expectSeen(wanted: readonly number[], from: number): Promise<void> {
    const seen = await this.seen();
    expect(seen.length).toBeGreaterThan(5);
    expect(seen).toEqual(wanted.slice(from, from + seen.length));
  }

  field(name: string): Locator {
    return this.pane.getByRole('treeitem').filter({
      has: this.page.locator('.name', { hasText: new RegExp(`^${name}$`) }),
    });
  }
}
