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

/** Of one VLAN: domains that a machine has a leg in each of are one for it. */
interface Domain {
  readonly segment: Segment;
  readonly member: NetworkMember;
  readonly nodes: Set<string>;
  readonly segments: Set<Segment>;
}

function brokenIn(fabric: Fabric, network: IpNetwork, told: Set<string>): Finding[] {
  const byVlan = new Map<number, Domain[]>();
  for (const member of network.members) {
    const { endpoint } = member;
    const segments = segmentsByEndpoint(fabric).get(endpoint) ?? [];
    const [attached] = attachmentsOf(fabric, endpoint);
    if (segments.length === 0 || attached === undefined) continue;
    const vlan = vlanAt(attached.uplink, endpoint);
    const domains = byVlan.get(vlan) ?? [];
    const own = domains.filter((one) => one.nodes.has(endpoint.node) || segments.some((segment) => one.segments.has(segment)));
    const joined: Domain = own[0] ?? { segment: segments[0]!, member, nodes: new Set(), segments: new Set() };
    for (const other of own.slice(1)) {
      for (const node of other.nodes) joined.nodes.add(node);
      for (const segment of other.segments) joined.segments.add(segment);
    }
    joined.nodes.add(endpoint.node);
    for (const segment of segments) joined.segments.add(segment);
    byVlan.set(vlan, own.length === 0 ? [...domains, joined] : domains.filter((one) => one === joined || !own.includes(one)));
  }
  return [...byVlan].flatMap(([vlan, [first, ...others]]) =>
    others.flatMap((other) => {
      const finding = between(fabric, network, vlan, first!, other, told);
      return finding === undefined ? [] : [finding];
    }),
  );
}

function between(fabric: Fabric, { name }: IpNetwork, vlan: number, first: Domain, other: Domain, told: Set<string>): Finding | undefined {
  if (leadsOutside(first.segment) || leadsOutside(other.segment)) return undefined;
  const port = missingTrunkPort(fabric, first.segment, other.segment, vlan);
  if (port === undefined || told.has(`${placeOf(port)} ${vlan}`)) return undefined;
  told.add(`${placeOf(port)} ${vlan}`);
  const at = vlansPlace(port);
  const names = [fullName(first.member.endpoint), fullName(other.member.endpoint)];
  return {
    at,
    missingFrom: at,
    message: `\`${placeOf(port)}\` does not carry VLAN ${vlan}, on the way between \`${names[0]}\` and \`${names[1]}\`, both in \`${name}\`.`,
    remedy: `Add ${vlan} to \`trunk\` or \`tagged\` there, and at the other end.`,
    related: [
      { at: first.member.at, message: `\`${names[0]}\`` },
      { at: other.member.at, message: `\`${names[1]}\`` },
    ],
    cause: at,
    restsOn: [...vlansRestOn(port), ['links'], ['switches'], first.member.endpoint.at, other.member.endpoint.at],
  };
}
