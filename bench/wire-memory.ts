/**
 * What the wire does in memory, without sockets: frames through our bridge by the size of its table, timers of the virtual clock by how many wait, and
 * a 32-to-1 incast of TCP in virtual time against ns-3 (Debian: libns3-dev, g++). Each measurement is a process of its own; they take turns, and
 * medians over the rounds count.
 * `npm run bench:wire-memory -- [options]`:
 *
 *   --rounds N      how often each is measured (5)
 *   --seconds N     how long each measurement of the bridge and the clock takes (1)
 *   --megabytes N   what each of the 32 sends (16)
 *   --rows TEXT     only the rows whose title contains it
 *   --markdown FILE also writes the tables into a page of docs/
 *   --dist DIR      where our built files are (dist)
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSection } from './page-section.ts';
import { type MemoryRow, memoryMarkdown, memoryTable } from './wire-memory-report.ts';

interface Options {
  readonly rounds: number;
  readonly seconds: number;
  readonly megabytes: number;
  readonly rows: string;
  readonly markdown: string | undefined;
  readonly dist: string;
}

function parse(args: readonly string[]): Options {
  const value = (name: string): string | undefined => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);
  return {
    rounds: Number(value('--rounds') ?? 5),
    seconds: Number(value('--seconds') ?? 1),
    megabytes: Number(value('--megabytes') ?? 16),
    rows: value('--rows') ?? '',
    markdown: value('--markdown'),
    dist: value('--dist') ?? 'dist',
  };
}

interface Subject {
  readonly table: MemoryRow['table'];
  readonly title: string;
  readonly command: readonly string[];
}

const ADDRESSES = [16, 1024, 16_384, 65_536];
const PENDING = [64, 1024, 16_384, 131_072];
const CONTROLS = ['cubic', 'new-reno'];
const PATHS = [
  ['access', 'no tags'],
  ['trunk', 'tags on both sides'],
  ['push', 'a tag is added'],
] as const;

const note = (text: string): void => void process.stderr.write(`${text}\n`);

function subjects(options: Options, ns3: string | undefined): readonly Subject[] {
  const milliseconds = `${options.seconds * 1000}`;
  const ours = (file: string, ...args: readonly string[]): readonly string[] => [process.execPath, `bench/${file}`, options.dist, ...args];
  const all: readonly Subject[] = [
    ...PATHS.flatMap(([path, what]) =>
      ADDRESSES.map(
        (count): Subject => ({
          table: 'bridge',
          title: `${what}, ${count} addresses`,
          command: ours('wire-bridge.mjs', `${count}`, path, '64', milliseconds),
        }),
      ),
    ),
    {
      table: 'bridge',
      title: 'no tags, 16384 addresses, after 90 days',
      command: ours('wire-bridge.mjs', '16384', 'days', '64', milliseconds),
    },
    ...PATHS.map(
      ([path, what]): Subject => ({
        table: 'bridge',
        title: `${what}, 1024 addresses, frames of 1518 bytes`,
        command: ours('wire-bridge.mjs', '1024', path, '1518', milliseconds),
      }),
    ),
    ...(['keep', 'cancel'] as const).flatMap((kind) =>
      PENDING.map(
        (count): Subject => ({
          table: 'clock',
          title: `${count} pending, ${kind === 'keep' ? 'each asks for the next' : 'half of them called off and asked for anew'}`,
          command: ours('wire-clock.mjs', `${count}`, kind, milliseconds),
        }),
      ),
    ),
    ...CONTROLS.flatMap((control): Subject[] => [
      { table: 'incast', title: `${control}, samewire`, command: ours('wire-incast.mjs', `${options.megabytes}`, control) },
      ...(ns3 === undefined
        ? []
        : [{ table: 'incast', title: `${control}, ns-3`, command: [ns3, `${options.megabytes}`, control] } as const]),
    ]),
  ];
  return all.filter(({ title, table }) => `${table}: ${title}`.includes(options.rows));
}

const NS3_LIBRARIES = ['applications', 'internet', 'point-to-point', 'network', 'core'].map((name) => `-lns3-${name}`);

/** Builds the peer; undefined: it can't be built here. */
function buildNs3(folder: string): string | undefined {
  const program = join(folder, 'ns3-incast');
  const built = spawnSync('g++', ['-O2', '-std=c++17', '-o', program, 'bench/ns3-incast.cc', ...NS3_LIBRARIES], { stdio: 'inherit' });
  if (built.status === 0 && existsSync(program)) return program;
  note('ns-3 is not here (Debian: libns3-dev, g++): the incast has no peer');
  return undefined;
}

function measure({ title, command }: Subject): Readonly<Record<string, number>> {
  const { status, stdout } = spawnSync(command[0]!, command.slice(1), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  if (status !== 0) throw new Error(`${title} ended with ${status}`);
  return JSON.parse(stdout) as Record<string, number>;
}

export function main(args: readonly string[]): number {
  const options = parse(args);
  const folder = mkdtempSync(join(tmpdir(), 'samewire-memory-'));
  try {
    const all = subjects(options, 'incast'.includes(options.rows) || options.rows === '' ? buildNs3(folder) : undefined);
    const samples = new Map<Subject, Readonly<Record<string, number>>[]>(all.map((subject) => [subject, []]));
    const load = loadavg()[0]!;
    for (let round = 0; round < options.rounds; round += 1)
      for (const subject of all) {
        const sample = measure(subject);
        samples.get(subject)!.push(sample);
        note(`${subject.table}, ${subject.title}: ${JSON.stringify(sample)}`);
      }
    const rows = all.map((subject): MemoryRow => ({ table: subject.table, title: subject.title, samples: samples.get(subject)! }));
    const version = spawnSync('dpkg-query', ['-W', '-f', '${Version}', 'libns3-dev'], { encoding: 'utf8' }).stdout ?? '';
    const machine = [
      `${cpus().length} x ${cpus()[0]!.model}, Linux ${release()}, load ${load.toFixed(1)} before and ${loadavg()[0]!.toFixed(1)} after`,
      `Node ${process.version}${version === '' ? '' : `, ns-3 ${version} (Debian)`}`,
      `medians of ${options.rounds} rounds; ${options.megabytes} MB a sender in the incast`,
    ];
    process.stdout.write(memoryTable(rows, machine));
    mkdirSync('bench/results', { recursive: true });
    const path = `bench/results/wire-memory-${new Date().toISOString().replaceAll(':', '-').slice(0, 19)}.json`;
    writeFileSync(path, `${JSON.stringify({ machine, rows }, undefined, 2)}\n`);
    note(`wrote ${path}`);
    if (options.markdown !== undefined) writeSection(options.markdown, 'wire-memory', memoryMarkdown(rows, machine));
    return 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
