/** The topology of a fabric that is up, from its plans: nodes with the tiers that links give them, and what connects them. */
import { linkText, placeText } from '../../os/network/running-network.ts';
import type { HostPlan } from '../../fabric/host-plan.ts';
import type { LinkPlan, MachinePlan, NetworkPlan, PortPlace, SwitchPlan } from '../../fabric/network/plan.ts';
import { formatRate } from '../../fabric/network/rate.ts';
import type { ArrayPlan } from '../../fabric/plan.ts';
import { formatAddress } from '../../fabric/address.ts';
import { formatIp } from '../../wire/ip/address.ts';
import type { RunningFabric } from '../running-fabric.ts';
import type { NodeKind, Topology, TopologyLink, TopologyNode } from './topology.ts';

/** What of a fabric shows in its topology. */
export type TopologyParts = Pick<RunningFabric, 'name' | 'plans' | 'onlyChecked'> & {
  readonly arrays: Pick<RunningFabric['arrays'], 'ready'>;
  readonly network: Pick<NonNullable<RunningFabric['network']>, 'ready'> | undefined;
};

/** Addresses and the like that a description names; of the rest it says how many. */
const NAMED_MAX = 2;

const OUTSIDE = 0;
const HOSTS = 1;
const FIRST_SWITCHES = 2;

export const worldNode = (place: string): string => `world ${place}`;
export const publishedNode = (listen: string): string => `published ${listen}`;

export function topologyOf({ name, plans, arrays: { ready }, network, onlyChecked }: TopologyParts): Topology {
  const machines = new Map((plans.network?.machines ?? []).map((machine) => [machine.name, machine]));
  const tiers = switchTiers(plans.network, new Set(plans.arrays.map((array) => array.name)));
  const rates = ratesAt(plans.network?.links ?? []);
  const arrays = Math.max(HOSTS, ...tiers.values()) + 1;
  const attached = network?.ready.attached ?? [];
  const published = network?.ready.published ?? [];
  const nodes = [
    ...plans.hosts.map((host) => {
      const machine = machines.get(host.name);
      return node(host.name, 'host', host.name, hostWords(host, machine), portsOf(machine), HOSTS);
    }),
    ...(plans.network?.switches ?? []).map((one) =>
      node(
        one.name,
        'switch',
        one.name,
        switchWords(one, rates),
        one.ports.map((port) => port.name),
        tiers.get(one.name)!,
      ),
    ),
    ...plans.arrays.map((array) => {
      const machine = machines.get(array.name);
      const one = node(
        array.name,
        'array',
        array.name,
        arrayWords(array, machine, ready.arrays[array.name]?.portals),
        portsOf(machine),
        arrays,
      );
      return machine === undefined ? { ...one, portals: ready.arrays[array.name]?.portals ?? [] } : one;
    }),
    ...attached.map(({ port, to }) => node(worldNode(port), 'world', to, `plugged into ${port}`, [WORLD_PORT], OUTSIDE)),
    ...published.map(({ host, listen, to }) => ({
      ...node(publishedNode(listen), 'published', listen, `from ${host} to ${to}`, [WORLD_PORT], OUTSIDE),
      portals: [listen],
    })),
  ];
  const links: TopologyLink[] = [
    ...(plans.network?.links ?? []).map(({ ends, rateBitsPerSecond, delayNanos, mtuBytes }) => ({
      id: linkText({ ends }),
      ends,
      kind: 'link' as const,
      rateBitsPerSecond,
      delayNanos,
      mtuBytes,
    })),
    ...attached.map(({ port }, index) => {
      const place = plans.network!.attachments[index]!;
      return plain('attachment', worldNode(port), { node: place.node, port: place.port });
    }),
    ...published.map(({ host, listen }) => plain('publication', publishedNode(listen), { node: host, port: '' })),
  ];
  return { fabric: name, nodes, links, onlyChecked };
}

const node = (id: string, kind: NodeKind, shown: string, description: string, ports: readonly string[], tier: number): TopologyNode => ({
  id,
  kind,
  name: shown,
  description,
  ports,
  tier,
});

const portsOf = (machine: MachinePlan | undefined): string[] => machine?.nics.map((nic) => nic.name) ?? [];

/** What is outside has one port, whatever it is. */
const WORLD_PORT = 'port';

