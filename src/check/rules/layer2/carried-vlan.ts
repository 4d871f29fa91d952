/** Stations of one VLAN and one IP network hear one another, over every switch between them. */
import type { Fabric } from '../../../fabric/model.ts';
import { vlansPlace, vlansRestOn } from '../../bridge-ports.ts';
import { placeOf } from '../../network.ts';
import { fullName, type IpNetwork, ipNetworksOf, type NetworkMember } from '../../networks.ts';
import type { Finding, Rule } from '../../rule.ts';
import { attachmentsOf, type Segment, segmentsByEndpoint, vlanAt } from '../../segments.ts';
import { LOWE_BLOG } from '../../sources.ts';
import { leadsOutside, missingTrunkPort } from '../../trunk-ways.ts';
import { pairExample } from './examples.ts';

export const carriedVlan: Rule = {
  id: 'SW-1065',
  name: 'carried-vlan',
  severity: 'error',
  title: 'A VLAN is not carried on the way between two stations of it',
  meaning:
    'Two stations have the same VLAN and addresses of the same network, and a trunk between their switches does not carry the VLAN: they never hear one another.',
  remedy: 'Add the VLAN to the trunk at both ends. On NX-OS: `switchport trunk allowed vlan add 20`; on ProCurve: `vlan 20`, `tagged 48`.',
  ignored: 'Each host reaches the others of its own rack, and none of the next one; ARP requests stay without an answer.',
  source: ['IEEE 802.1Q §8.8', LOWE_BLOG],
  examples: {
    fail: pairExample('vlan: 20', 'trunk: [10], native: none'),
    pass: pairExample('vlan: 20', 'trunk: [10, 20], native: none'),
  },
  check: (fabric) => {
    const told = new Set<string>();
    return ipNetworksOf(fabric).flatMap((network) => brokenIn(fabric, network, told));
  },
};

function brokenIn(fabric: Fabric, network: IpNetwork, told: Set<string>): Finding[] {
  // By VLAN the first domain, with who is in it.
  const firsts = new Map<number, { readonly segments: Set<Segment>; readonly segment: Segment; readonly member: NetworkMember }>();
  return network.members.flatMap((member): Finding[] => {
    const { endpoint } = member;
    const segments = segmentsByEndpoint(fabric).get(endpoint) ?? [];
    const [attached] = attachmentsOf(fabric, endpoint);
    if (segments.length === 0 || attached === undefined) return [];
    const vlan = vlanAt(attached.uplink, endpoint);
    const first = firsts.get(vlan);
    if (first === undefined) {
      firsts.set(vlan, { segments: new Set(segments), segment: segments[0]!, member });
      return [];
    }
    if (segments.some((one) => first.segments.has(one))) {
      for (const one of segments) first.segments.add(one);
      return [];
    }
    const here = segments[0]!;
    if (leadsOutside(first.segment) || leadsOutside(here)) return [];
    const port = missingTrunkPort(fabric, first.segment, here, vlan);
    if (port === undefined || told.has(`${placeOf(port)} ${vlan}`)) return [];
    told.add(`${placeOf(port)} ${vlan}`);
    const at = vlansPlace(port);
    const names = [fullName(first.member.endpoint), fullName(endpoint)];
    return [
      {
        at,
        missingFrom: at,
        message: `\`${placeOf(port)}\` does not carry VLAN ${vlan}, on the way between \`${names[0]}\` and \`${names[1]}\`, both in \`${network.name}\`.`,
        remedy: `Add ${vlan} to \`trunk\` or \`tagged\` there, and at the other end.`,
        related: [
          { at: first.member.at, message: `\`${names[0]}\`` },
          { at: member.at, message: `\`${names[1]}\`` },
        ],
        cause: at,
        restsOn: vlansRestOn(port),
      },
    ];
  });
}
