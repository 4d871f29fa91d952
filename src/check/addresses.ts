/** Every IP and MAC address that the fabric gives to anybody, with who has it. */
import { memoized } from '../base/memoized.ts';
import type { Fabric, Placed } from '../fabric/model.ts';
import type { IpPrefix } from '../fabric/network/ip-prefix.ts';
import type { NicInterface } from '../fabric/network/interface-model.ts';
import type { Nic } from '../fabric/network/model.ts';
import type { Mac } from '../wire/ethernet/mac.ts';
import { endpointsOf } from './endpoints.ts';
import { machinePortsOf } from './network.ts';
import { adaptersOf } from './walk.ts';

export interface StationAddress extends Placed, IpPrefix {
  /** Whose routes it is about: a machine, a virtual machine (`esx1/vm1`), or a switch. */
  readonly station: string;
  /** `esx1:nic0.20`, `esx1:vmk1`, `tor1:vlan20`. */
  readonly owner: string;
  /** Undefined: an adapter that does iSCSI by itself, IP over InfiniBand, or a switch. */
  readonly on: NicInterface | undefined;
  readonly kind: 'machine' | 'vm' | 'adapter' | 'switch';
}

/** Of machines first, as they were written, then over InfiniBand, of iSCSI adapters with addresses of their own, and of switches as routers. */
export const addressesOf = memoized((fabric: Fabric): readonly StationAddress[] => [
  ...endpointsOf(fabric).flatMap(({ node, name, base, kind, on }) => {
    if (kind === 'hba') return [];
    const station = kind === 'vm' ? `${node}/${base.split('/')[0]!}` : node;
    const of = kind === 'vm' ? ('vm' as const) : ('machine' as const);
    return on.addresses.map(({ at, address, bits }) => ({ at, address, bits, station, owner: `${node}:${name}`, on, kind: of }));
  }),
  ...machinePortsOf(fabric).flatMap(({ node, nic: { name, infiniband } }) =>
    (infiniband?.ipoib?.interface.addresses ?? []).map(({ at, address, bits }) => ({
      at,
      address,
      bits,
      station: node,
      owner: `${node}:${name}`,
      on: undefined,
      kind: 'machine' as const,
    })),
  ),
  ...adaptersOf(fabric).flatMap(({ host, adapter: { name, address: own } }) => {
    if (own === undefined) return [];
    const { at, address, bits } = own;
    const owner = `${host.name}:${name}`;
    return [{ at, address, bits, station: owner, owner, on: undefined, kind: 'adapter' as const }];
  }),
  ...fabric.switches.flatMap(({ name, vlans = [] }) =>
    vlans.flatMap(({ vlan, addresses }) =>
      addresses.map(({ at, address, bits }) => ({
        at,
        address,
        bits,
        station: name,
        owner: `${name}:vlan${vlan}`,
        on: undefined,
        kind: 'switch' as const,
      })),
    ),
  ),
]);

export interface StationMac extends Placed {
  readonly mac: Mac;
  readonly owner: string;
}

/** A team without one of its own has that of a port, as have the VLANs of a port, and often the machine's first interface at a virtual switch. */
export const macsOf = memoized((fabric: Fabric): readonly StationMac[] => [
  ...machinePortsOf(fabric).map(({ node, nic }) => ({ at: [...nic.at, 'mac'], mac: nic.mac, owner: `${node}:${nic.name}` })),
  ...endpointsOf(fabric).flatMap(({ node, machine, name, virtualNic, vmNic }) => {
    const one = virtualNic ?? vmNic;
    const given = vmNic?.function;
    const isShared =
      (virtualNic !== undefined && machine.nics.some(({ mac }) => mac === virtualNic.mac)) ||
      // The guest has the address of the function that it is given.
      (given !== undefined &&
        machine.nics.some(
          ({ name: port, sriov }) =>
            port === given.nic && sriov?.each.some(({ number, mac }) => number === given.number && mac === vmNic!.mac),
        ));
    return one?.mac === undefined || isShared ? [] : [{ at: [...one.at, 'mac'], mac: one.mac, owner: `${node}:${name}` }];
  }),
  ...machinePortsOf(fabric).flatMap(({ node, nic }) => partsOf(`${node}:${nic.name}`, nic)),
  ...fabric.switches.map(({ at, name, mac }) => ({ at: [...at, 'mac'], mac, owner: name })),
]);

/** Virtual functions, and partitions: the first of these is often the port itself. */
const partsOf = (port: string, { mac: own, sriov, partitions }: Nic): StationMac[] =>
  [
    ...(sriov?.each ?? []).map(({ at, mac, number }) => ({ at, mac, owner: `${port}/${number}` })),
    ...(partitions ?? []).map(({ at, mac, name }, index) => ({
      at,
      mac: mac === own ? undefined : mac,
      owner: `${port} ${name ?? `partition ${index}`}`,
    })),
  ].flatMap(({ at, mac, owner }) => (mac === undefined ? [] : [{ at: [...at, 'mac'], mac, owner }]));

export interface BootAddress extends Placed, IpPrefix {
  readonly node: string;
  readonly owner: string;
}

/** Those that boot agents are given: usually the system has them afterwards. */
export const bootAddressesOf = memoized((fabric: Fabric): readonly BootAddress[] =>
  machinePortsOf(fabric).flatMap(({ node, nic: { name, boot } }) =>
    boot?.address === undefined
      ? []
      : [
          {
            at: [...boot.at, 'address'],
            address: boot.address.address,
            bits: boot.address.bits,
            node,
            owner: `the boot agent of ${node}:${name}`,
          },
        ],
  ),
);
