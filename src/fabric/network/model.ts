/** Machines, switches and links as the rest of the program sees them: typed, defaults filled in, ends still by name. */
import type { Nanos } from '../../base/clock.ts';
import type { Mac } from '../../wire/ethernet/mac.ts';
import type { IpAddress } from '../../wire/ip/address.ts';
import type { AdapterModel } from '../adapters/adapter-model.ts';
import type { BootAgent, Fcoe, InfinibandPort, Offloads, Partition, SubnetManager, VirtualFunctions } from '../functions/model.ts';
import type { Dcb, FlowControl, QosPolicy, Rdma, Said } from '../lossless/model.ts';
import type { Reference, Team, VirtualMachine, VirtualNic, VirtualSwitch } from '../virtual/model.ts';
import type { NicInterface } from './interface-model.ts';
import type { IpPrefix } from './ip-prefix.ts';
import type { Placed } from '../model-parts.ts';
import type { Path } from '../problem.ts';
import type { VlanRange } from './vlan-list.ts';

/** A host or an array as a machine on the wire. Without NICs it uses the network of the machine that it runs on. */
export interface Machine extends Placed {
  readonly nics: readonly Nic[];
  readonly adapters: readonly NetworkAdapter[];
  readonly routes: readonly Route[];
  readonly tcp: TcpChoice;
  readonly os: 'linux' | 'windows' | 'esxi' | undefined;
  readonly policies: readonly QosPolicy[];
  readonly teams: readonly Team[];
  readonly virtualSwitches: readonly VirtualSwitch[];
  readonly virtualNics: readonly VirtualNic[];
  readonly vteps: readonly Reference[];
  readonly vms: readonly VirtualMachine[];
  readonly drivers: readonly Driver[];
  readonly subnetManager: SubnetManager | undefined;
  /** What is said for all its ports; the ports have it already. */
  readonly dcb: Dcb;
}

/** Parameters that a driver keeps over restarts. */
export interface Driver extends Placed {
  readonly name: string;
  readonly parameters: readonly (Placed & { readonly name: string; readonly value: string | number | boolean })[];
}

export interface TcpChoice {
  readonly congestionControl: 'cubic' | 'new-reno' | 'dctcp';
  readonly ecn: boolean;
}

export interface NetworkAdapter extends Placed {
  readonly name: string;
  readonly model: AdapterModel;
  readonly ports: readonly PortReference[];
  readonly firmware: string | undefined;
  /** MSI-X. */
  readonly vectors: number | undefined;
}

export interface PortReference extends Placed {
  readonly text: string;
}

export interface Nic extends Placed {
  readonly name: string;
  readonly mac: Mac;
  /** The declaration says it; otherwise it is made of the names. */
  readonly saysMac: boolean;
  readonly mtuBytes: number;
  /** Undefined: as fast as its adapter can, or as what it is linked to. */
  readonly rateBitsPerSecond: number | undefined;
  /** Of frames without a tag first, then the VLANs in the order they were written. */
  readonly interfaces: readonly NicInterface[];
  readonly attach: Attach | undefined;
  /** What the operating system calls it, where that is another name. */
  readonly device: string | undefined;
  readonly portType: 'ethernet' | 'infiniband' | 'auto';
  readonly flowControl: Said<FlowControl> | undefined;
  readonly dcb: Dcb;
  readonly rdma: Rdma | undefined;
  readonly offloads: Offloads | undefined;
  readonly encapsulationOverhead: Said<number> | undefined;
  readonly sriov: VirtualFunctions | undefined;
  readonly partitions: readonly Partition[] | undefined;
  readonly fcoe: Fcoe | undefined;
  readonly boot: BootAgent | undefined;
  readonly infiniband: InfinibandPort | undefined;
}

export interface Route extends Placed {
  readonly to: IpPrefix;
  readonly via: IpAddress;
}

/** Paths are as written: relative to the file. */
export type Attach = Placed &
  (
    | { readonly kind: 'qemu'; readonly socket: string }
    | { readonly kind: 'qemu-datagrams'; readonly local: string; readonly remote: string }
    | DeviceAttach
  );

export type DeviceAttach =
  | { readonly kind: 'tap'; readonly name: string }
  | { readonly kind: 'interface'; readonly name: string }
  | {
      readonly kind: 'tunnel';
      readonly remote: IpAddress;
      readonly network: number;
      readonly local: IpAddress | undefined;
      readonly port: number | undefined;
    };

