/**
 * Frames a second between two stream sockets of QEMU's kind through our bridge, against QEMU's own hub and vde_switch (Debian: qemu-system-x86, vde2). Two
 * senders: one makes a system call for each frame as QEMU's machines do, and is what limits the faster switches then; one writes many at once
 * (not to vde_switch, whose protocol has no such thing).
 * `npm run bench:wire-ports -- [options]`:
 *
 *   --rounds N       how often each is measured (5)
 *   --seconds N      how long each measurement takes (1)
 *   --dist DIR       where our built files are (dist)
 *   --markdown FILE  also writes the tables into a page of docs/
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cpus, loadavg, release } from 'node:os';
import { join } from 'node:path';
import { writeSection } from './page-section.ts';
import { type Contender, markdownTable, plainTable, playRounds, stop, tableOf, until } from './switch-rounds.ts';

const run = (command: string, args: readonly string[]): ChildProcess => spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });

async function started(child: ChildProcess, send: string, count: string): ReturnType<Contender['start']> {
  const running = { pid: child.pid!, send, count, stop: () => stop(child) };
  try {
    await until(`${child.spawnfile} listens`, () => existsSync(send) && existsSync(count));
  } catch (error) {
    await running.stop();
    throw error;
  }
  return running;
}

const contenders = (dist: string): readonly Contender[] => [
  {
    name: 'samewire',
    kind: 'stream',
    start: (folder) => {
      const [a, b] = [join(folder, 'a'), join(folder, 'b')];
      return started(run(process.execPath, ['bench/bridge-server.mjs', dist, 'stream', a, b]), a, b);
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
      return started(run('qemu-system-x86_64', ['-machine', 'none', '-nodefaults', '-display', 'none', ...ports]), ...paths);
    },
  },
  {
    name: 'vde_switch',
    kind: 'vde',
    start: (folder) => {
      const path = join(folder, 'vde', 'ctl');
      // It ends with its standard input.
      return started(spawn('vde_switch', ['-s', join(folder, 'vde')], { stdio: ['pipe', 'ignore', 'inherit'] }), path, path);
    },
  },
  {
    // As many as the sender can send: what no switch can be faster than.
    name: 'no switch',
    kind: 'stream',
    isDirect: true,
    start: (folder) => {
      const path = join(folder, 'a');
      return Promise.resolve({ pid: undefined, send: path, count: path, stop: () => Promise.resolve() });
    },
  },
];

const print = (text: string): void => void process.stdout.write(`${text}\n`);

export async function main(args: readonly string[]): Promise<number> {
  const value = (name: string): string | undefined => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);
  const rounds = Number(value('--rounds') ?? 5);
  const seconds = Number(value('--seconds') ?? 1);
  const all = contenders(value('--dist') ?? 'dist');
  const machine = `${cpus().length} x ${cpus()[0]?.model ?? '?'}, Linux ${release()}, Node ${process.version}, load ${loadavg()[0]!.toFixed(1)}`;
  const parts = [];
  for (const [title, batches] of [
    ['A system call for each frame', false],
    ['Many frames at once', true],
  ] as const) {
    const part = batches ? all.filter(({ kind }) => kind === 'stream') : all;
    const table = tableOf(await playRounds(part, { rounds, seconds, batches, within: [] }));
    print(`${title}\n${plainTable(table)}\n`);
    parts.push(`${title}:\n\n${markdownTable(table)}`);
  }
  const about = `${machine}; ${rounds} rounds of ${seconds} s, medians`;
  print(about);
  const page = value('--markdown');
  if (page !== undefined) writeSection(page, 'wire-ports', [`- ${about}`, ...parts].join('\n\n'));
  return 0;
}
