/** From the declaration as written to the model: brief forms spelled out, texts read, defaults filled in. */
import { SECOND } from '../base/clock.ts';
import { ISCSI_PORT, parseAnnounceAddress, parseListenAddress } from './address.ts';
import { buildChap } from './build-chap.ts';
import { buildHost } from './build-host-model.ts';
import { buildMachine, type MachineAround } from './network/build-machine.ts';
import { buildLink, buildSwitch } from './network/build-model.ts';
import { parseDuration } from './duration.ts';
import type { Access, Fabric, Lun, Negotiation, Portal, SessionLimits, StorageArray, Target } from './model.ts';
import { buildIsns } from './isns-model.ts';
import { accepted, isMistake } from './parsed.ts';
import type { Path } from './problem.ts';
import type { AccessDeclaration } from './schema/access.ts';
import type { ArrayDeclaration, PortalDeclaration } from './schema/array.ts';
import { type FabricDeclaration, splitAccept } from './schema/fabric.ts';
import { type LunDeclaration, parseLunNumber } from './schema/lun.ts';
import type { LimitsDeclaration, NegotiationDeclaration } from './schema/session.ts';
import type { TargetDeclaration } from './schema/target.ts';
import { parseSize } from './size.ts';
import { buildDistributedSwitch, buildVxlan } from './virtual/build.ts';

/** `original` leads from a path in the declaration to the path in the file. */
export function buildModel(declaration: FabricDeclaration, original: (path: Path) => Path): Fabric {
  const arrays = Object.entries(declaration.arrays).map(([name, array]) =>
    buildArray(name, array, ['arrays', name], { fabric: declaration.name, original }),
  );
  const around = { fabric: declaration.name, arrays: Object.keys(declaration.arrays), original };
  const hosts = Object.entries(declaration.hosts).map(([name, host]) => buildHost(name, host, ['hosts', name], around));
  const links = declaration.links.map((link, index) => buildLink(link, original(['links', index])));
  const ends = links.flatMap((link) => link.ends);
  const switches = Object.entries(declaration.switches).map(([name, one]) =>
    buildSwitch(
      name,
      one,
      ['switches', name],
      ends.filter(({ node }) => node === name),
      around,
    ),
  );
  const distributedSwitches = Object.entries(declaration.distributedSwitches).map(([name, one]) =>
    buildDistributedSwitch(name, one, ['distributedSwitches', name], original),
  );
  const vxlan = buildVxlan(declaration.vxlan, ['vxlan'], original);
  const accepted = Object.entries(declaration.accept).map(([key, reason]) => {
    const [rule, where] = splitAccept(key);
    return { at: ['accept', key], rule, where, reason };
  });
  return {
    version: 1,
    name: declaration.name,
    arrays,
    hosts,
    switches,
    distributedSwitches,
    vxlan,
    links,
    accepted,
    seed: declaration.seed,
  };
}

type Original = (path: Path) => Path;

function buildArray(name: string, array: ArrayDeclaration, path: Path, around: MachineAround): StorageArray {
  const { original } = around;
  return {
    at: original(path),
    name,
    machine: buildMachine(name, array, path, around),
    portals: array.portals.map((portal, index) => buildPortal(portal, original([...path, 'portals', index]))),
    groups: array.groups.map((group, index) => ({ at: original([...path, 'groups', index]), ...group })),
    targets: Object.entries(array.targets).map(([target, declared]) =>
      buildTarget(target, declared, [...path, 'targets', target], original),
    ),
    discoveryChap:
      array.discovery.chap === undefined ? undefined : buildChap(array.discovery.chap, original([...path, 'discovery', 'chap'])),
    isns: buildIsns(array.isns, original([...path, 'isns'])),
    limits: buildLimits(array.limits),
    negotiation: buildNegotiation(array.negotiation, original([...path, 'negotiation'])),
    state: array.state ?? `.samewire/${name}`,
  };
}

