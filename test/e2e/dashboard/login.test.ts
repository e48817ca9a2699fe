/** A dashboard that others than this machine can reach asks who one is. */
import { beforeAll, describe, expect, test } from 'vitest';
import { eventually, useBrowser } from '../../kit/browser.ts';
import { copyOf, recordEvening, startUi } from '../../kit/dashboard.ts';

const browser = useBrowser();
const TOKEN = 'open-sesame-1234';
let file: string;
beforeAll(async () => {
  file = await recordEvening();
}, 60_000);

describe('with a token, off loopback', () => {
  test('it shows nothing before the token is named, and all of it after', async () => {
    const dashboard = await startUi(copyOf(file), ['--http-host', '0.0.0.0', '--http-token', TOKEN]);
    const tab = await browser.open(`${dashboard.url}/sessions`);
    const field = tab.page.getByLabel('Token');
    await field.waitFor();
    expect(await tab.page.locator('body').innerText()).not.toMatch(/Ann|Cleo/);
    expect(await tab.accessibility()).toEqual([]);

    tab.expects(/status of 40[13]/);
    await field.fill('not the token');
    await tab.keys('Enter');
    await tab.page.getByText(/token/i).nth(2).waitFor();
    await eventually(() => tab.page.locator('form').innerText()).toMatch(
      /wrong|not (the|this|right)|another/i,
    );

    await field.fill(TOKEN);
    await tab.keys('Enter');
    await eventually(() => tab.page.locator('main').innerText()).toMatch(/Ann/);
    // And again without asking, by the cookie; the token itself is nowhere that scripts can read it.
    await tab.page.reload();
    await eventually(() => tab.page.locator('main').innerText()).toMatch(/Ann/);
    expect(await tab.page.evaluate('document.cookie')).not.toContain(TOKEN);
    expect(await tab.page.evaluate('JSON.stringify(localStorage) + location.href')).not.toContain(TOKEN);
    await tab.page.goto(`${dashboard.url}/sessions/1/frames`);
    await tab.page.getByRole('grid', { name: 'Frames' }).waitFor();
  });
});
