/** TCP between ours and Linux's through a TAP, and between Linux and itself over its loopback. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { type BenchNamespace, benchNamespace } from './bench-namespace.ts';
import { cpuMicroseconds } from './process-cpu.ts';
import { median } from './report.ts';
import { pause, stop, until } from './switch-rounds.ts';

interface Way {
  readonly name: string;
  readonly mtu: number;
  /** Which end is ours; the other is Linux's. */
  readonly ours: 'source' | 'sink' | 'neither';
  /** Where Linux listens. */
  readonly address: string;
}

interface Measured {
  readonly megabytesPerSecond: number;
  /** Of both ends, for a megabyte. */
  readonly cpuMicroseconds: number;
}

const PORT = '7000';
const WARM_MILLISECONDS = 1000;
const LOOPBACK_MTU = 65_536;

const ways: readonly Way[] = [
  { name: 'Linux to Linux, loopback', mtu: LOOPBACK_MTU, ours: 'neither', address: '127.0.0.1' },
  ...[1500, 9000].flatMap((mtu): Way[] => [
    { name: 'ours to Linux, TAP', mtu, ours: 'source', address: '192.0.2.2' },
    { name: 'Linux to ours, TAP', mtu, ours: 'sink', address: '192.0.2.2' },
  ]),
];

async function measure(way: Way, dist: string, seconds: number): Promise<Measured> {
  const network: BenchNamespace = benchNamespace('tcp');
  // TCP's plainest: BBR, the default of some machines, paces by a bandwidth that means nothing between processes.
  network.run('echo reno >/proc/sys/net/ipv4/tcp_congestion_control');
  const children: ChildProcess[] = [];
  const run = (...args: readonly string[]): { readonly child: ChildProcess; readonly lines: string[] } => {
    const [command, ...rest] = [...network.within, process.execPath, ...args];
    const child = spawn(command!, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines: string[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
    children.push(child);
    return { child, lines };
  };
  try {
    const listens = way.ours === 'sink' ? 'source' : 'sink';
    const peer = run('bench/tcp-peer.mjs', 'listen', listens, '0.0.0.0', PORT);
    await until('Linux listens', () => peer.lines.length > 0);
    const other =
      way.ours === 'neither'
        ? run('bench/tcp-peer.mjs', 'connect', 'source', way.address, PORT)
        : run('bench/tcp-tap.mjs', dist, 'sw0', `${way.mtu}`, way.ours, PORT);
    const { lines } = listens === 'sink' ? peer : other;
    const cpu = (): number => children.reduce((sum, { pid }) => sum + cpuMicroseconds(pid!), 0);
    const seen = (): readonly [bytes: number, at: number, cpu: number] => {
      const [bytes, at] = lines.at(-1)!.split(' ');
      return [Number(bytes), Number(at), cpu()];
    };
    await until('something arrives', () => /^\d/.test(lines.at(-1) ?? ''));
    await pause(WARM_MILLISECONDS);
    const from = seen();
    await pause(seconds * 1000);
    const to = seen();
    const megabytes = (to[0] - from[0]) / 1e6;
    return { megabytesPerSecond: (megabytes * 1e9) / (to[1] - from[1]), cpuMicroseconds: (to[2] - from[2]) / megabytes };
  } finally {
    for (const child of children.toReversed()) await stop(child);
    network.remove();
  }
}

const HEAD = ['MTU', 'way', 'MB/s', 'us CPU/MB, both ends', 'MB/s / loopback'];

/** A table, its head first. Ratios are medians of each round's. */
export async function measureTcp(dist: string, rounds: number, seconds: number): Promise<readonly (readonly string[])[]> {
  const all = ways.map(() => [] as Measured[]);
  for (let round = 0; round < rounds; round += 1)
    for (const [index, way] of ways.entries()) {
      const measured = await measure(way, dist, seconds);
      process.stderr.write(`${way.name}, MTU ${way.mtu}: ${measured.megabytesPerSecond.toFixed(0)} MB/s\n`);
      all[index]!.push(measured);
    }
  const rows = ways.map(({ name, mtu }, index) => {
    const measured = all[index]!;
    const ratios = measured.map((one, round) => one.megabytesPerSecond / all[0]![round]!.megabytesPerSecond);
    return [
      `${mtu}`,
      name,
      median(measured.map((one) => one.megabytesPerSecond)).toFixed(0),
      median(measured.map((one) => one.cpuMicroseconds)).toFixed(0),
      index === 0 ? '' : `${median(ratios).toFixed(2)}x`,
    ];
  });
  return [HEAD, ...rows];
}
