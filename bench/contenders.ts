/** Who is measured: our target, tgtd at its defaults and with one thread, and a bare socket server that only moves the bytes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { seededRng } from '../src/base/rng.ts';
import { runPeer } from '../test/interop/run-peer.ts';
import { makeScratch, type Scratch } from '../test/interop/scratch.ts';
import { logicalUnits, startTarget } from '../test/interop/target-process.ts';
import { startTgtd } from '../test/interop/tgtd-process.ts';
import { cpuMicroseconds } from './process-cpu.ts';
import { LUN_BYTES, type Measurable, type Sample, type Workload } from './workloads.ts';

export interface Contender extends Measurable {
  readonly name: string;
  readonly stop: () => Promise<unknown>;
}

const pin = (cpu: number): readonly string[] => ['taskset', '-c', String(cpu)];

/** Random bytes throughout: neither side may gain by holes. */
function fill(path: string): void {
  const rng = seededRng(1);
  const piece = Buffer.alloc(1024 * 1024);
  for (let at = 0; at < piece.length; at += 4) piece.writeUInt32LE(rng.uint32(), at);
  const file = openSync(path, 'w');
  for (let at = 0; at < LUN_BYTES; at += piece.length) writeSync(file, piece, 0, piece.length, at);
  closeSync(file);
}

const FABRIC = `version: 1
name: bench
arrays:
  array1:
    portals: ["127.0.0.1:0"]
    targets:
      iqn.2026-01.net.samewire:bench:
        luns:
          - { store: memory, size: ${LUN_BYTES} }
          - { store: file, path: ours.img }
    state: state
`;

export async function startOurs(scratch: Scratch, cpu: number): Promise<Contender> {
  fill(scratch.path('ours.img'));
  const target = await startTarget(['up', scratch.write('bench.yaml', FABRIC)], { under: pin(cpu) });
  const unit = logicalUnits(target.ready)[0]!;
  const portal = unit.portals[0]!;
  const image = `driver=raw,file.driver=iscsi,file.transport=tcp,file.portal=${portal},file.target=${unit.target},file.lun=0`;
  const source = `driver=raw,file.driver=file,file.filename=${scratch.path('ours.img')}`;
  const filled = await runPeer('qemu-img', ['convert', '-n', '--image-opts', '--target-image-opts', source, image], { timeoutMs: 60_000 });
  if (filled.code !== 0) {
    await target.stop();
    throw new Error(`filling our LUN: ${filled.stderr}`);
  }
  return {
    name: 'samewire',
    pid: target.pid,
    portal,
    target: unit.target,
    lun: (medium) => (medium === 'memory' ? 0 : 1),
    stop: target.stop,
  };
}

export async function startTheirs(scratch: Scratch, cpu: number, ioThreads: number | undefined): Promise<Contender> {
  const name = ioThreads === undefined ? 'tgtd' : `tgtd -t ${ioThreads}`;
  // RAM for RAM: a file on tmpfs, which tgtd reads and writes with no disk behind it.
  const memory = join('/dev/shm', `samewire-bench-${process.pid}-${ioThreads ?? 0}.img`);
  const file = scratch.path(`theirs-${ioThreads ?? 0}.img`);
  fill(memory);
  fill(file);
  const tgtd = await startTgtd({
    target: 'iqn.2026-01.net.samewire:tgtd',
    luns: [{ path: memory }, { path: file }],
    under: pin(cpu),
    ...(ioThreads === undefined ? {} : { ioThreads }),
  });
  const stop = async (): Promise<void> => {
    await tgtd.stop();
    rmSync(memory, { force: true });
  };
  return {
    name,
    pid: tgtd.pid,
    portal: tgtd.portals[0]!,
    target: tgtd.target,
    lun: (medium) => tgtd.lunOf(medium === 'memory' ? 0 : 1),
    stop,
  };
}

/** iSCSI's header alone, as the smaller half of each exchange. */
const HEADER_BYTES = 48;

/** One run of the bare server and its client, both fresh: the server knows only one size of request. */
export async function measureBare(row: Workload, seconds: number, serverCpu: number, clientCpu: number): Promise<Sample> {
  const data = HEADER_BYTES + row.blockBytes;
  const [request, reply] = row.operation === 'read' ? [HEADER_BYTES, data] : [data, HEADER_BYTES];
  const line = [...pin(serverCpu), process.execPath, 'bench/bare-server.mjs', String(request), String(reply)];
  const server = spawn(line[0]!, line.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const port = await firstLine(server);
    const before = cpuMicroseconds(server.pid!);
    const client = ['bench/bare-client.mjs', port, String(request), String(reply), String(row.depth), String(seconds)];
    const run = await runPeer('taskset', ['-c', String(clientCpu), process.execPath, ...client], { timeoutMs: (seconds + 20) * 1000 });
    if (run.code !== 0) throw new Error(`bare client: ${run.stderr}`);
    const { perSecond, count } = JSON.parse(run.stdout) as { perSecond: number; count: number };
    return { perSecond, cpuMicrosecondsPerCommand: (cpuMicroseconds(server.pid!) - before) / count };
  } finally {
    server.kill('SIGKILL');
  }
}

const firstLine = (child: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    createInterface({ input: child.stdout! }).once('line', resolve);
    child.once('close', () => reject(new Error('the bare server ended at once')));
  });

export { makeScratch };
