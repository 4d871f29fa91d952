/** A fabric that is up at a glance: what it is, its nodes and how they are, what is wrong, LUNs, sessions, and how to get in. */
import type { Colors } from 'picocolors/types.js';
import type { HostReport } from '../../device/host-report.ts';
import type { MachineReport, SwitchReport } from '../../device/network-report.ts';
import type { TopologyNode } from '../../server/view/topology.ts';
import type { Tone } from '../host-words.ts';
import { clockText } from '../live-view.ts';
import { paint } from '../paint.ts';
import { paintedTable, type TableRow } from '../painted-table.ts';
import { count, plainLine } from '../plain-text.ts';
import { dayAndClockOf } from './figures.ts';
import type { Inspection } from './inspection.ts';
import { joined, sessionTable, unitTable, worldText } from './inspect-tables.ts';
import { hostTrouble, troubleRows } from './trouble.ts';

const SESSIONS_MAX = 20;
const TROUBLE_MAX = 20;
const ADDRESSES_MAX = 3;

export function overviewText(inspection: Inspection, all: boolean, colors: Colors): string {
  const { fabric, state, network } = inspection;
  return joined([
    headText(inspection, colors),
    nodeTable(inspection, colors),
    troubleText(inspection, all, colors),
    unitTable(state.units, colors),
    sessionTable(state.sessions, all ? Infinity : SESSIONS_MAX, colors),
    network === undefined ? '' : worldText(network, colors),
    fabric.onlyChecked.length === 0 ? '' : `${colors.yellow('note')} Only checked, and not run yet: ${fabric.onlyChecked.join(', ')}.\n`,
  ]);
}

function headText({ fabric, state }: Inspection, { bold, cyan }: Colors): string {
  const { name, version, file, startedAt, url } = fabric;
  return [
    `${bold(plainLine(name))}  up for ${clockText(state.upMilliseconds)}, since ${dayAndClockOf(startedAt)}; Samewire ${version}\n`,
    file === undefined ? '' : `file  ${plainLine(file)}\n`,
    url === undefined ? '' : `page  ${cyan(url)}\n`,
  ].join('');
}

// ---- nodes ----

function nodeTable(inspection: Inspection, colors: Colors): string {
  const { topology, network, state } = inspection;
  const machines = new Map((network?.machines ?? []).map((one) => [one.machine, one]));
  const switches = new Map((network?.switches ?? []).map((one) => [one.switch, one]));
  const hosts = new Map(state.hosts.map((one) => [one.host, one]));
  // Where nobody has plugged in yet, nothing is down.
  const open = new Set((network?.attached ?? []).filter(({ present }) => !present).map(({ port }) => port));
  const rows = topology.nodes
    .filter(({ kind }) => kind !== 'world' && kind !== 'published')
    .map((node): TableRow => {
      const [machine, one] = [machines.get(node.id), switches.get(node.id)];
      const ports = [...(machine?.ports ?? []), ...(one?.ports ?? [])].filter(
        ({ port, rateBitsPerSecond }) => rateBitsPerSecond !== undefined && !open.has(`${node.id}:${port}`),
      );
      const storage = node.kind === 'array' ? arrayStorage(node, inspection) : hostStorage(hosts.get(node.id));
      const [words, tone] = stateOf(ports, one, hosts.get(node.id));
      return {
        cells: [
          node.id,
          node.kind,
          words,
          machine === undefined && one === undefined ? '-' : `${ports.filter(({ carrier }) => carrier).length}/${ports.length}`,
          addressesText(machine, one),
          storage,
        ],
        tone,
      };
    });
  return paintedTable(['node', 'kind', 'state', 'ports up', 'addresses', 'storage'], rows, colors);
}

/** What is wrong; `ports` are those that something is plugged into. */
function stateOf(
  ports: readonly { readonly carrier: boolean }[],
  one: SwitchReport | undefined,
  host: HostReport | undefined,
): readonly [words: string, tone: Tone] {
  const down = ports.filter(({ carrier }) => !carrier).length;
  const held = (one?.ports ?? []).filter((port) => port.held !== undefined).length;
  const trouble = host === undefined ? [] : hostTrouble(host);
  const paths = (host?.devices ?? [])
    .flatMap((device) => device.paths)
    .filter((path) => path.state === 'dead' || path.state === 'unavailable');
  const sessions = (host?.adapters ?? []).flatMap(({ targets }) => targets).filter(({ session }) => session.state !== 'logged-in').length;
  const words = [
    ...(down === 0 ? [] : [`${count(down, 'port')} down`]),
    ...(held === 0 ? [] : [`${count(held, 'port')} out of service`]),
    ...(paths.length === 0 ? [] : [`${count(paths.length, 'path')} dead`]),
    ...(sessions === 0 ? [] : [`${count(sessions, 'session')} not logged in`]),
  ];
  if (words.length > 0) return [words.join(', '), 'bad'];
  if (trouble.length > 0) return ['in trouble', 'bad'];
  const isRoot = one?.spanningTree !== undefined && one.spanningTree.rootPort === undefined;
  return [isRoot ? 'up, root of the spanning tree' : 'up', 'good'];
}

/** Link-local ones say little. */
function addressesText(machine: MachineReport | undefined, one: SwitchReport | undefined): string {
  if (one !== undefined) return `${one.addresses.length} learned`;
  const addresses = (machine?.ports ?? [])
    .flatMap(({ interfaces }) => interfaces.flatMap((each) => each.addresses.map(({ address }) => address)))
    .filter((address) => !/^fe80:/i.test(address));
  if (addresses.length === 0) return '-';
  const more = addresses.length - ADDRESSES_MAX;
  return `${addresses.slice(0, ADDRESSES_MAX).join(', ')}${more > 0 ? ` +${more}` : ''}`;
}

function hostStorage(host: HostReport | undefined): string {
  if (host === undefined) return '-';
  const targets = host.adapters.flatMap((adapter) => adapter.targets);
  const paths = host.devices.flatMap((device) => device.paths);
  if (targets.length + paths.length === 0) return host.adapters.length === 0 ? '-' : 'no targets yet';
  return [
    `${part(targets.filter(({ session }) => session.state === 'logged-in').length, targets.length)} sessions`,
    count(host.devices.length, 'disk'),
    `${part(paths.filter((path) => path.state === 'active' || path.state === 'standby').length, paths.length)} paths`,
  ].join(', ');
}

const part = (some: number, all: number): string => (some === all ? String(all) : `${some} of ${all}`);

const arrayStorage = ({ id }: TopologyNode, { state }: Inspection): string =>
  [
    count(state.units.filter(({ array }) => array === id).length, 'LUN'),
    count(state.sessions.filter(({ array }) => array === id).length, 'session'),
  ].join(', ');

// ---- trouble ----

function troubleText({ state, topology }: Inspection, all: boolean, colors: Colors): string {
  const rows = troubleRows(state, topology);
  const links = count(state.links.length, 'link');
  const paths = state.hosts.flatMap(({ devices }) => devices.flatMap((device) => device.paths)).length;
  if (rows.length === 0)
    return `${colors.green('all is well')}: ${[...(state.links.length === 0 ? [] : [`${links} up`]), `${count(state.totals.sessions, 'session')}`, ...(paths === 0 ? [] : [count(paths, 'path')])].join(', ')}\n`;
  const most = all ? rows.length : TROUBLE_MAX;
  const shown = rows.slice(0, most).map(({ text, tone }) => `${paint(colors, tone)(plainLine(text))}\n`);
  return [...shown, ...(rows.length > most ? [`... and ${rows.length - most} more, with --all\n`] : [])].join('');
}
