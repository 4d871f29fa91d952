/** Where guests tag their frames themselves, they do, and the switch takes tags. */
import { formatVlans, holdsVlan } from '../../../fabric/network/vlan-list.ts';
import { vlansOf, vlansPlace, vlansRestOn } from '../../bridge-ports.ts';
import { type PlacedGroup, placedGroupsOf, tagsThemselves } from '../../group-uplinks.ts';
import { isUsed, placeOf } from '../../network.ts';
import type { Finding, Rule } from '../../rule.ts';
import { LOWE_BLOG } from '../../sources.ts';
import { esxExample, groupHost } from './examples.ts';

const example = (guest: string): string =>
  esxExample(
    groupHost('vlan: 4095', `vms:\n  vm1: { nics: { eth0: { portGroup: Guests, ${guest}addresses: [192.0.2.11/24] } } }`),
    'tagged: [10], untagged: 20',
  );

export const guestTagging: Rule = {
  id: 'SW-1072',
  name: 'guest-tagging',
  severity: 'warning',
  title: 'A port group leaves tags to its guests, and a guest or the switch uses none',
  meaning:
    'VLAN 4095, or a trunk, hands a guest the frames of all those VLANs with their tags. A guest without a VLAN interface is in the native VLAN and hears all others; an access port of a switch carries no tags at all.',
  remedy: 'Give the guest its `vlan`, or the port group the VLAN of its guests.',
  ignored: 'The guest has another network than its port group says, and sees the broadcasts of everybody.',
  source: ['IEEE 802.1Q', LOWE_BLOG],
  examples: { fail: example(''), pass: example('vlan: 10, ') },
  check: (fabric) =>
    placedGroupsOf(fabric)
      .filter(({ group }) => tagsThemselves(group))
      .flatMap((placed) => [...silentGuests(placed), ...accessPorts(placed)]),
};

const silentGuests = ({ node, group, plugged }: PlacedGroup): Finding[] =>
  plugged.flatMap((one): Finding[] => {
    if (one.vmNic === undefined) return [];
    const related = [{ at: group.at, message: `port group \`${group.name}\`` }];
    if (one.vlan === undefined)
      return isUsed(one.on)
        ? [
            {
              at: one.at,
              missingFrom: one.at,
              message: `\`${node}:${one.name}\` tags nothing, and port group \`${group.name}\` leaves tags to its guests.`,
              remedy: 'Write its `vlan`, or plug it into a port group of that VLAN.',
              related,
            },
          ]
        : [];
    if (group.trunk === undefined || holdsVlan(group.trunk.value, one.vlan)) return [];
    return [
      {
        at: [...one.at, 'vlan'],
        message: `\`${node}:${one.name}\` tags VLAN ${one.vlan}, and port group \`${group.name}\` passes ${formatVlans(group.trunk.value)} only.`,
        remedy: 'Add the VLAN to `trunk` of the port group, or write another.',
        related,
      },
    ];
  });

function accessPorts({ node, group, plugged, uplinks }: PlacedGroup): Finding[] {
  // What a guest tags and a port does not carry is told of the guest.
  if (plugged.some(({ vlan }) => vlan !== undefined)) return [];
  return uplinks
    .filter(({ at }) => !vlansOf(at).admitsTagged)
    .map(({ at: end, station }) => ({
      at: (group.vlan ?? group.trunk)!.at,
      message: `Port group \`${node}:${group.name}\` leaves tags to its guests, and \`${placeOf(end)}\`, where \`${station.nic.name}\` leads, takes no tags.`,
      remedy: 'Make it a trunk, or give the port group a VLAN.',
      related: [
        { at: vlansPlace(end), message: 'the port of the switch' },
        { at: station.nic.at, message: 'the uplink' },
      ],
      cause: vlansPlace(end),
      restsOn: vlansRestOn(end),
    }));
}
