/** Machines on the wire, from the declaration as written to the model. */
import { parseMac } from '../../wire/ethernet/mac.ts';
import { findAdapterModel } from '../adapters/find.ts';
import {
  buildBoot,
  buildFcoe,
  buildInfiniband,
  buildOffloads,
  buildPartitions,
  buildSriov,
  buildSubnetManager,
} from '../functions/build.ts';
import { buildDcb, buildPolicies, buildRdma, saidAt, type WrittenDcb } from '../lossless/build.ts';
import type { Dcb } from '../lossless/model.ts';
import { buildTeam, buildVirtualMachine, buildVirtualNic, buildVirtualSwitch, type BuildInterface } from '../virtual/build.ts';
import { ISCSI_PORT, parseConnectAddress, parseListenAddress } from '../address.ts';
import { defaultMac } from './default-mac.ts';
import { parseDuration } from '../duration.ts';
import { parseInterfaceAddress, parseNetwork, parseUnicast } from './ip-prefix.ts';
import type { Attach, Machine, NetworkAdapter, Nic, Publication } from './model.ts';
import type { DhcpServerChoice, NicInterface, PriorityMap } from './interface-model.ts';
import { accepted, isMistake } from '../parsed.ts';
import type { Path } from '../problem.ts';
import { parseRate } from './rate.ts';
import { type AttachDeclaration, isSocketPath } from '../schema/attach.ts';
import type { DhcpServerDeclaration, InterfaceDeclaration } from '../schema/interface.ts';
import type { MachineDeclaration, NicDeclaration } from '../schema/machine.ts';
import { type PublishDeclaration, splitPublication } from '../schema/publish.ts';
import { parseVlanKey } from './vlan-list.ts';

export interface MachineAround {
  readonly fabric: string;
  original(path: Path): Path;
}

export function buildMachine(name: string, declared: MachineDeclaration, path: Path, around: MachineAround): Machine {
  const { original } = around;
  const at = original(path);
  const dcb = { declared: declared.dcb, at: [...path, 'dcb'] };
  const ownDcb = buildDcb(dcb, undefined, original);
  const outer = { ...dcb, built: ownDcb };
  const nics = Object.entries(declared.nics).map(([nic, one]) => buildNic(name, nic, one, [...path, 'nics', nic], outer, around));
  const build: BuildInterface = (vlan, one, mtuBytes, place) => buildInterface(vlan, one, mtuBytes, place, around);
  return {
    at,
    nics,
    os: declared.os,
    dcb: ownDcb,
    policies: buildPolicies(declared.policies, [...at, 'policies']),
    teams: Object.entries(declared.teams).map(([team, one]) =>
      buildTeam(team, one, [...path, 'teams', team], original, build, (port) => nics.find((nic) => nic.name === port)?.mtuBytes),
    ),
    virtualSwitches: Object.entries(declared.virtualSwitches).map(([one, settings]) =>
      buildVirtualSwitch(one, settings, [...path, 'virtualSwitches', one], original),
    ),
    virtualNics: Object.entries(declared.virtualNics).map(([one, settings]) =>
      buildVirtualNic(one, settings, [...path, 'virtualNics', one], original, build),
    ),
    vteps: declared.vteps.map((text, index) => ({ at: original([...path, 'vteps', index]), text })),
    vms: Object.entries(declared.vms).map(([vm, one]) => buildVirtualMachine(vm, one, [...path, 'vms', vm], original, build)),
    drivers: Object.entries(declared.drivers).map(([driver, parameters]) => ({
      at: [...at, 'drivers', driver],
      name: driver,
      parameters: Object.entries(parameters).map(([parameter, value]) => ({
        at: [...at, 'drivers', driver, parameter],
        name: parameter,
        value,
      })),
    })),
    subnetManager: buildSubnetManager(declared.subnetManager, [...at, 'subnetManager']),
    adapters: Object.entries(declared.adapters).map(([adapter, one]): NetworkAdapter => {
      const place = original([...path, 'adapters', adapter]);
      return {
        at: place,
        name: adapter,
        model: accepted(findAdapterModel(one.model)),
        ports: one.ports.map((text, index) => ({ at: [...place, 'ports', index], text })),
        firmware: one.firmware,
        vectors: one.vectors,
      };
    }),
    routes: declared.routes.map(({ to, via }, index) => ({
      at: original([...path, 'routes', index]),
      to: accepted(parseNetwork(to)),
      via: accepted(parseUnicast(via)),
    })),
    tcp: declared.tcp,
  };
}

/** Ports that say nothing share what their machine says. */
interface MachineDcb extends WrittenDcb {
  readonly built: Dcb;
}

