/** Sessions to search and narrow, and who talks to whom in one of them. */
import { beforeAll, describe, expect, test } from 'vitest';
import { eventually, type Tab, useBrowser } from '../../kit/browser.ts';
import { commandFrames, type Dashboard, recordEvenings, startUi } from '../../kit/dashboard.ts';
import { FramesView } from '../../kit/frames-view.ts';

const browser = useBrowser();
const GAMES = ['ULUS10391', 'ULES01213'] as const;
let dashboard: Dashboard;
beforeAll(async () => {
  dashboard = await startUi(await recordEvenings(GAMES), [], { lasts: true });
}, 60_000);

const open = (path: string): Promise<Tab> => browser.open(dashboard.url + path);
const rows = (tab: Tab) => tab.page.getByRole('table', { name: 'Sessions' }).locator('.row');

describe('sessions', () => {
  test('are found by what is typed, which is in the address', async () => {
    const tab = await open('/sessions');
    await eventually(() => rows(tab).count()).toBe(2);
    await tab.keys('/');
    await tab.page.keyboard.type('ules');
    await eventually(() => rows(tab).count()).toBe(1);
    expect(await rows(tab).innerText()).toContain(GAMES[1]);
    expect(tab.place).toBe('/sessions?text=ules');
    const elsewhere = await open(tab.place);
    await eventually(() => rows(elsewhere).count()).toBe(1);
    await tab.page.keyboard.type(' and nobody');
    await tab.page.getByText('No session matches').waitFor();
    await tab.page.getByRole('link', { name: 'Show all sessions' }).click();
    await eventually(() => rows(tab).count()).toBe(2);
    expect(await tab.page.getByRole('searchbox').inputValue()).toBe('');
  });

  test('are narrowed by what they have in common, and widened again', async () => {
    const tab = await open('/sessions');
    await tab.page.getByRole('button', { name: 'Game', exact: true }).click();
    const choices = tab.page.getByRole('menu').locator('[role^=menuitem]');
    await eventually(() => choices.allInnerTexts()).toHaveLength(2);
    expect(await tab.accessibility()).toEqual([]);
    await choices.filter({ hasText: GAMES[0] }).click();
    await eventually(() => rows(tab).count()).toBe(1);
    expect(tab.place).toBe(`/sessions?game=${GAMES[0]}`);
    expect(await rows(tab).innerText()).toContain(GAMES[0]);
    await tab.page.getByRole('button', { name: 'Any game' }).click();
    await eventually(() => rows(tab).count()).toBe(2);
    await tab.page.goBack();
    await eventually(() => rows(tab).count()).toBe(1);
  });
});

describe('conversations', () => {
  test('lead from a pair of players to all that one said to the other', async () => {
    const tab = await open('/sessions/1/conversations?measure=frames');
    const matrix = tab.page.getByRole('region', { name: 'Who says how much to whom' });
    await eventually(() => matrix.getByRole('columnheader').allInnerTexts()).toEqual(
      expect.arrayContaining(['Ann', 'Bob', 'Cleo', 'Dan']),
    );
    await matrix.locator('a[title="Frames from Ann to Bob"]').click();
    await eventually(() => tab.place).toMatch(/^\/sessions\/1\/frames\?filter=/);
    const view = await new FramesView(tab).ready();
    const wanted = await commandFrames(dashboard.file, 1, await view.filter.inputValue());
    expect(wanted.length).toBeGreaterThan(10);
    await eventually(() => view.count()).toBe(wanted.length);
  });

  test('are a graph as well, and a table in any order; both are in the address', async () => {
    const tab = await open('/sessions/1/conversations');
    await tab.page.getByRole('button', { name: 'Graph' }).click();
    const edges = tab.page.locator('svg[aria-label="Who talks to whom"] a');
    // Each of the four speaks to each of the others.
    await eventually(() => edges.count()).toBe(12);
    expect(tab.place).toContain('as=graph');
    const table = tab.page.getByRole('region', { name: 'Conversations' });
    await table.getByRole('button', { name: 'bytes' }).click();
    await eventually(() => table.locator('th[aria-sort]').allInnerTexts()).toEqual([
      expect.stringContaining('bytes'),
    ]);
    const first = await table.locator('tbody').first().innerText();
    for (const each of ['Time in the relay', 'Sizes'])
      await tab.page.getByRole('heading', { name: each, exact: true }).waitFor();
    const elsewhere = await open(tab.place);
    await eventually(() => elsewhere.page.locator('svg[aria-label="Who talks to whom"] a').count()).toBe(12);
    expect(
      await elsewhere.page
        .getByRole('region', { name: 'Conversations' })
        .locator('tbody')
        .first()
        .innerText(),
    ).toBe(first);
  });
});
