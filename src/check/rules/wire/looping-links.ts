/** A loop needs somebody who breaks it. */
import { arrivesIn, carriedVlans } from '../../../fabric/network/carried-vlans.ts';
import type { Fabric } from '../../../fabric/model.ts';
import { type PortVlans } from '../../../link/port-vlans.ts';
import { cyclicEdges, type Edge } from '../../cycles.ts';
import { fabricExample } from '../../example.ts';
import { placeOf, type Trunk, trunksOf } from '../../network.ts';
import type { Rule } from '../../rule.ts';

const example = (tree: string): string =>
  fabricExample(
    `switches:\n  tor1: { spanningTree: ${tree} }\n  tor2: { spanningTree: true }\nlinks:\n  - [tor1:1, tor2:1]\n  - [tor1:2, tor2:2]`,
  );

export const loopingLinks: Rule = {
  id: 'SW-1059',
  name: 'looping-links',
  severity: 'error',
  title: 'A switch without spanning tree is on a loop',
  meaning:
    'Its ports forward at once and for ever, and no switch hands on the messages of spanning tree: the first broadcast goes round until the links are full.',
  remedy: 'Leave `spanningTree` on at every switch of the loop, or take a link away.',
  ignored: "The network is fine until the first broadcast; then every port blinks and every host's processor is busy.",
  source: ['IEEE 802.1D-2004 §17'],
  examples: { fail: example('false'), pass: example('true') },
  check(fabric) {
    const { edges, trunks } = wiresOf(fabric);
    const cyclic = [...cyclicEdges(edges)].map((index) => trunks[index]!);
    return fabric.switches
      .filter(({ spanningTree }) => spanningTree === undefined)
      .flatMap((one) => {
        const around = new Set(cyclic.filter(({ ends }) => ends.some((end) => end.one === one)));
        if (around.size === 0) return [];
        return [
          {
            at: [...one.at, 'spanningTree'],
            message: `\`${one.name}\` is on a loop of links and has no spanning tree.`,
            remedy: 'Leave `spanningTree` on, or take a link away.',
            related: [...around].slice(0, 2).map(({ link, ends }) => ({ at: link.at, message: ends.map(placeOf).join(' - ') })),
          },
        ];
      });
  },
};

/** A node for each switch and VLAN, an edge where frames go both ways; `trunks` has the link of each. A cut link does no harm. */
function wiresOf(fabric: Fabric): { readonly edges: Edge[]; readonly trunks: Trunk[] } {
  const edges: Edge[] = [];
  const trunks: Trunk[] = [];
  const carried = trunksOf(fabric)
    .filter(({ link }) => !link.down)
    .map((trunk) => ({ trunk, vlans: trunk.ends.map(({ port }) => carriedVlans(port.vlans)) as [PortVlans, PortVlans] }));
  const distinct = distinctVlans(carried.flatMap(({ vlans }) => vlans));
  for (const { trunk, vlans } of carried) {
    const [one, other] = vlans;
    for (const vlan of distinct) {
      const there = arrivesIn(one, vlan, other);
      if (there === 0 || arrivesIn(other, there, one) !== vlan) continue;
      edges.push([`${trunk.ends[0].node} ${vlan}`, `${trunk.ends[1].node} ${there}`]);
      trunks.push(trunk);
    }
  }
  return { edges, trunks };
}

/** One VLAN of those that all of these ports treat alike: many VLANs are like their neighbour everywhere. */
function distinctVlans(all: readonly PortVlans[]): number[] {
  const distinct = new Set<number>();
  for (const { members, untaggedVlan } of all) {
    distinct.add(untaggedVlan);
    for (let vlan = 1; vlan < members.length; vlan += 1) if (members[vlan] !== members[vlan - 1]) distinct.add(vlan);
  }
  distinct.delete(0);
  return [...distinct];
}
