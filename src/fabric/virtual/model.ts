/** Teams, virtual switches, the machines and interfaces at them, and VXLAN, as the rest of the program sees them; references still by name. */
import type { IpAddress } from '../../wire/ip/address.ts';
import type { Mac } from '../../wire/ethernet/mac.ts';
import type { Said } from '../lossless/model.ts';
import type { Placed } from '../model-parts.ts';
import type { NicInterface } from '../network/interface-model.ts';
import type { VlanRange } from '../network/vlan-list.ts';
import type { TeamMode } from '../schema/teaming.ts';
import type { SERVICES, VIRTUAL_SWITCH_KINDS } from '../schema/virtual-switch.ts';
import type { REPLICATIONS } from '../schema/vxlan.ts';

/** A name of something, where it was written. */
export interface Reference extends Placed {
  readonly text: string;
}

/** Undefined: not said. */
export interface Teaming {
  readonly mode: Said<TeamMode> | undefined;
  readonly active: readonly Reference[] | undefined;
  readonly standby: readonly Reference[] | undefined;
  readonly unused: readonly Reference[] | undefined;
  readonly hash: Said<'layer2' | 'layer2+3' | 'layer3+4' | 'ports'> | undefined;
  readonly lacpRate: Said<'slow' | 'fast'> | undefined;
  readonly lacpActive: Said<boolean> | undefined;
  readonly detection: Said<'link' | 'beacon' | 'arp'> | undefined;
  readonly failback: Said<boolean> | undefined;
  readonly notifySwitches: Said<boolean> | undefined;
}

/** Bonds and teams. */
export interface Team extends Placed {
  readonly name: string;
  readonly nics: readonly Reference[];
  readonly teaming: Teaming;
  readonly mac: Mac | undefined;
  /** Undefined: that of its ports. */
  readonly mtuBytes: number | undefined;
  /** Of frames without a tag first, then the VLANs in the order they were written. Their MTU is that of the ports where neither they nor the team say one. */
  readonly interfaces: readonly NicInterface[];
}

export type VirtualSwitchKind = (typeof VIRTUAL_SWITCH_KINDS)[number];

export interface SecurityPolicy {
  readonly promiscuous: boolean | undefined;
  readonly macChanges: boolean | undefined;
  readonly forgedTransmits: boolean | undefined;
}

export interface VirtualSwitch extends Placed {
  readonly name: string;
  readonly kind: VirtualSwitchKind;
  readonly uplinks: readonly Reference[];
  readonly ports: number | undefined;
  readonly mtu: Said<number> | undefined;
  readonly teaming: Teaming;
  readonly security: SecurityPolicy;
  readonly portGroups: readonly PortGroupPlace[];
  readonly embeddedTeaming: boolean | undefined;
  readonly sriov: boolean | undefined;
}

export interface PortGroupPlace extends Placed {
  readonly name: string;
  /** 0: no tags; 4095: all, with their tags. Undefined: not said. */
  readonly vlan: Said<number> | undefined;
  readonly trunk: Said<readonly VlanRange[]> | undefined;
  readonly teaming: Teaming;
  readonly security: SecurityPolicy;
}

/** Over several hosts; `uplinks`: how many each may have. */
export interface DistributedSwitch extends Placed {
  readonly name: string;
  readonly uplinks: number;
  readonly version: string | undefined;
  readonly lacp: boolean | undefined;
  readonly networkControl: boolean | undefined;
  readonly mtu: Said<number> | undefined;
  readonly teaming: Teaming;
  readonly security: SecurityPolicy;
  readonly portGroups: readonly PortGroupPlace[];
}

export type Service = (typeof SERVICES)[number];

/** An interface of the machine itself at a virtual switch. */
export interface VirtualNic extends Placed {
  readonly name: string;
  readonly portGroup: Reference | undefined;
  readonly virtualSwitch: Reference | undefined;
  readonly vlan: Said<number> | undefined;
  readonly mtu: Said<number> | undefined;
  readonly mac: Mac | undefined;
  readonly services: readonly Service[];
  readonly rdma: Said<boolean> | undefined;
  readonly priorityTag: Said<boolean> | undefined;
  readonly uplink: Reference | undefined;
  /** Its VLAN is undefined: tags are the virtual switch's business. */
  readonly interface: NicInterface;
}

export interface VirtualMachine extends Placed {
  readonly name: string;
  readonly os: Said<string> | undefined;
  readonly processors: number | undefined;
  readonly vectors: Said<number> | undefined;
  readonly memoryReserved: boolean | undefined;
  readonly migrates: boolean | undefined;
  readonly nics: readonly VmNic[];
}

export interface VmNic extends Placed {
  readonly name: string;
  readonly kind: 'emulated' | 'paravirtual' | 'pass-through';
  readonly portGroup: Reference | undefined;
  readonly function: (Placed & { readonly nic: string; readonly number: number }) | undefined;
  readonly network: Reference | undefined;
  /** That the guest tags. */
  readonly vlan: number | undefined;
  readonly mac: Mac | undefined;
  readonly mtuBytes: number;
  readonly interface: NicInterface;
}

export type Replication = (typeof REPLICATIONS)[number];

export interface Vxlan extends Placed {
  readonly segments: readonly (Placed & { readonly first: number; readonly last: number })[];
  readonly groups: readonly (Placed & { readonly first: IpAddress; readonly last: IpAddress })[];
  readonly port: number;
  readonly zones: readonly TransportZone[];
  readonly networks: readonly LogicalNetwork[];
}

export interface TransportZone extends Placed {
  readonly name: string;
  readonly hosts: readonly Reference[];
  readonly replication: Replication;
}

export interface LogicalNetwork extends Placed {
  readonly name: string;
  readonly segment: number;
  readonly zone: Reference;
  readonly replication: Replication | undefined;
  readonly group: (Placed & { readonly address: IpAddress }) | undefined;
}
