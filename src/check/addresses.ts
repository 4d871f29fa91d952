/** Every IP and MAC address that the fabric gives to anybody, with who has it. */
import { memoized } from '../base/memoized.ts';
import type { Fabric, Placed } from '../fabric/model.ts';
import type { IpPrefix } from '../fabric/network/ip-prefix.ts';
import type { NicInterface } from '../fabric/network/interface-model.ts';
import type { Mac } from '../wire/ethernet/mac.ts';
import { endpointsOf } from './endpoints.ts';
import { machinePortsOf } from './network.ts';
import { adaptersOf } from './walk.ts';

export interface StationAddress extends Placed, IpPrefix {
  /** Whose routes it is about: a machine, a virtual machine (`esx1/vm1`), or a switch. */
  readonly station: string;
  /** `esx1:nic0.20`, `esx1:vmk1`, `tor1:vlan20`. */
  readonly owner: string;
  /** Undefined: an adapter that does iSCSI by itself, or a switch. */
  readonly on: NicInterface | undefined;
  readonly kind: 'machine' | 'vm' | 'adapter' | 'switch';
}

/** Of machines first, as they were written, then of iSCSI adapters with addresses of their own, and of switches as routers. */
export const addressesOf = memoized((fabric: Fabric): readonly StationAddress[] => [
  ...endpointsOf(fabric).flatMap(({ node, name, base, kind, on }) => {
    if (kind === 'hba') return [];
    const station = kind === 'vm' ? `${node}/${base.split('/')[0]!}` : node;
    const of = kind === 'vm' ? ('vm' as const) : ('machine' as const);
    return on.addresses.map(({ at, address, bits }) => ({ at, address, bits, station, owner: `${node}:${name}`, on, kind: of }));
  }),
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
    const isShared = virtualNic !== undefined && machine.nics.some(({ mac }) => mac === virtualNic.mac);
    return one?.mac === undefined || isShared ? [] : [{ at: [...one.at, 'mac'], mac: one.mac, owner: `${node}:${name}` }];
  }),
  ...fabric.switches.map(({ at, name, mac }) => ({ at: [...at, 'mac'], mac, owner: name })),
]);
