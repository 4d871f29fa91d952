/** What the generators of hosts have in common: adapter ports, addresses, and which parts they may use. */
import { type DcbPart, generateDcb } from './generate-dcb.ts';
import { type Picker, type Written, written } from './pick.ts';

export type Os = 'linux' | 'windows' | 'esxi';

/** Parts that can be left out, where a dialect has no words for them. */
export type HostPart =
  | DcbPart
  | 'device'
  | 'mac'
  | 'mtu'
  | 'speed'
  | 'flowControl'
  /** DCB of the whole machine, of single ports. */
  | 'hostDcb'
  | 'nicDcb'
  | 'rdma'
  | 'offloads'
  | 'encapsulationOverhead'
  | 'sriov'
  | 'functionSettings'
  | 'eswitch'
  | 'addresses'
  | 'ipv6'
  | 'dhcp'
  | 'autoconfigure'
  | 'routes'
  | 'vlans'
  | 'vlanMtu'
  | 'egress'
  | 'ingress'
  | 'teams'
  | 'virtualSwitches'
  | 'openVswitch'
  | 'portGroups'
  | 'trunkGroups'
  | 'groupTeaming'
  | 'security'
  | 'virtualNics'
  | 'services'
  | 'policies'
  | 'drivers'
  | 'iscsi'
  | 'chap'
  | 'iscsiSettings'
  | 'staticTargets';

export interface HostOptions {
  readonly without?: readonly HostPart[];
  /** What ports are called, from 0 on. By default `p0` (linux, windows) or `vmnic0` (esxi). */
  readonly nics?: (index: number) => string;
  readonly speeds?: readonly string[];
  readonly flowControl?: readonly ('none' | 'receive' | 'send' | 'both' | 'auto')[];
  /** Parameters of drivers that may be set: by driver and parameter, the values. */
  readonly drivers?: Readonly<Record<string, Readonly<Record<string, readonly (string | number | boolean)[]>>>>;
  readonly offloads?: readonly Offload[];
}

export type Offload =
  | 'checksum'
  | 'largeSend'
  | 'largeReceive'
  | 'receiveScaling'
  | 'receiveQueues'
  | 'virtualQueues'
  | 'encapsulated'
  | 'interruptModeration'
  | 'receiveBuffers'
  | 'sendBuffers';

export interface Around {
  readonly pick: Picker;
  readonly has: (part: HostPart) => boolean;
  readonly options: HostOptions;
  /** A new subnet each time: no two interfaces share one. */
  readonly subnet: () => number;
}

export function around(pick: Picker, options: HostOptions): Around {
  const without = new Set<HostPart>(options.without);
  let next = 0;
  return { pick, options, has: (part) => !without.has(part), subnet: () => (next += 1) };
}

export const maybe = <Value>({ pick, has }: Around, part: HostPart, probability: number, make: () => Value): Value | undefined =>
  has(part) && pick.maybe(probability) ? make() : undefined;

export const mac = (pick: Picker): string =>
  ['02', ...Array.from({ length: 5 }, () => pick.between(0, 255).toString(16).padStart(2, '0'))].join(':');

/** Addresses of one interface, or that they come by DHCP. */
export function generateAddresses(about: Around, probability = 0.6): Written {
  const { pick, has, subnet } = about;
  if (!pick.maybe(probability)) return {};
  if (has('dhcp') && pick.maybe(0.15)) return { dhcp: true };
  if (!has('addresses')) return {};
  const net = subnet();
  const addresses = [`192.168.${net}.${pick.between(1, 254)}/${pick.one([24, 24, 25])}`];
  if (has('ipv6') && pick.maybe(0.2)) addresses.push(`2001:db8:${net.toString(16)}::${pick.between(1, 0xffff).toString(16)}/64`);
  return written({ addresses, autoconfigure: has('autoconfigure') && pick.maybe(0.1) ? true : undefined });
}

const ALL_OFFLOADS: readonly Offload[] = [
  'checksum',
  'largeSend',
  'largeReceive',
  'receiveScaling',
  'receiveQueues',
  'virtualQueues',
  'encapsulated',
  'interruptModeration',
  'receiveBuffers',
  'sendBuffers',
];

function generateOffloads({ pick, options }: Around): Written {
  const value = (offload: Offload): unknown => {
    if (offload === 'receiveQueues') return pick.one([1, 2, 4, 8]);
    if (offload === 'receiveBuffers' || offload === 'sendBuffers') return pick.one([512, 1024, 2048]);
    return pick.maybe(0.5);
  };
  return Object.fromEntries(pick.some(options.offloads ?? ALL_OFFLOADS, 1, 4).map((offload) => [offload, value(offload)]));
}

