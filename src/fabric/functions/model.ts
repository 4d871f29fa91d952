/** What an adapter port is besides a port, as the rest of the program sees it. */
import type { IpAddress } from '../../wire/ip/address.ts';
import type { Mac } from '../../wire/ethernet/mac.ts';
import type { PortalAddress } from '../address.ts';
import type { FlowControl } from '../lossless/model.ts';
import type { Chap, Placed } from '../model-parts.ts';
import type { IpPrefix } from '../network/ip-prefix.ts';
import type { NicInterface } from '../network/interface-model.ts';
import type { OffloadsDeclaration } from '../schema/adapter-functions.ts';

/** SR-IOV. */
export interface VirtualFunctions extends Placed {
  readonly functions: number;
  readonly each: readonly VirtualFunction[];
  readonly mode: 'legacy' | 'switchdev' | undefined;
}

export interface VirtualFunction extends Placed {
  readonly number: number;
  readonly mac: Mac | undefined;
  readonly vlan: number | undefined;
  readonly priority: number | undefined;
  readonly spoofCheck: boolean | undefined;
  readonly trust: boolean | undefined;
  readonly maxRateBitsPerSecond: number | undefined;
  readonly linkState: 'auto' | 'enable' | 'disable' | undefined;
}

/** NPAR. */
export interface Partition extends Placed {
  readonly name: string | undefined;
  /** Percent. */
  readonly min: number;
  readonly max: number;
  readonly mac: Mac | undefined;
  readonly functions: readonly ('ethernet' | 'iscsi' | 'fcoe')[];
  readonly flowControl: FlowControl | undefined;
}

export interface Fcoe extends Placed {
  readonly vlan: number | undefined;
  readonly priority: number;
  readonly wwnn: string | undefined;
  readonly wwpn: string | undefined;
  readonly mtuBytes: number | undefined;
}

export interface BootAgent extends Placed {
  readonly protocol: 'none' | 'pxe' | 'iscsi' | 'fcoe';
  readonly vlan: number | undefined;
  readonly dhcp: boolean;
  readonly targetFromDhcp: boolean;
  readonly dhcpOption: 16 | 17 | 43 | undefined;
  readonly vendorId: string | undefined;
  readonly ipVersion: 4 | 6;
  readonly address: IpPrefix | undefined;
  readonly gateway: IpAddress | undefined;
  readonly initiator: string | undefined;
  readonly targets: readonly BootTarget[];
  readonly headerDigest: boolean;
  readonly dataDigest: boolean;
  readonly crashDump: boolean;
}

export interface BootTarget extends Placed {
  readonly address: PortalAddress & { readonly port: number };
  readonly name: string;
  readonly lun: number;
  readonly chap: Chap | undefined;
}

export type Offloads = Placed & OffloadsDeclaration;

export interface InfinibandPort extends Placed {
  /** 16 hexadecimal digits. */
  readonly guid: string | undefined;
  readonly nodeGuid: string | undefined;
  readonly systemGuid: string | undefined;
  readonly mtuBytes: number | undefined;
  readonly pkeys: readonly number[] | undefined;
  readonly width: '1x' | '4x' | '8x' | '12x' | undefined;
  readonly ipoib: Ipoib | undefined;
}

export interface Ipoib extends Placed {
  readonly mode: 'datagram' | 'connected';
  readonly mtuBytes: number | undefined;
  readonly guidMask: number | undefined;
  readonly interface: NicInterface;
}

export interface SubnetManager extends Placed {
  readonly nics: readonly string[] | undefined;
  readonly priority: number;
  readonly partitions: readonly { readonly name: string; readonly key: number }[];
  readonly standby: boolean;
}
