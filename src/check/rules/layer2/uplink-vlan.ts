/** Every uplink of a sender leads to a port of a switch that carries its VLAN: the one in use, and those it fails over to. */
import { NOT_MEMBER } from '../../../link/port-vlans.ts';
import { vlansOf, vlansPlace, vlansRestOn } from '../../bridge-ports.ts';
import { sendingsOf } from '../../group-uplinks.ts';
import { placeOf } from '../../network.ts';
import type { Finding, Rule } from '../../rule.ts';
import { LOWE_BLOG } from '../../sources.ts';
import { esxExample, groupHost } from './examples.ts';

const example = (second: string): string => esxExample(groupHost('vlan: 20'), 'tagged: [10, 20]', second);

export const uplinkVlan: Rule = {
  id: 'SW-1067',
  name: 'uplink-vlan',
  severity: 'error',
  title: 'The switch behind an uplink does not carry a VLAN that leaves by it',
  meaning:
    'A port group, a team or a guest sends frames with a tag by any of its uplinks, now or after a failure. A port that does not carry the VLAN drops them.',
  remedy:
    'Add the VLAN to the port of the switch, for every uplink. On NX-OS: `switchport trunk allowed vlan add 20`; on ProCurve: `vlan 20`, `tagged 1`.',
  ignored: 'All is well until the first failover, or only for those guests that happen to be at the other uplink.',
  source: ['IEEE 802.1Q', LOWE_BLOG],
  examples: { fail: example('tagged: [10]'), pass: example('tagged: [20]') },
  check: (fabric) =>
    sendingsOf(fabric).flatMap(({ name, at, what, vlan, uplink, restsOn }): Finding[] => {
      const { at: end, station } = uplink;
      if (vlan === undefined || vlansOf(end).members[vlan] !== NOT_MEMBER) return [];
      const place = vlansPlace(end);
      return [
        {
          at,
          message: `${what === 'interface' ? 'Interface' : 'Port group'} \`${name}\` sends VLAN ${vlan} by \`${station.nic.name}\`, and \`${placeOf(end)}\` does not carry it.`,
          remedy: `Add ${vlan} to \`trunk\` or \`tagged\` of \`${placeOf(end)}\`.`,
          related: [
            { at: place, message: 'the port of the switch' },
            { at: station.nic.at, message: 'the uplink' },
          ],
          cause: place,
          restsOn: [...vlansRestOn(end), ...restsOn],
        },
      ];
    }),
};
