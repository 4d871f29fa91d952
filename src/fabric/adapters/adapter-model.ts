/**
 * What is known of a model of adapter: its ports, its PCI functions, and what it can do. Facts, each model with its sources; what no source
 * says is undefined, and nothing may be refused because of it.
 */

export type PortKind = 'ethernet' | 'infiniband' | 'fibre-channel';

/** One way in which a port can work. A port that can be InfiniBand or Ethernet has two. */
export interface PortMode {
  readonly kind: PortKind;
  /** Ascending. For InfiniBand and Fibre Channel the rates that people name (QDR 4x: 40 Gb/s), not what is left after the line code. Undefined: any. */
  readonly speedsBitsPerSecond?: readonly number[];
}

/** Ports of an adapter that are alike. Ports are numbered from 0, through all groups. */
export interface PortGroup {
  /** Undefined: as many as are declared. */
  readonly count?: number;
  readonly modes: readonly PortMode[];
}

export type FunctionUse = 'network' | 'iscsi' | 'fcoe' | 'unused';

/** PCI functions of one device that do the same. */
export interface PhysicalFunctions {
  readonly numbers: readonly number[];
  readonly use: FunctionUse;
  readonly deviceId?: number;
}

export interface PciIdentity {
  readonly vendorId: number;
  /** Of the function that carries Ethernet or InfiniBand: the first is the usual one, others come with other settings or hosts. */
  readonly deviceIds: readonly number[];
  readonly virtualFunctionDeviceId?: number;
}

/** SR-IOV. */
export interface VirtualFunctionLimits {
  readonly perPortMax?: number;
  /** Over all ports; 0: the model is known to have none. */
  readonly totalMax?: number;
  /** MSI-X vectors that a virtual function may be given. */
  readonly vectorsMax?: number;
  /** A guest should have as many vectors as processors and this many more. */
  readonly vectorsBeyondProcessors?: number;
  /** Guests that its maker lists, by the hypervisor that the list is for. */
  readonly guests?: GuestList;
}

/** Guests in the words of a fabric file: `rhel-8.2`. */
export interface GuestList {
  readonly hypervisor: 'esxi';
  readonly listed: readonly string[];
  /** What the names of guests begin with that are ruled out in one place and listed in another. */
  readonly doubtful: readonly string[];
  /** The same of those that are ruled out wherever they are named. */
  readonly excluded: readonly string[];
}

/** NPAR: a port that shows itself as several PCI functions, with a share of the bandwidth each. */
export interface PartitionLimits {
  readonly perPortMax: number;
}

/** What the adapter does in the host's place. RSS and checksums, which all of them do, are not listed. */
export type Offload =
  | 'tcp'
  | 'iscsi'
  | 'iser'
  | 'fcoe'
  | 'nat'
  | 'segmentation'
  | 'iwarp'
  | 'roce-v1'
  | 'roce-v2'
  | 'ipoib'
  | 'srp'
  | 'vxlan'
  | 'nvgre';

/** Whether guests see a real device's registers, a device made for guests, or whether it's a card. */
export type AdapterNature = 'card' | 'emulated' | 'paravirtual' | 'software';

export interface AdapterModel {
  /** As a fabric file has it, kebab-case: `chelsio-t520-cr`. Never changes. */
  readonly key: string;
  /** As its maker writes it. */
  readonly name: string;
  readonly otherNames?: readonly string[];
  readonly vendor: string;
  /** Chip or generation. */
  readonly chip?: string;
  readonly nature: AdapterNature;
  readonly portGroups: readonly PortGroup[];
  readonly functions?: readonly PhysicalFunctions[];
  readonly pci?: PciIdentity;
  readonly virtualFunctions?: VirtualFunctionLimits;
  readonly partitions?: PartitionLimits;
  readonly offloads: readonly Offload[];
  /** Ports that work where the PCIe slot is not split in two, if that is not all of them. */
  readonly portsUnsplit?: number;
  /** TCP connections that it can carry by itself, where it has no memory of its own for them. */
  readonly offloadedConnectionsMax?: { readonly ipv4: number; readonly ipv6: number };
  readonly receiveQueuesPerPortMax?: number;
  /** MSI-X vectors that the driver wants beside one for each receive queue. */
  readonly vectorsBeyondQueues?: number;
  /** Payload of the largest Ethernet frame. */
  readonly mtuMaxBytes?: number;
  /** Payload of the largest InfiniBand packet or RoCE message part. */
  readonly rdmaMtuMaxBytes?: number;
  /** The oldest that the maker's driver for Windows works with. */
  readonly firmware?: { readonly image: string; readonly versionMin: string };
  /** What else a user must know, a sentence each. */
  readonly conditions?: readonly string[];
  readonly sources: readonly string[];
}

export const MEGABIT = 1e6;
export const GIGABIT = 1e9;

export const ethernet = (...gigabits: readonly number[]): PortMode => ({
  kind: 'ethernet',
  speedsBitsPerSecond: gigabits.map((rate) => rate * GIGABIT),
});

export const infiniband = (...gigabits: readonly number[]): PortMode => ({
  kind: 'infiniband',
  speedsBitsPerSecond: gigabits.map((rate) => rate * GIGABIT),
});

export const ports = (count: number, ...modes: readonly PortMode[]): readonly PortGroup[] => [{ count, modes }];

/** How many ports the model has; undefined: as many as are declared. */
export function portCount(model: AdapterModel): number | undefined {
  let total = 0;
  for (const group of model.portGroups) {
    if (group.count === undefined) return undefined;
    total += group.count;
  }
  return total;
}

/** What the port of this number (from 0) can be; undefined where the model has no such port. */
export function portModes(model: AdapterModel, port: number): readonly PortMode[] | undefined {
  let first = 0;
  for (const group of model.portGroups) {
    if (group.count === undefined || port < first + group.count) return group.modes;
    first += group.count;
  }
  return undefined;
}

/** The public lists that several makers' models cite. */
export const SOURCES = {
  chelsioEsxi: 'Chelsio Unified Wire for VMware ESXi 6.7, Installation and User’s Guide 1.1.1',
  demartekRoce: 'Demartek RoCE Deployment Guide',
  winOfVpi: 'Mellanox WinOF VPI Readme 2.1.1.1',
  ioVirtualization: 'blog.scottlowe.org, TA2644: Networking I/O Virtualization',
  marvell57xx: 'Marvell 57xx and 57xxx Users Guide, BC0054508-00 Rev. R',
  pciIds: 'pci.ids (2023.04.11)',
  linuxDriver: (name: string): string => `Linux driver ${name}`,
  publicData: (what: string): string => `public vendor data: ${what}`,
} as const;
