/** A network namespace for a bench's peers; takes root. */
import { execFileSync } from 'node:child_process';

export interface BenchNamespace {
  readonly name: string;
  /** In front of a command that is to run in it. */
  readonly within: readonly string[];
  /** Runs a command in it; what it printed. Throws where it fails. */
  run(command: string): string;
  remove(): void;
}

export function benchNamespace(what: string): BenchNamespace {
  const name = `samewire-${what}-${process.pid}`;
  execFileSync('ip', ['netns', 'add', name]);
  const within = ['ip', 'netns', 'exec', name];
  const run = (command: string): string =>
    execFileSync(within[0]!, [...within.slice(1), 'sh', '-ec', command], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  run('ip link set lo up');
  return { name, within, run, remove: () => void execFileSync('ip', ['netns', 'del', name]) };
}
