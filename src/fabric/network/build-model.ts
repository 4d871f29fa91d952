/** Switches and links, from the declaration as written to the model. */
import { parseMac } from '../../wire/ethernet/mac.ts';
import { buildAttach, type MachineAround } from './build-machine.ts';
import { defaultMac } from './default-mac.ts';
import { parseDuration } from '../duration.ts';
import { buildSubnetManager } from '../functions/build.ts';
import { buildDcb, saidAt, type WrittenDcb } from '../lossless/build.ts';
import type { Dcb } from '../lossless/model.ts';
import { parseInterfaceAddress } from './ip-prefix.ts';
import type { Aggregation, FabricLink, LinkEnd, PortVlanChoice, RepeatedPort, Switch, SwitchPort, SwitchVlan } from './model.ts';
import { accepted, isMistake } from '../parsed.ts';
import { portNames } from './port-names.ts';
import type { Path } from '../problem.ts';
import { parseRate } from './rate.ts';
import { type LinkDeclaration, type LongLinkDeclaration, parseLength, parseProbability, splitEnd } from '../schema/link.ts';
import type { AggregationDeclaration, SwitchDeclaration, SwitchPortDeclaration, SwitchVlanDeclaration } from '../schema/switch.ts';
import type { VlanListDeclaration } from '../schema/wire-words.ts';
import { parseSize } from '../size.ts';
import { parseVlanKey, parseVlanRange, type VlanRange } from './vlan-list.ts';
import { MILLISECOND } from '../../base/clock.ts';

const DEFAULT_VLAN = 1;
const CABLE_METRES = 3;
/** Light in fibre and signals in copper travel about as fast. */
const NANOS_A_METRE = 5;

/** `linked`: the ports of this switch that links name, with where they do. */
export function buildSwitch(
  name: string,
  declared: SwitchDeclaration,
  path: Path,
  linked: readonly LinkEnd[],
  around: MachineAround,
): Switch {
  const { original } = around;
  const at = original(path);
  const dcb = { declared: declared.dcb, at: [...path, 'dcb'] };
  const aggregations = Object.entries(declared.aggregations).map(([key, one]) =>
    buildAggregation(key, one, [...path, 'aggregations', key], dcb, around),
  );
  const whole = {
    rate: accepted(parseRate(declared.speed)),
    dcb,
    ownDcb: buildDcb(dcb, undefined, original),
    flowControl: saidAt(declared.flowControl, [...at, 'flowControl']),
    aggregations: new Map(aggregations.flatMap((one) => one.ports.map(({ text }) => [text, one] as const)).toReversed()),
    original,
  };
  const ports = new Map<string, SwitchPort>();
  const repeatedPorts: RepeatedPort[] = [];
  for (const [key, settings] of Object.entries(declared.ports)) {
    const place = original([...path, 'ports', key]);
    const one = { settings, dcb: portDcb(settings, [...path, 'ports', key], whole) };
    const others = new Set<Path>();
    for (const port of portNames(key)) {
      const other = ports.get(port)?.at;
      if (other === undefined) ports.set(port, buildPort(port, one, place, whole));
      else if (!others.has(other)) repeatedPorts.push({ at: place, name: port, other });
      if (other !== undefined) others.add(other);
    }
  }
  for (const end of linked)
    if (!ports.has(end.port)) ports.set(end.port, { ...buildPort(end.port, undefined, end.at, whole), declared: false });
  for (const port of whole.aggregations.keys())
    if (!ports.has(port)) {
      const { at: place } = whole.aggregations.get(port)!;
      ports.set(port, { ...buildPort(port, undefined, place, whole), declared: false });
    }
  const { spanningTree } = declared;
  return {
    at,
    name,
    kind: declared.kind,
    vlans:
      declared.vlans === undefined
        ? undefined
        : Object.entries(declared.vlans)
            .filter(([vlan]) => !isMistake(parseVlanKey(vlan)))
            .map(([vlan, one]) => buildVlan(Number(vlan), one, [...path, 'vlans', vlan], original)),
    aggregations,
    peer: declared.peer === undefined ? undefined : { at: [...at, 'peer'], text: declared.peer },
    dcb: whole.ownDcb,
    losslessClasses: saidAt(declared.losslessClasses, [...at, 'losslessClasses']),
    bufferBytes: saidAt(declared.buffer === undefined ? undefined : declared.buffer === 0 ? 0 : accepted(parseSize(declared.buffer)), [
      ...at,
      'buffer',
    ]),
    subnetManager: buildSubnetManager(declared.subnetManager, [...at, 'subnetManager']),
    mac: declared.mac === undefined ? defaultMac(around.fabric, name, '') : parseMac(declared.mac)!,
    ports: [...ports.values()],
    repeatedPorts,
    portCount: declared.portCount,
    mtuBytes: declared.mtu,
    cutThrough: declared.forwarding === 'cut-through',
    addressesMax: declared.addresses,
    ageingNanos: accepted(parseDuration(declared.ageing)),
    spanningTree: spanningTree === false ? undefined : treeOf(spanningTree === true ? {} : spanningTree),
    lldp: declared.lldp,
  };
}

