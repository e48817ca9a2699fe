/** The frames of a recorded evening, as somebody looks through them: list, pane, filter, comments, links, keys. */
import { beforeAll, describe, expect, test } from 'vitest';
import { scrollTo } from '../../../bench/dashboard/frame-list.ts';
import { eventually, useBrowser, PHONE } from '../../kit/browser.ts';
import {
  commandFrames,
  type CommandFrame,
  copyOf,
  type Dashboard,
  recordEvening,
  startUi,
} from '../../kit/dashboard.ts';
import { FramesView } from '../../kit/frames-view.ts';

const browser = useBrowser();
let file: string;
let dashboard: Dashboard;
let frames: readonly CommandFrame[];
let sequences: readonly number[];
beforeAll(async () => {
  file = await recordEvening();
  frames = await commandFrames(file, 1);
  sequences = frames.map(({ sequence }) => sequence);
  dashboard = await startUi(file, [], { lasts: true });
}, 120_000);

async function open(path = '/sessions/1/frames', where = dashboard): Promise<FramesView> {
  return new FramesView(await browser.open(where.url + path)).ready();
}

/** A datagram in the middle of the evening. */
function someDatagram(): CommandFrame {
  return frames.slice(100).find(({ kind, size }) => kind === 'pdp' && size > 100)!;
}

describe('the list', () => {
  test('has what the command line has, at its start, anywhere, and at its end', async () => {
    const view = await open();
    expect(await view.count()).toBe(frames.length);
    await view.expectSeen(sequences, 0);
    await view.grid.focus();
    await view.tab.keys('End');
    await eventually(() => view.seen()).toContain(sequences.at(-1));
    const end = await view.seen();
    expect(end).toEqual(sequences.slice(-end.length));
    await scrollTo(view.page, 0.5);
    await eventually(async () => (await view.seen())[0]).toBeLessThan(end[0]!);
    await eventually(async () => (await view.seen()).length).toBeGreaterThan(5);
    const middle = await view.seen();
    await view.expectSeen(sequences, sequences.indexOf(middle[0]!));
    expect(await view.tab.meters.rows()).toBeLessThanOrEqual(200);
  });

  test('folds what repeats, and opens it again', async () => {
    const view = await open();
    await view.page.getByRole('button', { name: 'Fold repeats' }).click();
    await eventually(() => view.count()).toBeLessThan(frames.length / 2);
    expect(view.tab.place).toContain('fold=1');
    await eventually(() => view.grid.innerText()).toMatch(/×\d+, every/);
    await view.page.goBack();
    await eventually(() => view.count()).toBe(frames.length);
  });
});

describe('the pane', () => {
  test('shows fields and bytes of one frame, and pointing at one points at the other', async () => {
    const frame = someDatagram();
    const view = await open(`/sessions/1/frames?frame=${frame.sequence}`);
    const digits = async () => (await view.pane.locator('.hex [data-at]').allInnerTexts()).join('');
    await eventually(digits).toContain(frame.bytes.slice(0, 20));
    await view.pane.locator('.hex [data-at="10"]').first().hover();
    await eventually(() => view.field('size').getAttribute('class')).toMatch(/isHovered/);
    await view.field('port').hover();
    await eventually(() => view.pane.locator('.hex [data-at="8"]').first().getAttribute('class')).toMatch(
      /[hH]overed/,
    );
    expect(await view.field('size').getAttribute('class')).not.toMatch(/isHovered/);
  });

  test('makes a filter and a column of a field', async () => {
    const frame = someDatagram();
    const view = await open(`/sessions/1/frames?frame=${frame.sequence}`);
    await view.field('size').click({ button: 'right' });
    await view.page.getByRole('menuitem', { name: /as a column/ }).click();
    await eventually(() => view.tab.place).toContain('columns=');
    await eventually(() => view.grid.getByRole('columnheader').allInnerTexts()).toEqual(
      expect.arrayContaining([expect.stringMatching(/size/)]),
    );
    await eventually(() => view.row(frame.sequence).innerText()).toContain(String(frame.size - 14));
    await view.field('size').click({ button: 'right' });
    await view.page.getByRole('menuitem', { name: /==/ }).first().click();
    await eventually(() => view.filter.inputValue()).toMatch(/size == \d+/);
    const wanted = await commandFrames(file, 1, await view.filter.inputValue());
    await eventually(() => view.count()).toBe(wanted.length);
    expect(wanted.length).toBeLessThan(frames.length);
  });

  test('follows the conversation', async () => {
    const view = await open(`/sessions/1/frames?frame=${someDatagram().sequence}`);
    await view.pane.getByRole('button', { name: 'Follow its conversation' }).click();
    await eventually(() => view.filter.inputValue()).not.toBe('');
    const wanted = await commandFrames(file, 1, await view.filter.inputValue());
    await eventually(() => view.count()).toBe(wanted.length);
    expect(wanted.length).toBeGreaterThan(10);
    expect(wanted.length).toBeLessThan(frames.length / 2);
  });
});

