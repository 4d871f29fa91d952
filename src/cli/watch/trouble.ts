/** What is wrong with a fabric that is up: links that are down or spoil frames, sessions and paths that are not there, what can't be found. */
import type { AdapterReport, DeviceReport, HostReport } from '../../device/host-report.ts';
import type { FabricState, LinkState } from '../../server/view/state.ts';
import type { Topology } from '../../server/view/topology.ts';
import { type HostRow, pathText, serverText, sessionText } from '../host-words.ts';
import { faultsText } from '../network/words.ts';
import { linkName } from './columns.ts';

/** The worst first. Of a host that is in order there is nothing. */
export function troubleRows({ links, hosts }: Pick<FabricState, 'links' | 'hosts'>, topology: Topology): HostRow[] {
  const rows = [...links.flatMap((link) => linkTrouble(link, topology)), ...hosts.flatMap(hostTrouble)];
  return [...rows.filter(({ tone }) => tone === 'bad'), ...rows.filter(({ tone }) => tone !== 'bad')];
}

function linkTrouble(link: LinkState, topology: Topology): HostRow[] {
  const name = linkName(topology, link);
  if (!link.up) return [{ text: `${name} is down`, tone: 'bad' }];
  const faults = faultsText(link.faults);
  return faults === '' ? [] : [{ text: `${name} has ${faults}, each way`, tone: 'busy' }];
}

export const hostTrouble = ({ host, adapters, devices }: HostReport): HostRow[] => [
  ...devices.flatMap((device) => deviceTrouble(host, device)),
  ...adapters.flatMap((adapter) => adapterTrouble(host, adapter)),
];

function adapterTrouble(host: string, { adapter, servers, targets }: AdapterReport): HostRow[] {
  return [
    ...servers
      .filter(({ state }) => state === 'failed')
      .map((one): HostRow => ({ text: `${host}/${adapter}: discovery at ${one.server}: ${serverText(one)}`, tone: 'bad' })),
    ...targets
      .filter(({ session }) => session.state !== 'logged-in')
      .map(
        (one): HostRow => ({
          text: `${host}/${adapter}: ${one.id} at ${one.address}: ${sessionText(one)}`,
          tone: one.session.state === 'waiting' ? 'bad' : 'busy',
        }),
      ),
  ];
}

function deviceTrouble(host: string, { device, state, paths }: DeviceReport): HostRow[] {
  const whole: HostRow[] = state === 'ready' ? [] : [{ text: `${host}: ${device}: ${state.replace('-', ' ')}`, tone: 'bad' }];
  const broken = paths
    .filter((path) => path.state === 'dead' || path.state === 'unavailable')
    .map((path): HostRow => ({ text: `${host}: ${path.path}: ${pathText(path)}`, tone: 'bad' }));
  return [...whole, ...broken];
}
