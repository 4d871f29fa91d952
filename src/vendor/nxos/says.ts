/** What NX-OS has words for here. */
import { CISCO_DEFAULTS, type Defaults } from '../running-config/defaults.ts';

const OF_VLANS = new Set(['present', 'name', 'addresses', 'mtu', 'igmpSnooping', 'igmpQuerier']);
const OF_AGGREGATIONS = new Set(['ports', 'mode', 'active', 'lacpRate', 'hash', 'peerGroup', 'description', 'untagged', 'tagged', 'mtu']);
const OF_PORTS = new Set(['description', 'speed', 'disabled', 'untagged', 'tagged', 'mtu', 'flowControl']);
const OF_DCB = new Set(['dcbx', 'pfc', 'dscp', 'marks']);

export function says(key: readonly string[]): boolean {
  const [place, name, what, inner, ...rest] = key;
  if (place === 'lldp') return true;
  if (place === 'spanningTree') return name === 'enabled' || name === 'priority';
  // The rest of a switch's DCB is that of its ports.
  if (place === 'dcb') return name === 'pfc';
  if (place === 'vlans') return OF_VLANS.has(what!);
  if (place !== 'ports' && place !== 'aggregations') return false;
  // Port channels do not speak LLDP: their ports do.
  if (what === 'dcb') return inner === 'classes' ? rest[1] !== 'name' : OF_DCB.has(inner!) && (place === 'ports' || inner !== 'dcbx');
  if (what === 'spanningTree') return place === 'ports';
  return (place === 'ports' ? OF_PORTS : OF_AGGREGATIONS).has(what!);
}

export const NXOS_DEFAULTS: Defaults = CISCO_DEFAULTS;

/** `src-dst ip` hashes frames that are no IP by their MAC addresses. */
export const HASH_WORDS = { layer2: 'src-dst mac', 'layer2+3': 'src-dst ip', 'layer3+4': 'src-dst ip-l4port' } as const;

/** In Mb/s. */
export const SPEEDS = new Set([100, 1000, 10_000, 25_000, 40_000, 50_000, 100_000, 200_000, 400_000]);

export const MTU_LEAST = 1500;
export const MTU_MOST = 9216;

/** VLANs above are the switch's own. */
export const VLAN_MOST_FREE = 3967;

/** Thresholds are in `kbytes`, and no guide says of how many bytes: here they are what `KB` is in a fabric file. */
export const KBYTES = 1000;
