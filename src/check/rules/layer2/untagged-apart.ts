/** What leaves without a tag is in the VLAN of the switch port that it arrives at: the same one at each uplink. */
import { addTo } from '../../../base/grouped.ts';
import type { Fabric } from '../../../fabric/model.ts';
import { untaggedVlan } from '../../../fabric/network/carried-vlans.ts';
import { pathKey } from '../../../fabric/problem.ts';
import { vlansOf, vlansPlace, vlansRestOn } from '../../bridge-ports.ts';
import { placedGroupsOf, type Sending, sendingsOf } from '../../group-uplinks.ts';
import { placeOf } from '../../network.ts';
import type { Finding, Rule } from '../../rule.ts';
import { segmentsByEndpoint } from '../../segments.ts';
import { LOWE_BLOG } from '../../sources.ts';
import { esxExample, groupHost } from './examples.ts';

const example = (second: number): string =>
  esxExample(groupHost('vlan: 0'), 'tagged: [30], untagged: 10', `tagged: [30], untagged: ${second}`);

export const untaggedApart: Rule = {
  id: 'SW-1233',
  name: 'untagged-apart',
  severity: 'error',
  title: 'Frames without a tag come out in different VLANs, by the uplink that they take',
  meaning:
    'A frame without a tag goes on in the native VLAN of the switch port. Where uplinks of one port group or team lead to ports with different ones, a failover moves its guests into another network.',
  remedy: 'Write the same `native` or `untagged` VLAN at both switch ports, or give the port group its VLAN and carry that with a tag.',
  ignored: 'Some guests reach nobody, others do, and after a cable is pulled it is the other way round.',
  source: ['IEEE 802.1Q §6.9', LOWE_BLOG],
  examples: { fail: example(20), pass: example(10) },
  check(fabric) {
    const bySender = new Map<string, Sending[]>();
    for (const one of sendingsOf(fabric)) {
      if (one.vlan !== undefined || untaggedVlan(vlansOf(one.uplink.at)) === 0) continue;
      const key = `${one.name} ${pathKey(one.at)}`;
      addTo(bySender, key, one);
    }
    const joined = namesInOneSegment(fabric);
    return [...bySender.values()].flatMap((sendings) => (joined.has(sendings[0]!.name) ? [] : apart(sendings)));
  },
};

/** A cable may lead from one VLAN into another: who is in one broadcast domain by all uplinks has nothing to fear. */
function namesInOneSegment(fabric: Fabric): ReadonlySet<string> {
  const names = new Set<string>();
  const segments = segmentsByEndpoint(fabric);
  for (const [endpoint, found] of segments) if (found.length === 1) names.add(`${endpoint.node}:${endpoint.name}`);
  for (const { node, group, plugged } of placedGroupsOf(fabric))
    if (plugged.length > 0 && plugged.every((one) => segments.get(one)?.length === 1)) names.add(`${node}:${group.name}`);
  return names;
}

const vlanOf = ({ uplink }: Sending): number => untaggedVlan(vlansOf(uplink.at));

function apart(sendings: readonly Sending[]): Finding[] {
  const [first] = sendings as [Sending];
  const other = sendings.find((one) => vlanOf(one) !== vlanOf(first));
  if (other === undefined) return [];
  const what = first.what === 'interface' ? 'Interface' : 'Port group';
  return [
    {
      at: first.at,
      message: `${what} \`${first.name}\` sends frames without a tag, which are of VLAN ${vlanOf(first)} at \`${placeOf(first.uplink.at)}\` and of VLAN ${vlanOf(other)} at \`${placeOf(other.uplink.at)}\`.`,
      remedy: 'Write the same `native` or `untagged` VLAN at both, or a VLAN here that both carry with a tag.',
      related: [first, other].flatMap(({ uplink }) => [
        { at: vlansPlace(uplink.at), message: `\`${placeOf(uplink.at)}\`` },
        { at: uplink.station.nic.at, message: 'the uplink' },
      ]),
      restsOn: [...first.restsOn, ...[first, other].flatMap(({ uplink }) => vlansRestOn(uplink.at))],
    },
  ];
}
