/** A VLAN that a switch sends without a tag is not tagged by the host. */
import { UNTAGGED } from '../../../link/port-vlans.ts';
import { vlansOf, vlansPlace, vlansRestOn } from '../../bridge-ports.ts';
import { sendingsOf } from '../../group-uplinks.ts';
import { placeOf } from '../../network.ts';
import type { Finding, Rule } from '../../rule.ts';
import { LOWE_BLOG } from '../../sources.ts';
import { esxExample, groupHost } from './examples.ts';

const example = (group: string): string => esxExample(groupHost(group), 'tagged: [20], untagged: 10');

export const taggedNative: Rule = {
  id: 'SW-1068',
  name: 'tagged-native',
  severity: 'error',
  title: 'A VLAN is tagged by the host and untagged at the switch',
  meaning:
    'The switch sends frames of its native (untagged) VLAN without a tag, and the port group or interface takes only those with one: nothing comes back.',
  remedy:
    'Write `vlan: 0` in the port group, as it belongs to the native VLAN, or carry the VLAN with tags. On ESXi: `esxcfg-vswitch -p Guests -v 0 vSwitch0`.',
  ignored: 'Guests send ARP requests that arrive, and hear no answer; those in other VLANs have no trouble.',
  source: ['IEEE 802.1Q', LOWE_BLOG],
  examples: { fail: example('vlan: 10'), pass: example('vlan: 0') },
  check: (fabric) =>
    sendingsOf(fabric).flatMap(({ name, at, what, vlan, uplink, restsOn }): Finding[] => {
      const { at: end, station } = uplink;
      if (vlan === undefined || vlansOf(end).members[vlan] !== UNTAGGED) return [];
      const place = vlansPlace(end);
      return [
        {
          at,
          message: `${what === 'interface' ? 'Interface' : 'Port group'} \`${name}\` tags VLAN ${vlan} at \`${station.nic.name}\`, and \`${placeOf(end)}\` carries it without tags.`,
          remedy:
            what === 'interface'
              ? 'Leave the tag out, or list the VLAN in `tagged` there.'
              : 'Write `vlan: 0`, or list it in `tagged` there.',
          related: [
            { at: place, message: 'the port of the switch' },
            { at: station.nic.at, message: 'the uplink' },
          ],
          restsOn: [...vlansRestOn(end), ...restsOn],
        },
      ];
    }),
};
