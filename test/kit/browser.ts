/**
 * A real browser for tests: one for each test file, with a fresh context for every tab.
 *
 * The rule: whatever a browser complains of fails the test in which it did: errors on the console, errors that nobody caught, what the
 * content-security policy forbids, requests that fail. What a test provokes on purpose it names beforehand.
 */
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { startChromium } from '../../bench/dashboard/chromium.ts';
import { Meters } from '../../bench/dashboard/tab.ts';

export const DESK = { width: 1440, height: 900 } as const;
export const PHONE = { width: 390, height: 844 } as const;

/** It may have to be installed. */
const BROWSER_MS = 600_000;
/** How long a page may take for what it takes no time for, on a machine that does much else. */
const PATIENCE_MS = 15_000;

const TABS_MAX = 80;

export interface TabOptions {
  readonly theme?: 'dark' | 'light';
  readonly size?: { readonly width: number; readonly height: number };
  readonly context?: BrowserContextOptions;
}

/** Waits until it is so. */
export function eventually<T>(look: () => T | Promise<T>) {
  return expect.poll(look, { timeout: PATIENCE_MS, interval: 50 });
}

/** For the test file that calls it: a browser that is there for all of its tests. */
export function useBrowser(): { open(url: string, options?: TabOptions): Promise<Tab> } {
  let browser: Browser | null = null;
  const tabs: Tab[] = [];
  beforeAll(async () => {
    browser = await startChromium();
  }, BROWSER_MS);
  afterAll(() => browser?.close());
  afterEach(async () => {
    const complaints: string[] = [];
    for (const tab of tabs.splice(0)) complaints.push(...(await tab.close()));
    expect(complaints).toEqual([]);
  });
  return {
    async open(url, options = {}) {
      const context = await browser!.newContext({
        viewport: options.size ?? DESK,
        colorScheme: options.theme ?? 'dark',
        reducedMotion: 'reduce',
        ...options.context,
      });
      const tab = new Tab(context, await context.newPage());
      tabs.push(tab);
      await tab.page.addInitScript(TELL_VIOLATIONS);
      await tab.page.goto(url);
      return tab;
    },
  };
}

const VIOLATION = 'content-security policy: ';
/** The console does not tell of all of them. */
const TELL_VIOLATIONS = `addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
  console.error('${VIOLATION}' + violatedDirective + ' forbids ' + (blockedURI || 'what is in the page')));`;

export class Tab {
  readonly page: Page;
  readonly meters: Meters;
  readonly #context: BrowserContext;
  readonly #complaints: string[] = [];
  readonly #expected: RegExp[] = [];

  constructor(context: BrowserContext, page: Page) {
    this.#context = context;
    this.page = page;
    this.meters = new Meters(page);
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('console', (message) => {
      if (message.type() === 'error')
        this.#complaints.push(`${message.text()} (${message.location().url || page.url()})`);
    });
    page.on('pageerror', (error) => this.#complaints.push(`not caught: ${error.message}`));
    page.on('requestfailed', (request) => {
      const why = request.failure()?.errorText ?? '';
      // The page no longer wants an answer, or there is no page any more; downloads are not the page's.
      if (why !== 'net::ERR_ABORTED') this.#complaints.push(`${request.url()} failed: ${why}`);
    });
  }

  /** From now on, complaints like this are what the test is about. */
  expects(complaint: RegExp): void {
    this.#expected.push(complaint);
  }

  /** All that was not expected. */
  get complaints(): readonly string[] {
    return this.#complaints.filter((each) => !this.#expected.some((expected) => expected.test(each)));
  }

  /** What stands between the page and people who see, hear or move otherwise; a line each. */
  async accessibility(): Promise<readonly string[]> {
    const { violations } = await new AxeBuilder({ page: this.page }).setLegacyMode().analyze();
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, any, all, none }) => {
        const why = [...any, ...all, ...none].map(({ message }) => message).join('; ');
        return `${id}: ${target.join(' ')}: ${why}`;
      }),
    );
  }

  /** By how many pixels the page is wider than the window. */
  async sidewaysPixels(): Promise<number> {
    return this.page.evaluate<number>(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    );
  }

  /** The address without the server. */
  get place(): string {
    const { pathname, search } = new URL(this.page.url());
    return pathname + search;
  }

  /** By keys alone, one after the other. */
  async keys(...keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /** Presses Tab until the element that has the focus is one of these. */
  async tabTo(selector: string): Promise<void> {
    for (let tabs = 0; tabs < TABS_MAX; tabs++) {
      if (await this.page.evaluate<boolean>(`document.activeElement?.matches(${JSON.stringify(selector)})`))
        return;
      await this.page.keyboard.press('Tab');
    }
    throw new Error(`no key leads to ${selector}`);
  }

  async close(): Promise<readonly string[]> {
    await this.#context.close();
    return this.complaints;
  }
}
