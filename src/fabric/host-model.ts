/** Hosts as the rest of the program sees them: typed, defaults filled in, what they refer to still by name. */
import { type Nanos, SECOND } from '../base/clock.ts';
import type { PortalAddress } from './address.ts';
import type { Chap, DigestChoice, Placed } from './model-parts.ts';
import type { Said } from './lossless/model.ts';
import type { IpPrefix } from './network/ip-prefix.ts';
import type { Machine, Publication } from './network/model.ts';
import type { Reference } from './virtual/model.ts';

export interface Host extends Placed {
  readonly name: string;
  readonly machine: Machine;
  readonly publications: readonly Publication[];
  readonly adapters: readonly Adapter[];
  readonly multipath: MultipathChoice;
  readonly smb: Smb | undefined;
}

/** Undefined: not said. */
export interface Smb extends Placed {
  readonly multichannel: Said<boolean> | undefined;
  readonly signing: Said<boolean> | undefined;
  readonly encryption: Said<boolean> | undefined;
  /** MB a second. */
  readonly liveMigrationLimit: Said<number> | undefined;
}

export interface MultipathChoice {
  readonly policy: 'round-robin' | 'least-queue-depth' | 'failover';
  /** How long commands wait for a path; 0: not at all. Infinity: for ever. */
  readonly noPathNanos: Nanos;
  /** How long a better path has to be back before it is used; Infinity: until somebody says so. */
  readonly failbackNanos: Nanos;
  readonly checkNanos: Nanos;
}

export interface Adapter extends Placed {
  readonly name: string;
  readonly initiator: string;
  readonly alias: string | undefined;
  /** Undefined: whichever addresses the machine takes. */
  readonly bind: { readonly ipv4: string | undefined; readonly ipv6: string | undefined } | undefined;
  readonly servers: readonly DiscoveryServer[];
  readonly targets: readonly HostTarget[];
  readonly chap: HostChap | undefined;
  readonly settings: Settings;
  /** In software, with the help of the network adapter, or all in it, with addresses of its own. */
  readonly kind: 'software' | 'dependent' | 'independent';
  readonly transport: Said<Transport> | undefined;
  /** Port of the network adapter that does it. */
  readonly nic: Reference | undefined;
  readonly vlan: number | undefined;
  readonly address: (IpPrefix & Placed) | undefined;
  /** Interfaces that its sessions are bound to. */
  readonly portBinding: readonly Reference[] | undefined;
}

export type Transport = 'tcp' | 'iser';

export interface HostChap extends Chap {
  readonly required: boolean;
}

/** Where connections go: an array of the fabric (its first portal, or the one of that name), or an address. */
export type ServerReference = Placed & {
  /** As written. */
  readonly text: string;
} & (
    | { readonly kind: 'array'; readonly array: string; readonly portal: string | undefined }
    | { readonly kind: 'address'; readonly address: PortalAddress & { readonly port: number } }
  );

export interface DiscoveryServer extends Placed {
  readonly server: ServerReference;
  /** Undefined: as the adapter has it. */
  readonly transport: Said<Transport> | undefined;
  readonly chap: HostChap | undefined;
  /** What differs from the adapter for the targets it names. */
  readonly changes: SettingChanges;
}

export interface HostTarget extends Placed {
  readonly name: string;
  /** Undefined: only says how to log in to a target that was discovered. */
  readonly address: ServerReference | undefined;
  /** Undefined: as the adapter has it. */
  readonly transport: Said<Transport> | undefined;
  readonly chap: HostChap | undefined;
  readonly changes: SettingChanges;
}

export interface Settings {
  readonly headerDigest: readonly DigestChoice[];
  readonly dataDigest: readonly DigestChoice[];
  readonly immediateData: boolean;
  readonly initialR2T: boolean;
  readonly maxOutstandingR2T: number;
  readonly maxReceiveSegmentBytes: number;
  readonly firstBurstBytes: number;
  readonly maxBurstBytes: number;
  readonly connections: number;
  readonly errorRecoveryLevel: number;
  readonly commands: number;
  readonly loginTimeoutNanos: Nanos;
  readonly pingAfterNanos: Nanos;
  readonly pingTimeoutNanos: Nanos;
  readonly commandTimeoutNanos: Nanos;
}

export type SettingChanges = Partial<Settings>;

export const defaultSettings: Settings = {
  headerDigest: ['none', 'crc32c'],
  dataDigest: ['none', 'crc32c'],
  immediateData: true,
  initialR2T: false,
  maxOutstandingR2T: 8,
  maxReceiveSegmentBytes: 256 * 1024,
  firstBurstBytes: 256 * 1024,
  maxBurstBytes: 1024 * 1024,
  connections: 1,
  errorRecoveryLevel: 0,
  commands: 128,
  loginTimeoutNanos: 15 * SECOND,
  pingAfterNanos: 10 * SECOND,
  pingTimeoutNanos: 10 * SECOND,
  commandTimeoutNanos: 30 * SECOND,
};

/** How a target is logged in to that an entry of `targets` names: what it says itself, else what the adapter has. */
export const settingsOf = (adapter: Adapter, changes: SettingChanges): Settings => ({ ...adapter.settings, ...changes });
