/** Machines and switches on the wire as plain data, for the terminal, for programs, and for whoever asks over the control socket. */
import type { Nanos } from '../base/clock.ts';
import type { IcmpCounters } from '../inet/icmp.ts';
import type { IpCounters } from '../inet/host.ts';
import type { InetInterface, InterfaceCounters } from '../inet/interface.ts';
import type { NeighborState } from '../inet/neighbor-cache.ts';
import type { TcpCounters } from '../inet/tcp/counters.ts';
import type { TcpInfo } from '../inet/tcp/stream.ts';
import type { BridgePort, PortRole } from '../link/bridge.ts';
import type { LldpCounters } from '../link/lldp-agent.ts';
import type { PortCounters } from '../link/port-counters.ts';
import type { PortVlanSettings } from '../link/port-vlans.ts';
import type { HoldReason, SpanningTreePortStatus } from '../link/spanning-tree/spanning-tree.ts';
import type { SpanningTreeRole } from '../link/spanning-tree/variables.ts';
import { formatBridgeIdentifier } from '../wire/ethernet/bpdu.ts';
import { formatMac } from '../wire/ethernet/mac.ts';
import { formatIp, sameAddress } from '../wire/ip/address.ts';
import type { NetworkAdapterState } from './network-adapter.ts';
import type { Machine } from './machine.ts';
import type { Nic } from './nic.ts';
import type { PhysicalSwitch } from './physical-switch.ts';

export interface MachineReport {
  readonly machine: string;
  readonly ports: readonly NicReport[];
  /** Those that are declared. */
  readonly adapters: readonly NetworkAdapterReport[];
  readonly neighbors: readonly NeighborReport[];
  /** In the order in which they are looked at. */
  readonly routes: readonly RouteReport[];
  readonly connections: readonly ConnectionReport[];
  /** Connections that only wait for their time to pass. */
  readonly timeWaits: number;
  readonly leases: readonly LeaseReport[];
  readonly counters: { readonly ip: Readonly<IpCounters>; readonly icmp: Readonly<IcmpCounters>; readonly tcp: Readonly<TcpCounters> };
}

export interface NetworkAdapterReport {
  readonly adapter: string;
  readonly model: string;
  /** `failed`: its driver has not started, and its ports have no carrier. */
  readonly state: NetworkAdapterState;
  readonly ports: readonly string[];
}

export interface ConnectionReport extends Omit<TcpInfo, 'thresholdBytes'> {
  /** Undefined: none was found yet. */
  readonly thresholdBytes: number | undefined;
}

export interface NicReport {
  readonly port: string;
  readonly mac: string;
  readonly carrier: boolean;
  /** Undefined: nothing is plugged in. */
  readonly rateBitsPerSecond: number | undefined;
  /** Frames of VLANs that nobody here is in. */
  readonly ignored: number;
  readonly interfaces: readonly InterfaceReport[];
}

export interface InterfaceReport {
  readonly interface: string;
  readonly vlan: number | undefined;
  readonly mtuBytes: number;
  readonly addresses: readonly AddressReport[];
  readonly counters: Readonly<InterfaceCounters>;
}

export interface AddressReport {
  /** With its prefix: `192.0.2.11/25`. */
  readonly address: string;
  /** From a DHCP server. */
  readonly leased: boolean;
  readonly deprecated: boolean;
}

export interface NeighborReport {
  readonly interface: string;
  readonly address: string;
  /** Undefined: not known yet. */
  readonly mac: string | undefined;
  readonly state: NeighborState;
}

export interface RouteReport {
  readonly to: string;
  /** Undefined: destinations are on the link. */
  readonly via: string | undefined;
  readonly interface: string;
  readonly metric: number;
}

/** Given by this machine's DHCP server. */
export interface LeaseReport {
  readonly interface: string;
  readonly address: string;
  readonly mac: string;
  readonly secondsLeft: number;
}

export interface SwitchReport {
  readonly switch: string;
  /** Undefined: loops are not looked for. */
  readonly spanningTree: SpanningTreeReport | undefined;
  readonly ports: readonly SwitchPortReport[];
  readonly addresses: readonly MacReport[];
  readonly neighbors: readonly LldpNeighborReport[];
  readonly lldp: Readonly<LldpCounters> | undefined;
}

export interface SpanningTreeReport {
  /** `8000.02:00:00:00:00:01`: priority and address. */
  readonly bridge: string;
  readonly root: string;
  readonly rootPathCost: number;
  /** Undefined: this is the root. */
  readonly rootPort: string | undefined;
  readonly topologyChanges: number;
}

