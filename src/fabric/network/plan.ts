/**
 * What it takes to run the network of a checked fabric: ends resolved, rates settled, paths made relative to where the program runs. Machines
 * without network adapters are not in it.
 */
import type { Nanos } from '../../base/clock.ts';
import { memoized } from '../../base/memoized.ts';
import type { Mac } from '../../wire/ethernet/mac.ts';
import { formatIp, type IpAddress } from '../../wire/ip/address.ts';
import { parseConnectAddress } from '../address.ts';
import type { Fabric } from '../model.ts';
import type {
  Attach,
  DeviceAttach,
  FabricLink,
  LinkEnd,
  LinkFaultChoice,
  Machine,
  Nic,
  PortVlanChoice,
  Publication,
  Route,
  SpanningTreeChoice,
  Switch,
  SwitchPort,
  TcpChoice,
} from './model.ts';
import type { NicInterface } from './interface-model.ts';
import { accepted } from '../parsed.ts';
import { type OldFirmware, oldFirmware, portsMismatch, portsOfAdapter, type ShortVectors, shortVectors } from './adapter-start.ts';
import { besideFile } from '../plan.ts';
import { adapterPortSpeeds, commonSpeed, type PortSpeeds, switchPortSpeeds } from './port-speeds.ts';
import { isSocketPath } from '../schema/attach.ts';

export interface NetworkPlan {
  readonly seed: number;
  readonly machines: readonly MachinePlan[];
  readonly switches: readonly SwitchPlan[];
  readonly links: readonly LinkPlan[];
  readonly attachments: readonly AttachmentPlan[];
}

export interface MachinePlan {
  readonly name: string;
  readonly nics: readonly NicPlan[];
  readonly adapters: readonly NetworkAdapterPlan[];
  readonly routes: readonly Pick<Route, 'to' | 'via'>[];
  readonly tcp: TcpChoice;
  readonly publications: readonly PublicationPlan[];
}

export interface NicPlan {
  readonly name: string;
  readonly mac: Mac;
  readonly mtuBytes: number;
  readonly interfaces: readonly NicInterface[];
}

/** An adapter as its driver finds it when it starts. */
export interface NetworkAdapterPlan {
  readonly name: string;
  /** As its maker writes it. */
  readonly model: string;
  /** Those of its ports that there are, in order. */
  readonly ports: readonly string[];
  readonly oldFirmware: OldFirmware | undefined;
  /** Receive side scaling of the one, and not of the other. */
  readonly mismatch: { readonly scales: string; readonly other: string } | undefined;
  readonly shortVectors: ShortVectors | undefined;
}

export interface PublicationPlan {
  readonly text: string;
  readonly listen: Publication['listen'];
  readonly to: IpAddress;
  readonly port: number;
}

export interface SwitchPlan {
  readonly name: string;
  readonly mac: Mac;
  readonly ports: readonly SwitchPortPlan[];
  readonly mtuBytes: number;
  readonly cutThrough: boolean;
  readonly addressesMax: number;
  readonly ageingNanos: Nanos;
  readonly spanningTree: SpanningTreeChoice | undefined;
  readonly lldp: boolean;
}

export interface SwitchPortPlan {
  readonly name: string;
  readonly mac: Mac;
  readonly vlans: PortVlanChoice;
  readonly priority: number;
  readonly storm: SwitchPort['storm'];
  readonly edge: boolean;
  readonly cost: number | undefined;
  readonly treePriority: number;
  readonly bpduGuard: boolean;
  readonly rootGuard: boolean;
}

export interface LinkPlan {
  readonly ends: readonly [PortPlace, PortPlace];
  readonly rateBitsPerSecond: number;
  readonly delayNanos: Nanos;
  readonly mtuBytes: number;
  readonly queueBytes: number;
  readonly ecn: FabricLink['ecn'];
  readonly faults: LinkFaultChoice;
  /** False: cut, or an end is shut down. */
  readonly up: boolean;
}

export interface PortPlace {
  readonly node: string;
  readonly port: string;
}

export interface AttachmentPlan extends PortPlace {
  readonly to: AttachTarget;
}

export type SocketPlace = { readonly path: string } | { readonly host: string; readonly port: number };