const plain = (kind: 'attachment' | 'publication', world: string, place: PortPlace): TopologyLink => ({
  id: `${world} - ${place.port === '' ? place.node : placeText(place)}`,
  ends: [{ node: world, port: WORLD_PORT }, place],
  kind,
  rateBitsPerSecond: 0,
  delayNanos: 0,
  mtuBytes: 0,
});

// ---- tiers ----

/**
 * By their distance from what uses the network: switches with hosts or ports to the world in them first, then those behind. Where only arrays are in
 * reach, the distance from those counts.
 */
function switchTiers(network: NetworkPlan | undefined, arrays: ReadonlySet<string>): ReadonlyMap<string, number> {
  const tiers = new Map<string, number>();
  if (network === undefined) return tiers;
  const neighbors = new Map(network.switches.map(({ name }) => [name, new Set<string>()]));
  const users = new Set(network.attachments.map(({ node }) => node));
  const keepers = new Set<string>();
  for (const { ends } of network.links) {
    for (const [{ node }, other] of [ends, [ends[1], ends[0]] as const]) {
      if (neighbors.has(other.node)) neighbors.get(node)?.add(other.node);
      else (arrays.has(other.node) ? keepers : users).add(node);
    }
  }
  for (const first of [users, keepers, new Set(neighbors.keys())]) {
    let ring = [...first].filter((name) => neighbors.has(name) && !tiers.has(name));
    for (let tier = FIRST_SWITCHES; ring.length > 0; tier += 1) {
      for (const name of ring) tiers.set(name, tier);
      ring = [...new Set(ring.flatMap((name) => [...neighbors.get(name)!]))].filter((name) => !tiers.has(name));
    }
  }
  return tiers;
}

// ---- words ----

const count = (number: number, word: string): string => `${number} ${word}${number === 1 ? '' : 's'}`;

/** `25G`: as a fabric file says it. */
const rateWord = (bitsPerSecond: number): string => formatRate(bitsPerSecond).replace(/ (.)b\/s$/, '$1');

const named = (words: readonly string[]): string[] =>
  words.length <= NAMED_MAX + 1 ? [...words] : [...words.slice(0, NAMED_MAX), `${words.length - NAMED_MAX} more`];

const addressWords = ({ nics }: MachinePlan): string[] => [
  ...named(
    nics.flatMap((nic) => nic.interfaces.flatMap((one) => one.addresses.map(({ address, bits }) => `${formatIp(address)}/${bits}`))),
  ),
  ...(nics.some((nic) => nic.interfaces.some((one) => one.dhcp)) ? ['DHCP'] : []),
];

const machineWords = (machine: MachinePlan): string => [count(machine.nics.length, 'port'), ...addressWords(machine)].join(', ');

const hostWords = ({ adapters }: HostPlan, machine: MachinePlan | undefined): string =>
  machine === undefined ? `${count(adapters.length, 'adapter')}, on the network of this machine` : machineWords(machine);

const arrayWords = ({ portals, targets }: ArrayPlan, machine: MachinePlan | undefined, listens: readonly string[] | undefined): string =>
  [
    ...(machine === undefined ? named(listens ?? portals.map(({ host, port }) => formatAddress(host, port))) : [machineWords(machine)]),
    count(targets.length, 'target'),
    count(
      targets.reduce((sum, target) => sum + target.units.length, 0),
      'LUN',
    ),
  ].join(', ');

function switchWords({ name, ports, spanningTree, cutThrough }: SwitchPlan, rates: ReadonlyMap<string, ReadonlySet<number>>): string {
  const words = [...(rates.get(name) ?? [])].toSorted((a, b) => a - b).map(rateWord);
  return [
    ...(words.length === 0 ? [] : [words.join(' and ')]),
    count(ports.length, 'port'),
    ...(spanningTree === undefined ? [] : ['spanning tree']),
    ...(cutThrough ? ['cut-through'] : []),
  ].join(', ');
}

/** Of the links at each node. */
function ratesAt(links: readonly LinkPlan[]): ReadonlyMap<string, ReadonlySet<number>> {
  const rates = new Map<string, Set<number>>();
  for (const { ends, rateBitsPerSecond } of links) {
    for (const { node } of ends) {
      const known = rates.get(node);
      if (known === undefined) rates.set(node, new Set([rateBitsPerSecond]));
      else known.add(rateBitsPerSecond);
    }
  }
  return rates;
}