export interface SwitchPortReport {
  readonly port: string;
  readonly carrier: boolean;
  /** Undefined: nothing is plugged in. */
  readonly rateBitsPerSecond: number | undefined;
  readonly vlans: PortVlanSettings;
  readonly state: PortRole;
  /** Undefined: there is no spanning tree. */
  readonly role: SpanningTreeRole | undefined;
  readonly pathCost: number | undefined;
  readonly edge: boolean;
  /** Why it is out of service, if a guard took it out. */
  readonly held: HoldReason | undefined;
  readonly counters: Readonly<PortCounters>;
  readonly treeCounters: SpanningTreePortStatus['counters'] | undefined;
}

export interface MacReport {
  readonly vlan: number;
  readonly mac: string;
  readonly port: string;
  readonly ageSeconds: number;
}

export interface LldpNeighborReport {
  readonly port: string;
  readonly chassis: string;
  readonly remotePort: string;
  readonly system: string | undefined;
}

export const machineReport = (machine: Machine): MachineReport => ({
  machine: machine.name,
  ports: machine.nics.map((nic) => nicReport(machine, nic)),
  adapters: machine.adapters.map(({ name, model, state, nics }) => ({ adapter: name, model, state, ports: nics.map((nic) => nic.name) })),
  neighbors: machine.host.interfaces.flatMap((one) => one.neighbors.list().map((neighbor) => ({ interface: one.name, ...neighbor }))),
  routes: machine.host.routes.list().map(({ prefix, bits, via, out, metric }) => ({
    to: `${formatIp(prefix)}/${bits}`,
    via: via === undefined ? undefined : formatIp(via),
    interface: out.name,
    metric,
  })),
  connections: machine.tcp.connections.map((connection) => connectionReport(connection.info())),
  timeWaits: machine.tcp.timeWaits,
  leases: [...machine.dhcpServers].flatMap(([on, server]) =>
    server.leases().map(({ address, mac, endsAt }) => ({
      interface: on.name,
      address,
      mac,
      secondsLeft: secondsOf(endsAt - machine.host.services.clock.now()),
    })),
  ),
  counters: { ip: machine.host.counters, icmp: machine.icmp.counters, tcp: machine.tcp.counters },
});

/** There is no infinity in JSON. */
const connectionReport = ({ thresholdBytes, ...info }: TcpInfo): ConnectionReport => ({
  ...info,
  thresholdBytes: Number.isFinite(thresholdBytes) ? thresholdBytes : undefined,
});

const nicReport = (machine: Machine, nic: Nic): NicReport => ({
  port: nic.name,
  mac: formatMac(nic.mac),
  carrier: nic.wire?.carrier === true,
  rateBitsPerSecond: nic.wire?.rateBitsPerSecond,
  ignored: nic.ignored,
  interfaces: nic.interfaces.map((one) => interfaceReport(machine, one)),
});

function interfaceReport(machine: Machine, one: InetInterface): InterfaceReport {
  const lease = machine.dhcpClients.get(one)?.lease;
  return {
    interface: one.name,
    vlan: one.settings.vlan,
    mtuBytes: one.settings.mtuBytes,
    addresses: one.addresses.map(({ address, bits, deprecated }) => ({
      address: `${formatIp(address)}/${bits}`,
      leased: lease !== undefined && sameAddress(lease.address, address),
      deprecated,
    })),
    counters: one.counters,
  };
}

export function switchReport({ name, bridge, tree, lldp }: PhysicalSwitch, now: Nanos): SwitchReport {
  const status = tree?.status();
  return {
    switch: name,
    spanningTree:
      status === undefined
        ? undefined
        : {
            bridge: formatBridgeIdentifier(status.bridge),
            root: formatBridgeIdentifier(status.root),
            rootPathCost: status.rootPathCost,
            rootPort: status.rootPort,
            topologyChanges: status.topologyChanges,
          },
    ports: bridge.ports.map((port, index) => switchPortReport(port, status?.ports[index])),
    addresses: bridge.addresses().map(({ vlan, mac, port, seenAt }) => ({
      vlan,
      mac: formatMac(mac),
      port: bridge.ports[port]!.name,
      ageSeconds: secondsOf(now - seenAt),
    })),
    neighbors: (lldp?.neighbors() ?? []).map(({ port, chassis, remotePort, system }) => ({ port, chassis, remotePort, system })),
    lldp: lldp?.counters,
  };
}

const switchPortReport = (port: BridgePort, tree: SpanningTreePortStatus | undefined): SwitchPortReport => ({
  port: port.name,
  carrier: port.wire?.carrier === true,
  rateBitsPerSecond: port.wire?.rateBitsPerSecond,
  vlans: port.settings.vlans,
  state: port.forwards ? 'forwarding' : port.learns ? 'learning' : 'discarding',
  role: tree?.role,
  pathCost: tree?.pathCost,
  edge: tree?.edge === true,
  held: tree?.held,
  counters: port.counters,
  treeCounters: tree?.counters,
});

const secondsOf = (nanos: Nanos): number => Math.round(nanos / 1e9);
