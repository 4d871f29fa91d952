/** What an adapter port is besides a port, from the declaration as written to the model. */
import { parseMac } from '../../wire/ethernet/mac.ts';
import { ISCSI_PORT, parseAnnounceAddress } from '../address.ts';
import { buildChap } from '../build-chap.ts';
import { parseInterfaceAddress, parseUnicast } from '../network/ip-prefix.ts';
import type { NicInterface } from '../network/interface-model.ts';
import { parseRate } from '../network/rate.ts';
import { accepted } from '../parsed.ts';
import type { Path } from '../problem.ts';
import type {
  BootDeclaration,
  FcoeDeclaration,
  OffloadsDeclaration,
  PartitionDeclaration,
  SriovDeclaration,
} from '../schema/adapter-functions.ts';
import { type InfinibandDeclaration, parseGuid, type SubnetManagerDeclaration } from '../schema/infiniband.ts';
import type { BootAgent, Fcoe, InfinibandPort, Offloads, Partition, SubnetManager, VirtualFunctions } from './model.ts';

type Original = (path: Path) => Path;
type Maybe<Value> = Value | undefined;

const macOf = (written: string | undefined) => (written === undefined ? undefined : parseMac(written));

export function buildSriov(declared: Maybe<SriovDeclaration>, at: Path): Maybe<VirtualFunctions> {
  if (declared === undefined) return undefined;
  const each = Object.entries(declared.each).flatMap(([key, one]) =>
    /^\d{1,3}$/.test(key)
      ? [
          {
            at: [...at, 'each', key],
            number: Number(key),
            mac: macOf(one.mac),
            vlan: one.vlan,
            priority: one.priority,
            spoofCheck: one.spoofCheck,
            trust: one.trust,
            maxRateBitsPerSecond: one.maxRate === undefined ? undefined : accepted(parseRate(one.maxRate)),
            linkState: one.linkState,
          },
        ]
      : [],
  );
  return { at, functions: declared.functions, each, mode: declared.mode };
}

export const buildPartitions = (
  declared: Maybe<readonly PartitionDeclaration[]>,
  path: Path,
  original: Original,
): Maybe<readonly Partition[]> =>
  declared?.map(({ name, min, max, mac, functions, flowControl }, index) => ({
    at: original([...path, index]),
    name,
    min,
    max,
    mac: macOf(mac),
    functions: [...new Set(functions)],
    flowControl,
  }));

export const buildFcoe = (declared: Maybe<FcoeDeclaration>, at: Path): Maybe<Fcoe> =>
  declared === undefined
    ? undefined
    : { at, vlan: declared.vlan, priority: declared.priority, wwnn: declared.wwnn, wwpn: declared.wwpn, mtuBytes: declared.mtu };

export function buildBoot(declared: Maybe<BootDeclaration>, path: Path, original: Original): Maybe<BootAgent> {
  if (declared === undefined) return undefined;
  const { address, gateway, targets, ...rest } = declared;
  return {
    at: original(path),
    protocol: rest.protocol,
    vlan: rest.vlan,
    dhcp: rest.dhcp,
    targetFromDhcp: rest.targetFromDhcp,
    dhcpOption: rest.dhcpOption,
    vendorId: rest.vendorId,
    ipVersion: rest.ipVersion,
    address: address === undefined ? undefined : accepted(parseInterfaceAddress(address)),
    gateway: gateway === undefined ? undefined : accepted(parseUnicast(gateway)),
    initiator: rest.initiator,
    targets: targets.map((target, index) => {
      const at = original([...path, 'targets', index]);
      const parsed = accepted(parseAnnounceAddress(target.address));
      return {
        at,
        address: { ...parsed, port: parsed.port ?? ISCSI_PORT },
        name: target.name,
        lun: target.lun,
        chap: target.chap === undefined ? undefined : buildChap(target.chap, [...at, 'chap']),
      };
    }),
    headerDigest: rest.headerDigest,
    dataDigest: rest.dataDigest,
    crashDump: rest.crashDump,
  };
}

export const buildOffloads = (declared: Maybe<OffloadsDeclaration>, at: Path): Maybe<Offloads> =>
  declared === undefined ? undefined : { at, ...declared };

const guidOf = (written: string | undefined) => (written === undefined ? undefined : accepted(parseGuid(written)));

/** `ip`: the IP interface that stands in `ipoib`. */
export function buildInfiniband(declared: Maybe<InfinibandDeclaration>, at: Path, ip: () => NicInterface): Maybe<InfinibandPort> {
  if (declared === undefined) return undefined;
  const { guid, nodeGuid, systemGuid, mtu, pkeys, width, ipoib } = declared;
  return {
    at,
    guid: guidOf(guid),
    nodeGuid: guidOf(nodeGuid),
    systemGuid: guidOf(systemGuid),
    mtuBytes: mtu,
    pkeys: pkeys?.map(Number),
    width,
    ipoib:
      ipoib === undefined
        ? undefined
        : { at: [...at, 'ipoib'], mode: ipoib.mode, mtuBytes: ipoib.mtu, guidMask: ipoib.guidMask, interface: ip() },
  };
}

export const buildSubnetManager = (declared: Maybe<SubnetManagerDeclaration>, at: Path): Maybe<SubnetManager> =>
  declared === undefined
    ? undefined
    : {
        at,
        nics: declared.nics,
        priority: declared.priority,
        partitions: Object.entries(declared.partitions).map(([name, key]) => ({ name, key: Number(key) })),
        standby: declared.standby,
      };
