/**
 * What it takes to bring a checked fabric up: the model with every reference resolved, paths made relative to where the program runs,
 * and names given to the disks. Secrets are still sources; whoever starts the arrays reads them.
 */
import type { UnitConfig } from '../storage/scsi/logical-unit.ts';
import type { PortalAddress } from './address.ts';
import { unitIdentity } from './identity.ts';
import { type IsnsPlan, planIsns } from './isns-model.ts';
import {
  type Access,
  type Chap,
  type ChapIdentity,
  type Fabric,
  type Lun,
  type Negotiation,
  type PortGroup,
  portalsOf,
  type SecretSource,
} from './model.ts';
import type { SessionLimits, StorageArray, Target } from './model.ts';
import type { ChapAlgorithm } from './schema/access.ts';

export interface ArrayPlan {
  readonly name: string;
  /** In the order declared; a target's `portals` are indexes of it, and a portal's index + 1 does for a relative target port identifier. */
  readonly portals: readonly PortalPlan[];
  /** Groups whose access is not the usual. */
  readonly groups: readonly Omit<PortGroup, 'at'>[];
  readonly targets: readonly TargetPlan[];
  /** What a discovery session has to log in with. */
  readonly discoveryChap: ChapPlan | undefined;
  /** Where its targets are registered; undefined: nowhere. */
  readonly isns: IsnsPlan | undefined;
  readonly limits: SessionLimits;
  readonly negotiation: Omit<Negotiation, 'at'>;
  /** Where what survives a restart is kept; undefined: nowhere, it does not. */
  readonly stateDirectory: string | undefined;
}

export interface PortalPlan {
  readonly host: string;
  readonly family: PortalAddress['family'];
  /** 0 picks a free one. */
  readonly port: number;
  readonly announce: { readonly host: string; readonly port: number | undefined } | undefined;
  /** Target portal group tag. */
  readonly group: number;
}

export interface TargetPlan {
  readonly name: string;
  readonly alias: string | undefined;
  readonly portals: readonly number[];
  readonly units: readonly UnitPlan[];
  /** Never empty where anyone may log in: then it is `any` without CHAP. An empty list lets nobody in. */
  readonly access: readonly AccessPlan[];
  readonly redirect: { readonly host: string; readonly port: number | undefined; readonly permanent: boolean } | undefined;
}

export interface UnitPlan {
  readonly lun: number;
  readonly store: StorePlan;
  readonly config: UnitConfig;
}

export type StorePlan =
  | { readonly kind: 'memory'; readonly sizeBytes: number }
  /** Without a size the file has to exist, and its size counts. */
  | { readonly kind: 'file'; readonly path: string; readonly sizeBytes: number | undefined };

export interface AccessPlan {
  readonly initiator: string;
  readonly chap: ChapPlan | undefined;
}

export interface ChapIdentityPlan {
  readonly user: string;
  readonly secret: SecretSource;
}

export interface ChapPlan extends ChapIdentityPlan {
  readonly mutual: ChapIdentityPlan | undefined;
  readonly algorithms: readonly ChapAlgorithm[];
}

/** `fileName` is where the fabric was read from: paths in it are relative to that file. */
export const planArrays = (fabric: Fabric, fileName: string): ArrayPlan[] => fabric.arrays.map((array) => planArray(array, fileName));

function planArray(array: StorageArray, fileName: string): ArrayPlan {
  const { at: _, ...negotiation } = array.negotiation;
  return {
    name: array.name,
    portals: array.portals.map(({ listen, announce, group }) => ({
      host: listen.host,
      family: listen.family,
      port: listen.port,
      announce: announce === undefined ? undefined : { host: announce.host, port: announce.port },
      group,
    })),
    groups: array.groups.map(({ group, access, preferred }) => ({ group, access, preferred })),
    targets: array.targets.map((target) => planTarget(array, target, fileName)),
    discoveryChap: array.discoveryChap === undefined ? undefined : planChap(array.discoveryChap, fileName),
    isns: planIsns(array.isns, array.targets[0]?.name),
    limits: array.limits,
    negotiation,
    stateDirectory: besideFile(fileName, array.state),
  };
}

function planTarget(array: StorageArray, target: Target, fileName: string): TargetPlan {
  const { redirect } = target;
  return {
    name: target.name,
    alias: target.alias,
    portals: portalsOf(array, target).map((portal) => array.portals.indexOf(portal)),
    units: target.luns.map((lun) => planUnit(target.name, lun, fileName)),
    access: target.access?.map((access) => planAccess(access, fileName)) ?? [{ initiator: 'any', chap: undefined }],
    redirect: redirect === undefined ? undefined : { host: redirect.to.host, port: redirect.to.port, permanent: redirect.permanent },
  };
}

function planUnit(target: string, lun: Lun, fileName: string): UnitPlan {
  return {
    lun: lun.lun,
    store:
      lun.store === 'memory'
        ? { kind: 'memory', sizeBytes: lun.sizeBytes! }
        : { kind: 'file', path: besideFile(fileName, lun.path!), sizeBytes: lun.sizeBytes },
    config: {
      identity: unitIdentity({ target, lun: lun.lun, serial: lun.serial, vendor: lun.vendor, product: lun.product }),
      blockBytes: lun.blockBytes,
      physicalBlockExponent: Math.log2(lun.physicalBlockBytes / lun.blockBytes),
      thin: lun.thin,
      readOnly: lun.readOnly,
      removable: lun.removable,
    },
  };
}

const planAccess = (access: Access, fileName: string): AccessPlan => ({
  initiator: access.initiator,
  chap: access.chap === undefined ? undefined : planChap(access.chap, fileName),
});

export const planChap = (chap: Chap, fileName: string): ChapPlan => ({
  ...planIdentity(chap, fileName),
  mutual: chap.mutual === undefined ? undefined : planIdentity(chap.mutual, fileName),
  algorithms: chap.algorithms,
});

const planIdentity = ({ user, secret }: ChapIdentity, fileName: string): ChapIdentityPlan => ({
  user,
  secret: secret.kind === 'env' ? secret : { kind: 'file', path: besideFile(fileName, secret.path) },
});

/** A path written in a file, as seen from where the program runs. Forward slashes do everywhere; Windows' own are understood too. */
export function besideFile(fileName: string, path: string): string {
  if (/^([/\\]|[A-Za-z]:[/\\])/.test(path)) return path;
  const directory = /^(.*[/\\])[^/\\]*$/.exec(fileName)?.[1] ?? '';
  return `${directory}${path.replace(/^(\.[/\\])+/, '')}`;
}
