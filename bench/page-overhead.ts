/**
 * What it costs a target to be watched: 4K commands with nobody looking, and with the page open in Chromium and its metrics scraped each second, in turns.
 * `npm run bench:page-overhead -- [options]`:
 *
 *   --rounds N      how often each row is measured (5)
 *   --seconds N     how long each measurement takes, about (3)
 *   --markdown FILE also writes the table into a page of docs/
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release } from 'node:os';
import { type Browser, chromium } from 'playwright-core';
import { WebSocket } from 'ws';
import { makeScratch } from '../test/interop/scratch.ts';
import { logicalUnits, startTarget, type TargetProcess } from '../test/interop/target-process.ts';
import { writeSection } from './page-section.ts';
import { describeNetwork, inPrivateNetwork } from './private-network.ts';
import { median } from './report.ts';
import { measure, type Measurable, type Sample, WORKLOADS, type Workload } from './workloads.ts';

const TARGET_CPU = 0;
const CLIENT_CPU = 1;
const SCRAPE_MILLISECONDS = 1000;

const FABRIC = `version: 1
name: watched
arrays:
  array1:
    portals: ["127.0.0.1:0"]
    targets: { "iqn.2026-01.net.samewire:watched": { luns: [{ store: memory, size: 256MiB }] } }
`;

/** Somebody who watches, or nobody. */
interface Situation {
  readonly name: string;
  begin(): Promise<() => Promise<void>>;
}

interface Row {
  readonly workload: Workload;
  readonly samples: ReadonlyMap<string, readonly Sample[]>;
}

