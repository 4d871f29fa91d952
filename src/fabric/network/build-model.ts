/** Switches and links, from the declaration as written to the model. */
import { parseMac } from '../../wire/ethernet/mac.ts';
import { buildAttach, type MachineAround } from './build-machine.ts';
import { defaultMac } from './default-mac.ts';
import { parseDuration } from '../duration.ts';
import type { FabricLink, LinkEnd, PortVlanChoice, RepeatedPort, Switch, SwitchPort } from './model.ts';
import { accepted } from '../parsed.ts';
import { portNames } from './port-names.ts';
import type { Path } from '../problem.ts';
import { parseRate } from './rate.ts';
import { type LinkDeclaration, type LongLinkDeclaration, parseLength, parseProbability, splitEnd } from '../schema/link.ts';
import type { SwitchDeclaration, SwitchPortDeclaration } from '../schema/switch.ts';
import type { VlanListDeclaration } from '../schema/wire-words.ts';
import { parseSize } from '../size.ts';
import { parseVlanRange, type VlanRange } from './vlan-list.ts';
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
  const rate = accepted(parseRate(declared.speed));
  const ports = new Map<string, SwitchPort>();
  const repeatedPorts: RepeatedPort[] = [];
  for (const [key, settings] of Object.entries(declared.ports)) {
    const at = around.original([...path, 'ports', key]);
    const others = new Set<Path>();
    for (const port of portNames(key)) {
      const other = ports.get(port)?.at;
      if (other === undefined) ports.set(port, buildPort(port, settings, at, rate));
      else if (!others.has(other)) repeatedPorts.push({ at, name: port, other });
      if (other !== undefined) others.add(other);
    }
  }
  for (const end of linked)
    if (!ports.has(end.port)) ports.set(end.port, { ...buildPort(end.port, undefined, end.at, rate), declared: false });
  const { spanningTree } = declared;
  return {
    at: around.original(path),
    name,
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

function buildPort(name: string, declared: SwitchPortDeclaration | undefined, at: Path, rate: number): SwitchPort {
  const { storm, spanningTree: tree } = declared ?? {};
  const vlans: PortVlanChoice = declared === undefined ? { mode: 'access', vlan: DEFAULT_VLAN } : vlansOf(declared);
  return {
    at,
    name,
    description: declared?.description,
    declared: true,
    vlans,
    idleKeys: declared === undefined ? [] : EXCLUDED[vlans.mode].filter((key) => declared[key] !== undefined),
    rateBitsPerSecond: declared?.speed === undefined ? rate : accepted(parseRate(declared.speed)),
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

/** Keys that exclude one another are a rule's business: the more particular one counts. */
function vlansOf({ vlan, trunk, native, tagged, untagged }: SwitchPortDeclaration): PortVlanChoice {
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
