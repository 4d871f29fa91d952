/**
 * Ways through the network that several rules take: ports by name, and links with what they join. Each is found once for a fabric.
 */
import { memoized } from '../base/memoized.ts';
import { machinesOf } from '../fabric/network/plan.ts';
import type { FabricLink, LinkEnd, Machine, Nic, Switch, SwitchPort } from '../fabric/network/model.ts';
import type { NicInterface } from '../fabric/network/interface-model.ts';
import type { Fabric, Placed } from '../fabric/model.ts';
import type { Path } from '../fabric/problem.ts';

export interface Node extends Placed {
  readonly name: string;
  readonly kind: 'array' | 'host' | 'switch';
}

export const nodesOf = memoized((fabric: Fabric): readonly Node[] => [
  ...fabric.arrays.map(({ at, name }) => ({ at, name, kind: 'array' as const })),
  ...fabric.hosts.map(({ at, name }) => ({ at, name, kind: 'host' as const })),
  ...fabric.switches.map(({ at, name }) => ({ at, name, kind: 'switch' as const })),
]);

type NamedMachine = ReturnType<typeof machinesOf>[number];

/** Hosts and arrays by name. Where two have one name the first counts. */
export const machinesByName = memoized((fabric: Fabric): ReadonlyMap<string, NamedMachine> => firstByName(machinesOf(fabric)));

export const switchesByName = memoized((fabric: Fabric): ReadonlyMap<string, Switch> => firstByName(fabric.switches));

function firstByName<T extends { readonly name: string }>(all: readonly T[]): ReadonlyMap<string, T> {
  const byName = new Map<string, T>();
  for (const one of all) if (!byName.has(one.name)) byName.set(one.name, one);
  return byName;
}

export interface MachinePort {
  readonly kind: 'machine';
  readonly node: string;
  readonly machine: Machine;
  readonly nic: Nic;
}

export interface BridgePort {
  readonly kind: 'switch';
  readonly node: string;
  readonly one: Switch;
  readonly port: SwitchPort;
}

export type FabricPort = MachinePort | BridgePort;

export const machinePortsOf = memoized((fabric: Fabric): readonly MachinePort[] =>
  machinesOf(fabric).flatMap(({ name, machine }) => machine.nics.map((nic) => ({ kind: 'machine' as const, node: name, machine, nic }))),
);

export const bridgePortsOf = memoized((fabric: Fabric): readonly BridgePort[] =>
  fabric.switches.flatMap((one) => one.ports.map((port) => ({ kind: 'switch' as const, node: one.name, one, port }))),
);

const portName = (port: FabricPort): string => (port.kind === 'machine' ? port.nic.name : port.port.name);

/** `tor1:1`. */
export const placeOf = (port: FabricPort): string => `${port.node}:${portName(port)}`;

/** By place. Where two have one name the first counts. */
export const portsByPlace = memoized((fabric: Fabric): ReadonlyMap<string, FabricPort> => {
  const ports = new Map<string, FabricPort>();
  for (const port of [...machinePortsOf(fabric), ...bridgePortsOf(fabric)]) if (!ports.has(placeOf(port))) ports.set(placeOf(port), port);
  return ports;
});

export const endPlace = ({ node, port }: LinkEnd): string => `${node}:${port}`;

export interface Joined {
  readonly link: FabricLink;
  readonly ends: readonly [FabricPort, FabricPort];
}

/** Links between ports that exist, and not from a port to itself. */
export const joinedPorts = memoized((fabric: Fabric): readonly Joined[] => {
  const ports = portsByPlace(fabric);
  return fabric.links.flatMap((link) => {
    const [one, other] = link.ends.map((end) => ports.get(endPlace(end)));
    return one === undefined || other === undefined || one === other ? [] : [{ link, ends: [one, other] as const }];
  });
});

/** Where the settings of the port are written, or would be. */
export const settingsPlace = ({ one, port }: BridgePort): Path => (port.declared ? port.at : [...one.at, 'ports']);

/** A machine's port at a switch. */
export interface Uplink {
  readonly link: FabricLink;
  readonly station: MachinePort;
  readonly at: BridgePort;
}

export const uplinksOf = memoized((fabric: Fabric): readonly Uplink[] =>
  joinedPorts(fabric).flatMap(({ link, ends: [one, other] }) => {
    if (one.kind === 'machine' && other.kind === 'switch') return [{ link, station: one, at: other }];
    return one.kind === 'switch' && other.kind === 'machine' ? [{ link, station: other, at: one }] : [];
  }),
);

export interface Trunk {
  readonly link: FabricLink;
  readonly ends: readonly [BridgePort, BridgePort];
}

/** Links between switches of which no end is shut down. */
export const trunksOf = memoized((fabric: Fabric): readonly Trunk[] =>
  joinedPorts(fabric).flatMap(({ link, ends: [one, other] }) =>
    one.kind === 'switch' && other.kind === 'switch' && !one.port.disabled && !other.port.disabled
      ? [{ link, ends: [one, other] as const }]
      : [],
  ),
);

/** `nic0`, `nic0.20`. */
export const interfaceName = (nic: Nic, { vlan }: NicInterface): string => (vlan === undefined ? nic.name : `${nic.name}.${vlan}`);

/** Something is declared of it: it sends frames. */
export const isUsed = ({ addresses, dhcp, autoconfigure, dhcpServer, advertise }: NicInterface): boolean =>
  addresses.length > 0 || dhcp || autoconfigure || dhcpServer !== undefined || advertise.length > 0;

/** The MTU of a port, and of those of its VLANs that have another. */
export const mtusOf = (nic: Nic): NicInterface[] =>
  nic.interfaces.filter(({ vlan, mtuBytes }) => vlan === undefined || mtuBytes !== nic.mtuBytes);

/** Of the ports that one key lists, which are alike, the first. */
export const listedPortsOf = memoized((fabric: Fabric): readonly BridgePort[] =>
  bridgePortsOf(fabric).filter(
    ({ one, port }, index, all) => port.declared && (all[index - 1]?.one !== one || all[index - 1]!.port.at !== port.at),
  ),
);
