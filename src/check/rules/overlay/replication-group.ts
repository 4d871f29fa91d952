/** A network that is replicated by multicast has a group for it. */
import { formatIp, type IpAddress, isMulticast } from '../../../wire/ip/address.ts';
import type { Fabric } from '../../../fabric/model.ts';
import type { Vxlan } from '../../../fabric/virtual/model.ts';
import { replicationOf } from '../../overlay.ts';
import type { Finding, Rule } from '../../rule.ts';
import { CHELSIO_GUIDE } from '../../sources.ts';
import { MULTICAST, overlayExample } from './examples.ts';

const example = (group: string): string => overlayExample({ vxlan: MULTICAST.replace(', group: 239.1.0.1', group) });

export const replicationGroup: Rule = {
  id: 'SW-1104',
  name: 'replication-group',
  severity: 'error',
  title: 'A logical network has no good multicast group',
  meaning:
    'With multicast or hybrid replication, frames to all go to a multicast group that the tunnel ends join: it is one, and one of the pools.',
  remedy: 'Write a `group` from 224.0.0.0/4 or ff00::/8, or `groups` to choose from; or `replication: unicast`.',
  ignored: 'Guests with addresses reach one another once they know each other, and ARP never tells them.',
  source: ['RFC 7348 §4.2', CHELSIO_GUIDE],
  examples: { fail: example(''), pass: example(', group: 239.1.0.1') },
  check: (fabric) => (fabric.vxlan === undefined ? [] : [...ofPools(fabric.vxlan), ...ofNetworks(fabric, fabric.vxlan)]),
};

const ofPools = (vxlan: Vxlan): Finding[] =>
  vxlan.groups
    .filter(({ first, last }) => !isMulticast(first) || !isMulticast(last))
    .map(({ at, first, last }) => ({
      at,
      message: `\`${formatIp(isMulticast(first) ? last : first)}\` is no multicast address.`,
      remedy: 'Write addresses from 224.0.0.0/4 or ff00::/8.',
    }));

const ofNetworks = (fabric: Fabric, vxlan: Vxlan): Finding[] =>
  vxlan.networks.flatMap((network): Finding[] => {
    const { at, name, group, zone } = network;
    const replication = replicationOf(fabric, network);
    const related = [
      { at: network.replication === undefined ? zone.at : [...at, 'replication'], message: `its replication: ${replication}` },
    ];
    if (group === undefined) {
      if (replication === undefined || replication === 'unicast' || vxlan.groups.length > 0) return [];
      return [
        {
          at,
          missingFrom: at,
          message: `\`${name}\` is replicated by ${replication}, and has no multicast group, nor are there any to choose from.`,
          remedy: 'Write `group` here, or `groups` for all.',
          related,
          restsOn: [[...vxlan.at, 'groups']],
        },
      ];
    }
    const text = formatIp(group.address);
    if (!isMulticast(group.address))
      return [
        { at: group.at, message: `\`${text}\` is no multicast address.`, remedy: 'Write one from 224.0.0.0/4 or ff00::/8.', related },
      ];
    if (vxlan.groups.length === 0 || vxlan.groups.some(({ first, last }) => isBetween(group.address, first, last))) return [];
    return [
      {
        at: group.at,
        message: `\`${text}\` is in none of the ranges of \`groups\`.`,
        remedy: 'Write one of them, or widen a range.',
        related: vxlan.groups.map((pool) => ({ at: pool.at, message: 'a range' })),
        restsOn: [[...vxlan.at, 'groups']],
      },
    ];
  });

const isBetween = (address: IpAddress, first: IpAddress, last: IpAddress): boolean =>
  address.length === first.length && compare(first, address) <= 0 && compare(address, last) <= 0;

function compare(a: IpAddress, b: IpAddress): number {
  const index = a.findIndex((byte, place) => byte !== b[place]);
  return index === -1 ? 0 : a[index]! - b[index]!;
}
