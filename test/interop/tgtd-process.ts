/** Linux's user-space target, tgtd, as the peer we are measured against: its own process, control socket and port. Needs root. */
import { type ChildProcess, spawn } from 'node:child_process';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { runPeer } from './run-peer.ts';

export interface TgtdLun {
  readonly path: string;
  readonly blockSize?: number;
  /** More of tgtadm's `--params`: `readonly=1`, `removable=1`, `thin_provisioning=1`. */
  readonly params?: readonly string[];
}

export interface TgtdOptions {
  readonly target: string;
  readonly luns: readonly TgtdLun[];
  /** `-t`: how many threads serve each logical unit; tgtd's own default where absent. */
  readonly ioThreads?: number;
  /** Runs tgtd under another command, as `taskset -c 0`. */
  readonly under?: readonly string[];
  readonly portals?: number;
  /** Values of the target's iSCSI keys: `{ HeaderDigest: 'CRC32C,None' }`. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** CHAP: initiators prove the first; the second proves the target to them. */
  readonly account?: readonly [user: string, secret: string];
  readonly outgoing?: readonly [user: string, secret: string];
}

export interface TgtdProcess {
  readonly pid: number;
  readonly target: string;
  readonly portals: readonly string[];
  /** tgtd takes LUN 0 for its controller: ours start at 1, in the order given. */
  readonly lunOf: (index: number) => number;
  readonly stop: () => Promise<void>;
}

export const freePort = async (): Promise<number> => (await freePorts(1))[0]!;

/** All of them are held until the last is found: a port that was let go of may be given again. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, listening));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

const listening = (): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server));
  });

const TRIES = 50;
const TRY_EVERY_MS = 100;

export async function startTgtd(options: TgtdOptions): Promise<TgtdProcess> {
  const portals = (await freePorts(options.portals ?? 1)).map((port) => `127.0.0.1:${port}`);
  // The control socket's number (a short) lies above anything an administrator would choose, and apart from a neighbour's.
  const control = String(1_000 + Math.floor(Math.random() * 31_000));
  const threads = options.ioThreads === undefined ? [] : ['-t', String(options.ioThreads)];
  const line = [
    ...(options.under ?? []),
    'tgtd',
    '-f',
    '-C',
    control,
    ...threads,
    '--iscsi',
    portals.map((portal) => `portal=${portal}`).join(','),
  ];
  const child = spawn(line[0]!, line.slice(1), {
    stdio: 'ignore',
    env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
  });
  const stop = (): Promise<void> => stopTgtd(child);
  const admin = async (...args: string[]): Promise<void> => {
    const run = await runPeer('tgtadm', ['-C', control, '--lld', 'iscsi', ...args], { timeoutMs: 10_000 });
    if (run.code !== 0) throw new Error(`tgtadm ${args.join(' ')}: ${run.stderr.trim()}`);
  };
  try {
    // The child is there before its socket is; asking is the only way to know.
    for (let attempt = 1; ; attempt += 1) {
      try {
        await admin('--op', 'new', '--mode', 'target', '--tid', '1', '-T', options.target);
        break;
      } catch (error) {
        if (attempt === TRIES || child.exitCode !== null) throw error;
        await sleep(TRY_EVERY_MS);
      }
    }
    let lun = 1;
    for (const { path, blockSize = 512, params = [] } of options.luns) {
      const at = ['--mode', 'logicalunit', '--tid', '1', '--lun', String(lun)];
      await admin('--op', 'new', ...at, '-b', path, '--blocksize', String(blockSize));
      for (const param of params) await admin('--op', 'update', ...at, '--params', param);
      lun += 1;
    }
    for (const [name, value] of Object.entries(options.parameters ?? {}))
      await admin('--op', 'update', '--mode', 'target', '--tid', '1', '-n', name, '-v', value);
    const bind = async ([user, secret]: readonly [string, string], ...how: readonly string[]): Promise<void> => {
      await admin('--op', 'new', '--mode', 'account', '--user', user, '--password', secret);
      await admin('--op', 'bind', '--mode', 'account', '--tid', '1', '--user', user, ...how);
    };
    if (options.account !== undefined) await bind(options.account);
    if (options.outgoing !== undefined) await bind(options.outgoing, '--outgoing');
    await admin('--op', 'bind', '--mode', 'target', '--tid', '1', '-I', 'ALL');
  } catch (error) {
    await stop();
    throw error;
  }
  return { pid: child.pid!, target: options.target, portals, lunOf: (index) => index + 1, stop };
}

/** tgtd ignores a polite signal while a target exists, and keeps nothing that would be lost. */
function stopTgtd(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      resolve();
      return;
    }
    child.on('close', () => resolve());
    child.kill('SIGKILL');
  });
}