export type AttachTarget =
  | { readonly kind: 'qemu'; readonly address: SocketPlace }
  | { readonly kind: 'qemu-datagrams'; readonly local: SocketPlace; readonly remote: SocketPlace }
  | DeviceAttach;

/** Where both ends can do anything. */
const USUAL_RATE = 10e9;

/** Undefined: nothing of the fabric has a wire. `fileName` is where the fabric was read from: paths in it are relative to that file. */
export function planNetwork(fabric: Fabric, fileName: string): NetworkPlan | undefined {
  const machines = machinesOf(fabric).filter(({ machine }) => machine.nics.length > 0);
  if (machines.length === 0 && fabric.switches.length === 0) return undefined;
  return {
    seed: fabric.seed,
    machines: machines.map(({ name, machine, publications }) => ({
      name,
      nics: machine.nics.map(({ name: nic, mac, mtuBytes, interfaces }) => ({ name: nic, mac, mtuBytes, interfaces })),
      adapters: planAdapters(machine),
      routes: machine.routes,
      tcp: machine.tcp,
      publications: publications.map((one) => planPublication(fabric, one)),
    })),
    switches: fabric.switches.map((one) => planSwitch(fabric, one)),
    links: fabric.links.map((link) => planLink(fabric, link)),
    attachments: [
      ...machines.flatMap(({ name, machine }) => machine.nics.map((nic) => ({ node: name, port: nic.name, attach: nic.attach }))),
      ...fabric.switches.flatMap(({ name, ports }) => ports.map((port) => ({ node: name, port: port.name, attach: port.attach }))),
    ].flatMap(({ node, port, attach }) => (attach === undefined ? [] : [{ node, port, to: planAttach(attach, fileName) }])),
  };
}

/** A port that two adapters list belongs to the first. */
function planAdapters(machine: Machine): NetworkAdapterPlan[] {
  const taken = new Set<Nic>();
  return machine.adapters.map((adapter) => {
    const nics = portsOfAdapter(machine, adapter);
    const own = nics.filter((nic): nic is Nic => nic !== undefined && !taken.has(nic));
    for (const nic of own) taken.add(nic);
    const mismatch = portsMismatch(machine, adapter, nics);
    const [scales, other] = mismatch?.receiveScaling === true ? [mismatch.first, mismatch.second] : [mismatch?.second, mismatch?.first];
    return {
      name: adapter.name,
      model: adapter.model.name,
      ports: own.map(({ name }) => name),
      oldFirmware: oldFirmware(machine, adapter),
      mismatch: scales === undefined || other === undefined ? undefined : { scales: scales.name, other: other.name },
      shortVectors: shortVectors(adapter, nics),
    };
  });
}

export interface NamedMachine {
  readonly name: string;
  readonly machine: Machine;
  readonly publications: readonly Publication[];
}

/** Hosts and arrays alike. */
export const machinesOf = memoized((fabric: Fabric): readonly NamedMachine[] => [
  ...fabric.hosts.map(({ name, machine, publications }) => ({ name, machine, publications })),
  ...fabric.arrays.map(({ name, machine }) => ({ name, machine, publications: [] })),
]);

/** Ports and links by the names that links use. Where two have one name the first counts. */
const placesOf = memoized((fabric: Fabric) => {
  const nics = new Map<string, { readonly machine: Machine; readonly nic: Nic }>();
  const switchPorts = new Map<string, SwitchPort>();
  const linkEnds = new Map<string, LinkEnd[]>();
  for (const { name, machine } of machinesOf(fabric))
    for (const nic of machine.nics) {
      const key = placeKey({ node: name, port: nic.name });
      if (!nics.has(key)) nics.set(key, { machine, nic });
    }
  for (const { name, ports } of fabric.switches) for (const port of ports) switchPorts.set(placeKey({ node: name, port: port.name }), port);
  for (const { ends } of fabric.links)
    for (const key of new Set(ends.map(placeKey))) {
      const known = linkEnds.get(key);
      if (known === undefined) linkEnds.set(key, [...ends]);
      else known.push(...ends);
    }
  const switchNames: ReadonlySet<string> = new Set(fabric.switches.map(({ name }) => name));
  return { nics, switchPorts, linkEnds, switchNames };
});

const placeKey = ({ node, port }: PortPlace): string => `${node}:${port}`;