const treeOf = (declared: Partial<Exclude<SwitchDeclaration['spanningTree'], boolean>>): NonNullable<Switch['spanningTree']> => ({
  priority: declared.priority ?? 32_768,
  helloTimeSeconds: declared.helloTime ?? 2,
  maxAgeSeconds: declared.maxAge ?? 20,
  forwardDelaySeconds: declared.forwardDelay ?? 15,
  legacy: declared.legacy ?? false,
});

/** What a port has from its switch. */
interface WholeSwitch {
  readonly rate: number;
  readonly dcb: WrittenDcb;
  readonly ownDcb: Dcb;
  readonly flowControl: SwitchPort['flowControl'];
  /** By port. */
  readonly aggregations: ReadonlyMap<string, Aggregation>;
  readonly original: MachineAround['original'];
}

const VLAN_KEYS = ['vlan', 'trunk', 'native', 'tagged', 'untagged'] as const;

/** Of all ports of one key; those that say nothing have the switch's, which they share. */
const portDcb = (settings: SwitchPortDeclaration, path: Path, whole: WholeSwitch): Dcb =>
  settings.dcb === undefined ? whole.ownDcb : buildDcb({ declared: settings.dcb, at: [...path, 'dcb'] }, whole.dcb, whole.original);

interface WrittenPort {
  readonly settings: SwitchPortDeclaration;
  readonly dcb: Dcb;
}

function buildPort(name: string, written: WrittenPort | undefined, at: Path, whole: WholeSwitch): SwitchPort {
  const declared = written?.settings;
  const { storm, spanningTree: tree } = declared ?? {};
  const aggregation = whole.aggregations.get(name);
  const listsVlans = declared !== undefined && VLAN_KEYS.some((key) => declared[key] !== undefined);
  const own: PortVlanChoice = declared === undefined ? { mode: 'access', vlan: DEFAULT_VLAN } : vlansOf(declared);
  const vlans = aggregation === undefined ? own : aggregation.vlans;
  return {
    at,
    mtu: saidAt(declared?.mtu, [...at, 'mtu']) ?? aggregation?.mtu,
    flowControl: saidAt(declared?.flowControl, [...at, 'flowControl']) ?? whole.flowControl,
    dcb: declared?.dcb === undefined && aggregation !== undefined ? aggregation.dcb : (written?.dcb ?? whole.ownDcb),
    aggregation: aggregation?.name,
    listsVlans,
    ownVlans: own,
    name,
    description: declared?.description,
    declared: true,
    vlans,
    idleKeys: declared === undefined ? [] : EXCLUDED[own.mode].filter((key) => declared[key] !== undefined),
    rateBitsPerSecond: declared?.speed === undefined ? whole.rate : accepted(parseRate(declared.speed)),
    saysRate: declared?.speed !== undefined,
    priority: declared?.priority ?? 0,
    disabled: declared?.disabled ?? false,
    storm: { broadcast: storm?.broadcast, multicast: storm?.multicast, unknown: storm?.unknown },
    spanningTree: {
      edge: tree?.edge,
      cost: tree?.cost,
      priority: tree?.priority ?? 128,
      bpduGuard: tree?.bpduGuard ?? false,
      rootGuard: tree?.rootGuard ?? false,
    },
    attach: buildAttach(declared?.attach, [...at, 'attach']),
  };
}

