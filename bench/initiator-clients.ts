/** The initiators that are measured against each other: ours, libiscsi as `iscsi-perf` has it, and libiscsi as QEMU has it. */
import { runPeer } from '../test/interop/run-peer.ts';
import { iscsiUrl } from '../test/interop/target-process.ts';
import type { Measurable, Sample } from './workloads.ts';

export interface InitiatorWorkload {
  readonly title: string;
  readonly operation: 'read' | 'write';
  readonly blockBytes: number;
  readonly depth: number;
  /** CRC32C over data, which only our client can be told to use in both directions. */
  readonly dataDigest?: boolean;
}

export interface ClientSample extends Sample {
  /** All that the target was given, also those before the clock started. */
  readonly commands: number;
}

export interface Client {
  readonly name: string;
  readonly takes: (row: InitiatorWorkload) => boolean;
  readonly measure: (row: InitiatorWorkload, on: Measurable, seconds: number, cpu: number) => Promise<ClientSample>;
}

const KIB = 1024;

const workload = (operation: 'read' | 'write', blockBytes: number, depth: number, dataDigest = false): InitiatorWorkload => ({
  title: `${blockBytes / KIB}K ${operation}, depth ${depth}${dataDigest ? ', data digest' : ''}`,
  operation,
  blockBytes,
  depth,
  ...(dataDigest ? { dataDigest } : {}),
});

export const INITIATOR_WORKLOADS: readonly InitiatorWorkload[] = [
  workload('read', 4 * KIB, 1),
  workload('read', 4 * KIB, 32),
  workload('read', 4 * KIB, 128),
  workload('write', 4 * KIB, 32),
  workload('write', 4 * KIB, 128),
  workload('read', 256 * KIB, 8),
  workload('write', 256 * KIB, 8),
  workload('read', 4 * KIB, 32, true),
  workload('read', 256 * KIB, 8, true),
  workload('write', 256 * KIB, 8, true),
];

/** Odd, so that strides of it visit every block of a power of two before the first again. */
const STRIDE_BLOCKS = 12_289;
/** Commands a second that `qemu-img bench` is sized by, as it takes a count: about the seconds asked for on a middling machine. */
const GUESS: Readonly<Record<number, number>> = { 1: 10_000, 8: 2_500, 32: 35_000, 128: 40_000 };

const limitMs = (seconds: number): { readonly timeoutMs: number } => ({ timeoutMs: (seconds * 10 + 30) * 1000 });

/** Runs a program and says what it and its children cost, as the shell counts it. */
async function costing(args: readonly string[], seconds: number): Promise<{ readonly stdout: string; readonly cpuMicroseconds: number }> {
  const run = await runPeer('bash', ['-c', '"$@"; code=$?; times >&2; exit $code', 'bash', ...args], limitMs(seconds));
  // The second line is that of the children: user and system time, as 0m1.234s.
  const line = run.stderr.trimEnd().split('\n').at(-1) ?? '';
  const parts = [...line.matchAll(/(\d+)m([\d.]+)s/g)];
  if (run.code !== 0 || parts.length !== 2) throw new Error(`${args.join(' ')}: ${run.code} ${run.stderr}${run.stdout.slice(-300)}`);
  return { stdout: run.stdout, cpuMicroseconds: parts.reduce((sum, part) => sum + Number(part[1]) * 60e6 + Number(part[2]) * 1e6, 0) };
}

const pinned = (cpu: number): readonly string[] => ['taskset', '-c', String(cpu)];

async function measureOurs(row: InitiatorWorkload, on: Measurable, seconds: number, cpu: number, digest: boolean): Promise<ClientSample> {
  const url = iscsiUrl(on.portal, on.target, on.lun('memory'));
  const words = ['dist/os/iscsi/index.js', url, row.operation, row.blockBytes, row.depth, seconds].map(String);
  const args = ['-c', String(cpu), process.execPath, 'bench/initiator-client.mjs', ...words, ...(digest ? ['crc32c'] : [])];
  const run = await runPeer('taskset', args, limitMs(seconds));
  if (run.code !== 0) throw new Error(`our client: ${run.stderr}`);
  return JSON.parse(run.stdout) as ClientSample;
}

export const samewireClient: Client = {
  name: 'samewire',
  takes: () => true,
  measure: (row, on, seconds, cpu) => measureOurs(row, on, seconds, cpu, row.dataDigest === true),
};

/** In the rows with a digest: what it costs is told by turns with the same without, not by a row of some minutes ago. */
export const withoutDigest: Client = {
  name: 'without digest',
  takes: (row) => row.dataDigest === true,
  measure: (row, on, seconds, cpu) => measureOurs(row, on, seconds, cpu, false),
};

export const iscsiPerf: Client = {
  name: 'iscsi-perf',
  takes: (row) => row.operation === 'read' && row.dataDigest !== true,
  measure: async (row, on, seconds, cpu) => {
    const url = iscsiUrl(on.portal, on.target, on.lun('memory'));
    const shape = ['-r', '-m', String(row.depth), '-b', String(row.blockBytes / 512), '-t', String(seconds)];
    const { stdout, cpuMicroseconds } = await costing([...pinned(cpu), 'iscsi-perf', ...shape, url], seconds);
    const average = [...stdout.matchAll(/iops average (\d+)/g)].at(-1);
    if (average === undefined) throw new Error(`iscsi-perf ${url}: ${stdout.slice(-300)}`);
    const perSecond = Number(average[1]);
    const commands = perSecond * seconds;
    return { perSecond, cpuMicrosecondsPerCommand: cpuMicroseconds / commands, commands };
  },
};

export const qemuImg: Client = {
  name: 'qemu-img bench',
  takes: (row) => row.dataDigest !== true,
  measure: async (row, on, seconds, cpu) => {
    const count = Math.round(seconds * GUESS[row.depth]!);
    const step = row.blockBytes === 4 * KIB ? STRIDE_BLOCKS * row.blockBytes : row.blockBytes;
    const image = `driver=raw,file.driver=iscsi,file.transport=tcp,file.portal=${on.portal},file.target=${on.target},file.lun=${on.lun('memory')}`;
    const shape = ['-c', String(count), '-d', String(row.depth), '-s', String(row.blockBytes), '-S', String(step)];
    const mode = row.operation === 'write' ? ['-w'] : [];
    const { stdout, cpuMicroseconds } = await costing(
      [...pinned(cpu), 'qemu-img', 'bench', ...mode, ...shape, '--image-opts', image],
      seconds,
    );
    const took = /Run completed in ([\d.]+) seconds/.exec(stdout);
    if (took === null) throw new Error(`qemu-img bench ${image}: ${stdout.slice(-300)}`);
    return { perSecond: count / Number(took[1]), cpuMicrosecondsPerCommand: cpuMicroseconds / count, commands: count };
  },
};
