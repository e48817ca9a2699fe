/**
 * The list of frames in a tab: how long it takes until it shows what was asked for.
 *
 * The rule: the tab itself looks, before each picture that it draws, and takes the time. What passes between this process and
 * the browser is no part of it.
 */
import type { Page } from 'playwright-core';
import type { Millis } from '../../protocol/types.ts';

const PATIENCE_MS: Millis = 60_000;
const GRID = '[role=grid][aria-label=Frames]';
/** A row that is filled in. */
export const ROW = `${GRID} [role=row][data-index]:not([aria-busy])`;
/** Less than any window shows. */
const SCREEN_ROWS = 10;

/** In the tab: resolves with the milliseconds from `begin` to the first picture at which `isThere`; both are expressions. */
function timed(page: Page, begin: string, isThere: string): Promise<Millis> {
  return page.evaluate<Millis>(`new Promise((resolve, reject) => {
    const rows = () => [...document.querySelectorAll('${ROW}')];
    const seen = () => {
      const grid = document.querySelector('${GRID}');
      if (grid === null) return [];
      const { top, bottom } = grid.getBoundingClientRect();
      return rows().filter((row) => {
        const box = row.getBoundingClientRect();
        return box.bottom > top && box.top < bottom;
      });
    };
    const text = (row) => row.querySelector('[data-column=sequence]')?.textContent.trim() ?? '';
    const before = seen().map(text).join();
    const from = performance.now();
    ${begin};
    const look = () => {
      const now = performance.now();
      if (${isThere}) resolve(now - from);
      else if (now - from > ${PATIENCE_MS}) reject(new Error('it did not come within ${PATIENCE_MS} ms'));
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  })`);
}

const CHANGED = `seen().length > 0 && seen().map(text).join() !== before`;

/** From any other view of the page, as by a link. */
export function openFrames(page: Page, session: number): Promise<Millis> {
  return timed(
    page,
    `const link = document.createElement('a');
    link.href = '/sessions/${session}/frames';
    document.querySelector('#app > *').append(link);
    link.click();
    link.remove()`,
    `seen().length >= ${SCREEN_ROWS}`,
  );
}

function press(key: string): string {
  return `(document.activeElement ?? document.body).dispatchEvent(
      new KeyboardEvent('keydown', { key: '${key}', bubbles: true, cancelable: true }))`;
}

/** By the key. */
export function jumpToEnd(page: Page, lastIndex: number): Promise<Millis> {
  return timed(page, press('End'), `seen().some((row) => row.dataset.index === '${lastIndex}')`);
}

/** By the bar at the side, to this share of the list's height. */
export function scrollTo(page: Page, share: number): Promise<Millis> {
  return timed(
    page,
    `const grid = document.querySelector('${GRID}');
    grid.scrollTop = (grid.scrollHeight - grid.clientHeight) * ${share}`,
    CHANGED,
  );
}

/** Of a filter that leaves out what is on the screen: until other rows are there. */
export async function filterFrames(page: Page, filter: string): Promise<Millis> {
  const bar = page.getByRole('combobox', { name: 'Filter' });
  await bar.fill(filter);
  return timed(page, press('Enter'), CHANGED);
}

/** Sequence numbers of the rows that can be seen, as they stand there. */
export async function sequencesSeen(page: Page): Promise<readonly number[]> {
  return page.evaluate<number[]>(`(() => {
    const grid = document.querySelector('${GRID}');
    const { top, bottom } = grid.getBoundingClientRect();
    return [...document.querySelectorAll('${ROW}')]
      .filter((row) => {
        const box = row.getBoundingClientRect();
        return box.bottom > top && box.top < bottom;
      })
      .map((row) => Number(row.querySelector('[data-column=sequence]').textContent.replace(/\\D/g, '')));
  })()`);
}
