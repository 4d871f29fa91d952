/**
 * The page of fabrics/rack.yaml in a real Chromium: drawn, with the traffic of a real initiator, a cable cut and mended by hand, and what came of it.
 * Screenshots are in artifacts/page.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithPeers } from '../interop/peers.ts';
import { runPeer } from '../interop/run-peer.ts';
import { iscsiUrl } from '../interop/target-process.ts';
import { ARTIFACTS, launch, NARROW, openPage, type OpenedPage, screenshot, type Theme, violations, WIDE } from './browser.ts';
import { watch, type WatchedFabric } from './watched-fabric.ts';

const TARGET = 'iqn.2026-01.net.samewire:rack';
const VIEWS = ['Map', 'Details', 'Charts', 'Sessions', 'Events', 'Checks'] as const;

describeWithPeers(['chromium', 'iscsiLs'], 'the page of fabrics/rack.yaml', () => {
  let fabric: WatchedFabric;
  let browser: Browser;
  let wide: OpenedPage;
  let initiator: ChildProcess | undefined;

  beforeAll(async () => {
    fabric = await watch('fabrics/rack.yaml');
    browser = await launch();
    wide = await openPage(browser, fabric.url);
  }, 120_000);

  afterAll(async () => {
    initiator?.kill('SIGKILL');
    await browser?.close();
    await fabric?.stop();
  });

  const published = (): string => fabric.process.ready.network!.published[0]!.listen;

  it('draws every node, and says how each is', async () => {
    const { page } = wide;
    for (const name of [
      /^host esx1, .*good: 4 paths/,
      /^host esx2, .*good: 4 paths/,
      /^switch tor1,/,
      /^switch tor2,/,
      /^array array1, .*good/,
    ])
      await page.getByRole('button', { name }).waitFor();
    await page.getByText('2 hosts, 2 switches, 1 array, 8 links').waitFor();
  });

  it('takes the token out of the address, and may act', async () => {
    const { page } = wide;
    expect(page.url()).not.toContain('token');
    await page.getByRole('button', { name: 'May act' }).waitFor();
  });

  it('shows what a real initiator does, on the links that it goes by', async () => {
    const { page } = wide;
    initiator = spawn('iscsi-perf', ['-r', '-m', '8', '-b', '64', '-t', '600', iscsiUrl(published(), TARGET, 0)], { stdio: 'ignore' });
    await figure(page, 'Read', (text) => /^[1-9][\d.]* [kM]B\/s$/.test(text));
    await select(page, /^array array1/);
    // Out of the array's port towards the publishing host, and not out of its other.
    const row = page.getByRole('button', { name: /^eth0 to tor1:3/ });
    await expect.poll(async () => rateOf(await row.innerText()), { timeout: 20_000 }).toBeGreaterThan(1e6);
    expect(rateOf(await page.getByRole('button', { name: /^eth1 to tor2:3/ }).innerText())).toBeLessThan(1e5);
    await page.getByRole('tab', { name: /Sessions/ }).click();
    await page.getByRole('row', { name: /iscsi-perf/ }).waitFor();
  });

  for (const theme of ['light', 'dark'] as const satisfies readonly Theme[]) {
    it(`is accessible and complete at 1280 pixels, ${theme}`, async () => {
      const opened = await openPage(browser, fabric.url, { theme, size: WIDE });
      const { page } = opened;
      await figure(page, 'Read', (text) => text !== '0 B/s');
      await select(page, /^array array1/);
      for (const view of ['Sessions', 'Events', 'Checks', 'Charts']) {
        await page.getByRole('tab', { name: new RegExp(view) }).click();
        await page.waitForTimeout(500);
        expect(await violations(page)).toEqual([]);
        await expectNoSidewaysScrolling(page);
        await screenshot(page, `rack-wide-${theme}-${view.toLowerCase()}`);
      }
      expect(opened.complaints).toEqual([]);
      await opened.close();
    }, 120_000);

    it(`is accessible and complete at 390 pixels, ${theme}`, async () => {
      const opened = await openPage(browser, fabric.url, { theme, size: NARROW });
      const { page } = opened;
      await page.getByText('Live').waitFor();
      for (const view of VIEWS) {
        await page.getByRole('navigation').getByText(view, { exact: true }).click();
        await page.waitForTimeout(500);
        expect(await violations(page)).toEqual([]);
        await expectNoSidewaysScrolling(page);
        await screenshot(page, `rack-narrow-${theme}-${view.toLowerCase()}`);
      }
      expect(opened.complaints).toEqual([]);
      await opened.close();
    }, 120_000);
  }

  it('cuts a cable: the hosts lose paths, the event is told, and the link is drawn as cut', async () => {
    const { page } = wide;
    await select(page, /^array array1/);
    await page.getByRole('button', { name: /^eth1 to tor2:3/ }).click();
    await page.getByRole('heading', { name: 'array1:eth1 - tor2:3' }).waitFor();
    await page.getByRole('button', { name: 'Cut the link' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cut the link' }).click();
    await page.getByRole('button', { name: 'Mend the link' }).waitFor();
    await figure(page, 'Links cut', (text) => text === '1');
    // Two hosts, two disks each, one of two paths.
    await figure(page, 'Paths down', (text) => text === '4', 90_000);
    await page.getByRole('tab', { name: 'Events' }).click();
    await page.getByRole('button', { name: /1311.*array1:eth1 - tor2:3 is down: it was cut/ }).waitFor();
    await screenshot(page, 'rack-cut');
    const paths = JSON.parse(
      (await runPeer(process.execPath, ['dist/cli/main.js', 'iscsi', 'sessions', fabric.file, '--json'])).stdout,
    ) as {
      readonly hosts: readonly { readonly devices: readonly { readonly paths: readonly { readonly state: string }[] }[] }[];
    };
    const states = paths.hosts.flatMap(({ devices }) => devices.flatMap((device) => device.paths.map(({ state }) => state)));
    expect(states.filter((state) => state === 'dead')).toHaveLength(4);
  }, 120_000);

  it('goes on reading by the other path meanwhile', async () => {
    await figure(wide.page, 'Read', (text) => /^[1-9][\d.]* [kM]B\/s$/.test(text));
  });

  it('mends it: the paths come back', async () => {
    const { page } = wide;
    await page.getByRole('button', { name: 'Mend the link' }).click();
    await page.getByRole('button', { name: 'Cut the link' }).waitFor();
    await figure(page, 'Links cut', (text) => text === '0');
    await figure(page, 'Paths down', (text) => text === '0', 90_000);
    await page.getByRole('button', { name: /1310.*array1:eth1 - tor2:3 is up/ }).waitFor();
  }, 120_000);

  it('sets loss and delay, and what is lost is counted', async () => {
    const { page } = wide;
    await select(page, /^array array1/);
    await page.getByRole('button', { name: /^eth0 to tor1:3/ }).click();
    await page.getByLabel('Loss, %').fill('2');
    await page.getByRole('button', { name: 'Set faults' }).click();
    await page
      .getByText(/loss 2 ?%/)
      .first()
      .waitFor();
    await figure(page, 'Drops/s', (text) => text !== '0');
    await page.getByRole('button', { name: 'None', exact: true }).click();
    await page.getByRole('button', { name: 'Set faults' }).click();
  }, 120_000);

  it('ends the session of the initiator, which logs in again', async () => {
    const { page } = wide;
    await page.getByRole('tab', { name: /Sessions/ }).click();
    await page
      .getByRole('row', { name: /iscsi-perf/ })
      .getByRole('button', { name: /End/ })
      .click();
    await page.getByRole('dialog').getByRole('button', { name: /End/ }).click();
    await page.getByRole('tab', { name: 'Events' }).click();
    await page
      .getByRole('button', { name: /iscsi-perf.*(ended|lost)/ })
      .first()
      .waitFor();
  });

  it('captures what passes a port, for Wireshark', async () => {
    const { page } = wide;
    await select(page, /^array array1/);
    await page.getByRole('button', { name: /^eth0 to tor1:3/ }).click();
    await page.getByRole('button', { name: 'Start capture' }).click();
    await page
      .getByText(/[1-9][\d,]* frames/)
      .first()
      .waitFor();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Stop and save' }).click();
    const file = `${ARTIFACTS}/capture.pcapng`;
    await (await download).saveAs(file);
    const read = await runPeer('tshark', ['-r', file, '-T', 'fields', '-e', 'frame.protocols']);
    expect(read.code, read.stderr).toBe(0);
    expect(read.stdout).toContain('eth:ethertype:ip:tcp');
  }, 60_000);

  it('only looks without the token, and says how to act', async () => {
    const opened = await openPage(browser, fabric.url.split('#')[0]!);
    const { page } = opened;
    await select(page, /^array array1/);
    await page.getByRole('button', { name: /^eth0 to tor1:3/ }).click();
    await page.getByRole('button', { name: 'Cut the link' }).click({ force: true });
    await page.getByText(/token/i).first().waitFor();
    await expect.poll(() => page.getByRole('button', { name: 'Mend the link' }).count()).toBe(0);
    await opened.close();
  });

  it('says so when the fabric goes away', async () => {
    initiator?.kill('SIGKILL');
    // What was stopped on purpose.
    expect(wide.complaints.filter((one) => !/capture net::ERR_ABORTED/.test(one))).toEqual([]);
    await fabric.process.stop();
    await wide.page
      .getByText(/not connected|stopped|connecting|gone|away/i)
      .first()
      .waitFor();
    await screenshot(wide.page, 'rack-gone');
  });
});

const select = async (page: Page, name: RegExp): Promise<void> => {
  await page.getByRole('button', { name }).first().click();
};

/** Waits until the small figure of this name in the header is as wanted. */
async function figure(page: Page, name: string, isWanted: (text: string) => boolean, timeout = 30_000): Promise<void> {
  const value = page
    .getByRole('banner')
    .locator('dl > div', { has: page.getByText(name, { exact: true }) })
    .locator('dd');
  await expect.poll(async () => isWanted((await value.innerText()).replaceAll(/\s/g, ' ')), { timeout, message: name }).toBe(true);
}

async function expectNoSidewaysScrolling(page: Page): Promise<void> {
  expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0);
}

/** Of `↑ 758 Mb/s ↓ 1.2 kb/s` the first, in bits a second. */
function rateOf(text: string): number {
  const found = /([\d.]+)\s*([kMG]?)b\/s/.exec(text);
  if (found === null) return 0;
  return Number(found[1]) * ({ k: 1e3, M: 1e6, G: 1e9 }[found[2]!] ?? 1);
}
