/** VLAN 1 is what switches carry without tags unless told otherwise. */
import { vlansOf, vlansPlace, vlansRestOn } from '../../bridge-ports.ts';
import { TAGGED } from '../../../link/port-vlans.ts';
import { placedGroupsOf } from '../../group-uplinks.ts';
import { placeOf } from '../../network.ts';
import type { Finding, Rule } from '../../rule.ts';
import { LOWE_BLOG } from '../../sources.ts';
import { esxExample, groupHost } from './examples.ts';

const example = (vlan: number): string => esxExample(groupHost(`vlan: ${vlan}`), `tagged: [${vlan}]`);

export const vlanOne: Rule = {
  id: 'SW-1073',
  name: 'vlan-one',
  severity: 'warning',
  title: 'A port group tags VLAN 1',
  meaning:
    'VLAN 1 is the native VLAN of ports that nobody set up, and of the protocols between switches: sent with a tag it works only at ports that were told so, one by one.',
  remedy: 'Use another VLAN, or `vlan: 0` where VLAN 1 is native.',
  ignored: 'A port that is replaced or reset carries VLAN 1 without tags, and the port group is silent there.',
  source: ['IEEE 802.1Q §9.6', LOWE_BLOG],
  examples: { fail: example(1), pass: example(10) },
  check: (fabric) =>
    placedGroupsOf(fabric).flatMap(({ node, group, uplinks }): Finding[] => {
      if (group.vlan?.value !== 1) return [];
      const [first] = uplinks;
      // Where it is untagged, or not carried at all, that is told already.
      if (first === undefined || uplinks.some(({ at }) => vlansOf(at).members[1] !== TAGGED)) return [];
      return [
        {
          at: group.vlan.at,
          message: `Port group \`${node}:${group.name}\` tags VLAN 1, which \`${placeOf(first.at)}\` has to be told to carry with a tag.`,
          remedy: 'Use another VLAN.',
          related: uplinks.map(({ at }) => ({ at: vlansPlace(at), message: `\`${placeOf(at)}\`` })),
          restsOn: uplinks.flatMap(({ at }) => vlansRestOn(at)),
        },
      ];
    }),
};
