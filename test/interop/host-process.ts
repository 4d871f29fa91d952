/** Hosts of a fabric as their users see them: a process that is up, and `samewire iscsi` asking it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeviceReport, HostReport, HostTargetReport, PathReport } from '../../src/device/host-report.ts';
import { runPeer } from './run-peer.ts';
import { CLI } from './target-process.ts';

/** Runs `samewire iscsi ...`; rejects with what it says is wrong. */
export async function iscsi(...args: readonly string[]): Promise<string> {
  const run = await runPeer(process.execPath, [CLI, 'iscsi', ...args], { timeoutMs: 60_000 });
  if (run.code !== 0) throw new Error(run.stderr);
  return run.stdout;
}

const hostsIn = (json: string): readonly HostReport[] => (JSON.parse(json) as { readonly hosts: readonly HostReport[] }).hosts;

export const hostsOf = async (file: string): Promise<readonly HostReport[]> => hostsIn(await iscsi('sessions', file, '--json'));

export const rescan = async (file: string): Promise<readonly HostReport[]> => hostsIn(await iscsi('rescan', file, '--json'));

/** Asks until the first host is as wanted. */
export async function until(file: string, wanted: (host: HostReport) => boolean): Promise<HostReport> {
  for (let tries = 0; ; tries += 1) {
    const [host] = await hostsOf(file);
    if (wanted(host!)) return host!;
    if (tries === 100) throw new Error(`it never comes about: ${JSON.stringify(host)}`);
    await sleep(100);
  }
}

export const targetsOf = (host: HostReport): HostTargetReport[] => host.adapters.flatMap((adapter) => adapter.targets);

export const pathsOf = (host: HostReport): PathReport[] => host.devices.flatMap((device: DeviceReport) => device.paths);

/** `disk static logged-in chap`: the last part of the name, how it was found, and its session. */
export const targetWords = ({ target, discovery, session }: HostTargetReport): string =>
  [target.split(':').at(-1), discovery, session.state, session.authentication].filter((word) => word !== undefined).join(' ');

export const pathWords = ({ path, state, inUse }: PathReport): string => `${path} ${state}${inUse ? ' in use' : ''}`;
