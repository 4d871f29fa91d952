/** Network namespaces for tests that need a kernel's network of their own, and the privilege they take. */
import { execFileSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe } from 'vitest';
import { describeWithout } from './peers.ts';

const CLONE_NEWNET = 0x4000_0000;

export interface Namespace {
  readonly name: string;
  /** Runs a command in it; what it printed. Throws where it fails. */
  run(command: string): string;
  /** What `action` opens belongs to the namespace; it must not wait for anything. */
  within<Result>(action: () => Result): Result;
  remove(): void;
}

let made = 0;

export function makeNamespace(): Namespace {
  made += 1;
  const name = `samewire-${process.pid}-${made}`;
  execFileSync('ip', ['netns', 'add', name]);
  const run = (command: string): string =>
    execFileSync('ip', ['netns', 'exec', name, 'sh', '-ec', command], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  run('ip link set lo up');
  return {
    name,
    run,
    within: (action) => {
      const own = openSync('/proc/thread-self/ns/net', 'r');
      const there = openSync(`/var/run/netns/${name}`, 'r');
      try {
        enter(there);
        return action();
      } finally {
        enter(own);
        closeSync(own);
        closeSync(there);
      }
    },
    remove: () => void execFileSync('ip', ['netns', 'del', name]),
  };
}

let setns: ((fd: number, kind: number) => number) | undefined;

function enter(fd: number): void {
  const koffi = createRequire(import.meta.url)('koffi') as { load(path: null): { func(prototype: string): typeof setns } };
  setns ??= koffi.load(null).func('int setns(int fd, int kind)')!;
  if (setns(fd, CLONE_NEWNET) !== 0) throw new Error('setns failed');
}

const isRootOnLinux = process.platform === 'linux' && process.getuid?.() === 0;

function whyNot(): string | undefined {
  if (!isRootOnLinux) return 'network namespaces take root on Linux';
  try {
    makeNamespace().remove();
    return undefined;
  } catch (error) {
    return `no network namespace can be made here: ${(error as Error).message}`;
  }
}

/** A `describe` that needs namespaces. Skips without the privilege; with SAMEWIRE_REQUIRE_PEERS=1 root on Linux must be able to. */
export function describeWithNamespaces(title: string, body: () => void): void {
  const reason = whyNot();
  if (reason === undefined) return void describe(title, body);
  const required = isRootOnLinux && process.env['SAMEWIRE_REQUIRE_PEERS'] === '1';
  describeWithout(reason, required ? 'has its network namespaces' : undefined, title);
}
