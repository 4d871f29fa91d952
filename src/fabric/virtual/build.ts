/** Teams, virtual switches and what is plugged into them, from the declaration as written to the model. */
import { parseMac } from '../../wire/ethernet/mac.ts';
import { parseAddress } from '../../wire/ip/address.ts';
import { saidAt } from '../lossless/build.ts';
import type { NicInterface } from '../network/interface-model.ts';
import { parseVlanKey, parseVlanRange } from '../network/vlan-list.ts';
import { accepted, isMistake } from '../parsed.ts';
import type { Path } from '../problem.ts';
import type { InterfaceDeclaration } from '../schema/interface.ts';
import type { TeamDeclaration, TeamingDeclaration } from '../schema/teaming.ts';
import type {
  DistributedSwitchDeclaration,
  PortGroupDeclaration,
  VirtualMachineDeclaration,
  VirtualNicDeclaration,
  VirtualSwitchDeclaration,
} from '../schema/virtual-switch.ts';
import { parseGroupRange, parseNetworkRange, type VxlanDeclaration } from '../schema/vxlan.ts';
import type {
  DistributedSwitch,
  PortGroupPlace,
  Reference,
  SecurityPolicy,
  Team,
  Teaming,
  VirtualMachine,
  VirtualNic,
  VirtualSwitch,
  Vxlan,
} from './model.ts';

type Original = (path: Path) => Path;
/** Reads what all IP interfaces have in common. */
export type BuildInterface = (vlan: number | undefined, declared: InterfaceDeclaration, mtuBytes: number, path: Path) => NicInterface;
const USUAL_MTU = 1500;

const references = (texts: readonly string[] | undefined, path: Path, original: Original): readonly Reference[] | undefined =>
  texts?.map((text, index) => ({ at: original([...path, index]), text }));

const reference = (text: string | undefined, at: Path): Reference | undefined => (text === undefined ? undefined : { at, text });

const macOf = (written: string | undefined) => (written === undefined ? undefined : parseMac(written));

function buildTeaming(declared: TeamingDeclaration | undefined, path: Path, original: Original): Teaming {
  const at = original(path);
  return {
    mode: saidAt(declared?.mode, [...at, 'mode']),
    active: references(declared?.active, [...path, 'active'], original),
    standby: references(declared?.standby, [...path, 'standby'], original),
    unused: references(declared?.unused, [...path, 'unused'], original),
    hash: saidAt(declared?.hash, [...at, 'hash']),
    lacpRate: saidAt(declared?.lacpRate, [...at, 'lacpRate']),
    lacpActive: saidAt(declared?.lacpActive, [...at, 'lacpActive']),
    detection: saidAt(declared?.detection, [...at, 'detection']),
    failback: saidAt(declared?.failback, [...at, 'failback']),
    notifySwitches: saidAt(declared?.notifySwitches, [...at, 'notifySwitches']),
  };
}

/** `portMtu`: the MTU of an adapter port of that name; undefined: there is none. */
export function buildTeam(
  name: string,
  declared: TeamDeclaration,
  path: Path,
  original: Original,
  build: BuildInterface,
  portMtu: (port: string) => number | undefined,
): Team {
  const vlans = Object.entries(declared.vlans).filter(([vlan]) => !isMistake(parseVlanKey(vlan)));
  const ofPorts = declared.nics.flatMap((port) => portMtu(port) ?? []);
  const mtuBytes = declared.mtu ?? (ofPorts.length === 0 ? USUAL_MTU : Math.min(...ofPorts));
  return {
    at: original(path),
    name,
    nics: references(declared.nics, [...path, 'nics'], original)!,
    teaming: buildTeaming(declared, path, original),
    mac: macOf(declared.mac),
    mtuBytes: declared.mtu,
    interfaces: [
      build(undefined, declared, mtuBytes, path),
      ...vlans.map(([vlan, one]) => build(Number(vlan), one, one.mtu ?? mtuBytes, [...path, 'vlans', vlan])),
    ],
  };
}

const buildSecurity = (declared: PortGroupDeclaration['security']): SecurityPolicy => ({
  promiscuous: declared?.promiscuous,
  macChanges: declared?.macChanges,
  forgedTransmits: declared?.forgedTransmits,
});

const buildPortGroups = (declared: Readonly<Record<string, PortGroupDeclaration>>, path: Path, original: Original): PortGroupPlace[] =>
  Object.entries(declared).map(([name, one]) => {
    const at = original([...path, name]);
    const { trunk } = one;
    const ranges = trunk === undefined ? undefined : Array.isArray(trunk) ? trunk : [trunk];
    return {
      at,
      name,
      vlan: saidAt(one.vlan, [...at, 'vlan']),
      trunk: saidAt(
        ranges?.map((written) => accepted(parseVlanRange(written))),
        [...at, 'trunk'],
      ),
      teaming: buildTeaming(one.teaming, [...path, name, 'teaming'], original),
      security: buildSecurity(one.security),
    };
  });

