/**
 * How the page bears 500 nodes and 2,000 links, and how much of it a browser loads: `npm run bench:page -- [options]`:
 *
 *   --rounds N      how often the page is opened (3)
 *   --markdown FILE also writes the table into a page of docs/
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { cpus, loadavg, release } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { writeSection } from '../../bench/page-section.ts';
import { cpuMicroseconds } from '../../bench/process-cpu.ts';
import { median } from '../../bench/report.ts';
import { launch, longTasks, openPage } from './browser.ts';
import { LARGE, largeFabric } from './large-fabric.ts';
import { drag, zoom } from './moves.ts';
import { watch } from './watched-fabric.ts';

const SETTLE_MILLISECONDS = 5000;
const WATCH_MILLISECONDS = 15_000;

interface Phase {
  readonly name: string;
  readonly seconds: number;
  readonly count: number;
  readonly longestMilliseconds: number;
  readonly totalMilliseconds: number;
}

export async function main(args: readonly string[]): Promise<number> {
  const value = (name: string): string | undefined => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);
  const rounds = Number(value('--rounds') ?? 3);
  const fabric = await watch(largeFabric());
  const measured: { readonly phases: readonly Phase[]; readonly feedBytesPerSecond: number; readonly serverShare: number }[] = [];
  let version = '';
  try {
    for (let round = 0; round < rounds; round += 1) {
      const browser = await launch();
      version = browser.version();
      try {
        measured.push(await openOnce(browser, fabric.url, fabric.process.pid));
      } finally {
        await browser.close();
      }
      process.stderr.write(`${JSON.stringify(measured.at(-1))}\n`);
    }
  } finally {
    await fabric.stop();
  }
  const text = markdown(measured, [
    `${cpus().length} x ${cpus()[0]!.model}, no GPU, Linux ${release()}, load ${loadavg()[0]!.toFixed(1)}`,
    `Node ${process.version}, Chromium ${version}, 1280 x 800, medians of ${rounds} times that the page was opened`,
  ]);
  process.stdout.write(`${text}\n`);
  const into = value('--markdown');
  if (into !== undefined) writeSection(into, 'page', text);
  return 0;
}

type Browser = Awaited<ReturnType<typeof launch>>;

async function openOnce(
  browser: Browser,
  url: string,
  server: number,
): Promise<{ phases: Phase[]; feedBytesPerSecond: number; serverShare: number }> {
  const { page } = await openPage(browser, 'about:blank');
  let feedBytes = 0;
  page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => (feedBytes += payload.length)));
  await page.goto(url);
  await page
    .locator('[data-map-node]')
    .nth(LARGE.nodes - 1)
    .waitFor();
  await page.waitForTimeout(SETTLE_MILLISECONDS);
  const now = (): Promise<number> => page.evaluate(() => performance.now());
  const phases: Phase[] = [];
  let from = 0;
  const end = async (name: string): Promise<void> => {
    // What was long is told a little later.
    await page.waitForTimeout(300);
    const to = await now();
    const lengths = (await longTasks(page)).filter(({ start }) => start >= from && start < to).map(({ milliseconds }) => milliseconds);
    phases.push({
      name,
      seconds: (to - from) / 1000,
      count: lengths.length,
      longestMilliseconds: Math.max(0, ...lengths),
      totalMilliseconds: lengths.reduce((sum, one) => sum + one, 0),
    });
    from = to;
  };
  await end('loaded and drawn');
  const [bytes, cpu, began] = [feedBytes, cpuMicroseconds(server), performance.now()];
  await page.waitForTimeout(WATCH_MILLISECONDS);
  await end('updated each second');
  const seconds = (performance.now() - began) / 1000;
  const feedBytesPerSecond = (feedBytes - bytes) / seconds;
  const serverShare = (cpuMicroseconds(server) - cpu) / 1e6 / seconds;
  for (let times = 0; times < 3; times += 1) await drag(page, 60);
  await end('panned');
  await zoom(page, -300, 6);
  await end('zoomed in');
  await zoom(page, 300, 6);
  await end('zoomed out');
  return { phases, feedBytesPerSecond, serverShare };
}

function markdown(
  measured: readonly { phases: readonly Phase[]; feedBytesPerSecond: number; serverShare: number }[],
  machine: readonly string[],
): string {
  const rows = measured[0]!.phases.map(({ name }, index) => {
    const all = measured.map(({ phases }) => phases[index]!);
    const of = (key: 'count' | 'longestMilliseconds' | 'totalMilliseconds' | 'seconds'): number => median(all.map((one) => one[key]));
    const worst = Math.max(...all.map(({ longestMilliseconds }) => longestMilliseconds));
    return `| ${name} | ${of('seconds').toFixed(0)} s | ${of('count')} | ${Math.round(of('longestMilliseconds'))} ms | ${Math.round(worst)} ms | ${Math.round(of('totalMilliseconds'))} ms |`;
  });
  return [
    '## The page',
    '',
    `Measured by \`npm run bench:page\`: a fabric of ${LARGE.nodes} nodes and ${LARGE.links.toLocaleString('en')} links, up, with spanning tree and LLDP on all of them, so that every link’s rate changes; its page in Chromium. Long tasks are`,
    'what kept the page’s thread for 50 ms and more (Long Tasks API): between them it answers at once.',
    '',
    ...machine.map((line) => `- ${line}`),
    `- the feed brought ${Math.round(median(measured.map((one) => one.feedBytesPerSecond)) / 1000)} kB a second; the fabric’s process used ${(100 * median(measured.map((one) => one.serverShare))).toFixed(0)} % of a processor, with its 500 machines and switches`,
    '',
    '| while the page is | for | long tasks | longest | longest of all times | together |',
    '| --- | --: | --: | --: | --: | --: |',
    ...rows,
    '',
    'What a browser loads, compressed by gzip (the page is held to 200 kB before its first paint, by `test/page/size.test.ts`):',
    '',
    '| | kB |',
    '| --- | --: |',
    ...sizes().map(([name, bytes]) => `| ${name} | ${(bytes / 1000).toFixed(1)} |`),
    '',
  ].join('\n');
}

/** Of the bundle: what comes first, and what comes later. */
function sizes(): [string, number][] {
  const folder = 'dist/page';
  const compressed = (file: string): number => gzipSync(readFileSync(join(folder, file))).length;
  const index = readFileSync(join(folder, 'index.html'), 'utf8');
  const first = [...index.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map((match) => match[1]!);
  const later = readdirSync(join(folder, 'assets'))
    .map((name) => `assets/${name}`)
    .filter((file) => !first.includes(file) && statSync(join(folder, file)).isFile());
  const sum = (files: readonly string[]): number => files.reduce((bytes, file) => bytes + compressed(file), 0);
  return [
    ['before the first paint: React, React Flow, the page, its styles', sum(['index.html', ...first])],
    ['charts, when they are shown', sum(later.filter((file) => !isElk(file)))],
    ['the layout engine, for fabrics that it is used for', sum(later.filter(isElk))],
  ];
}

const isElk = (file: string): boolean => file.includes('elk');
