/** VXLAN as several rules see it: tunnel ends of hosts, and the logical networks of zones with who is in them. */
import { addTo } from '../base/grouped.ts';
import { memoized } from '../base/memoized.ts';
import type { Fabric } from '../fabric/model.ts';
import { machinesOf } from '../fabric/network/plan.ts';
import type { Machine } from '../fabric/network/model.ts';
import type { LogicalNetwork, Reference, Replication, TransportZone, VmNic } from '../fabric/virtual/model.ts';
import { type Endpoint, endpointsByNode } from './endpoints.ts';

export interface TunnelEnd {
  readonly node: string;
  readonly machine: Machine;
  readonly reference: Reference;
  /** Undefined: there is no such interface. */
  readonly endpoint: Endpoint | undefined;
}

/** By host. */
export const tunnelEndsOf = memoized((fabric: Fabric): ReadonlyMap<string, readonly TunnelEnd[]> => {
  const byNode = new Map<string, readonly TunnelEnd[]>();
  for (const { name: node, machine } of machinesOf(fabric)) {
    if (machine.vteps.length === 0) continue;
    const endpoints = (endpointsByNode(fabric).get(node) ?? []).filter(({ kind }) => kind !== 'vm');
    byNode.set(
      node,
      machine.vteps.map((reference) => ({ node, machine, reference, endpoint: endpoints.find(({ name }) => name === reference.text) })),
    );
  }
  return byNode;
});

/** A guest's adapter in a logical network. */
export interface Member {
  readonly node: string;
  /** `vm1/eth0`. */
  readonly name: string;
  readonly nic: VmNic;
  readonly network: Reference;
}

/** By name of the network, known or not. */
export const overlayMembersOf = memoized((fabric: Fabric): ReadonlyMap<string, readonly Member[]> => {
  const byNetwork = new Map<string, Member[]>();
  for (const { name: node, machine } of machinesOf(fabric))
    for (const vm of machine.vms)
      for (const nic of vm.nics) {
        if (nic.network === undefined) continue;
        const member = { node, name: `${vm.name}/${nic.name}`, nic, network: nic.network };
        addTo(byNetwork, nic.network.text, member);
      }
  return byNetwork;
});

export const zoneNamed = (fabric: Fabric, name: string): TransportZone | undefined =>
  fabric.vxlan?.zones.find((zone) => zone.name === name);

/** Undefined: it has none of its own, and its zone is not known. */
export const replicationOf = (fabric: Fabric, network: LogicalNetwork): Replication | undefined =>
  network.replication ?? zoneNamed(fabric, network.zone.text)?.replication;

/** The tunnel ends that exist, of all hosts of a zone. */
export const zoneEnds = (fabric: Fabric, zone: TransportZone): (TunnelEnd & { readonly endpoint: Endpoint })[] =>
  zone.hosts.flatMap(({ text }) =>
    (tunnelEndsOf(fabric).get(text) ?? []).flatMap((end) => (end.endpoint === undefined ? [] : [{ ...end, endpoint: end.endpoint }])),
  );
