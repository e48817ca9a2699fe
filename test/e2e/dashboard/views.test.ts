/**
 * What holds for every view: nobody is shut out, nothing is complained of, and it fits, in both themes, at a desk and on a phone.
 */
import { beforeAll, expect, test } from 'vitest';
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
  ['/sessions/1/conversations?as=graph', /Ann/],
  ['/sessions/1/replays', /differs/],
  ['/replays', /differs/],
  ['/replays?start=1', /Relay under test/],
  ['/replays/1', /It differs/],
  ['/sessions/nowhere', /nothing here/],
] as const;

test.each(views)('%s shuts nobody out, dark and light, at a desk and on a phone', async (path, text) => {
  const tab = await browser.open(dashboard.url + path, { theme: 'dark', size: DESK });
  await eventually(() => tab.page.locator('body').innerText()).toMatch(text);
  for (const size of [DESK, PHONE]) {
    await tab.page.setViewportSize(size);
    for (const colorScheme of ['dark', 'light'] as const) {
      await tab.page.emulateMedia({ colorScheme });
      await eventually(() => tab.page.locator('html').getAttribute('data-theme')).toBe(colorScheme);
      const where = `${size.width} pixels wide, ${colorScheme}`;
      expect(await tab.accessibility(), where).toEqual([]);
      expect(await tab.sidewaysPixels(), where).toBe(0);
    }
  }
});
