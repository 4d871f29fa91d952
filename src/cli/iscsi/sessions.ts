/** `samewire iscsi sessions`, `rescan` and `forget`: the hosts of a fabric that is up, asked over its control socket. */
import type { Colors } from 'picocolors/types.js';
import type { AdapterReport, HostReport, HostTargetReport } from '../../device/host-report.ts';
import { askFabric } from '../ask-fabric.ts';
import { type CommandContext, UserError } from '../context.ts';
import type { HostsAnswer, RescanAnswer } from '../../server/api/hosts.ts';
import {
  adapterTone,
  deviceTone,
  pathText,
  pathTone,
  serverText,
  sessionsText,
  sessionText,
  sessionTone,
  sizeText,
  stateText,
} from '../host-words.ts';
import { paintedTable } from '../painted-table.ts';
import { count } from '../plain-text.ts';

export interface SessionsOptions {
  readonly json?: boolean;
}

export interface RescanOptions extends SessionsOptions {
  readonly host?: string;
}

export interface ForgetOptions extends SessionsOptions {
  readonly file: string;
  readonly address?: string;
}

export async function sessions(file: string, options: SessionsOptions, context: CommandContext): Promise<number> {
  show((await askFabric(file, 'GET', '/api/hosts', undefined, context)) as HostsAnswer, options, context);
  return 0;
}

/** What the file says of discovery, targets, CHAP and settings takes effect. */
export async function rescan(file: string, options: RescanOptions, context: CommandContext): Promise<number> {
  const answer = (await askFabric(file, 'POST', '/api/hosts/rescan', { host: options.host }, context)) as RescanAnswer;
  for (const sentence of answer.needsStart) context.err(`${context.errColors.yellow('note:')} ${sentence}\n`);
  show(answer, options, context);
  return 0;
}

/** `place`: HOST/ADAPTER. */
export async function forget(place: string, target: string, options: ForgetOptions, context: CommandContext): Promise<number> {
  const [host, adapter, ...more] = place.split('/');
  if (adapter === undefined || more.length > 0) throw new UserError(`\`${place}\` is no host and adapter; write them as \`esx1/vmhba64\`.`);
  const body = { host, adapter, target, address: options.address };
  const answer = (await askFabric(options.file, 'POST', '/api/hosts/forget', body, context)) as HostsAnswer;
  if (options.json === true) context.out(`${JSON.stringify(answer)}\n`);
  else context.out(`Removed. \`samewire iscsi rescan ${options.file}\` logs out of it.\n`);
  return 0;
}

function show(answer: HostsAnswer, options: SessionsOptions, context: CommandContext): void {
  if (options.json === true) context.out(`${JSON.stringify(answer)}\n`);
  else if (answer.hosts.length === 0) context.out(`The fabric ${answer.fabric} has no hosts.\n`);
  else context.out(hostTables(answer.hosts, context.outColors));
}

/** Adapters, sessions, devices, paths. */
export function hostTables(hosts: readonly HostReport[], colors: Colors): string {
  const adapters = hosts.flatMap((host) => host.adapters.map((adapter) => ({ host, adapter })));
  const targets = adapters.flatMap(({ host, adapter }) => adapter.targets.map((target) => ({ host, adapter, target })));
  const devices = hosts.flatMap((host) => host.devices.map((device) => ({ host, device })));
  const paths = devices.flatMap(({ host, device }) => device.paths.map((path) => ({ host, device, path })));
  const tables = [
    paintedTable(
      ['adapter', 'initiator', 'sessions', 'discovery'],
      adapters.map(({ host, adapter }) => ({
        cells: [`${host.host}/${adapter.adapter}`, adapter.initiator, sessionsText(adapter), discoveryText(adapter)],
        tone: adapterTone(adapter),
      })),
      colors,
    ),
    paintedTable(
      ['session', 'target', 'address', 'found', 'state'],
      targets.map(({ host, adapter, target }) => ({
        cells: [`${host.host}/${adapter.adapter}:${target.id}`, target.target, target.address, foundText(target), sessionText(target)],
        tone: sessionTone(target.session),
      })),
      colors,
    ),
    paintedTable(
      ['device', 'host', 'size', 'state', 'model'],
      devices.map(({ host, device }) => ({
        cells: [device.device, host.host, sizeText(device), stateText(device), `${device.vendor} ${device.product}`.trim()],
        tone: deviceTone(device),
      })),
      colors,
    ),
    paintedTable(
      ['path', 'device', 'address', 'commands', 'state'],
      paths.map(({ host, device, path }) => ({
        cells: [`${host.host}/${path.path}`, device.device, path.address, String(path.commands), pathText(path)],
        tone: pathTone(path),
      })),
      colors,
      [3],
    ),
  ];
  return `${tables.filter((text) => text !== '').join('\n')}`;
}

/** `2 of 3 servers answered; 192.0.2.9:3260: connection refused`. */
function discoveryText({ servers, rescanning }: AdapterReport): string {
  const failed = servers.filter(({ state }) => state === 'failed').map((one) => `${one.server}: ${serverText(one)}`);
  const answered = servers.filter(({ state }) => state === 'answered').length;
  const parts = servers.length === 0 ? [] : [`${answered} of ${count(servers.length, 'server')} answered`, ...failed];
  return [...parts, ...(rescanning ? ['rescanning'] : [])].join('; ');
}

const foundText = ({ discovery, servers }: HostTargetReport): string =>
  discovery === 'static' ? 'static' : servers.length === 0 ? 'named no more' : 'dynamic';
