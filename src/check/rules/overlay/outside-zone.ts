/** A guest is on a host that its network reaches. */
import { overlayMembersOf, zoneNamed } from '../../overlay.ts';
import type { Finding, Rule } from '../../rule.ts';
import { CHELSIO_GUIDE } from '../../sources.ts';
import { overlayExample, UNICAST } from './examples.ts';

const example = (hosts: string): string => overlayExample({ vxlan: UNICAST.replace('[host1, host2]', hosts) });

export const outsideZone: Rule = {
  id: 'SW-1103',
  name: 'outside-zone',
  severity: 'error',
  title: 'A guest is in a logical network that its host is no part of',
  meaning: 'A transport zone says which hosts its networks reach: on any other the network does not exist.',
  remedy: 'Add the host to the zone, or put the guest on a host of it.',
  ignored: 'The guest has no link, and cannot be moved to that host.',
  source: [CHELSIO_GUIDE],
  examples: { fail: example('[host1]'), pass: example('[host1, host2]') },
  check(fabric) {
    const members = overlayMembersOf(fabric);
    return (fabric.vxlan?.networks ?? []).flatMap(({ name, zone: reference, at }): Finding[] => {
      const zone = zoneNamed(fabric, reference.text);
      if (zone === undefined) return [];
      const hosts = new Set(zone.hosts.map(({ text }) => text));
      return (members.get(name) ?? [])
        .filter(({ node }) => !hosts.has(node))
        .map((member) => ({
          at: member.network.at,
          message: `\`${member.name}\` is in \`${name}\`, and its host \`${member.node}\` is not in the zone \`${zone.name}\`.`,
          remedy: `Add \`${member.node}\` to \`hosts\` of \`${zone.name}\`.`,
          related: [
            { at: zone.at, message: `the zone \`${zone.name}\`` },
            { at, message: `the network \`${name}\`` },
          ],
          cause: [...zone.at, 'hosts'],
          restsOn: [zone.at],
        }));
    });
  },
};
