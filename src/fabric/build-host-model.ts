/** Hosts from the declaration as written to the model. */
import { ISCSI_PORT, parseBindAddress, parseConnectAddress } from './address.ts';
import { buildChap } from './build-chap.ts';
import { buildMachine, buildPublications, type MachineAround } from './network/build-machine.ts';
import { parseDuration } from './duration.ts';
import {
  type Adapter,
  defaultSettings,
  type DiscoveryServer,
  type Host,
  type HostChap,
  type HostTarget,
  type MultipathChoice,
  type ServerReference,
  type SettingChanges,
  type Smb,
} from './host-model.ts';
import { saidAt } from './lossless/build.ts';
import { parseInterfaceAddress } from './network/ip-prefix.ts';
import { accepted, isMistake } from './parsed.ts';
import type { Path } from './problem.ts';
import {
  type AdapterDeclaration,
  type HostChapDeclaration,
  type HostDeclaration,
  type HostTargetDeclaration,
  type MultipathDeclaration,
  namedServer,
  type ServerDeclaration,
} from './schema/host.ts';
import type { SettingsDeclaration } from './schema/host-settings.ts';
import type { SmbDeclaration } from './schema/smb.ts';
import { parseSize } from './size.ts';

interface Around extends MachineAround {
  /** Names of the arrays of the fabric: a server that is called so is that array. */
  readonly arrays: readonly string[];
}

export function buildHost(name: string, declared: HostDeclaration, path: Path, around: Around): Host {
  return {
    at: around.original(path),
    name,
    machine: buildMachine(name, declared, path, around),
    publications: buildPublications(declared.publish, around.original([...path, 'publish'])),
    adapters: Object.entries(declared.iscsi).map(([adapter, one]) => buildAdapter(adapter, one, [...path, 'iscsi', adapter], around)),
    multipath: buildMultipath(declared.multipath),
    smb: buildSmb(declared.smb, [...around.original(path), 'smb']),
  };
}

const buildSmb = (declared: SmbDeclaration | undefined, at: Path): Smb | undefined =>
  declared === undefined
    ? undefined
    : {
        at,
        multichannel: saidAt(declared.multichannel, [...at, 'multichannel']),
        signing: saidAt(declared.signing, [...at, 'signing']),
        encryption: saidAt(declared.encryption, [...at, 'encryption']),
        liveMigrationLimit: saidAt(declared.liveMigrationLimit, [...at, 'liveMigrationLimit']),
      };

function buildAdapter(name: string, declared: AdapterDeclaration, path: Path, around: Around): Adapter {
  const bound = declared.bind?.map((written) => accepted(parseBindAddress(written)));
  const at = around.original(path);
  return {
    at,
    name,
    initiator: declared.initiator,
    alias: declared.alias,
    bind:
      bound === undefined
        ? undefined
        : {
            ipv4: bound.find((address) => address.family === 'ipv4')?.host,
            ipv6: bound.find((address) => address.family === 'ipv6')?.host,
          },
    servers: declared.discovery.map((server, index) => buildServer(server, around.original([...path, 'discovery', index]), around)),
    targets: declared.targets.map((target, index) => buildTarget(target, around.original([...path, 'targets', index]), around)),
    chap: buildHostChap(declared.chap, around.original([...path, 'chap'])),
    settings: { ...defaultSettings, ...buildChanges(declared.settings) },
    kind: declared.kind,
    transport: saidAt(declared.transport, [...at, 'transport']),
    nic: declared.nic === undefined ? undefined : { at: [...at, 'nic'], text: declared.nic },
    vlan: declared.vlan,
    address: declared.address === undefined ? undefined : { at: [...at, 'address'], ...accepted(parseInterfaceAddress(declared.address)) },
    portBinding: declared.portBinding?.map((text, index) => ({ at: around.original([...path, 'portBinding', index]), text })),
  };
}

function buildServer(declared: ServerDeclaration, at: Path, around: Around): DiscoveryServer {
  if (typeof declared === 'string')
    return { at, server: buildReference(declared, at, around), transport: undefined, chap: undefined, changes: {} };
  return {
    at,
    server: buildReference(declared.server, [...at, 'server'], around),
    transport: saidAt(declared.transport, [...at, 'transport']),
    chap: buildHostChap(declared.chap, [...at, 'chap']),
    changes: buildChanges(declared.settings),
  };
}

const buildTarget = (declared: HostTargetDeclaration, at: Path, around: Around): HostTarget => ({
  at,
  name: declared.name,
  transport: saidAt(declared.transport, [...at, 'transport']),
  address: declared.address === undefined ? undefined : buildReference(declared.address, [...at, 'address'], around),
  chap: buildHostChap(declared.chap, [...at, 'chap']),
  changes: buildChanges(declared.settings),
});

/** A name is that of an array if there is one; a slash only arrays have; everything else is an address. */
function buildReference(text: string, at: Path, around: Around): ServerReference {
  const named = namedServer(text);
  const address = parseConnectAddress(text);
  if (named !== undefined && (named.portal !== undefined || around.arrays.includes(named.array) || isMistake(address))) {
    return { at, text, kind: 'array', ...named };
  }
  const parsed = accepted(address);
  return { at, text, kind: 'address', address: { ...parsed, port: parsed.port ?? ISCSI_PORT } };
}

const buildHostChap = (declared: HostChapDeclaration | undefined, at: Path): HostChap | undefined =>
  declared === undefined ? undefined : { ...buildChap(declared, at), required: declared.required };

/** Only what was said. */
function buildChanges(declared: SettingsDeclaration): SettingChanges {
  const { headerDigest, dataDigest, maxReceiveSegment, firstBurst, maxBurst, ...rest } = declared;
  const { loginTimeout, pingAfter, pingTimeout, commandTimeout, ...plain } = rest;
  const changes: { readonly [Key in keyof SettingChanges]: SettingChanges[Key] | undefined } = {
    ...plain,
    headerDigest: headerDigest === undefined ? undefined : [...new Set(headerDigest)],
    dataDigest: dataDigest === undefined ? undefined : [...new Set(dataDigest)],
    maxReceiveSegmentBytes: sizeOf(maxReceiveSegment),
    firstBurstBytes: sizeOf(firstBurst),
    maxBurstBytes: sizeOf(maxBurst),
    loginTimeoutNanos: durationOf(loginTimeout),
    pingAfterNanos: durationOf(pingAfter),
    pingTimeoutNanos: durationOf(pingTimeout),
    commandTimeoutNanos: durationOf(commandTimeout),
  };
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}

const buildMultipath = ({ policy, noPath, failback, checkEvery }: MultipathDeclaration): MultipathChoice => ({
  policy,
  noPathNanos: noPath === 'fail' ? 0 : noPath === 'queue' ? Number.POSITIVE_INFINITY : accepted(parseDuration(noPath)),
  failbackNanos: failback === 'immediate' ? 0 : failback === 'manual' ? Number.POSITIVE_INFINITY : accepted(parseDuration(failback)),
  checkNanos: accepted(parseDuration(checkEvery)),
});

const sizeOf = (written: string | number | undefined): number | undefined =>
  written === undefined ? undefined : accepted(parseSize(written));

const durationOf = (written: string | undefined): number | undefined =>
  written === undefined ? undefined : accepted(parseDuration(written));
