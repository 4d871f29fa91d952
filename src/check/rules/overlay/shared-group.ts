/** A multicast group of its own for each network keeps broadcasts where they belong. */
import { addressKey, formatIp } from '../../../wire/ip/address.ts';
import type { LogicalNetwork } from '../../../fabric/virtual/model.ts';
import { replicationOf } from '../../overlay.ts';
import type { Finding, Rule } from '../../rule.ts';
import { MULTICAST, overlayExample } from './examples.ts';

const example = (group: string): string =>
  overlayExample({
    vxlan: MULTICAST.replace('group: 239.1.0.1 } }', `group: 239.1.0.1 }, blue: { segment: 5002, zone: zone1, group: ${group} } }`),
  });

export const sharedGroup: Rule = {
  id: 'SW-1105',
  name: 'shared-group',
  severity: 'warning',
  title: 'Two logical networks share a multicast group',
  meaning:
    'It works, as frames have their identifier; but every host of either network is sent the broadcasts of both, and throws half of them away.',
  remedy: 'Give each network a `group` of its own, as long as there are enough for the switches.',
  ignored: 'A storm in one network loads the hosts of the other.',
  source: ['RFC 7348 §4.2'],
  examples: { fail: example('239.1.0.1'), pass: example('239.1.0.2') },
  check(fabric) {
    const seen = new Map<string, LogicalNetwork>();
    return (fabric.vxlan?.networks ?? []).flatMap((network): Finding[] => {
      const { group } = network;
      if (group === undefined || replicationOf(fabric, network) === 'unicast') return [];
      const first = seen.get(addressKey(group.address));
      if (first === undefined) {
        seen.set(addressKey(group.address), network);
        return [];
      }
      return [
        {
          at: group.at,
          message: `\`${formatIp(group.address)}\` is the group of \`${first.name}\` too.`,
          remedy: 'Write another.',
          related: [{ at: first.group!.at, message: `\`${first.name}\`` }],
        },
      ];
    });
  },
};
