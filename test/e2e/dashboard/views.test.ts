/**
 * What holds for every view: nobody is shut out, nothing is complained of, and it fits, in both themes, at a desk and on a phone.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { eventually, DESK, PHONE, useBrowser } from '../../kit/browser.ts';
import { copyOf, type Dashboard, recordEvening, replayBroken, startUi } from '../../kit/dashboard.ts';

const browser = useBrowser();
let dashboard: Dashboard;
beforeAll(async () => {
  const file = copyOf(await recordEvening());
  await replayBroken(file);
  dashboard = await startUi(file, [], { lasts: true });
}, 120_000);

/** Of the evening. What is named is on the screen once the view is there. */
const views = [
  ['/', /Now/],
  ['/sessions', /Ann/],
  ['/sessions?text=nobody', /No session/],
  ['/sessions/1', /Dan/],
  ['/sessions/1/frames', /datagram|pdp/],
  ['/sessions/1/conversations', /Ann/],
  ['/sessions/1/replays', /iffers/],
  ['/replays', /iffers/],
  ['/replays/1', /iffers/],
  ['/sessions/nowhere', /nothing here/],
] as const;

describe.each(['dark', 'light'] as const)('%s:', (theme) => {
  test.each(views)('%s shuts nobody out, at a desk and on a phone', async (path, text) => {
    const tab = await browser.open(dashboard.url + path, { theme, size: DESK });
    await eventually(() => tab.page.locator('body').innerText()).toMatch(text);
    expect(await tab.accessibility()).toEqual([]);
    expect(await tab.sidewaysPixels()).toBe(0);
    await tab.page.setViewportSize(PHONE);
    await tab.page.waitForTimeout(200);
    expect(await tab.sidewaysPixels()).toBe(0);
    expect(await tab.accessibility()).toEqual([]);
  });
});
