/** A session that goes on: its end is followed, and lets go of whoever wants to look at something. */
import { expect, onTestFinished, test } from 'vitest';
import { liveSessions } from '../../../bench/dashboard/viewers.ts';
import { slopeOf } from '../../../bench/dashboard/tab.ts';
import { eventually, useBrowser } from '../../kit/browser.ts';
import { Chatter } from '../../kit/chatter.ts';
import { type RecordingRelay, startRecording } from '../../kit/dashboard.ts';
import { FramesView } from '../../kit/frames-view.ts';

const browser = useBrowser();
const HEAP_MAX = 150_000_000;
const ROWS_MAX = 200;

async function talking(
  perSecond: number,
): Promise<{ dashboard: RecordingRelay; chatter: Chatter; view: FramesView }> {
  const dashboard = await startRecording();
  const chatter = await Chatter.start(dashboard.relay.port, 4);
  onTestFinished(() => chatter.stop());
  chatter.speak(perSecond);
  const [session = 0] = await liveSessions(dashboard.port, 1);
  const view = new FramesView(await browser.open(`${dashboard.url}/sessions/${session}/frames`));
  return { dashboard, chatter, view: await view.ready() };
}

const follow = (view: FramesView) => view.page.getByRole('button', { name: 'Follow', exact: true });

test('the end is followed until one scrolls up; then nothing jumps, and what is new is counted', async () => {
  const { chatter, view } = await talking(200);
  await follow(view).click();
  await eventually(() => follow(view).getAttribute('aria-pressed')).toBe('true');
  expect(view.tab.place).toContain('follow=1');
  const last = async () => (await view.seen()).at(-1) ?? 0;
  const before = await last();
  await eventually(last).toBeGreaterThan(before + 50);

  await view.grid.hover();
  await view.page.mouse.wheel(0, -600);
  await eventually(() => follow(view).getAttribute('aria-pressed')).toBe('false');
  const fresh = view.page.getByRole('button', { name: /new/ });
  await fresh.waitFor();
  const seen = await view.seen();
  const count = async () => Number((await fresh.innerText()).replace(/\D/g, ''));
  const first = await count();
  await eventually(count).toBeGreaterThan(first);
  expect(await view.seen()).toEqual(seen);

  await fresh.click();
  await eventually(() => follow(view).getAttribute('aria-pressed')).toBe('true');
  await eventually(last).toBeGreaterThan(seen.at(-1)! + 50);
  chatter.speak(0);
  const { grid } = view;
  await eventually(
    async () => [await last(), await view.count(), await grid.getAttribute('aria-rowcount')].length,
  ).toBe(3);
  expect(await view.tab.accessibility()).toEqual([]);
});

test('a filter holds for what comes, too', async () => {
  const { view } = await talking(200);
  await view.filterBy('from == 02:00:00:00:cc:01');
  await follow(view).click();
  const last = async () => (await view.seen()).at(-1) ?? 0;
  const before = await last();
  await eventually(last).toBeGreaterThan(before + 40);
  const senders = await view.grid.locator('[data-column=from]').allInnerTexts();
  expect(new Set(senders.map((text) => text.trim()).filter((text) => text !== '')).size).toBe(1);
});

test('2 000 frames a second fill neither the page nor its memory', { timeout: 120_000 }, async () => {
  const { view } = await talking(2_000);
  await follow(view).click();
  const { meters } = view.tab;
  const heaps: number[] = [];
  await view.page.waitForTimeout(4_000);
  for (let measured = 0; measured < 8; measured++) {
    await view.page.waitForTimeout(1_500);
    heaps.push(await meters.heapBytes());
    expect(await meters.rows()).toBeLessThanOrEqual(ROWS_MAX);
  }
  expect(Math.max(...heaps)).toBeLessThan(HEAP_MAX);
  // A page that kept each row would grow by several hundred bytes for each of 3 000 frames.
  expect(slopeOf(heaps), heaps.join(' ')).toBeLessThan(400_000);
  const last = async () => (await view.seen()).at(-1) ?? 0;
  // Whatever the machine has to spare for it: the end is still followed.
  await eventually(last).toBeGreaterThan(5_000);
});

test('Now shows the figures of the relay, and leads to the session', async () => {
  const { dashboard } = await talking(300);
  const tab = await browser.open(`${dashboard.url}/`);
  await eventually(() => tab.page.locator('main').innerText()).toMatch(/frames/i);
  await eventually(() => tab.page.locator('main canvas, main svg').count()).toBeGreaterThan(0);
  await eventually(() => tab.page.locator('main a[href^="/sessions/"]').count()).toBeGreaterThan(0);
  expect(await tab.accessibility()).toEqual([]);
  await tab.page.locator('main a[href^="/sessions/"]').first().click();
  await eventually(() => tab.place).toMatch(/^\/sessions\/\d+/);
});
