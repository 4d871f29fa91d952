/** The rows of the comparison, and the clients that make them: iscsi-perf for reads, which is the lightest there is, and `qemu-img bench` for writes. */
import { runPeer } from '../test/interop/run-peer.ts';
import { iscsiUrl } from '../test/interop/target-process.ts';
import { cpuMicroseconds } from './process-cpu.ts';

export type Medium = 'memory' | 'file';

export interface Workload {
  readonly title: string;
  readonly medium: Medium;
  readonly operation: 'read' | 'write';
  readonly blockBytes: number;
  readonly depth: number;
}

const KIB = 1024;

const workload = (medium: Medium, operation: 'read' | 'write', blockBytes: number, depth: number): Workload => ({
  title: `${medium === 'file' ? 'file: ' : ''}${blockBytes / KIB}K ${operation}, depth ${depth}`,
  medium,
  operation,
  blockBytes,
  depth,
});

export const WORKLOADS: readonly Workload[] = [
  workload('memory', 'read', 4 * KIB, 1),
  workload('memory', 'read', 4 * KIB, 32),
  workload('memory', 'write', 4 * KIB, 1),
  workload('memory', 'write', 4 * KIB, 32),
  workload('memory', 'read', 256 * KIB, 8),
  workload('memory', 'write', 256 * KIB, 8),
  workload('file', 'read', 4 * KIB, 32),
  workload('file', 'write', 4 * KIB, 32),
  workload('file', 'read', 256 * KIB, 8),
  workload('file', 'write', 256 * KIB, 8),
];

/** Something that can be measured: an address, and the process whose time counts. */
export interface Measurable {
  readonly pid: number;
  readonly portal: string;
  readonly target: string;
  readonly lun: (medium: Medium) => number;
}

export interface Sample {
  readonly perSecond: number;
  readonly cpuMicrosecondsPerCommand: number;
}

export const LUN_BYTES = 256 * 1024 * 1024;
/** The commands a second that `qemu-img bench` is sized by: about the seconds asked for on a middling machine. */
const WRITES_PER_SECOND_GUESS: Readonly<Record<string, number>> = { '4096/1': 10_000, '4096/32': 40_000, '262144/8': 3_000 };
/** Odd, so that strides of it visit every block of a power of two before the first again. */
const STRIDE_BLOCKS = 12_289;

export async function measure(row: Workload, on: Measurable, seconds: number, clientCpu: number): Promise<Sample> {
  const pinned = ['-c', String(clientCpu)];
  const before = cpuMicroseconds(on.pid);
  const { perSecond, commands } = row.operation === 'read' ? await reads(row, on, seconds, pinned) : await writes(row, on, seconds, pinned);
  return { perSecond, cpuMicrosecondsPerCommand: (cpuMicroseconds(on.pid) - before) / commands };
}

interface ClientResult {
  readonly perSecond: number;
  readonly commands: number;
}

async function reads(row: Workload, on: Measurable, seconds: number, pinned: readonly string[]): Promise<ClientResult> {
  const url = iscsiUrl(on.portal, on.target, on.lun(row.medium));
  const args = [...pinned, 'iscsi-perf', '-r', '-m', String(row.depth), '-b', String(row.blockBytes / 512), '-t', String(seconds), url];
  const run = await runPeer('taskset', args, { timeoutMs: (seconds + 20) * 1000 });
  const averages = [...run.stdout.matchAll(/iops average (\d+)/g)];
  const average = averages.at(-1);
  if (run.code !== 0 || average === undefined) throw new Error(`iscsi-perf ${url}: ${run.code} ${run.stderr}${run.stdout.slice(-300)}`);
  const perSecond = Number(average[1]);
  return { perSecond, commands: perSecond * seconds };
}

async function writes(row: Workload, on: Measurable, seconds: number, pinned: readonly string[]): Promise<ClientResult> {
  const count = Math.round(seconds * WRITES_PER_SECOND_GUESS[`${row.blockBytes}/${row.depth}`]!);
  const step = row.blockBytes === 4 * KIB ? STRIDE_BLOCKS * row.blockBytes : row.blockBytes;
  const image = `driver=raw,file.driver=iscsi,file.transport=tcp,file.portal=${on.portal},file.target=${on.target},file.lun=${on.lun(row.medium)}`;
  const shape = ['-c', String(count), '-d', String(row.depth), '-s', String(row.blockBytes), '-S', String(step)];
  const run = await runPeer('taskset', [...pinned, 'qemu-img', 'bench', '-w', ...shape, '--image-opts', image], { timeoutMs: 120_000 });
  const took = /Run completed in ([\d.]+) seconds/.exec(run.stdout);
  if (run.code !== 0 || took === null) throw new Error(`qemu-img bench ${image}: ${run.code} ${run.stderr}${run.stdout.slice(-300)}`);
  return { perSecond: count / Number(took[1]), commands: count };
}