export async function main(args: readonly string[]): Promise<number> {
  const within = inPrivateNetwork('bench/page-overhead.ts', args);
  if (within !== undefined) return within;
  const value = (name: string): string | undefined => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);
  const [rounds, seconds] = [Number(value('--rounds') ?? 5), Number(value('--seconds') ?? 3)];
  // Whoever watches is not where the target is.
  spawnSync('taskset', ['-cp', String(CLIENT_CPU), String(process.pid)]);
  const scratch = makeScratch();
  const target = await startTarget(['up', scratch.write('watched.yaml', FABRIC), '--page', '127.0.0.1:0'], {
    under: ['taskset', '-c', String(TARGET_CPU)],
  });
  // Beside the client, and after it: what is measured is what the target has to do for its page, not what drawing it costs. A browser has a session of
  // its own, which Linux gives a fair share whatever its processes are nice to (sched(5), autogroups).
  const wrapper = scratch.write(
    'chromium',
    `#!/bin/sh\necho 19 >/proc/self/autogroup\nexec taskset -c ${CLIENT_CPU} nice -n 19 /usr/bin/chromium "$@"\n`,
  );
  chmodSync(wrapper, 0o755);
  const browser = await chromium.launch({ executablePath: wrapper, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
  try {
    const situations = [{ name: 'nobody watches', begin: async () => async () => {} }, readElsewhere(target), watched(browser, target)];
    const rows: Row[] = [];
    for (const workload of WORKLOADS.filter(({ medium, blockBytes }) => medium === 'memory' && blockBytes === 4096)) {
      rows.push(await measureRow(workload, situations, measurable(target), rounds, seconds));
      process.stderr.write(`${cells(rows.at(-1)!)[0]!.join('  ')}\n`);
    }
    const machine = [
      `${cpus().length} x ${cpus()[0]!.model}, Linux ${release()}, load ${loadavg()[0]!.toFixed(1)}`,
      `Node ${process.version}, Chromium ${browser.version()}, medians of ${rounds} rounds of about ${seconds} s, target on processor ${TARGET_CPU}, client on ${CLIENT_CPU}, Chromium on ${CLIENT_CPU} after it`,
      describeNetwork(),
    ];
    const page = markdown(rows, machine);
    process.stdout.write(`${page}\n`);
    mkdirSync('bench/results', { recursive: true });
    const file = `bench/results/page-overhead-${new Date().toISOString().replaceAll(':', '-').slice(0, 19)}.json`;
    writeFileSync(
      file,
      `${JSON.stringify({ machine, rows: rows.map(({ workload, samples }) => ({ workload, samples: Object.fromEntries(samples) })) }, undefined, 2)}\n`,
    );
    const into = value('--markdown');
    if (into !== undefined) writeSection(into, 'page-overhead', page);
    return 0;
  } finally {
    await browser.close();
    await target.stop();
    scratch.remove();
  }
}

function measurable(target: TargetProcess): Measurable {
  const unit = logicalUnits(target.ready)[0]!;
  return { pid: target.pid, portal: unit.portals[0]!, target: unit.target, lun: () => 0 };
}

/** The page open on its charts, and a scrape each second. */
const watched = (browser: Browser, target: TargetProcess): Situation => ({
  name: 'page open here, metrics scraped',
  async begin() {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    await page.goto(target.ready.url!);
    await page.getByText('watched').first().waitFor();
    const stop = scrape(target);
    return async () => {
      await context.close();
      stop();
    };
  },
});

/** What the target has to do for a page that is open on another machine: its feed is read, and not drawn. */
const readElsewhere = (target: TargetProcess): Situation => ({
  name: 'page open elsewhere, metrics scraped',
  async begin() {
    const feed = new WebSocket(new URL('/api/feed', target.ready.url!), ['samewire.1']);
    let updates = 0;
    feed.on('message', (data) => (updates += JSON.parse(String(data)).type === 'update' ? 1 : 0));
    await once(feed, 'open');
    const stop = scrape(target);
    return async () => {
      feed.close();
      stop();
      if (updates < 2) throw new Error('the feed brought nothing: nothing was measured');
    };
  },
});

/** Each second; gives back what ends it. */
function scrape(target: TargetProcess): () => void {
  const metrics = new URL('/metrics', target.ready.url!);
  let scraped = 0;
  const timer = setInterval(() => {
    void fetch(metrics).then(async (answer) => {
      if (answer.ok && (await answer.text()).includes('samewire_')) scraped += 1;
    });
  }, SCRAPE_MILLISECONDS);
  return () => {
    clearInterval(timer);
    if (scraped === 0) throw new Error('the metrics were never scraped: nothing was measured');
  };
}

async function measureRow(
  workload: Workload,
  situations: readonly Situation[],
  on: Measurable,
  rounds: number,
  seconds: number,
): Promise<Row> {
  const samples = new Map<string, Sample[]>(situations.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    // Each round begins with another: whatever the machine does in the meantime hits all of them.
    const turn = situations.map((_, index) => situations[(index + round) % situations.length]!);
    for (const { name, begin } of turn) {
      const end = await begin();
      samples.get(name)!.push(await measure(workload, on, seconds, CLIENT_CPU));
      await end();
    }
  }
  return { workload, samples };
}

const HEAD = ['workload', 'who watches', 'IOPS', 'us CPU/command', 'IOPS / unwatched', 'CPU / unwatched'];

function cells({ workload, samples }: Row): string[][] {
  const summary = [...samples].map(([name, all]) => ({
    name,
    perSecond: median(all.map((one) => one.perSecond)),
    cpu: median(all.map((one) => one.cpuMicrosecondsPerCommand)),
  }));
  const [plain] = summary;
  return summary.map(({ name, perSecond, cpu }, index) => [
    index === 0 ? workload.title : '',
    name,
    Math.round(perSecond).toString(),
    cpu.toFixed(1),
    index === 0 ? '' : `${(perSecond / plain!.perSecond).toFixed(3)}x`,
    index === 0 ? '' : `${(cpu / plain!.cpu).toFixed(3)}x`,
  ]);
}

const markdown = (rows: readonly Row[], machine: readonly string[]): string =>
  [
    '## What it costs to be watched',
    '',
    'Measured by `npm run bench:page-overhead`: 4K commands at one target, by `iscsi-perf` (reads) and `qemu-img bench` (writes), in turns with nobody watching; with the page’s feed read, as',
    'by a page on another machine, and `/metrics` scraped each second; and with the page open in a Chromium that draws by software on the processor of the client, after it. CPU is the user and',
    'system time of the target’s process, with all that it does for the page.',
    '',
    ...machine.map((text) => `- ${text}`),
    '',
    `| ${HEAD.join(' | ')} |`,
    `| ${HEAD.map((_, index) => (index < 2 ? '---' : '--:')).join(' | ')} |`,
    ...rows.flatMap(cells).map((row) => `| ${row.join(' | ')} |`),
    '',
  ].join('\n');
