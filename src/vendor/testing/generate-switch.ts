/** Random but sound physical switches, with ports called as the platform calls them. */
import { type DcbPart, generateDcb } from './generate-dcb.ts';
import { type Generated, generated } from './generated.ts';
import { type Picker, picker, type Written, written } from './pick.ts';

/** `1/1`; `Ethernet1/1`; `GigabitEthernet1/0/1`; `17`; `A1`. Aggregations are called `1` with the first three, `trk1` with the others. */
export type PortStyle = 'slot' | 'ethernet' | 'gigabit' | 'number' | 'letter';

/** Parts that can be left out, where a dialect has no words for them. */
export type SwitchPart =
  | DcbPart
  | 'description'
  | 'speed'
  | 'disabled'
  | 'mtu'
  | 'flowControl'
  | 'trunk'
  /** Trunks with a VLAN without tags other than 1. */
  | 'native'
  /** `native: none`. */
  | 'noNative'
  /** VLANs listed as tagged and untagged. */
  | 'listed'
  /** Listed, and none without tags. */
  | 'onlyTagged'
  | 'static'
  | 'lacp'
  | 'passive'
  | 'lacpRate'
  | 'hash'
  | 'peerGroup'
  | 'aggregationDescription'
  | 'aggregationMtu'
  /** DCB of the whole switch, of single ports, of aggregations. */
  | 'switchDcb'
  | 'portDcb'
  | 'aggregationDcb'
  | 'vlanNames'
  | 'vlanAddresses'
  | 'vlanMtu'
  | 'igmp'
  | 'edge'
  | 'cost'
  | 'guards'
  | 'treePriority'
  | 'noTree'
  | 'lldp';

export interface SwitchOptions {
  readonly style: PortStyle;
  readonly without?: readonly SwitchPart[];
  /** Speeds of ports; by default what the style's platforms have. */
  readonly speeds?: readonly string[];
  /** Sizes that ports can be set to. */
  readonly mtus?: readonly number[];
  readonly flowControl?: readonly ('none' | 'receive' | 'send' | 'both' | 'auto')[];
  readonly hashes?: readonly ('layer2' | 'layer2+3' | 'layer3+4')[];
}

const SLOW = ['100M', '1G', '10G'] as const;
const FAST = ['10G', '25G', '40G', '100G'] as const;

const portName = (style: PortStyle, number: number): string => {
  if (style === 'slot') return `1/${number}`;
  if (style === 'ethernet') return `Ethernet1/${number}`;
  if (style === 'gigabit') return `GigabitEthernet1/0/${number}`;
  return style === 'number' ? `${number}` : `${number > 24 ? 'B' : 'A'}${number > 24 ? number - 24 : number}`;
};

const aggregationName = (style: PortStyle, number: number): string =>
  style === 'number' || style === 'letter' ? `trk${number}` : `${number}`;

/** The same seed and options, the same switch, called `tor1`. */
export function generateSwitch(seed: number, options: SwitchOptions): Generated {
  const pick = picker(seed);
  const without = new Set<SwitchPart>(options.without);
  const has = (part: SwitchPart): boolean => !without.has(part);
  const { style } = options;
  const vlans = generateVlans(pick, has);
  const around: Around = { pick, has, options, vlans: Object.keys(vlans).map(Number) };

  const count = pick.between(3, 10);
  const numbers = pick.some(
    Array.from({ length: 48 }, (_, index) => index + 1),
    count,
    count,
  );
  const members = has('static') || has('lacp') ? numbers.slice(0, pick.one([0, 2, 2, 3, 4])) : [];
  const aggregations: Written = {};
  for (let index = 0; index < members.length; index += 2) {
    const number = index / 2 + 1;
    const ports = members.slice(index, index + 2);
    aggregations[aggregationName(style, number)] = generateAggregation(
      around,
      ports.map((port) => portName(style, port)),
      number,
    );
  }
  const ports: Written = {};
  for (const number of numbers) {
    const isMember = members.includes(number);
    const port = generatePort(around, isMember);
    if (!isMember || Object.keys(port).length > 0) ports[portName(style, number)] = port;
  }
  const dcb = has('switchDcb') && pick.maybe(0.6) ? generateDcb(pick, has) : {};
  return generated(
    'tor1',
    {
      switches: {
        tor1: written({
          // Without its own list a switch has the VLANs that its ports use.
          vlans: pick.maybe(0.8) || Object.values(vlans).some((one) => Object.keys(one as Written).length > 0) ? vlans : undefined,
          dcb,
          spanningTree: generateTree(pick, has),
          lldp: has('lldp') && pick.maybe(0.3) ? false : undefined,
          aggregations,
          ports,
        }),
      },
    },
    `generateSwitch(${seed}, ${JSON.stringify(options)})`,
  );
}

interface Around {
  readonly pick: Picker;
  readonly has: (part: SwitchPart) => boolean;
  readonly options: SwitchOptions;
  readonly vlans: readonly number[];
}