function buildAggregation(
  name: string,
  declared: AggregationDeclaration,
  path: Path,
  outer: WrittenDcb,
  { original }: MachineAround,
): Aggregation {
  const at = original(path);
  const vlans = vlansOf(declared);
  const ports = declared.ports.map((port, index) => ({ at: original([...path, 'ports', index]), text: `${port}` }));
  return {
    at,
    name,
    // `1-4` is four ports, as among the keys of `ports`.
    ports: ports.flatMap(({ at: place, text }) => portNames(text).map((port) => ({ at: place, text: port }))),
    mode: declared.mode,
    active: declared.active,
    lacpRate: declared.lacpRate,
    hash: declared.hash,
    peerGroup: declared.peerGroup,
    description: declared.description,
    vlans,
    idleKeys: EXCLUDED[vlans.mode].filter((key) => declared[key] !== undefined),
    mtu: saidAt(declared.mtu, [...at, 'mtu']),
    dcb: buildDcb({ declared: declared.dcb, at: [...path, 'dcb'] }, outer, original),
  };
}

const buildVlan = (vlan: number, declared: SwitchVlanDeclaration, path: Path, original: MachineAround['original']): SwitchVlan => ({
  at: original(path),
  vlan,
  name: declared.name,
  addresses: declared.addresses.map((text, index) => ({
    at: original([...path, 'addresses', index]),
    ...accepted(parseInterfaceAddress(text)),
  })),
  mtuBytes: declared.mtu,
  igmpSnooping: declared.igmpSnooping,
  igmpQuerier: declared.igmpQuerier,
});

/** Keys that exclude one another are a rule's business: the more particular one counts. */
function vlansOf({ vlan, trunk, native, tagged, untagged }: Pick<SwitchPortDeclaration, (typeof VLAN_KEYS)[number]>): PortVlanChoice {
  if (tagged !== undefined || untagged !== undefined) return { mode: 'listed', untagged, tagged: rangesOf(tagged) };
  if (trunk !== undefined) return { mode: 'trunk', native: native === 'none' ? 0 : (native ?? DEFAULT_VLAN), allowed: rangesOf(trunk) };
  return { mode: 'access', vlan: vlan ?? DEFAULT_VLAN };
}

const EXCLUDED = { listed: ['vlan', 'trunk', 'native'], trunk: ['vlan'], access: ['native'] } as const;

const rangesOf = (declared: VlanListDeclaration | undefined): VlanRange[] =>
  (declared === undefined ? [] : Array.isArray(declared) ? declared : [declared]).map((written) => accepted(parseVlanRange(written)));

const probability = (value: string | number | undefined): number => (value === undefined ? 0 : accepted(parseProbability(value)));

export function buildLink(declared: LinkDeclaration, at: Path): FabricLink {
  const long: Partial<LongLinkDeclaration> = Array.isArray(declared) ? {} : declared;
  const written = Array.isArray(declared) ? declared : declared.ends;
  const endsAt = Array.isArray(declared) ? at : [...at, 'ends'];
  const end = (index: 0 | 1): LinkEnd => ({ at: [...endsAt, index], ...splitEnd(written[index])! });
  const { faults, ecn } = long;
  return {
    at,
    ends: [end(0), end(1)],
    rateBitsPerSecond: long.rate === undefined ? undefined : accepted(parseRate(long.rate)),
    delayNanos:
      long.delay === undefined
        ? Math.round((long.length === undefined ? CABLE_METRES : accepted(parseLength(long.length))) * NANOS_A_METRE)
        : accepted(parseDuration(long.delay)),
    mtuBytes: long.mtu ?? 9216,
    queueBytes: accepted(parseSize(long.queue ?? '1MiB')),
    ecn:
      ecn === undefined
        ? undefined
        : { minBytes: accepted(parseSize(ecn.min)), maxBytes: accepted(parseSize(ecn.max)), probability: probability(ecn.probability) },
    faults: {
      loss: probability(faults?.loss),
      corruption: probability(faults?.corruption),
      duplication: probability(faults?.duplication),
      reordering: probability(faults?.reordering),
      reorderingNanos: faults?.reorderingDelay === undefined ? MILLISECOND : accepted(parseDuration(faults.reorderingDelay)),
      flapping:
        faults?.flapping === undefined
          ? undefined
          : { upNanos: accepted(parseDuration(faults.flapping.up)), downNanos: accepted(parseDuration(faults.flapping.down)) },
    },
    down: long.down ?? false,
  };
}