const sharedParts = (declared: VirtualSwitchDeclaration | DistributedSwitchDeclaration, path: Path, original: Original) => {
  const at = original(path);
  return {
    at,
    mtu: saidAt(declared.mtu, [...at, 'mtu']),
    teaming: buildTeaming(declared.teaming, [...path, 'teaming'], original),
    security: buildSecurity(declared.security),
    portGroups: buildPortGroups(declared.portGroups, [...path, 'portGroups'], original),
  };
};

export const buildVirtualSwitch = (name: string, declared: VirtualSwitchDeclaration, path: Path, original: Original): VirtualSwitch => ({
  ...sharedParts(declared, path, original),
  name,
  kind: declared.kind,
  uplinks: references(declared.uplinks, [...path, 'uplinks'], original)!,
  ports: declared.ports,
  embeddedTeaming: declared.embeddedTeaming,
  sriov: declared.sriov,
});

export const buildDistributedSwitch = (
  name: string,
  declared: DistributedSwitchDeclaration,
  path: Path,
  original: Original,
): DistributedSwitch => ({
  ...sharedParts(declared, path, original),
  name,
  uplinks: declared.uplinks,
  version: declared.version,
  lacp: declared.lacp,
  networkControl: declared.networkControl,
});

export function buildVirtualNic(
  name: string,
  declared: VirtualNicDeclaration,
  path: Path,
  original: Original,
  build: BuildInterface,
): VirtualNic {
  const at = original(path);
  return {
    at,
    name,
    portGroup: reference(declared.portGroup, [...at, 'portGroup']),
    virtualSwitch: reference(declared.virtualSwitch, [...at, 'virtualSwitch']),
    vlan: saidAt(declared.vlan, [...at, 'vlan']),
    mtu: saidAt(declared.mtu, [...at, 'mtu']),
    mac: macOf(declared.mac),
    services: [...new Set(declared.services)],
    rdma: saidAt(declared.rdma, [...at, 'rdma']),
    priorityTag: saidAt(declared.priorityTag, [...at, 'priorityTag']),
    uplink: reference(declared.uplink, [...at, 'uplink']),
    interface: build(undefined, declared, declared.mtu ?? USUAL_MTU, path),
  };
}

export function buildVirtualMachine(
  name: string,
  declared: VirtualMachineDeclaration,
  path: Path,
  original: Original,
  build: BuildInterface,
): VirtualMachine {
  const at = original(path);
  return {
    at,
    name,
    os: saidAt(declared.os, [...at, 'os']),
    processors: declared.processors,
    vectors: saidAt(declared.vectors, [...at, 'vectors']),
    memoryReserved: declared.memoryReserved,
    migrates: declared.migrates,
    nics: Object.entries(declared.nics).map(([nic, one]) => {
      const nicPath = [...path, 'nics', nic];
      const nicAt = original(nicPath);
      const [port, number] = one.function?.split('/') ?? [];
      return {
        at: nicAt,
        name: nic,
        kind: one.kind,
        portGroup: reference(one.portGroup, [...nicAt, 'portGroup']),
        function: port === undefined ? undefined : { at: [...nicAt, 'function'], nic: port, number: Number(number) },
        network: reference(one.network, [...nicAt, 'network']),
        vlan: one.vlan,
        mac: macOf(one.mac),
        mtuBytes: one.mtu,
        interface: build(one.vlan, one, one.mtu, nicPath),
      };
    }),
  };
}

export function buildVxlan(declared: VxlanDeclaration | undefined, path: Path, original: Original): Vxlan | undefined {
  if (declared === undefined) return undefined;
  const at = original(path);
  return {
    at,
    segments: declared.segments.map((text, index) => ({
      at: original([...path, 'segments', index]),
      ...accepted(parseNetworkRange(text)),
    })),
    groups: declared.groups.map((text, index) => ({ at: original([...path, 'groups', index]), ...accepted(parseGroupRange(text)) })),
    port: declared.port,
    zones: Object.entries(declared.zones).map(([name, zone]) => ({
      at: [...at, 'zones', name],
      name,
      hosts: references(zone.hosts, [...path, 'zones', name, 'hosts'], original)!,
      replication: zone.replication,
    })),
    networks: Object.entries(declared.networks).map(([name, network]) => {
      const place = [...at, 'networks', name];
      return {
        at: place,
        name,
        segment: network.segment,
        zone: { at: [...place, 'zone'], text: network.zone },
        replication: network.replication,
        group: network.group === undefined ? undefined : { at: [...place, 'group'], address: parseAddress(network.group)! },
      };
    }),
  };
}