/** A rule sees to it that there is such a port. */
function speedsAt(fabric: Fabric, end: PortPlace): PortSpeeds {
  const { nics, switchPorts } = placesOf(fabric);
  const switchPort = switchPorts.get(placeKey(end));
  if (switchPort !== undefined) return switchPortSpeeds(switchPort);
  const found = nics.get(placeKey(end));
  if (found === undefined) throw new Error(`assertion failed: nobody checked whether there is ${end.node}:${end.port}`);
  return adapterPortSpeeds(found.machine, found.nic);
}

function planLink(fabric: Fabric, link: FabricLink): LinkPlan {
  const [one, other] = link.ends;
  const rate = link.rateBitsPerSecond ?? commonSpeed(speedsAt(fabric, one), speedsAt(fabric, other));
  if (rate === undefined) throw new Error(`assertion failed: nobody checked the speeds of ${one.node}:${one.port} and its other end`);
  const { delayNanos, mtuBytes, queueBytes, ecn, faults } = link;
  return {
    ends: [place(one), place(other)],
    rateBitsPerSecond: Number.isFinite(rate) ? rate : USUAL_RATE,
    delayNanos,
    mtuBytes,
    queueBytes,
    ecn,
    faults,
    up: !link.down && link.ends.every((end) => placesOf(fabric).switchPorts.get(placeKey(end))?.disabled !== true),
  };
}

const place = ({ node, port }: LinkEnd): PortPlace => ({ node, port });

function planSwitch(fabric: Fabric, one: Switch): SwitchPlan {
  const { name, mac, mtuBytes, cutThrough, addressesMax, ageingNanos, spanningTree, lldp } = one;
  const { linkEnds, switchNames } = placesOf(fabric);
  /** What the links in a port have at their ends, the port itself among them. */
  const endsAt = (port: string): readonly LinkEnd[] => linkEnds.get(placeKey({ node: name, port })) ?? [];
  return {
    name,
    mac,
    mtuBytes,
    cutThrough,
    addressesMax,
    ageingNanos,
    spanningTree,
    lldp,
    ports: one.ports.map((port, index) => ({
      name: port.name,
      // The ports' own addresses follow the switch's.
      mac: mac + 1 + index,
      vlans: port.vlans,
      priority: port.priority,
      storm: port.storm,
      // Where no switch of the fabric is at the other end, stations are; what else the world may have there, it tells by its BPDUs.
      edge: port.spanningTree.edge ?? !endsAt(port.name).some((end) => end.node !== name && switchNames.has(end.node)),
      cost: port.spanningTree.cost,
      treePriority: port.spanningTree.priority,
      bpduGuard: port.spanningTree.bpduGuard,
      rootGuard: port.spanningTree.rootGuard,
    })),
  };
}

/** A rule sees to it that there is an address. */
function planPublication(fabric: Fabric, { text, listen, to, port }: Publication): PublicationPlan {
  const address = 'address' in to ? to.address : publishedAddress(fabric, to.node, port);
  if (address === undefined) throw new Error(`assertion failed: nobody checked where ${text} leads`);
  return { text, listen, to: address, port };
}

/** Where a node is reached: the portal of that port if it is an array with one, otherwise its first address. */
export function publishedAddress(fabric: Fabric, node: string, port: number): IpAddress | undefined {
  const addresses = machinesOf(fabric)
    .filter(({ name }) => name === node)
    .flatMap(({ machine }) => machine.nics)
    .flatMap((nic) => nic.interfaces)
    .flatMap((one) => one.addresses);
  const portals = fabric.arrays.find(({ name }) => name === node)?.portals.filter(({ listen }) => listen.port === port) ?? [];
  return (addresses.find(({ address }) => portals.some(({ listen }) => listen.host === formatIp(address))) ?? addresses[0])?.address;
}

function planAttach(attach: Attach, fileName: string): AttachTarget {
  const socket = (written: string): SocketPlace => {
    if (isSocketPath(written)) return { path: besideFile(fileName, written) };
    const { host, port } = accepted(parseConnectAddress(written));
    return { host, port: port! };
  };
  if (attach.kind === 'qemu') return { kind: 'qemu', address: socket(attach.socket) };
  if (attach.kind === 'qemu-datagrams') return { kind: 'qemu-datagrams', local: socket(attach.local), remote: socket(attach.remote) };
  return attach;
}