/** One VLAN at least, and now and then a run of them. */
function generateVlans(pick: Picker, has: (part: SwitchPart) => boolean): Written {
  const numbers = new Set<number>();
  for (let count = pick.between(1, 5); count > 0; count -= 1) numbers.add(pick.between(2, 4000));
  if (pick.maybe(0.5)) {
    const first = pick.between(2, 3900);
    for (let vlan = first; vlan < first + pick.between(2, 6); vlan += 1) numbers.add(vlan);
  }
  const vlans: Written = {};
  for (const vlan of [...numbers].toSorted((one, other) => one - other)) {
    const routed = has('vlanAddresses') && pick.maybe(0.25);
    vlans[`${vlan}`] = written({
      name: has('vlanNames') && pick.maybe(0.5) ? `${pick.one(['storage', 'iscsi', 'vm', 'mgmt'])}-${vlan}` : undefined,
      addresses: routed ? [`10.${vlan >> 8}.${vlan & 255}.1/24`] : undefined,
      mtu: routed && has('vlanMtu') && pick.maybe(0.5) ? pick.one([1500, 9000]) : undefined,
      igmpSnooping: has('igmp') && pick.maybe(0.2) ? pick.maybe(0.5) : undefined,
      igmpQuerier: has('igmp') && pick.maybe(0.1) ? true : undefined,
    });
  }
  return vlans;
}

function generateTree(pick: Picker, has: (part: SwitchPart) => boolean): unknown {
  if (has('noTree') && pick.maybe(0.2)) return false;
  return has('treePriority') && pick.maybe(0.5) ? { priority: 4096 * pick.between(0, 15) } : undefined;
}

/** As lists are written: numbers, and ranges of what is next to each other. */
function vlanList(vlans: readonly number[]): (number | string)[] {
  const list: (number | string)[] = [];
  for (let index = 0; index < vlans.length; index += 1) {
    let last = index;
    while (last + 1 < vlans.length && vlans[last + 1] === vlans[last]! + 1) last += 1;
    list.push(last === index ? vlans[index]! : `${vlans[index]}-${vlans[last]}`);
    index = last;
  }
  return list;
}

function generateCarried({ pick, has, vlans }: Around): Written {
  const ways = ['default', 'access', ...(has('trunk') ? ['trunk', 'trunk'] : []), ...(has('listed') ? ['listed', 'listed'] : [])] as const;
  const way = pick.one(ways);
  if (way === 'access') return { vlan: pick.one(vlans) };
  if (way === 'trunk') {
    const all = pick.maybe(0.15);
    const native = has('noNative') && pick.maybe(0.1) ? 'none' : has('native') && pick.maybe(0.4) ? pick.one(vlans) : undefined;
    return written({ trunk: all ? 'all' : vlanList(pick.some(vlans, 1, vlans.length)), native });
  }
  if (way !== 'listed') return {};
  const tagged = pick.some(vlans, 1, vlans.length);
  const rest = vlans.filter((vlan) => !tagged.includes(vlan));
  const untagged = rest.length > 0 && pick.maybe(0.5) ? pick.one(rest) : 1;
  return written({ tagged: vlanList(tagged), untagged: has('onlyTagged') && pick.maybe(0.4) ? undefined : untagged });
}

const mtuOf = ({ pick, options }: Around): number => pick.one(options.mtus ?? [1500, 9000, 9216]);

function generatePort(around: Around, isMember: boolean): Written {
  const { pick, has, options } = around;
  const slow = options.style === 'number' || options.style === 'letter';
  const edge = has('edge') && pick.maybe(0.3) ? pick.maybe(0.7) : undefined;
  return written({
    ...(isMember ? {} : generateCarried(around)),
    description: has('description') && pick.maybe(0.4) ? pick.one(['esx1 vmnic4', 'storage', 'uplink to core-1', 'lin1:p1']) : undefined,
    mtu: !isMember && has('mtu') && pick.maybe(0.5) ? mtuOf(around) : undefined,
    speed: has('speed') && pick.maybe(0.3) ? pick.one(options.speeds ?? (slow ? SLOW : FAST)) : undefined,
    flowControl: has('flowControl') && pick.maybe(0.4) ? pick.one(options.flowControl ?? ['none', 'receive', 'send', 'both']) : undefined,
    disabled: has('disabled') && pick.maybe(0.15) ? true : undefined,
    dcb: !isMember && has('portDcb') && pick.maybe(0.4) ? generateDcb(pick, has) : undefined,
    spanningTree: isMember
      ? undefined
      : written({
          edge,
          cost: has('cost') && pick.maybe(0.2) ? 2000 * pick.between(1, 100) : undefined,
          bpduGuard: edge === true && has('guards') && pick.maybe(0.4) ? true : undefined,
          rootGuard: edge !== true && has('guards') && pick.maybe(0.2) ? true : undefined,
        }),
  });
}

function generateAggregation(around: Around, ports: readonly string[], number: number): Written {
  const { pick, has, options } = around;
  const mode = !has('static') ? 'lacp' : !has('lacp') ? 'static' : pick.one(['static', 'lacp']);
  return written({
    ports,
    mode,
    active: mode === 'lacp' && has('passive') && pick.maybe(0.2) ? false : undefined,
    lacpRate: mode === 'lacp' && has('lacpRate') && pick.maybe(0.4) ? pick.one(['slow', 'fast']) : undefined,
    hash: has('hash') && pick.maybe(0.3) ? pick.one(options.hashes ?? ['layer2', 'layer2+3', 'layer3+4']) : undefined,
    peerGroup: has('peerGroup') && pick.maybe(0.2) ? number : undefined,
    ...generateCarried(around),
    description: has('aggregationDescription') && pick.maybe(0.3) ? `to esx${number}` : undefined,
    mtu: has('aggregationMtu') && has('mtu') && pick.maybe(0.4) ? mtuOf(around) : undefined,
    dcb: has('aggregationDcb') && pick.maybe(0.3) ? generateDcb(pick, has) : undefined,
  });
}
