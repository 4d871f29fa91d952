/**
 * The fabric as the rest of the program sees it: typed, defaults filled in, in the order it was written. Every thing knows its place in
 * the declaration (`at`), for those who have something to say about it. Secrets are sources here, never values.
 */
import type { Nanos } from '../base/clock.ts';
import { ISCSI_PORT, parseListenAddress, type PortalAddress } from './address.ts';
import type { Host } from './host-model.ts';
import type { Chap, DigestChoice, Placed } from './model-parts.ts';
import type { IsnsRegistration } from './isns-model.ts';
import type { FabricLink, Machine, Switch } from './network/model.ts';
import type { DistributedSwitch, Vxlan } from './virtual/model.ts';
import { isMistake } from './parsed.ts';
import type { DECLARED_ACCESS } from './schema/access-state.ts';

export type { Chap, ChapIdentity, DigestChoice, Placed, SecretSource } from './model-parts.ts';

export interface Fabric {
  readonly version: 1;
  readonly name: string;
  readonly arrays: readonly StorageArray[];
  readonly hosts: readonly Host[];
  readonly switches: readonly Switch[];
  readonly distributedSwitches: readonly DistributedSwitch[];
  readonly vxlan: Vxlan | undefined;
  readonly links: readonly FabricLink[];
  /** Warnings that are not told. */
  readonly accepted: readonly Accepted[];
  readonly seed: number;
}

export interface Accepted extends Placed {
  /** `SW-1182`. */
  readonly rule: string;
  /** Where what is accepted begins: `hosts.esx1`. Undefined: everywhere. */
  readonly where: string | undefined;
  readonly reason: string;
}

export type DeclaredAccess = (typeof DECLARED_ACCESS)[number];

export interface StorageArray extends Placed {
  readonly name: string;
  readonly machine: Machine;
  readonly portals: readonly Portal[];
  readonly groups: readonly PortGroup[];
  readonly targets: readonly Target[];
  readonly discoveryChap: Chap | undefined;
  readonly isns: IsnsRegistration | undefined;
  readonly limits: SessionLimits;
  readonly negotiation: Negotiation;
  /** Directory for what survives a restart, as written: relative to the file. */
  readonly state: string;
}

export interface Portal extends Placed {
  readonly name: string | undefined;
  readonly listen: PortalAddress & { readonly port: number };
  readonly announce: PortalAddress | undefined;
  /** Takes iSER too. */
  readonly iser: boolean;
  /** Target portal group tag. */
  readonly group: number;
}

/** Asymmetric access of a portal group when the array comes up. */
export interface PortGroup extends Placed {
  readonly group: number;
  readonly access: DeclaredAccess;
  readonly preferred: boolean;
}

export interface PortalReference extends Placed {
  readonly text: string;
}

export interface Target extends Placed {
  readonly name: string;
  readonly alias: string | undefined;
  /** Undefined: every portal of the array. */
  readonly portals: readonly PortalReference[] | undefined;
  readonly luns: readonly Lun[];
  /** Undefined: nothing was said about who may log in. */
  readonly access: readonly Access[] | undefined;
  readonly redirect: Redirect | undefined;
}

export interface Redirect extends Placed {
  readonly to: PortalAddress;
  readonly permanent: boolean;
}

export interface Lun extends Placed {
  readonly lun: number;
  readonly store: 'memory' | 'file';
  readonly sizeBytes: number | undefined;
  /** As written: relative to the file. */
  readonly path: string | undefined;
  readonly blockBytes: 512 | 4096;
  readonly physicalBlockBytes: number;
  readonly thin: boolean;
  readonly readOnly: boolean;
  readonly removable: boolean;
  readonly serial: string | undefined;
  readonly vendor: string;
  readonly product: string;
}

export interface Access extends Placed {
  /** An iSCSI name, or `any`. */
  readonly initiator: string;
  readonly chap: Chap | undefined;
}

export interface SessionLimits {
  readonly sessions: number;
  readonly connectionsPerSession: number;
  readonly unfinishedLogins: number;
  readonly commands: number;
  readonly loginTimeoutNanos: Nanos;
  readonly pingAfterNanos: Nanos;
  readonly pingTimeoutNanos: Nanos;
}

export interface Negotiation extends Placed {
  readonly headerDigest: readonly DigestChoice[];
  readonly dataDigest: readonly DigestChoice[];
  readonly immediateData: boolean;
  readonly initialR2T: boolean;
  readonly maxOutstandingR2T: number;
  readonly maxReceiveSegmentBytes: number;
  readonly firstBurstBytes: number;
  readonly maxBurstBytes: number;
  readonly errorRecoveryLevel: number;
  readonly time2WaitSeconds: number;
  readonly time2RetainSeconds: number;
}

/** The portal that a reference means: by name, or by the address listened on. */
export function findPortal(array: StorageArray, reference: string): Portal | undefined {
  const named = array.portals.find((portal) => portal.name === reference);
  if (named !== undefined) return named;
  const parsed = parseListenAddress(reference);
  if (isMistake(parsed)) return undefined;
  const port = parsed.value.port ?? ISCSI_PORT;
  return array.portals.find(({ listen }) => listen.host === parsed.value.host && listen.port === port);
}

/** The portals a target is reached through; references to none are left out (a rule reports them). */
export function portalsOf(array: StorageArray, target: Target): readonly Portal[] {
  if (target.portals === undefined) return array.portals;
  const found = target.portals.map((reference) => findPortal(array, reference.text));
  return [...new Set(found)].filter((portal) => portal !== undefined);
}