function buildNic(node: string, name: string, declared: NicDeclaration, path: Path, outer: MachineDcb, around: MachineAround): Nic {
  const { original } = around;
  const at = original(path);
  const { infiniband } = declared;
  // A VLAN that is none is a problem already; the others are looked at all the same.
  const vlans = Object.entries(declared.vlans).filter(([vlan]) => !isMistake(parseVlanKey(vlan)));
  return {
    at,
    name,
    mac: declared.mac === undefined ? defaultMac(around.fabric, node, name) : parseMac(declared.mac)!,
    saysMac: declared.mac !== undefined,
    mtuBytes: declared.mtu,
    rateBitsPerSecond: declared.speed === undefined ? undefined : accepted(parseRate(declared.speed)),
    interfaces: [
      buildInterface(undefined, declared, declared.mtu, path, around),
      ...vlans.map(([vlan, one]) => buildInterface(Number(vlan), one, one.mtu ?? declared.mtu, [...path, 'vlans', vlan], around)),
    ],
    attach: buildAttach(declared.attach, original([...path, 'attach'])),
    device: declared.device,
    portType: declared.portType,
    flowControl: saidAt(declared.flowControl, [...at, 'flowControl']),
    dcb: declared.dcb === undefined ? outer.built : buildDcb({ declared: declared.dcb, at: [...path, 'dcb'] }, outer, original),
    rdma: buildRdma(declared.rdma, [...at, 'rdma']),
    offloads: buildOffloads(declared.offloads, [...at, 'offloads']),
    encapsulationOverhead: saidAt(declared.encapsulationOverhead, [...at, 'encapsulationOverhead']),
    sriov: buildSriov(declared.sriov, [...at, 'sriov']),
    partitions: buildPartitions(declared.partitions, [...path, 'partitions'], original),
    fcoe: buildFcoe(declared.fcoe, [...at, 'fcoe']),
    boot: buildBoot(declared.boot, [...path, 'boot'], original),
    infiniband: buildInfiniband(infiniband, [...at, 'infiniband'], () =>
      buildInterface(undefined, infiniband!.ipoib!, infiniband!.ipoib!.mtu ?? USUAL_IPOIB_MTU, [...path, 'infiniband', 'ipoib'], around),
    ),
  };
}

/** IPoIB over the usual link MTU of 2048 (RFC 4391 §7: 4 bytes less). */
const USUAL_IPOIB_MTU = 2044;

function buildInterface(
  vlan: number | undefined,
  declared: InterfaceDeclaration & Partial<Pick<NicDeclaration['vlans'][string], 'egress' | 'ingress'>>,
  mtuBytes: number,
  path: Path,
  { original }: MachineAround,
): NicInterface {
  return {
    at: original(path),
    vlan,
    mtuBytes,
    egress: buildPriorities(declared.egress, original([...path, 'egress'])),
    ingress: buildPriorities(declared.ingress, original([...path, 'ingress'])),
    addresses: declared.addresses.map((text, index) => ({
      at: original([...path, 'addresses', index]),
      ...accepted(parseInterfaceAddress(text)),
    })),
    dhcp: declared.dhcp,
    autoconfigure: declared.autoconfigure,
    dhcpServer: declared.dhcpServer === undefined ? undefined : buildDhcpServer(declared.dhcpServer, original([...path, 'dhcpServer'])),
    advertise: (declared.advertise ?? []).map((text) => accepted(parseInterfaceAddress(text))),
  };
}

/** Keys that are no numbers are problems already. */
const buildPriorities = (declared: Readonly<Record<string, number>> | undefined, at: Path): PriorityMap | undefined =>
  declared === undefined
    ? undefined
    : { at, entries: Object.entries(declared).flatMap(([from, to]) => (/^\d{1,2}$/.test(from) ? [{ from: Number(from), to }] : [])) };

const buildDhcpServer = (declared: DhcpServerDeclaration, at: Path): DhcpServerChoice => ({
  at,
  first: accepted(parseUnicast(declared.first)),
  last: accepted(parseUnicast(declared.last)),
  leaseNanos: accepted(parseDuration(declared.lease)),
  router: declared.router === undefined ? undefined : accepted(parseUnicast(declared.router)),
  reservations: Object.entries(declared.reservations).flatMap(([text, address]) => {
    const mac = parseMac(text);
    return mac === undefined ? [] : [{ at: [...at, 'reservations', text], mac, address: accepted(parseUnicast(address)) }];
  }),
});

export function buildAttach(declared: AttachDeclaration | undefined, at: Path): Attach | undefined {
  if (declared === undefined) return undefined;
  const { qemu, tap, interface: name, tunnel } = declared;
  if (typeof qemu === 'string') return { at, kind: 'qemu', socket: socketText(qemu) };
  if (qemu !== undefined) return { at, kind: 'qemu-datagrams', local: socketText(qemu.local), remote: socketText(qemu.remote) };
  if (tap !== undefined) return { at, kind: 'tap', name: tap };
  if (name !== undefined) return { at, kind: 'interface', name };
  const { remote, network, local, port } = tunnel!;
  return {
    at,
    kind: 'tunnel',
    remote: accepted(parseUnicast(remote)),
    network,
    local: local === undefined ? undefined : accepted(parseUnicast(local)),
    port,
  };
}

/** An address in its canonical form, a path as it is. */
function socketText(written: string): string {
  if (isSocketPath(written)) return written;
  const { host, port } = accepted(parseConnectAddress(written));
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

export function buildPublications(declared: PublishDeclaration | undefined, at: Path): Publication[] {
  const texts = declared === undefined ? [] : typeof declared === 'string' ? [declared] : declared;
  return texts.map((text, index) => {
    const { listen, to, port } = splitPublication(text)!;
    const parsed = accepted(parseListenAddress(listen));
    return {
      at: typeof declared === 'string' ? at : [...at, index],
      text,
      listen: { host: parsed.host, port: parsed.port ?? ISCSI_PORT },
      to: 'node' in to ? to : { address: accepted(parseUnicast(to.address)) },
      port,
    };
  });
}