function buildPortal(declared: PortalDeclaration, at: Path): Portal {
  const portal = typeof declared === 'string' ? { listen: declared, group: 1 } : declared;
  const listen = accepted(parseListenAddress(portal.listen));
  return {
    at,
    name: 'name' in portal ? portal.name : undefined,
    listen: { ...listen, port: listen.port ?? ISCSI_PORT },
    iser: 'iser' in portal && portal.iser === true,
    announce: 'announce' in portal && portal.announce !== undefined ? accepted(parseAnnounceAddress(portal.announce)) : undefined,
    group: portal.group,
  };
}

function buildTarget(name: string, declared: TargetDeclaration, path: Path, original: Original): Target {
  const { redirect } = declared;
  return {
    at: original(path),
    name,
    alias: declared.alias,
    portals: declared.portals?.map((text, index) => ({ at: original([...path, 'portals', index]), text })),
    luns: buildLuns(declared.luns, [...path, 'luns'], original),
    access: declared.access?.map((access, index) => buildAccess(access, original([...path, 'access', index]))),
    redirect:
      redirect === undefined
        ? undefined
        : {
            at: original([...path, 'redirect']),
            to: accepted(parseAnnounceAddress(typeof redirect === 'string' ? redirect : redirect.to)),
            permanent: typeof redirect === 'string' ? false : redirect.permanent,
          },
  };
}

function buildLuns(luns: TargetDeclaration['luns'], path: Path, original: Original): Lun[] {
  if (!Array.isArray(luns)) {
    // A number that isn't one is a problem already; the others are looked at all the same.
    const numbered = Object.entries(luns).filter(([lun]) => !isMistake(parseLunNumber(lun)));
    return numbered.map(([lun, declared]) => buildLun(Number(lun), declared, original([...path, lun])));
  }
  return luns.map((declared, index) => {
    const at = original([...path, index]);
    // The place in the file counts, also where an entry before it could not be read.
    return buildLun(declared.lun ?? Number(at.at(-1)), declared, at);
  });
}

function buildLun(lun: number, declared: LunDeclaration, at: Path): Lun {
  return {
    at,
    lun,
    store: declared.store,
    sizeBytes: declared.size === undefined ? undefined : accepted(parseSize(declared.size)),
    path: declared.path,
    blockBytes: declared.blockSize,
    physicalBlockBytes: declared.physicalBlockSize ?? declared.blockSize,
    thin: declared.provisioning === 'thin',
    readOnly: declared.readOnly,
    removable: declared.removable,
    serial: declared.serial,
    vendor: declared.vendor,
    product: declared.product,
  };
}

function buildAccess(declared: AccessDeclaration, at: Path): Access {
  if (typeof declared === 'string') return { at, initiator: declared, chap: undefined };
  return { at, initiator: declared.initiator, chap: declared.chap === undefined ? undefined : buildChap(declared.chap, [...at, 'chap']) };
}

const buildLimits = (declared: LimitsDeclaration): SessionLimits => ({
  sessions: declared.sessions,
  connectionsPerSession: declared.connectionsPerSession,
  unfinishedLogins: declared.unfinishedLogins,
  commands: declared.commands,
  loginTimeoutNanos: accepted(parseDuration(declared.loginTimeout)),
  pingAfterNanos: accepted(parseDuration(declared.pingAfter)),
  pingTimeoutNanos: accepted(parseDuration(declared.pingTimeout)),
});

const buildNegotiation = (declared: NegotiationDeclaration, at: Path): Negotiation => ({
  at,
  headerDigest: [...new Set(declared.headerDigest)],
  dataDigest: [...new Set(declared.dataDigest)],
  immediateData: declared.immediateData,
  initialR2T: declared.initialR2T,
  maxOutstandingR2T: declared.maxOutstandingR2T,
  maxReceiveSegmentBytes: accepted(parseSize(declared.maxReceiveSegment)),
  firstBurstBytes: accepted(parseSize(declared.firstBurst)),
  maxBurstBytes: accepted(parseSize(declared.maxBurst)),
  errorRecoveryLevel: declared.errorRecoveryLevel,
  time2WaitSeconds: accepted(parseDuration(declared.time2Wait)) / SECOND,
  time2RetainSeconds: accepted(parseDuration(declared.time2Retain)) / SECOND,
});
