/** An interface as `ip -j -d link show` and `ip -j -d address show` print it (iproute2 6.1: ip/ipaddress.c, iplink_vlan.c, iplink_bond.c). */
import { formatIp, parseAddress } from '../../wire/ip/address.ts';
import { entriesAt, type Entry, entryAt, numberAt, switchOf, textAt, valuesAt } from './json-output.ts';
import { numberOf, textOf } from '../core/json.ts';
import type { BondOptions, FunctionOptions, Link } from './link.ts';

/** Kinds that stand for ports: an adapter port has no kind, or that of what imitates one. */
const PORTS: ReadonlySet<string | undefined> = new Set([undefined, 'dummy', 'veth', 'netdevsim', 'virtio']);

/** `before`: what another output of the same text says of it. */
export function linkFrom(entry: Entry, name: string, before: Link | undefined): Link {
  const info = entryAt(entry, 'linkinfo');
  const kindName = textAt(info, 'info_kind');
  const data = entryAt(info, 'info_data');
  const slave = entryAt(info, 'info_slave_data');
  const linkType = textAt(entry, 'link_type');
  const link: Link = {
    name,
    line: entry.line,
    kind:
      linkType !== undefined && linkType !== 'ether'
        ? 'other'
        : PORTS.has(kindName)
          ? 'port'
          : kindName === 'vlan' || kindName === 'bond' || kindName === 'bridge'
            ? kindName
            : 'other',
    kindName: kindName ?? linkType ?? 'none',
  };
  // IEEE 802.1ad: another tag around those that a fabric file knows.
  if (link.kind === 'vlan' && !['802.1Q', undefined].includes(textAt(data, 'protocol')))
    Object.assign(link, { kind: 'other', kindName: '802.1ad' });
  const put = <Key extends keyof Link>(key: Key, value: Link[Key] | undefined): void => {
    if (value !== undefined) link[key] = value;
  };
  put('mtu', numberAt(entry, 'mtu'));
  put('mac', textAt(entry, 'address'));
  put('permanentMac', textAt(slave, 'perm_hwaddr'));
  put('master', textAt(entry, 'master'));
  put('alias', textAt(entry, 'ifalias'));
  put('alternativeName', textOf(valuesAt(entry, 'altnames')[0]));
  put('parent', link.kind === 'vlan' || kindName === undefined ? textAt(entry, 'link') : undefined);
  put('vlan', numberAt(data, 'id'));
  put('priority', numberAt(slave, 'prio'));
  if (link.kind === 'vlan') {
    link.egress = mapFrom(data, 'egress_qos');
    link.ingress = mapFrom(data, 'ingress_qos');
  }
  if (link.kind === 'bond') link.bond = bondFrom(data);
  if (link.kind === 'bridge') put('vlanFiltering', numberAt(data, 'vlan_filtering') === 1);
  const functions = entriesAt(entry, 'vfinfo_list');
  if (functions.length > 0) link.functions = functions.map(functionFrom);
  readAddresses(link, entry);
  return before === undefined ? link : { ...before, ...link, kind: info === undefined ? before.kind : link.kind };
}

const mapFrom = (data: Entry | undefined, name: string): Map<number, number> =>
  new Map(
    entriesAt(data, name).flatMap((one) => {
      const { from, to } = numbersAt(one);
      return from === undefined || to === undefined ? [] : [[from, to] as const];
    }),
  );

/** All members that are numbers, by name. */
const numbersAt = ({ members }: Entry): Readonly<Record<string, number | undefined>> =>
  Object.fromEntries([...members].map(([name, value]) => [name, numberOf(value)]));

function bondFrom(data: Entry | undefined): BondOptions {
  const texts = {
    mode: 'mode',
    primary: 'primary',
    primaryReselect: 'primary_reselect',
    hash: 'xmit_hash_policy',
    lacpActive: 'ad_lacp_active',
    lacpRate: 'ad_lacp_rate',
  } as const;
  const numbers = { miimon: 'miimon', arpInterval: 'arp_interval', notifications: 'num_peer_notif' } as const;
  const options: Record<string, string | number> = {};
  for (const [name, printed] of Object.entries(texts)) {
    const value = textAt(data, printed);
    if (value !== undefined) options[name] = value;
  }
  for (const [name, printed] of Object.entries(numbers)) {
    const value = numberAt(data, printed);
    if (value !== undefined) options[name] = value;
  }
  return options;
}

function functionFrom(entry: Entry): FunctionOptions {
  const vlan = entriesAt(entry, 'vlan_list')[0] ?? entry;
  const mac = textAt(entry, 'address') ?? textAt(entry, 'mac');
  const options: Record<string, string | number | boolean | undefined> = {
    // A function without an address has none set.
    mac: mac === '00:00:00:00:00:00' ? undefined : mac,
    vlan: numberAt(vlan, 'vlan'),
    priority: numberAt(vlan, 'qos'),
    spoofCheck: switchOf(entry.members.get('spoofchk')),
    trust: switchOf(entry.members.get('trust')),
    maxRateMegabits: numberAt(entryAt(entry, 'rate'), 'max_tx'),
    linkState: textAt(entry, 'link_state'),
  };
  return { number: numberAt(entry, 'vf') ?? 0, ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) };
}

/** What the kernel or a server gave is not what somebody set. */
function readAddresses(link: Link, entry: Entry): void {
  const addresses: string[] = [];
  for (const one of entriesAt(entry, 'addr_info')) {
    const text = textAt(one, 'local');
    const bits = numberAt(one, 'prefixlen');
    const address = text === undefined ? undefined : parseAddress(text);
    if (address === undefined || bits === undefined) continue;
    const isDynamic = switchOf(one.members.get('dynamic')) === true;
    if (isDynamic && address.length === 4) link.dhcp = true;
    else if (isDynamic) link.autoconfigure = true;
    else if (!isOwn(one, formatIp(address))) addresses.push(`${formatIp(address)}/${bits}`);
  }
  if (addresses.length > 0) link.addresses = addresses;
}

/** The link-local address that each interface makes itself (RFC 4862 §5.3), of its MAC address (also of one it had before) or at random. */
const isOwn = (entry: Entry, address: string): boolean =>
  textAt(entry, 'scope') === 'link' &&
  address.startsWith('fe80:') &&
  (/ff:fe[0-9a-f]{1,2}:[0-9a-f]{1,4}$/.test(address) ||
    textAt(entry, 'protocol') === 'kernel_ll' ||
    switchOf(entry.members.get('stable-privacy')) === true);

/** Without `-d` the kinds are not told: a VLAN is called after what it is on, a bond is a master, a bridge has ports. */
export function guessKinds(links: Map<string, Link>, entries: readonly Entry[]): void {
  const masters = new Set([...links.values()].map(({ master }) => master));
  for (const entry of entries) {
    const link = links.get(textAt(entry, 'ifname') ?? '');
    if (link === undefined || link.kind !== 'port') continue;
    const flags = valuesAt(entry, 'flags').map(textOf);
    const parent = textAt(entry, 'link');
    const vlan = parent === undefined ? undefined : /\.(\d{1,4})$/.exec(link.name)?.[1];
    if (flags.includes('MASTER')) link.kind = 'bond';
    else if (vlan !== undefined && link.name.startsWith(`${parent}.`)) Object.assign(link, { kind: 'vlan', parent, vlan: Number(vlan) });
    else if (masters.has(link.name)) link.kind = 'bridge';
  }
}
