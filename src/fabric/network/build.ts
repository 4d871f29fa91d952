/** From the plan of a network to its machines, switches and links. Time, chance and where events go are handed in. */
import type { EventSink } from '../../base/event.ts';
import { type Clock, SECOND } from '../../base/clock.ts';
import { seededRng, type Rng } from '../../base/rng.ts';
import type { Port } from '../../base/port.ts';
import { type InterfaceParts, Machine } from '../../device/machine.ts';
import { PhysicalSwitch, type PhysicalSwitchParts } from '../../device/physical-switch.ts';
import { defaultSpanningTreePortSettings, defaultSpanningTreeSettings } from '../../link/spanning-tree/settings.ts';
import { Link } from '../../runtime/link.ts';
import { ETHERNET_HEADER_BYTES, TAG_BYTES } from '../../wire/ethernet/frame.ts';
import { OPTION_MTU, OPTION_ROUTER } from '../../wire/ip/dhcp.ts';
import { inPrefix } from '../../wire/ip/address.ts';
import { portVlanSettings } from './carried-vlans.ts';
import type { NicInterface } from './interface-model.ts';
import type { LinkPlan, MachinePlan, NetworkPlan, PortPlace, SwitchPlan } from './plan.ts';

export interface NetworkServices {
  readonly clock: Clock;
  readonly events: EventSink;
  /** For what nobody may guess: sequence numbers, ports. What links do by chance comes from the plan's seed. */
  readonly rng: Rng;
}

export interface BuiltLink {
  readonly plan: LinkPlan;
  readonly link: Link;
}

export interface Network {
  readonly machines: readonly Machine[];
  readonly switches: readonly PhysicalSwitch[];
  readonly links: readonly BuiltLink[];
  port(place: PortPlace): Port | undefined;
}

/** Nothing is up yet: the links come up when somebody says so. */
export function buildNetwork(plan: NetworkPlan, services: NetworkServices): Network {
  const machines = plan.machines.map((machine) => buildMachine(machine, services));
  const switches = plan.switches.map((one) => new PhysicalSwitch(switchParts(one), services));
  const port = ({ node, port: name }: PortPlace): Port | undefined =>
    machines.find((one) => one.name === node)?.nics.find((nic) => nic.name === name) ??
    switches.find((one) => one.name === node)?.port(name);
  const links = plan.links.map((link, index) => {
    const [one, other] = link.ends.map((end) => port(end));
    if (one === undefined || other === undefined) throw new Error('assertion failed: nobody checked the ends of a link');
    return {
      plan: link,
      link: buildLink(link, one, other, { clock: services.clock, rng: seededRng((plan.seed + index * 0x9e37_79b9) >>> 0) }),
    };
  });
  return { machines, switches, links, port };
}

function buildLink(plan: LinkPlan, one: Port, other: Port, services: { readonly clock: Clock; readonly rng: Rng }): Link {
  const { rateBitsPerSecond, delayNanos, mtuBytes, queueBytes } = plan;
  // Room for two tags, as switches have it (IEEE 802.3 §3.2.7, envelope frames).
  const frameBytesMax = mtuBytes + ETHERNET_HEADER_BYTES + 2 * TAG_BYTES;
  const link = new Link(one, other, { rateBitsPerSecond, delayNanos, frameBytesMax, queueBytes }, services);
  const { ecn } = plan;
  if (ecn !== undefined) link.setEcn({ minBytes: ecn.minBytes, maxBytes: ecn.maxBytes, maxProbability: ecn.probability });
  const { flapping: _, ...faults } = plan.faults;
  if (faults.loss + faults.corruption + faults.duplication + faults.reordering > 0) link.setFaults(faults);
  return link;
}

const buildMachine = (plan: MachinePlan, services: NetworkServices): Machine =>
  new Machine(
    {
      name: plan.name,
      nics: plan.nics.map(({ name, mac, interfaces }) => ({ name, mac, interfaces: interfaces.map(interfaceParts) })),
      adapters: plan.adapters,
      routes: plan.routes,
      tcp: { congestionControl: plan.tcp.congestionControl, ecn: plan.tcp.ecn },
    },
    services,
  );

function interfaceParts(plan: NicInterface): InterfaceParts {
  const { vlan, mtuBytes, addresses, dhcp, autoconfigure, advertise, dhcpServer } = plan;
  const own = dhcpServer === undefined ? undefined : addresses.find(({ address, bits }) => inPrefix(dhcpServer.first, address, bits));
  return {
    vlan,
    mtuBytes,
    addresses,
    dhcp,
    autoconfigure,
    advertise,
    dhcpServer:
      dhcpServer === undefined || own === undefined
        ? undefined
        : {
            server: own.address,
            bits: own.bits,
            first: dhcpServer.first,
            last: dhcpServer.last,
            leaseSeconds: Math.max(1, Math.round(dhcpServer.leaseNanos / SECOND)),
            reservations: dhcpServer.reservations,
            options: new Map([
              ...(dhcpServer.router === undefined ? [] : [[OPTION_ROUTER, dhcpServer.router] as const]),
              ...(mtuBytes === USUAL_MTU ? [] : [[OPTION_MTU, Uint8Array.of(mtuBytes >>> 8, mtuBytes & 0xff)] as const]),
            ]),
          },
  };
}

const USUAL_MTU = 1500;

function switchParts(plan: SwitchPlan): PhysicalSwitchParts {
  const { name, mac, addressesMax, ageingNanos, spanningTree, lldp } = plan;
  return {
    name,
    mac,
    addressesMax,
    ageingNanos,
    lldp,
    forwarding: plan.cutThrough ? 'cut-through' : 'store-and-forward',
    spanningTree: spanningTree === undefined ? undefined : { ...defaultSpanningTreeSettings, ...spanningTree },
    ports: plan.ports.map((port) => ({
      name: port.name,
      mac: port.mac,
      vlans: portVlanSettings(port.vlans),
      frameBytesMax: plan.mtuBytes + ETHERNET_HEADER_BYTES,
      defaultPriority: port.priority,
      storm: port.storm,
      tree: {
        ...defaultSpanningTreePortSettings,
        priority: port.treePriority,
        pathCost: port.cost,
        edge: port.edge,
        bpduGuard: port.bpduGuard,
        rootGuard: port.rootGuard,
      },
    })),
  };
}
