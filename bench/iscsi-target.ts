/**
 * Our iSCSI target against tgtd, side by side in one run: the same clients, the same kinds of storage, client and target pinned to
 * different processors, the contenders taking turns, medians over the rounds. `npm run bench:iscsi-target -- [options]`:
 *
 *   --rounds N      how often each row is measured (5)
 *   --seconds N     how long each measurement takes, about (1)
 *   --rows TEXT     only the rows whose title contains it
 *   --only tgtd     without our target: tgtd at its defaults against tgtd with one thread
 *   --no-bare       without the bare socket server
 *   --markdown FILE also writes the table into a page of docs/
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release } from 'node:os';
import { runPeer } from '../test/interop/run-peer.ts';
import { type Contender, makeScratch, measureBare, startOurs, startTheirs } from './contenders.ts';
import { writeSection } from './page-section.ts';
import { describeNetwork, inPrivateNetwork } from './private-network.ts';
import { type Measured, markdownPage, median, plainTable, type Row } from './report.ts';
import { measure, type Sample, WORKLOADS } from './workloads.ts';

const TARGET_CPU = 0;
const CLIENT_CPU = 1;

interface Options {
  readonly rounds: number;
  readonly seconds: number;
  readonly rows: string;
  readonly onlyTgtd: boolean;
  readonly bare: boolean;
  readonly markdown: string | undefined;
}

function parse(args: readonly string[]): Options {
  const value = (name: string): string | undefined => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);
  return {
    rounds: Number(value('--rounds') ?? 5),
    seconds: Number(value('--seconds') ?? 1),
    rows: value('--rows') ?? '',
    onlyTgtd: value('--only') === 'tgtd',
    bare: !args.includes('--no-bare'),
    markdown: value('--markdown'),
  };
}

const note = (text: string): void => void process.stderr.write(`${text}\n`);

export async function main(args: readonly string[]): Promise<number> {
  const within = inPrivateNetwork('bench/iscsi-target.ts', args);
  if (within !== undefined) return within;
  const options = parse(args);
  if (cpus().length < 2) throw new Error('two processors are needed: one for the target, one for its client');
  const workloads = WORKLOADS.filter((row) => row.title.includes(options.rows));
  const scratch = makeScratch();
  const contenders: Contender[] = [];
  try {
    // Our own first: it is the one most likely to be missing.
    if (!options.onlyTgtd) contenders.push(await startOurs(scratch, TARGET_CPU));
    contenders.push(await startTheirs(scratch, TARGET_CPU, undefined), await startTheirs(scratch, TARGET_CPU, 1));
    const rows: Row[] = [];
    for (const workload of workloads) {
      const samples = new Map<string, Sample[]>();
      const add = (name: string, sample: Sample): void => {
        samples.set(name, [...(samples.get(name) ?? []), sample]);
      };
      for (let round = 0; round < options.rounds; round += 1) {
        // Each round begins with another: whatever the machine does in the meantime hits all of them.
        const turn = contenders.map((_, index) => contenders[(index + round) % contenders.length]!);
        for (const contender of turn) add(contender.name, await measure(workload, contender, options.seconds, CLIENT_CPU));
        if (options.bare) add('bare socket', await measureBare(workload, options.seconds, TARGET_CPU, CLIENT_CPU));
      }
      rows.push({ workload, measured: new Map([...samples].map(([name, all]) => [name, summarize(all)])) });
      note(
        `${workload.title}: ${[...samples].map(([name, all]) => `${name} ${Math.round(median(all.map((sample) => sample.perSecond)))}/s`).join(', ')}`,
      );
    }
    const machine = await describeMachine(options);
    process.stdout.write(plainTable(rows, machine));
    mkdirSync('bench/results', { recursive: true });
    const path = `bench/results/iscsi-target-${new Date().toISOString().replaceAll(':', '-').slice(0, 19)}.json`;
    const json = rows.map(({ workload, measured }) => ({ ...workload, measured: Object.fromEntries(measured) }));
    writeFileSync(path, `${JSON.stringify({ machine, options, rows: json }, undefined, 2)}\n`);
    note(`wrote ${path}`);
    if (options.markdown !== undefined) writeSection(options.markdown, 'iscsi-target', markdownPage(rows, machine));
    return 0;
  } finally {
    for (const contender of contenders) await contender.stop();
    scratch.remove();
  }
}

const summarize = (all: readonly Sample[]): Measured => ({
  perSecond: median(all.map((sample) => sample.perSecond)),
  cpuMicroseconds: median(all.map((sample) => sample.cpuMicrosecondsPerCommand)),
  samples: all,
});

async function describeMachine(options: Options): Promise<readonly string[]> {
  const tgtd = await runPeer('tgtd', ['--version']);
  const qemu = await runPeer('qemu-img', ['--version']);
  return [
    `${cpus().length} x ${cpus()[0]!.model}, Linux ${release()}, load ${loadavg()[0]!.toFixed(1)}`,
    `Node ${process.version}, tgt ${tgtd.stdout.trim()}, ${qemu.stdout.split('\n')[0]!.trim()}`,
    `medians of ${options.rounds} rounds of about ${options.seconds} s, target on processor ${TARGET_CPU}, client on ${CLIENT_CPU}`,
    describeNetwork(),
  ];
}
