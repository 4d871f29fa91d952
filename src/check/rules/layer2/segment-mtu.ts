/** Stations of one network have one MTU. */
import { addTo } from '../../../base/grouped.ts';
import { ipNetworksOf, fullName, isMtuKnown, mtuPlaces, type NetworkMember } from '../../networks.ts';
import type { Finding, Rule } from '../../rule.ts';
import { segmentsByEndpoint, type Segment } from '../../segments.ts';
import { LOWE_BLOG } from '../../sources.ts';
import { pairExample } from './examples.ts';

const example = (other: number): string => pairExample('vlan: 10', 'trunk: [10, 20], native: none', [9000, other]);
const SHOWN_MAX = 4;

export const segmentMtu: Rule = {
  id: 'SW-1076',
  name: 'segment-mtu',
  severity: 'warning',
  title: 'Stations of one network have different MTUs',
  meaning:
    'Within a network nobody fragments: what the one with the larger MTU sends is dropped by the other, unless both agree on less, as TCP does. UDP, RoCE and ping do not.',
  remedy:
    'Write the same `mtu` at all of them. On ESXi: `esxcli network ip interface set -i vmk1 -m 9000`; on Linux: `ip link set p1 mtu 9000`.',
  ignored: 'Some pairs of machines work and others do not, depending on who sends the large packets.',
  source: ['RFC 4821', 'RFC 894', LOWE_BLOG],
  examples: { fail: example(1500), pass: example(9000) },
  check(fabric) {
    const findings: Finding[] = [];
    for (const { name, members: all } of ipNetworksOf(fabric)) {
      const members = all.filter(({ endpoint }) => isMtuKnown(endpoint));
      if (members.every(({ endpoint }) => endpoint.mtuBytes === members[0]!.endpoint.mtuBytes)) continue;
      const bySegment = new Map<Segment, NetworkMember[]>();
      for (const member of members)
        for (const segment of segmentsByEndpoint(fabric).get(member.endpoint) ?? []) addTo(bySegment, segment, member);
      for (const near of bySegment.values()) findings.push(...differing(name, near));
    }
    return findings;
  },
};

function differing(network: string, members: readonly NetworkMember[]): Finding[] {
  const byMtu = new Map<number, NetworkMember[]>();
  for (const member of members) {
    addTo(byMtu, member.endpoint.mtuBytes, member);
  }
  if (byMtu.size < 2) return [];
  // Of two that are as many the larger one is what was meant.
  const [usual, ...others] = [...byMtu.values()].sort((a, b) => b.length - a.length || b[0]!.endpoint.mtuBytes - a[0]!.endpoint.mtuBytes);
  const first = usual![0]!.endpoint;
  return others.map((few): Finding => {
    const { endpoint } = few[0]!;
    const more = few.length === 1 ? '' : ` (and ${few.length - 1} more)`;
    return {
      at: [...endpoint.on.at, 'mtu'],
      message: `\`${fullName(endpoint)}\`${more} has an MTU of ${endpoint.mtuBytes} in \`${network}\`, and \`${fullName(first)}\` of ${first.mtuBytes}.`,
      remedy: `Write \`mtu: ${first.mtuBytes}\` here, or the same at all.`,
      related: [first, ...few.slice(1).map((one) => one.endpoint)]
        .slice(0, SHOWN_MAX)
        .map((one) => ({ at: [...one.on.at, 'mtu'], message: `\`${fullName(one)}\`: ${one.mtuBytes}` })),
      restsOn: [
        ...[first, endpoint].flatMap((one) => [...mtuPlaces(one), ...one.nics.map(({ at }) => [...at, 'mtu'])]),
        ['links'],
        ['switches'],
      ],
    };
  });
}
