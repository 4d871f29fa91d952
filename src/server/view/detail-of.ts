/** Everything about one node, within bounds. */
import type { HostReport } from '../../device/host-report.ts';
import { type MachineReport, machineReport, type SwitchReport, switchReport } from '../../device/network-report.ts';
import type { AttachmentReport } from '../../os/network/link-report.ts';
import type { RunningFabric } from '../running-fabric.ts';
import type { NodeDetail } from './node-detail.ts';
import type { FabricState } from './state.ts';
import type { TopologyNode } from './topology.ts';
import { worldNode } from './topology-of.ts';

const MACHINE_ENTRIES_MAX = 200;
const ENTRIES_MAX = 500;

export function detailOf(
  fabric: Pick<RunningFabric, 'network' | 'arrays'>,
  state: FabricState,
  { id, kind, name }: TopologyNode,
): NodeDetail {
  const { network } = fabric;
  let leftOut = 0;
  const within = <Entry>(entries: readonly Entry[], most: number): readonly Entry[] => {
    leftOut += Math.max(0, entries.length - most);
    return entries.length <= most ? entries : entries.slice(0, most);
  };
  const ofMachine = (): MachineReport | undefined => {
    const machine = network?.network.machines.find((one) => one.name === id);
    if (machine === undefined) return undefined;
    const report = machineReport(machine);
    return {
      ...report,
      neighbors: within(report.neighbors, MACHINE_ENTRIES_MAX),
      routes: within(report.routes, MACHINE_ENTRIES_MAX),
      connections: within(report.connections, MACHINE_ENTRIES_MAX),
      leases: within(report.leases, MACHINE_ENTRIES_MAX),
    };
  };
  const ofSwitch = (): SwitchReport | undefined => {
    const found = network?.network.switches.find((one) => one.name === id);
    if (found === undefined) return undefined;
    const report = switchReport(found, network!.clock.now());
    return { ...report, addresses: within(report.addresses, ENTRIES_MAX), neighbors: within(report.neighbors, ENTRIES_MAX) };
  };
  const ofHost = (): HostReport | undefined => {
    const report = state.hosts.find((one) => one.host === id);
    if (report === undefined) return undefined;
    return {
      ...report,
      devices: within(report.devices, ENTRIES_MAX),
      adapters: report.adapters.map((adapter) => ({ ...adapter, targets: within(adapter.targets, ENTRIES_MAX) })),
    };
  };
  const attached = (): readonly AttachmentReport[] =>
    kind === 'published' || network === undefined
      ? []
      : network.attachments().filter(({ port }) => (kind === 'world' ? worldNode(port) === id : port.startsWith(`${name}:`)));

  return {
    node: id,
    machine: kind === 'host' || kind === 'array' ? ofMachine() : undefined,
    switch: kind === 'switch' ? ofSwitch() : undefined,
    host: kind === 'host' ? ofHost() : undefined,
    units:
      kind === 'array'
        ? within(
            state.units.filter(({ array }) => array === id),
            ENTRIES_MAX,
          )
        : [],
    groups: kind === 'array' ? within(fabric.arrays.groups(id), ENTRIES_MAX) : [],
    sessions: within(
      state.sessions.filter(({ array, from }) => (kind === 'array' ? array === id : from === id)),
      ENTRIES_MAX,
    ),
    attached: within(attached(), ENTRIES_MAX),
    leftOut,
  };
}
