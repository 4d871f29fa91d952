/**
 * A loopback that nobody else uses, with TCP's plainest congestion control: in a network namespace of its own. BBR, the default of some machines, measures a
 * bandwidth and paces by it, which on a loopback between two busy processes makes pauses that say nothing about either.
 */
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const INSIDE = 'SAMEWIRE_BENCH_NETWORK';
const CONGESTION_CONTROL = '/proc/sys/net/ipv4/tcp_congestion_control';
const SET_UP = `ip link set lo up && echo reno >${CONGESTION_CONTROL}`;

/** Runs `file` again within; its exit code. Undefined: we are within, or there can't be such a namespace here, and the caller goes on. */
export function inPrivateNetwork(file: string, args: readonly string[]): Promise<number> | undefined {
  if (process.env[INSIDE] !== undefined) return undefined;
  if (spawnSync('unshare', ['--net', 'sh', '-c', SET_UP]).status !== 0) {
    process.stderr.write('no network namespace can be made here (it takes root and iproute2): the loopback is the one that all use\n');
    return undefined;
  }
  const again = [process.execPath, 'scripts/run-typescript.mjs', file, ...args];
  const child = spawn('unshare', ['--net', 'sh', '-c', `${SET_UP}; exec "$@"`, 'sh', ...again], {
    stdio: 'inherit',
    env: { ...process.env, [INSIDE]: 'private' },
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}

/** For the description of the machine. */
export function describeNetwork(): string {
  const control = readFileSync(CONGESTION_CONTROL, 'utf8').trim();
  return `loopback ${process.env[INSIDE] === undefined ? 'of the machine' : 'of a network namespace of its own'}, ${control}`;
}
