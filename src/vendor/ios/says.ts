/** What IOS on a Catalyst has words for here. */
import { CISCO_DEFAULTS, type Defaults } from '../running-config/defaults.ts';

const OF_VLANS = new Set(['present', 'name', 'addresses', 'igmpSnooping', 'igmpQuerier']);
const OF_AGGREGATIONS = new Set(['ports', 'mode', 'active', 'lacpRate', 'hash', 'description', 'untagged', 'tagged', 'mtu']);
const OF_PORTS = new Set(['description', 'speed', 'disabled', 'untagged', 'tagged', 'mtu', 'flowControl']);
/** There is no Data Center Bridging: what says so can be said. */
const OF_DCB = new Set(['trust', 'pfc', 'dcbx']);

export function says(key: readonly string[]): boolean {
  const [place, name, what, inner] = key;
  if (place === 'lldp') return true;
  if (place === 'spanningTree') return name === 'enabled' || name === 'priority';
  if (place === 'vlans') return OF_VLANS.has(what!);
  if (place !== 'ports' && place !== 'aggregations') return false;
  // Trust is that of the members.
  if (what === 'dcb') return OF_DCB.has(inner!) && (place === 'ports' || inner !== 'trust');
  if (what === 'spanningTree') return place === 'ports';
  return (place === 'ports' ? OF_PORTS : OF_AGGREGATIONS).has(what!);
}

export const IOS_DEFAULTS: Defaults = {
  ...CISCO_DEFAULTS,
  'ports.dcb.pfc': [],
  'ports.dcb.dcbx': 'none',
  'aggregations.dcb.pfc': [],
  'aggregations.dcb.dcbx': 'none',
};

/** Frames that are no IP go by their MAC addresses with the two others as well. */
export const HASH_WORDS = { layer2: 'src-dst-mac', 'layer2+3': 'src-dst-ip', 'layer3+4': 'src-dst-mixed-ip-port' } as const;

export const TRUST_WORDS = { pcp: 'cos', dscp: 'dscp' } as const;

/** In Mb/s; faster ports have one speed. */
export const SPEEDS = new Set([10, 100, 1000]);

export const MTU_LEAST = 1500;
export const MTU_MOST = 9198;
/** VLANs above are kept in the configuration, not in the database of VTP. */
export const VLAN_MOST_NORMAL = 1005;
