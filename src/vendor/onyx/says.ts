/** What Onyx has words for here. */

const OF_VLANS = new Set(['present', 'name', 'addresses', 'mtu', 'igmpSnooping', 'igmpQuerier']);
const OF_AGGREGATIONS = new Set(['ports', 'mode', 'active', 'lacpRate', 'hash', 'peerGroup', 'description', 'untagged', 'tagged', 'mtu']);
const OF_PORTS = new Set(['description', 'speed', 'disabled', 'untagged', 'tagged', 'mtu', 'flowControl']);
const OF_DCB = new Set(['dcbx', 'trust', 'pfc', 'dscp', 'marks']);

export function says(key: readonly string[]): boolean {
  const [place, name, what, inner, ...rest] = key;
  if (place === 'lldp') return true;
  if (place === 'spanningTree') return name === 'enabled' || name === 'priority';
  // The rest of a switch's DCB is that of its ports.
  if (place === 'dcb') return name === 'pfc';
  if (place === 'vlans') return OF_VLANS.has(what!);
  if (place !== 'ports' && place !== 'aggregations') return false;
  if (what === 'dcb') {
    if (inner === 'classes') return rest[1] !== 'name';
    // Buffers of an aggregation are those of its ports.
    return inner === 'buffers' ? place === 'ports' : OF_DCB.has(inner!);
  }
  if (what === 'spanningTree') return place === 'ports';
  return (place === 'ports' ? OF_PORTS : OF_AGGREGATIONS).has(what!);
}
