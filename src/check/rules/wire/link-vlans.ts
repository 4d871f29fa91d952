/** The two ends of a link between switches carry the same VLANs, and the same one without tags. */
import { carriedVlans, untaggedVlan } from '../../../fabric/network/carried-vlans.ts';
import { NOT_MEMBER } from '../../../link/port-vlans.ts';
import { vlansRestOn } from '../../bridge-ports.ts';
import { fabricExample } from '../../example.ts';
import { placeOf, trunksOf } from '../../network.ts';
import type { Finding, Rule } from '../../rule.ts';
import { LOWE_BLOG } from '../../sources.ts';

const example = (settings: string): string =>
  fabricExample(
    `switches:\n  tor1:\n    ports:\n      1: { trunk: [10, 20], native: 10 }\n  tor2:\n    ports:\n      1: { ${settings} }\nlinks:\n  - [tor1:1, tor2:1]`,
  );

export const linkVlans: Rule = {
  id: 'SW-1056',
  name: 'link-vlans',
  severity: 'warning',
  title: 'The ends of a link between switches disagree about VLANs',
  meaning: 'Frames without a tag change their VLAN on the way, or are dropped; with no VLAN in common nothing gets through.',
  remedy: 'Write the same `native`, `vlan` or `untagged` at both ends, and lists with VLANs in common.',
  ignored: 'Hosts of one VLAN appear in another, or are cut off from those at the other switch.',
  source: ['IEEE 802.1Q', LOWE_BLOG],
  examples: { fail: example('trunk: [10, 20], native: 20'), pass: example('trunk: [10, 30], native: 10') },
  check: (fabric) =>
    trunksOf(fabric).flatMap(({ link, ends }): Finding[] => {
      const [one, other] = [carriedVlans(ends[0].port.vlans), carriedVlans(ends[1].port.vlans)];
      const [mine, theirs] = [untaggedVlan(one), untaggedVlan(other)];
      const restsOn = ends.flatMap(vlansRestOn);
      const related = ends.map((end) => ({ at: end.port.at, message: `\`${placeOf(end)}\`` }));
      if (mine !== theirs)
        return [
          {
            at: link.at,
            message: `Without a tag, \`${placeOf(ends[0])}\` carries ${vlanText(mine)}, and \`${placeOf(ends[1])}\` ${vlanText(theirs)}.`,
            remedy: 'Write the same at both ends.',
            related,
            restsOn,
          },
        ];
      if (one.members.some((how, vlan) => how !== NOT_MEMBER && other.members[vlan] !== NOT_MEMBER)) return [];
      return [
        { at: link.at, message: 'The two ends carry no VLAN in common.', remedy: 'List the same VLANs at both ends.', related, restsOn },
      ];
    }),
};

const vlanText = (vlan: number): string => (vlan === 0 ? 'nothing' : `VLAN ${vlan}`);
