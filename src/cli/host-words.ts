/** Hosts in words and rows: what the ready text, the live view and `samewire iscsi sessions` have in common. */
import type {
  AdapterReport,
  DeviceReport,
  HostReport,
  HostSessionReport,
  HostTargetReport,
  PathReport,
  ServerReport,
} from '../device/host-report.ts';
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

/** Beside an address, it need not be said again and again. */
const brief = (reason: string, address: string): string =>
  reason.replace(`no connection to ${address}: `, '').replaceAll(` to ${address}`, '').replaceAll(` ${address}`, '');

export const serverText = ({ server, state, reason }: ServerReport): string =>
  state === 'answered' || reason === undefined ? state : brief(reason, server);

/** `logged in, CHAP, data digest`; or `waiting: connect ECONNREFUSED`. */
export function sessionText({ session, address }: HostTargetReport): string {
  if (session.state !== 'logged-in')
    return `${session.state.replace('-', ' ')}${session.reason === undefined ? '' : `: ${brief(session.reason, address)}`}`;
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
export function pathText({ state, inUse, access, reason, address }: PathReport): string {
  const words = state === 'active' && inUse ? 'active (I/O)' : state;
  const more =
    (reason === undefined ? undefined : brief(reason, address)) ??
    (access === undefined || access === 'active-optimized' || access === state ? undefined : access);
  return more === undefined ? words : `${words}: ${more}`;
}

export function pathTone({ state, inUse }: PathReport): Tone {
  if (state === 'dead' || state === 'unavailable' || state === 'off') return 'bad';
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
    for (const one of adapter.servers)
      if (one.state !== 'answered')
        rows.push({ text: `  discovery at ${one.server}: ${serverText(one)}`, tone: one.state === 'failed' ? 'bad' : 'busy' });
    for (const target of adapter.targets)
      if (target.session.state !== 'logged-in')
        rows.push({ text: `  ${target.id} at ${target.address}: ${sessionText(target)}`, tone: sessionTone(target.session) });
  }
  for (const device of devices) {
    rows.push({ text: `${host}  ${device.device}  ${sizeText(device).padStart(6)}  ${pathsText(device)}`, tone: deviceTone(device) });
    for (const path of device.paths)
      if (path.state !== 'active') rows.push({ text: `  ${path.path}: ${pathText(path)}`, tone: pathTone(path) });
  }
  return rows;
}