describe('the filter', () => {
  test('lets through what the command line lets through, and is in the address', async () => {
    const filter = 'kind == pdp && size > 200';
    const view = await open();
    await view.filterBy(filter);
    const wanted = (await commandFrames(file, 1, filter)).map(({ sequence }) => sequence);
    await eventually(() => view.count()).toBe(wanted.length);
    await eventually(async () => (await view.seen())[0]).toBe(wanted[0]);
    await view.expectSeen(wanted, 0);
    expect(new URL(view.page.url()).searchParams.get('filter')).toBe(filter);
  });

  test('says where it is wrong, and leaves the list as it is', async () => {
    const view = await open();
    await view.filterBy('kind == pdp && sise > 3');
    const help = view.page.locator('.wrong');
    await eventually(() => help.innerText()).toMatch(/sise/);
    const caret = await help.locator('pre').textContent();
    expect(caret?.indexOf('^')).toBe('kind == pdp && '.length);
    expect(await view.count()).toBe(frames.length);
    expect(await view.tab.accessibility()).toEqual([]);
  });

  test('is completed while it is written, and remembered', async () => {
    const view = await open();
    await view.filter.click();
    await view.page.keyboard.type('outc');
    await view.page
      .getByRole('option', { name: /outcome/ })
      .first()
      .waitFor();
    await view.tab.keys('Tab');
    expect(await view.filter.inputValue()).toMatch(/^outcome\s*$/);
    await view.page.keyboard.type('!= forwarded');
    await view.tab.keys('Enter');
    await eventually(() => view.tab.place).toContain('filter=');
    await view.filter.fill('');
    await view.tab.keys('Enter');
    await eventually(() => view.tab.place).not.toContain('filter=');
    await view.filter.focus();
    await view.tab.keys('ArrowUp');
    await eventually(() => view.page.getByRole('option').allInnerTexts()).toEqual(
      expect.arrayContaining([expect.stringContaining('outcome != forwarded')]),
    );
  });
});

test('a link opens the same place elsewhere', async () => {
  const view = await open();
  await view.filterBy('kind == pdp');
  await eventually(() => view.tab.place).toContain('filter=');
  const wanted = (await commandFrames(file, 1, 'kind == pdp')).map(({ sequence }) => sequence);
  await eventually(() => view.count()).toBe(wanted.length);
  await scrollTo(view.page, 0.5);
  await eventually(async () => (await view.seen())[0]).toBeGreaterThan(wanted[50]!);
  const chosen = (await view.seen())[4]!;
  await view.cell(chosen, 'summary').click();
  await view.pane.getByRole('heading', { name: /Frame/ }).waitFor();
  await eventually(() => view.tab.place).toContain(`frame=${chosen}`);
  const elsewhere = await open(view.tab.place);
  await eventually(() => elsewhere.seen()).toContain(chosen);
  expect(await elsewhere.filter.inputValue()).toBe('kind == pdp');
  await eventually(() => elsewhere.row(chosen).getAttribute('aria-selected')).toBe('true');
  expect(await elsewhere.pane.getByRole('heading', { level: 2 }).innerText()).toBe(
    await view.pane.getByRole('heading', { level: 2 }).innerText(),
  );
});

test('keys alone lead from the sessions to a field of a frame, and back', async () => {
  const tab = await browser.open(`${dashboard.url}/sessions`);
  await tab.page.getByRole('row').nth(1).waitFor();
  await tab.keys('j', 'Enter');
  await eventually(() => tab.place).toMatch(/^\/sessions\/1/);
  await tab.tabTo('a[href="/sessions/1/frames"]');
  await tab.keys('Enter');
  await eventually(() => tab.place).toMatch(/^\/sessions\/1\/frames/);
  const view = await new FramesView(tab).ready();
  await tab.keys('j', 'j', 'j', 'Enter');
  await view.pane.getByRole('treeitem').first().waitFor();
  await tab.tabTo('[role=treeitem]');
  await tab.keys('End', '.');
  await view.page.getByRole('menu').waitFor();
  await tab.keys('Escape', 'Escape');
  await eventually(() => view.pane.count()).toBe(0);
  await tab.keys('?');
  const help = tab.page.getByRole('dialog');
  await eventually(() => help.innerText()).toMatch(/Next frame/);
  expect(await tab.accessibility()).toEqual([]);
  await tab.keys('Escape', 'g', 's');
  await eventually(() => tab.place).toMatch(/^\/sessions(\?|$)/);
});

test('a comment is kept in the capture, and is there after a restart', async () => {
  const own = copyOf(file);
  const first = await startUi(own);
  const { sequence } = someDatagram();
  const view = await open(`/sessions/1/frames?frame=${sequence}`, first);
  await view.pane.getByRole('treeitem').first().waitFor();
  await view.tab.keys('m');
  await view.pane.getByRole('textbox', { name: /Comment/ }).fill('here <b>it</b> breaks');
  await view.pane.getByRole('radio', { name: 'Problem' }).check();
  await view.tab.keys('Tab');
  await view.pane.getByRole('button', { name: 'Keep' }).click();
  await eventually(() => view.pane.innerText()).toContain('here <b>it</b> breaks');
  await eventually(() => view.cell(sequence, 'sequence').innerText()).toMatch(/comment/);
  expect(await view.tab.accessibility()).toEqual([]);
  await view.tab.close();
  await first.stop();
  const second = await startUi(own);
  const again = await open(`/sessions/1/frames?frame=${sequence}`, second);
  await eventually(() => again.pane.innerText()).toContain('here <b>it</b> breaks');
  expect(await again.pane.innerText()).toContain('Problem');
});

test('a phone shows all of it, without the page being wider than the phone', async () => {
  const { sequence } = someDatagram();
  const tab = await browser.open(`${dashboard.url}/sessions/1/frames?frame=${sequence}`, { size: PHONE });
  const view = await new FramesView(tab).ready();
  await view.pane.getByRole('treeitem').first().waitFor();
  expect(await tab.sidewaysPixels()).toBe(0);
  expect(await tab.accessibility()).toEqual([]);
});
