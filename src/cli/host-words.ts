/** Hosts in words and rows: what the ready text, the live view and `samewire iscsi sessions` have in common. */
import type { AdapterReport, DeviceReport, HostReport, HostSessionReport, HostTargetReport, PathReport } from '../device/host-report.ts';
import { formatSize } from '../fabric/size.ts';
import { count } from './plain-text.ts';

export type Tone = 'good' | 'busy' | 'bad' | 'plain';

const isLoggedIn = ({ session }: HostTargetReport): boolean => session.state === 'logged-in';

/** `2 of 3 sessions`. */
export function sessionsText({ targets }: AdapterReport): string {
  return targets.length === 0 ? 'no targets yet' : `${targets.filter(isLoggedIn).length} of ${count(targets.length, 'session')}`;
}

export function adapterTone({ targets, servers }: AdapterReport): Tone {
  if (servers.some(({ state }) => state === 'failed') || targets.some(({ session }) => session.state === 'waiting')) return 'bad';
  return targets.length > 0 && targets.every(isLoggedIn) ? 'good' : 'busy';
}

const AUTHENTICATION = { none: '', chap: 'CHAP', 'mutual-chap': 'mutual CHAP' } as const;

/** `logged in, CHAP, data digest`; or `waiting: connection refused`. */
export function sessionText(session: HostSessionReport): string {
  if (session.state !== 'logged-in')
    return `${session.state.replace('-', ' ')}${session.reason === undefined ? '' : `: ${session.reason}`}`;
  const digests = [session.headerDigest ? 'header' : '', session.dataDigest ? 'data' : ''].filter((word) => word !== '');
  return [
    'logged in',
    AUTHENTICATION[session.authentication ?? 'none'],
    digests.length === 0 ? '' : `${digests.join(' and ')} digest${digests.length === 1 ? '' : 's'}`,
    session.portals.length > 1 ? `${session.portals.length} connections` : '',
    (session.errorRecoveryLevel ?? 0) > 0 ? `recovery level ${session.errorRecoveryLevel}` : '',
  ]
    .filter((word) => word !== '')
    .join(', ');
}

export const sessionTone = ({ state }: HostSessionReport): Tone => (state === 'logged-in' ? 'good' : state === 'waiting' ? 'bad' : 'busy');

/** As ESXi says it: `active (I/O)` for a path that commands go by. */
export function pathText({ state, inUse, access, reason }: PathReport): string {
  const words = state === 'active' && inUse ? 'active (I/O)' : state;
  const more = reason ?? (access === undefined || access === 'active-optimized' || access === state ? undefined : access);
  return more === undefined ? words : `${words}: ${more}`;
}

export function pathTone({ state, inUse }: PathReport): Tone {
  if (state === 'dead' || state === 'unavailable') return 'bad';
  return inUse ? 'good' : state === 'active' || state === 'standby' ? 'plain' : 'busy';
}

/** `1 active (I/O), 1 dead`: so many of its paths. */
export function pathsText({ paths }: DeviceReport): string {
  const states = new Map<string, number>();
  for (const { state, inUse } of paths) {
    const word = state === 'active' && inUse ? 'active (I/O)' : state;
    states.set(word, (states.get(word) ?? 0) + 1);
  }
  return [...states].map(([word, number]) => `${number} ${word}`).join(', ');
}

export const stateText = (device: DeviceReport): string => `${device.state.replace('-', ' ')}: ${pathsText(device)}`;

export function deviceTone({ state, paths }: DeviceReport): Tone {
  if (state === 'no-path' || state === 'closed') return 'bad';
  if (state !== 'ready') return 'busy';
  return paths.some((path) => path.state === 'dead') ? 'busy' : 'good';
}

export const sizeText = ({ bytes }: DeviceReport): string => (bytes === undefined ? '' : formatSize(bytes));

export interface HostRow {
  readonly text: string;
  readonly tone: Tone;
}

/** A few rows for each host: its adapters, what is wrong with servers and sessions, its disks, and with each the paths. */
export function hostRows({ host, adapters, devices }: HostReport): HostRow[] {
  const rows: HostRow[] = [];
  for (const adapter of adapters) {
    rows.push({ text: `${host}/${adapter.adapter}  ${adapter.initiator}  ${sessionsText(adapter)}`, tone: adapterTone(adapter) });
    for (const { server, state, reason } of adapter.servers)
      if (state !== 'answered')
        rows.push({ text: `  discovery at ${server}: ${reason ?? 'asking'}`, tone: state === 'failed' ? 'bad' : 'busy' });
    for (const { id, address, session } of adapter.targets)
      if (session.state !== 'logged-in') rows.push({ text: `  ${id} at ${address}: ${sessionText(session)}`, tone: sessionTone(session) });
  }
  for (const device of devices) {
    rows.push({ text: `${host}  ${device.device}  ${sizeText(device).padStart(6)}  ${pathsText(device)}`, tone: deviceTone(device) });
    for (const path of device.paths)
      if (path.state !== 'active') rows.push({ text: `  ${path.path}: ${pathText(path)}`, tone: pathTone(path) });
  }
  return rows;
}
