/**
 * Our iSCSI initiator against libiscsi's (`iscsi-perf` for reads, `qemu-img bench` for both), at the same targets in one run: tgtd and ours, in
 * memory; client and target pinned to different processors, on a loopback of their own, the clients taking turns, medians over the rounds.
 * `npm run bench:iscsi-initiator -- [options]`:
 *
 *   --rounds N      how often each row is measured (5)
 *   --seconds N     how long each measurement takes, about (2)
 *   --rows TEXT     only the rows whose title contains it
 *   --target TEXT   only the targets whose name contains it
 *   --markdown FILE also writes the table into a page of docs/
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release } from 'node:os';
import { loadIsalCrc32c } from '../src/os/isal.ts';
import { runPeer } from '../test/interop/run-peer.ts';
import { type Contender, makeScratch, startOurs, startTheirs } from './contenders.ts';
import {
  type Client,
  INITIATOR_WORKLOADS,
  type InitiatorWorkload,
  iscsiPerf,
  qemuImg,
  samewireClient,
  withoutDigest,
} from './initiator-clients.ts';
import { type InitiatorMeasured, type InitiatorRow, initiatorMarkdown, initiatorTable, type TargetSample } from './initiator-report.ts';
import { writeSection } from './page-section.ts';
import { describeNetwork, inPrivateNetwork } from './private-network.ts';
import { cpuMicroseconds } from './process-cpu.ts';
import { median } from './report.ts';

const TARGET_CPU = 0;
const CLIENT_CPU = 1;
const CLIENTS: readonly Client[] = [samewireClient, withoutDigest, iscsiPerf, qemuImg];

interface Options {
  readonly rounds: number;
  readonly seconds: number;
  readonly rows: string;
  readonly target: string;
  readonly markdown: string | undefined;
}

function parse(args: readonly string[]): Options {
  const value = (name: string): string | undefined => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);
  return {
    rounds: Number(value('--rounds') ?? 5),
    seconds: Number(value('--seconds') ?? 2),
    rows: value('--rows') ?? '',
    target: value('--target') ?? '',
    markdown: value('--markdown'),
  };
}

const note = (text: string): void => void process.stderr.write(`${text}\n`);

export async function main(args: readonly string[]): Promise<number> {
  const within = inPrivateNetwork('bench/iscsi-initiator.ts', args);
  if (within !== undefined) return within;
  const options = parse(args);
  if (cpus().length < 2) throw new Error('two processors are needed: one for the target, one for its client');
  const scratch = makeScratch();
  const targets: Contender[] = [];
  try {
    targets.push(await startOurs(scratch, TARGET_CPU), await startTheirs(scratch, TARGET_CPU, 1));
    const rows: InitiatorRow[] = [];
    for (const target of targets.filter(({ name }) => name.includes(options.target))) {
      for (const workload of INITIATOR_WORKLOADS.filter((row) => row.title.includes(options.rows))) {
        // tgtd offers digests only where it is told to.
        if (workload.dataDigest === true && target.name !== 'samewire') continue;
        rows.push({ target: target.name, workload, measured: await measureRow(workload, target, options) });
      }
    }
    const machine = await describeMachine(options);
    process.stdout.write(initiatorTable(rows, machine));
    mkdirSync('bench/results', { recursive: true });
    const path = `bench/results/iscsi-initiator-${new Date().toISOString().replaceAll(':', '-').slice(0, 19)}.json`;
    const json = rows.map(({ target, workload, measured }) => ({ target, ...workload, measured: Object.fromEntries(measured) }));
    writeFileSync(path, `${JSON.stringify({ machine, options, rows: json }, undefined, 2)}\n`);
    note(`wrote ${path}`);
    if (options.markdown !== undefined) writeSection(options.markdown, 'iscsi-initiator', initiatorMarkdown(rows, machine));
    return 0;
  } finally {
    for (const target of targets) await target.stop();
    scratch.remove();
  }
}

async function measureRow(workload: InitiatorWorkload, target: Contender, options: Options): Promise<InitiatorRow['measured']> {
  const clients = CLIENTS.filter((client) => client.takes(workload));
  const samples = new Map<string, TargetSample[]>(clients.map(({ name }) => [name, []]));
  for (let round = 0; round < options.rounds; round += 1) {
    // Each round begins with another: whatever the machine does in the meantime hits all of them.
    for (let turn = 0; turn < clients.length; turn += 1) {
      const client = clients[(turn + round) % clients.length]!;
      const before = cpuMicroseconds(target.pid);
      const sample = await client.measure(workload, target, options.seconds, CLIENT_CPU);
      const targetMicrosecondsPerCommand = (cpuMicroseconds(target.pid) - before) / sample.commands;
      samples.get(client.name)!.push({ ...sample, targetMicrosecondsPerCommand });
    }
  }
  const measured = new Map([...samples].map(([name, all]) => [name, summarize(all)]));
  const said = [...measured].map(
    ([name, { perSecond, cpuMicroseconds: own, targetMicroseconds }]) =>
      `${name} ${Math.round(perSecond)}/s ${own.toFixed(1)}us (target ${targetMicroseconds.toFixed(1)}us)`,
  );
  note(`${target.name}, ${workload.title}: ${said.join(', ')}`);
  return measured;
}

const summarize = (samples: readonly TargetSample[]): InitiatorMeasured => ({
  perSecond: median(samples.map((sample) => sample.perSecond)),
  cpuMicroseconds: median(samples.map((sample) => sample.cpuMicrosecondsPerCommand)),
  targetMicroseconds: median(samples.map((sample) => sample.targetMicrosecondsPerCommand)),
  targetBusy: median(samples.map((sample) => (sample.targetMicrosecondsPerCommand * sample.perSecond) / 1e6)),
  samples,
});

async function describeMachine(options: Options): Promise<readonly string[]> {
  const tgtd = await runPeer('tgtd', ['--version']);
  const qemu = await runPeer('qemu-img', ['--version']);
  return [
    `${cpus().length} x ${cpus()[0]!.model}, Linux ${release()}, load ${loadavg()[0]!.toFixed(1)}`,
    `Node ${process.version}, tgt ${tgtd.stdout.trim()}, ${qemu.stdout.split('\n')[0]!.trim()}, libiscsi's iscsi-perf`,
    `medians of ${options.rounds} rounds of about ${options.seconds} s, target on processor ${TARGET_CPU}, client on ${CLIENT_CPU}`,
    describeNetwork(),
    `digests by ${loadIsalCrc32c() === undefined ? '@node-rs/crc32 (no ISA-L here)' : 'ISA-L'}`,
  ];
}
