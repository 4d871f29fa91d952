/** The page in a real Chromium, as somebody who opens it has it. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import axe from 'axe-core';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

/** Where screenshots are kept, to be looked at. */
export const ARTIFACTS = join('artifacts', 'page');

export type Theme = 'light' | 'dark';

export const WIDE = { width: 1280, height: 800 } as const;
export const NARROW = { width: 390, height: 844 } as const;

export interface PageOptions {
  readonly theme?: Theme;
  readonly size?: { readonly width: number; readonly height: number };
}

export interface OpenedPage {
  readonly page: Page;
  /** What the browser complained of: exceptions, console errors, failed requests. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

/** Chromium needs its sandbox off where root runs it, as CI does. */
export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--force-prefers-reduced-motion'],
  });

export async function openPage(browser: Browser, url: string, { theme = 'light', size = WIDE }: PageOptions = {}): Promise<OpenedPage> {
  const context: BrowserContext = await browser.newContext({
    viewport: size,
    colorScheme: theme,
    reducedMotion: 'reduce',
    acceptDownloads: true,
  });
  await context.addInitScript(countLongTasks);
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(`exception: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`console: ${message.text()}`);
  });
  page.on('requestfailed', (request) => complaints.push(`request: ${request.url()} ${request.failure()?.errorText ?? ''}`));
  await page.goto(url);
  return { page, complaints, close: () => context.close() };
}

/** Runs in the page: what kept its thread for 50 ms and more (the Long Tasks API of W3C). */
function countLongTasks(): void {
  const seen: { start: number; milliseconds: number }[] = [];
  Object.assign(window, { samewireLongTasks: seen });
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) seen.push({ start: startTime, milliseconds: duration });
  }).observe({ type: 'longtask', buffered: true });
}

export interface LongTask {
  readonly start: number;
  readonly milliseconds: number;
}

export const longTasks = (page: Page): Promise<LongTask[]> =>
  page.evaluate(() => (window as unknown as { samewireLongTasks: LongTask[] }).samewireLongTasks);

export async function screenshot(page: Page, name: string): Promise<void> {
  mkdirSync(ARTIFACTS, { recursive: true });
  await page.screenshot({ path: join(ARTIFACTS, `${name}.png`) });
}

/** What axe-core finds wrong by WCAG 2.2 A and AA: rule, and the elements. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const run = (window as unknown as { axe: { run(context: unknown, options: unknown): Promise<AxeResults> } }).axe;
    const { violations: found } = await run.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    });
    return found.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
  });
}

interface AxeResults {
  readonly violations: readonly { readonly id: string; readonly help: string; readonly nodes: readonly { readonly html: string }[] }[];
}