export interface Switch extends Placed {
  readonly name: string;
  readonly mac: Mac;
  /** As they were listed, and those that only links name. */
  readonly ports: readonly SwitchPort[];
  /** Ports that two keys list, one for each two. */
  readonly repeatedPorts: readonly RepeatedPort[];
  readonly portCount: number;
  readonly mtuBytes: number;
  readonly cutThrough: boolean;
  readonly addressesMax: number;
  readonly ageingNanos: Nanos;
  readonly spanningTree: SpanningTreeChoice | undefined;
  readonly lldp: boolean;
  readonly kind: 'ethernet' | 'infiniband';
  /** Undefined: those that ports list. */
  readonly vlans: readonly SwitchVlan[] | undefined;
  readonly aggregations: readonly Aggregation[];
  /** The switch that it shares aggregations with. */
  readonly peer: Reference | undefined;
  readonly dcb: Dcb;
  readonly losslessClasses: Said<number> | undefined;
  readonly bufferBytes: Said<number> | undefined;
  readonly subnetManager: SubnetManager | undefined;
}

export interface SwitchVlan extends Placed {
  readonly vlan: number;
  readonly name: string | undefined;
  /** Of the switch as a router. */
  readonly addresses: readonly (IpPrefix & Placed)[];
  readonly mtuBytes: number | undefined;
  readonly igmpSnooping: boolean | undefined;
  readonly igmpQuerier: boolean | undefined;
}

/** Ports used as one. */
export interface Aggregation extends Placed {
  readonly name: string;
  readonly ports: readonly Reference[];
  readonly mode: 'static' | 'lacp';
  readonly active: boolean;
  readonly lacpRate: 'slow' | 'fast' | undefined;
  readonly hash: 'layer2' | 'layer2+3' | 'layer3+4' | undefined;
  readonly peerGroup: number | undefined;
  readonly description: string | undefined;
  readonly vlans: PortVlanChoice;
  /** Keys about VLANs that were written and say nothing, because of others. */
  readonly idleKeys: readonly string[];
  readonly mtu: Said<number> | undefined;
  readonly dcb: Dcb;
}

export interface SpanningTreeChoice {
  readonly priority: number;
  readonly helloTimeSeconds: number;
  readonly maxAgeSeconds: number;
  readonly forwardDelaySeconds: number;
  readonly legacy: boolean;
}

export interface RepeatedPort extends Placed {
  readonly name: string;
  /** The other key: that counts. */
  readonly other: Path;
}

export interface SwitchPort extends Placed {
  readonly name: string;
  readonly description: string | undefined;
  /** False: only a link names it. */
  readonly declared: boolean;
  readonly vlans: PortVlanChoice;
  /** Keys about VLANs that were written and say nothing, because of others. */
  readonly idleKeys: readonly string[];
  readonly rateBitsPerSecond: number;
  /** The port says its speed itself. */
  readonly saysRate: boolean;
  readonly priority: number;
  readonly disabled: boolean;
  readonly storm: { readonly broadcast: number | undefined; readonly multicast: number | undefined; readonly unknown: number | undefined };
  readonly spanningTree: {
    /** Undefined: by what is at the other end. */
    readonly edge: boolean | undefined;
    readonly cost: number | undefined;
    readonly priority: number;
    readonly bpduGuard: boolean;
    readonly rootGuard: boolean;
  };
  readonly attach: Attach | undefined;
  /** Of the port alone; undefined: that of the switch. */
  readonly mtu: Said<number> | undefined;
  readonly flowControl: Said<FlowControl> | undefined;
  readonly dcb: Dcb;
  /** The aggregation that it is part of: then the VLANs here are those of the aggregation. */
  readonly aggregation: string | undefined;
  /** It lists VLANs itself. */
  readonly listsVlans: boolean;
  /** What it lists, or would have without an aggregation. */
  readonly ownVlans: PortVlanChoice;
}

export type PortVlanChoice =
  | { readonly mode: 'access'; readonly vlan: number }
  /** `native` 0: none. */
  | { readonly mode: 'trunk'; readonly native: number; readonly allowed: readonly VlanRange[] }
  | { readonly mode: 'listed'; readonly untagged: number | undefined; readonly tagged: readonly VlanRange[] };

export interface FabricLink extends Placed {
  readonly ends: readonly [LinkEnd, LinkEnd];
  /** Undefined: the most that both ends can do. */
  readonly rateBitsPerSecond: number | undefined;
  readonly delayNanos: Nanos;
  readonly mtuBytes: number;
  readonly queueBytes: number;
  readonly ecn: { readonly minBytes: number; readonly maxBytes: number; readonly probability: number } | undefined;
  readonly faults: LinkFaultChoice;
  readonly down: boolean;
}

export interface LinkFaultChoice {
  readonly loss: number;
  readonly corruption: number;
  readonly duplication: number;
  readonly reordering: number;
  readonly reorderingNanos: Nanos;
  readonly flapping: { readonly upNanos: Nanos; readonly downNanos: Nanos } | undefined;
}

export interface LinkEnd extends Placed {
  readonly node: string;
  readonly port: string;
}

/** A service of the fabric on a real socket; connections leave from the host that declares it. */
export interface Publication extends Placed {
  readonly text: string;
  readonly listen: { readonly host: string; readonly port: number };
  readonly to: { readonly node: string } | { readonly address: IpAddress };
  readonly port: number;
}
