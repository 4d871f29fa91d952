/**
 * Frames a second between two stream sockets of QEMU's kind through our bridge, against QEMU's own hub and vde_switch (Debian: qemu-system-x86, vde2), which
 * take turns; medians over the rounds. The same sender sends as many as the switch takes, a system call for each as QEMU's machines do; what arrives at
 * the other side counts.
 * `npm run bench:wire-ports -- [options]`:
 *
 *   --rounds N    how often each is measured (5)
 *   --seconds N   how long each measurement takes (1)
 *   --batches     the sender writes many frames at once (not for vde_switch, whose protocol has no such thing)
 *   --dist DIR    where our built files are (dist)
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { cpuMicroseconds } from './process-cpu.ts';
import { median } from './report.ts';

interface Contender {
  readonly name: string;
  readonly kind: 'stream' | 'vde';
  start(folder: string): { readonly process: ChildProcess; readonly paths: readonly [send: string, count: string] };
}

interface Measured {
  readonly perSecond: number;
  /** Of the switch's process. */
  readonly cpuMicroseconds: number;
}

interface Seen {
  readonly frames: number;
  readonly at: number;
  readonly cpu: number;
}

const FRAME_BYTES = [64, 1500];
const WARM_MILLISECONDS = 500;
const START_MILLISECONDS = 10_000;

const run = (command: string, args: readonly string[]): ChildProcess => spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });

const contenders = (dist: string): readonly Contender[] => [
  {
    name: 'samewire',
    kind: 'stream',
    start: (folder) => {
      const paths = [join(folder, 'a'), join(folder, 'b')] as const;
      return { process: run(process.execPath, ['bench/bridge-server.mjs', dist, ...paths]), paths };
    },
  },
  {
    name: "QEMU's hub",
    kind: 'stream',
    start: (folder) => {
      const paths = [join(folder, 'a'), join(folder, 'b')] as const;
      const ports = paths.flatMap((path, index) => [
        '-netdev',
        `stream,id=s${index},server=on,addr.type=unix,addr.path=${path}`,
        '-netdev',
        `hubport,id=h${index},hubid=0,netdev=s${index}`,
      ]);
      return { process: run('qemu-system-x86_64', ['-machine', 'none', '-nodefaults', '-display', 'none', ...ports]), paths };
    },
  },
  {
    name: 'vde_switch',
    kind: 'vde',
    start: (folder) => {
      const path = join(folder, 'vde', 'ctl');
      // It ends with its standard input.
      return { process: spawn('vde_switch', ['-s', join(folder, 'vde')], { stdio: ['pipe', 'ignore', 'inherit'] }), paths: [path, path] };
    },
  },
];

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const over = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await over;
}

async function measure(contender: Contender, frameBytes: number, seconds: number, sender: string): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'samewire-frames-'));
  const { process: subject, paths } = contender.start(folder);
  const children = [subject];
  try {
    for (let waited = 0; !paths.every((path) => existsSync(path)); waited += 50) {
      if (waited > START_MILLISECONDS || subject.exitCode !== null) throw new Error(`${contender.name} did not start`);
      await pause(50);
    }
    const end = (role: string, path: string): readonly string[] => ['bench/frame-end.mjs', role, contender.kind, path, `${frameBytes}`];
    const counter = spawn(process.execPath, end('count', paths[1]), { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(counter);
    const seen: Seen[] = [];
    createInterface({ input: counter.stdout }).on('line', (line) => {
      const [frames, at] = line.split(' ');
      seen.push({ frames: Number(frames), at: Number(at), cpu: cpuMicroseconds(subject.pid!) });
    });
    await pause(500); // it has said hello by then
    children.push(run(process.execPath, end(sender, paths[0])));
    for (let waited = 0; (seen.at(-1)?.frames ?? 0) === 0; waited += 20) {
      if (waited > START_MILLISECONDS) throw new Error(`no frames came through ${contender.name}`);
      await pause(20);
    }
    await pause(WARM_MILLISECONDS);
    const from = seen.at(-1)!;
    await pause(seconds * 1000);
    const to = seen.at(-1)!;
    const frames = to.frames - from.frames;
    return { perSecond: (frames * 1e9) / (to.at - from.at), cpuMicroseconds: (to.cpu - from.cpu) / frames };
  } finally {
    for (const child of children.toReversed()) await stop(child);
    rmSync(folder, { recursive: true, force: true });
  }
}

const print = (text: string): void => void process.stdout.write(`${text}\n`);

export async function main(args: readonly string[]): Promise<number> {
  const value = (name: string): string | undefined => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);
  const rounds = Number(value('--rounds') ?? 5);
  const seconds = Number(value('--seconds') ?? 1);
  const rows = new Map<string, Measured[]>();
  const all = contenders(value('--dist') ?? 'dist');
  for (let round = 0; round < rounds; round += 1)
    for (const frameBytes of FRAME_BYTES)
      for (const contender of all) {
        const key = `${frameBytes} ${contender.name}`;
        const measured = await measure(contender, frameBytes, seconds, args.includes('--batches') ? 'batches' : 'send');
        process.stderr.write(`${key}: ${Math.round(measured.perSecond)} a second, ${measured.cpuMicroseconds.toFixed(2)} us\n`);
        rows.set(key, [...(rows.get(key) ?? []), measured]);
      }
  print(`${cpus().length} x ${cpus()[0]?.model ?? '?'}, Linux ${release()}, Node ${process.version}, load ${loadavg()[0]!.toFixed(1)}`);
  print(`${rounds} rounds of ${seconds} s, medians`);
  print(['frame', 'switch'.padEnd(12), 'frames/s', 'us CPU/frame', 'frames/s ratio of ours', 'CPU ratio of ours'].join('  '));
  for (const frameBytes of FRAME_BYTES) {
    const of = (name: string): Measured => {
      const measured = rows.get(`${frameBytes} ${name}`)!;
      return {
        perSecond: median(measured.map((one) => one.perSecond)),
        cpuMicroseconds: median(measured.map((one) => one.cpuMicroseconds)),
      };
    };
    const ours = of(all[0]!.name);
    for (const { name } of all) {
      const { perSecond, cpuMicroseconds: cpu } = of(name);
      const ratios =
        name === all[0]!.name
          ? []
          : [`${(ours.perSecond / perSecond).toFixed(2)}x`.padStart(22), `${(ours.cpuMicroseconds / cpu).toFixed(2)}x`];
      print(
        [`${frameBytes}`.padStart(5), name.padEnd(12), `${Math.round(perSecond)}`.padStart(8), cpu.toFixed(2).padStart(12), ...ratios].join(
          '  ',
        ),
      );
    }
  }
  return 0;
}
