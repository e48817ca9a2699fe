/** A replay from its start to its verdict, as somebody does it in the page: against a good relay, a broken one, and none. */
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { eventually, type Tab, useBrowser } from '../../kit/browser.ts';
import { type Dashboard, startUi } from '../../kit/dashboard.ts';
import { mutant, type RunningMutant, startMutant } from '../../kit/mutants.ts';
import { meshPlay, recordPlay } from '../../kit/plays.ts';

const browser = useBrowser();
let dashboard: Dashboard;
beforeAll(async () => {
  const { file } = await recordPlay(meshPlay);
  dashboard = await startUi(file, [], { lasts: true });
}, 60_000);

async function target(name: string): Promise<RunningMutant> {
  const running = await startMutant(mutant(name));
  onTestFinished(() => running.stop());
  return running;
}

async function openDialog(): Promise<Tab> {
  const tab = await browser.open(`${dashboard.url}/sessions/1`);
  await tab.page.getByRole('link', { name: 'Replay', exact: true }).click();
  await tab.page.getByRole('dialog', { name: 'Start a replay' }).waitFor();
  return tab;
}

async function fillIn(tab: Tab, against: string, control: string): Promise<void> {
  await tab.page.getByLabel('Relay under test').fill(against);
  await tab.page.getByLabel('Its control server').fill(control);
}

const start = (tab: Tab) => tab.page.getByRole('button', { name: 'Start', exact: true });

/** Starts it, and waits for what stands in the list. */
async function play({ port, adhocctlPort }: RunningMutant, outcome: string): Promise<Tab> {
  const tab = await openDialog();
  await fillIn(tab, `127.0.0.1:${port}`, `127.0.0.1:${adhocctlPort}`);
  const command = await tab.page.getByRole('dialog').locator('.command').innerText();
  expect(command).toContain(`--session 1 --against 127.0.0.1:${port} --against-adhocctl`);
  await start(tab).click();
  await tab.page.getByRole('dialog').waitFor({ state: 'detached' });
  const row = tab.page.locator('tbody tr', { hasText: `127.0.0.1:${port}` });
  await eventually(() => row.innerText()).toContain(outcome);
  await row.getByRole('link').click();
  await eventually(() => tab.place).toMatch(/^\/replays\/\d+/);
  return tab;
}

const title = (tab: Tab) => tab.page.getByRole('heading', { level: 1 });

describe('from start to verdict', () => {
  test('a good relay is told to be the same', async () => {
    const tab = await play(await target('fair'), 'same');
    await eventually(() => title(tab).innerText()).toMatch(/^The same: /);
    expect(await tab.page.getByRole('button', { name: /follow/ }).count()).toBe(0);
    expect(await tab.accessibility()).toEqual([]);
  });

  test('of a relay that changes one byte, that byte is marked on both sides', async () => {
    const tab = await play(await target('corrupts-byte'), 'differs');
    await eventually(() => title(tab).innerText()).toMatch(/^It differs: /);
    const pane = tab.page.getByRole('region', { name: 'The chosen difference' });
    const marked = (side: number) => pane.locator('figure').nth(side).locator('.hex mark').allInnerTexts();
    await eventually(async () => (await marked(0)).length).toBe(1);
    expect((await marked(1)).length).toBe(1);
    expect(await marked(0)).not.toEqual(await marked(1));
    await pane.getByRole('columnheader', { name: 'Recorded' }).waitFor();
    expect(await pane.locator('tr.differs').count()).toBeGreaterThan(0);

    // A link leads others to the same difference, and on to its frame.
    const elsewhere = await browser.open(dashboard.url + tab.place);
    await eventually(() => title(elsewhere).innerText()).toBe(await title(tab).innerText());
    await elsewhere.page.getByRole('link', { name: /in its session/ }).click();
    await eventually(() => elsewhere.place).toMatch(/^\/sessions\/1\/frames\?.*frame=\d+/);
  });

  test('keys go from difference to difference', async () => {
    const tab = await play(await target('truncates'), 'differs');
    const lines = tab.page.getByRole('list', { name: 'Differences' }).getByRole('listitem');
    await lines.first().waitFor();
    const chosen = () =>
      tab.page
        .locator('[aria-label=Differences] [aria-current=true]')
        .innerText()
        .catch(() => '');
    const count = await lines.count();
    await tab.keys('Home');
    await eventually(chosen).toBe(await lines.first().locator('.line').innerText());
    expect(count).toBeGreaterThan(1);
    await tab.keys('n');
    await eventually(chosen).toBe(await lines.nth(1).locator('.line').innerText());
    await tab.keys('p');
    await eventually(chosen).toBe(await lines.first().locator('.line').innerText());
    expect(await tab.accessibility()).toEqual([]);
  });
});

describe('mistakes are one line each', () => {
  /** All that the dialog says is wrong. */
  const wrong = (tab: Tab) => tab.page.getByRole('dialog').locator('.bad, [role=alert]').allInnerTexts();

  test('beside the field, before anything is asked', async () => {
    const tab = await openDialog();
    await start(tab).click();
    await eventually(() => wrong(tab)).toEqual(['HOST:PORT, such as 127.0.0.1:27313']);
    await fillIn(tab, '127.0.0.1:99999', 'nowhere');
    await tab.page.getByLabel('Patience in seconds').fill('long');
    await tab.page.locator('summary', { hasText: 'Masks' }).click();
    await tab.page.getByLabel('Masks as JSON').fill('{ "masks": [');
    await eventually(async () => (await wrong(tab)).length).toBe(4);
    for (const line of await wrong(tab)) expect(line).toMatch(/^[^\n]{5,150}$/);
    expect(await tab.accessibility()).toEqual([]);
  });

  test('of the server, which starts nothing', async () => {
    const tab = await openDialog();
    tab.expects(/status of 4\d\d/);
    await fillIn(tab, '127.0.0.1:1', '');
    await tab.page.locator('summary', { hasText: 'Masks' }).click();
    await tab.page
      .getByLabel('Masks as JSON')
      .fill('{ "masks": [{ "kind": "no-such-kind", "at": 8, "bytes": 4 }] }');
    await start(tab).click();
    await eventually(() => wrong(tab)).toEqual([expect.stringMatching(/^[^\n]*no-such-kind[^\n]*$/)]);
    expect(await tab.page.getByRole('dialog').count()).toBe(1);
  });

  test('of a target that nobody answers at', async () => {
    const tab = await openDialog();
    await fillIn(tab, '127.0.0.1:1', '');
    await start(tab).click();
    await tab.page.getByRole('dialog').waitFor({ state: 'detached' });
    await eventually(() => tab.page.locator('main').innerText()).toMatch(
      /127\.0\.0\.1:1[\s\S]*(no answer|failed)/,
    );
    expect(await tab.accessibility()).toEqual([]);
  });
});