function generateSriov(about: Around): Written {
  const { pick, has } = about;
  const functions = pick.between(1, 8);
  const each: Written = {};
  if (has('functionSettings'))
    for (const number of pick.some(
      Array.from({ length: functions }, (_, index) => index),
      0,
      2,
    )) {
      const vlan = pick.maybe(0.5) ? pick.between(2, 4000) : undefined;
      const settings = written({
        mac: pick.maybe(0.5) ? mac(pick) : undefined,
        vlan,
        priority: vlan !== undefined && pick.maybe(0.4) ? pick.between(1, 7) : undefined,
        spoofCheck: pick.maybe(0.4) ? pick.maybe(0.5) : undefined,
        trust: pick.maybe(0.4) ? pick.maybe(0.5) : undefined,
        maxRate: pick.maybe(0.3) ? `${pick.one([100, 500, 1000, 5000])}M` : undefined,
        linkState: pick.maybe(0.3) ? pick.one(['auto', 'enable', 'disable']) : undefined,
      });
      if (Object.keys(settings).length > 0) each[`${number}`] = settings;
    }
  return written({ functions, each, mode: maybe(about, 'eswitch', 0.3, () => pick.one(['legacy', 'switchdev'])) });
}

/** VLANs with tags. */
export function generateVlans(about: Around, mtu: number | undefined): Written {
  const { pick, has } = about;
  if (!has('vlans') || !pick.maybe(0.6)) return {};
  const vlans: Written = {};
  for (let count = pick.between(1, 3); count > 0; count -= 1) {
    const map = (part: 'egress' | 'ingress', keyMost: number): Written | undefined =>
      maybe(about, part, 0.4, () =>
        Object.fromEntries(
          pick
            .some(
              Array.from({ length: keyMost + 1 }, (_, key) => key),
              1,
              3,
            )
            .map((key) => [`${key}`, pick.between(1, 7)]),
        ),
      );
    vlans[`${pick.between(2, 4000)}`] = written({
      ...generateAddresses(about),
      mtu: mtu === 9000 && has('vlanMtu') && pick.maybe(0.3) ? pick.one([1500, 9000]) : undefined,
      egress: map('egress', 7),
      ingress: map('ingress', 7),
    });
  }
  return vlans;
}

/** `bare`: nothing of IP, for the ports of teams and virtual switches. */
export function generateNic(about: Around, index: number, bare: boolean): Written {
  const { pick, options } = about;
  const mtu = maybe(about, 'mtu', 0.6, () => pick.one([1500, 9000]));
  const dscp = pick.maybe(0.3) ? pick.between(0, 63) : undefined;
  return written({
    device: maybe(about, 'device', 0.5, () => `SLOT ${4 + (index >> 1)} Port ${1 + (index & 1)}`),
    mac: maybe(about, 'mac', 0.4, () => mac(pick)),
    mtu,
    speed: maybe(about, 'speed', 0.3, () => pick.one(options.speeds ?? ['10G', '25G', '40G', '100G'])),
    flowControl: maybe(about, 'flowControl', 0.4, () => pick.one(options.flowControl ?? ['none', 'receive', 'send', 'both'])),
    dcb: maybe(about, 'nicDcb', 0.4, () => generateDcb(pick, about.has)),
    rdma: maybe(about, 'rdma', 0.5, () =>
      written({
        kind: pick.one(['roce-v1', 'roce-v2', 'iwarp']),
        enabled: pick.maybe(0.2) ? false : undefined,
        priority: pick.maybe(0.3) ? pick.between(1, 7) : undefined,
        dscp,
        mtu: pick.maybe(0.3) ? pick.one([1024, 2048, 4096]) : undefined,
        ecn: pick.maybe(0.3) ? pick.maybe(0.5) : undefined,
      }),
    ),
    offloads: maybe(about, 'offloads', 0.4, () => generateOffloads(about)),
    encapsulationOverhead: maybe(about, 'encapsulationOverhead', 0.2, () => pick.one([0, 160, 320])),
    sriov: maybe(about, 'sriov', 0.3, () => generateSriov(about)),
    ...(bare ? {} : { ...generateAddresses(about), vlans: generateVlans(about, mtu ?? 1500) }),
  });
}

export function generatePolicies(about: Around): Written {
  const { pick } = about;
  const known = [
    ['SMB', 'net-direct:445'],
    ['SMB Direct', 'smb'],
    ['DEFAULT', 'default'],
    ['Cluster', 'cluster'],
    ['LiveMigration', 'live-migration'],
    ['iSCSI', 'iscsi'],
    ['TCP', 'tcp'],
    ['Backup', 'tcp:9102'],
  ] as const;
  return Object.fromEntries(
    pick
      .some(known, 1, 3)
      .map(([name, match]) => [
        name,
        written({ match, priority: pick.between(0, 7), dscp: pick.maybe(0.2) ? pick.between(0, 63) : undefined }),
      ]),
  );
}

export function generateDrivers(about: Around, usual: NonNullable<HostOptions['drivers']>): Written {
  const { pick, options } = about;
  const drivers: Written = {};
  for (const [driver, parameters] of pick.some(Object.entries(options.drivers ?? usual), 0, 2))
    drivers[driver] = Object.fromEntries(pick.some(Object.entries(parameters), 1, 2).map(([name, values]) => [name, pick.one(values)]));
  return drivers;
}
