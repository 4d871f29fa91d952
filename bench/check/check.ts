/**
 * How long `samewire check` takes, and how much memory, from 10 hosts to 1,000 at 100 switches; beside it what the `yaml` package takes to parse the
 * same file, in turns. Each run is a process of its own, as in life: nothing is warm.
 * `npm run bench:check -- [options]`:
 *
 *   --rounds N       how often each is measured (5)
 *   --sizes LIST     numbers of hosts (10,30,100,300,1000)
 *   --dist DIR       where our built files are (dist)
 *   --markdown FILE  also writes the tables into a page of docs/
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSection } from '../page-section.ts';
import { median } from '../report.ts';
import { rackFabric, type RackFabric } from './rack-fabric.ts';

const STEPS = ['yaml', 'schema', 'model', 'rules'] as const;
type Step = (typeof STEPS)[number];
const SLOWEST = 5;

interface Run {
  readonly steps: Readonly<Record<Step | 'parse', number>>;
  readonly grown: number;
  readonly cpuSeconds?: number;
  readonly rules?: readonly (readonly [string, number])[];
  readonly found?: Readonly<Record<string, number>>;
}

interface Size {
  readonly title: string;
  readonly fabric: RackFabric;
  readonly text: string;
  readonly checks: Run[];
  readonly parses: Run[];
  /** Milliseconds of the whole command, with the start of the program. */
  readonly commands: number[];
}

const sizeOf = (title: string, fabric: RackFabric, text = fabric.text): Size => ({
  title,
  fabric,
  text,
  checks: [],
  parses: [],
  commands: [],
});

const print = (text: string): void => void process.stdout.write(`${text}\n`);

function run(dist: string, file: string, what: 'check' | 'parse'): Run {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['bench/check/one-run.mjs', dist, file, what], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Run;
}

function commandMilliseconds(dist: string, file: string): number {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, [join(dist, 'cli/main.js'), 'check', file], { encoding: 'utf8' });
  if (status === null || status > 1) throw new Error(stderr);
  return performance.now() - start;
}

function playRounds(sizes: readonly Size[], rounds: number, dist: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'samewire-check-'));
  try {
    const files = sizes.map(({ text }, index) => {
      const file = join(folder, `${index}.yaml`);
      writeFileSync(file, text);
      return file;
    });
    for (let round = 0; round < rounds; round += 1)
      for (const [index, { checks, parses, commands }] of sizes.entries()) {
        checks.push(run(dist, files[index]!, 'check'));
        parses.push(run(dist, files[index]!, 'parse'));
        commands.push(commandMilliseconds(dist, files[index]!));
      }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const HEAD = [
  'hosts',
  'switches',
  'lines',
  'YAML ms',
  'schema ms',
  'model ms',
  'rules ms',
  'all four ms',
  'ms a host',
  '`yaml` alone ms',
  'ratio',
  'the command s',
  'CPU s',
  'memory MB',
  '`yaml` alone MB',
  'found',
];

const megabytes = (runs: readonly Run[]): string => (median(runs.map(({ grown }) => grown)) / 1e6).toFixed(0);

function cells({ title, fabric, text, checks, parses, commands }: Size): string[] {
  const step = (name: Step): number => median(checks.map(({ steps }) => steps[name]));
  const all = median(checks.map(({ steps }) => STEPS.reduce((sum, name) => sum + steps[name], 0)));
  const alone = median(parses.map(({ steps }) => steps.parse));
  const found = Object.values(checks[0]!.found!).reduce((sum, count) => sum + count, 0);
  return [
    title,
    String(fabric.switches),
    String(text.split('\n').length),
    ...STEPS.map((name) => step(name).toFixed(0)),
    all.toFixed(0),
    (all / fabric.hosts).toFixed(2),
    alone.toFixed(0),
    `${(all / alone).toFixed(2)}x`,
    (median(commands) / 1000).toFixed(2),
    median(checks.map(({ cpuSeconds }) => cpuSeconds!)).toFixed(2),
    megabytes(checks),
    megabytes(parses),
    String(found),
  ];
}

/** Of the largest size, by their medians. */
function slowestRules({ checks }: Size): string {
  const byRule = new Map<string, number[]>();
  for (const [rule, milliseconds] of checks.flatMap(({ rules }) => rules!)) byRule.set(rule, [...(byRule.get(rule) ?? []), milliseconds]);
  return [...byRule]
    .map(([rule, all]) => [rule, median(all)] as const)
    .sort(([, a], [, b]) => b - a)
    .slice(0, SLOWEST)
    .map(([rule, milliseconds]) => `${rule} ${milliseconds.toFixed(1)} ms`)
    .join(', ');
}

const plainTable = (rows: readonly (readonly string[])[]): string => {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => row.map((cell, column) => cell.padStart(widths[column]!)).join('  ')).join('\n');
};

const markdownTable = ([head, ...rows]: readonly (readonly string[])[]): string =>
  [head!, head!.map(() => '--:'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

export async function main(args: readonly string[]): Promise<number> {
  const value = (name: string): string | undefined => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);
  const rounds = Number(value('--rounds') ?? 5);
  const counts = (value('--sizes') ?? '10,30,100,300,1000').split(',').map(Number);
  const made = counts.map(rackFabric);
  const largest = made.at(-1)!;
  const sizes = [
    ...made.map((fabric) => sizeOf(String(fabric.hosts), fabric)),
    // Every pair of switches carries less than its hosts send.
    sizeOf(`${largest.hosts}, each wrong`, largest, largest.text.replaceAll('    peer: ', '    mtu: 1500\n    peer: ')),
  ];
  playRounds(sizes, rounds, value('--dist') ?? 'dist');
  const table = [HEAD, ...sizes.map(cells)];
  const sound = sizes.at(-2)!;
  const about = `${cpus().length} x ${cpus()[0]?.model ?? '?'}, Linux ${release()}, Node ${process.version}, load ${loadavg()[0]!.toFixed(1)}; medians of ${rounds} rounds`;
  const slowest = `The slowest of ${sound.checks[0]!.rules!.length} rules at ${sound.title} hosts: ${slowestRules(sound)}.`;
  print(`${plainTable(table)}\n\n${slowest}\n${about}`);
  for (const { title, checks } of sizes.slice(0, -1)) {
    const found = Object.entries(checks[0]!.found!);
    if (found.length > 0) print(`${title} hosts: found ${found.map(([rule, count]) => `${rule} ${count} times`).join(', ')}`);
  }
  const page = value('--markdown');
  if (page !== undefined) writeSection(page, 'check', `${INTRODUCTION}\n\n- ${about}\n\n${markdownTable(table)}\n\n${slowest}`);
  return 0;
}

const INTRODUCTION = `## How fast a fabric is checked

Measured by \`npm run bench:check\`: racks of 21 hosts with bonded ports at a pair of switches, an array with a target for each host, spines; 1,000 hosts are at
100 switches. Every run is a process of its own, and nothing is warm. Beside it, in turns, what the \`yaml\` package alone takes to parse the same
text to plain values. "The command" is \`samewire check FILE\` with the start of the program; CPU is the user and system time of such a process with all its
threads, from its start to the last finding. Memory is the most that was resident over what the loaded
program takes. In the last row every pair of switches has an MTU below what its hosts send.`;
