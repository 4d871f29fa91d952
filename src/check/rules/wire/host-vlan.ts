/** A machine's frames are of VLANs that its switch carries. */
import { carriedVlans, carriesTagged, untaggedVlan } from '../../../fabric/network/carried-vlans.ts';
import { NOT_MEMBER } from '../../../link/port-vlans.ts';
import { vlansRestOn } from '../../bridge-ports.ts';
import { uplinkExample } from '../../example.ts';
import { interfaceName, isUsed, placeOf, type Uplink, uplinksOf } from '../../network.ts';
import type { Finding, Rule } from '../../rule.ts';
import { LOWE_BLOG } from '../../sources.ts';

const example = (settings: string): string => uplinkExample('vlans: { 20: { addresses: [192.0.2.11/24] } }', settings);

export const hostVlan: Rule = {
  id: 'SW-1057',
  name: 'host-vlan',
  severity: 'error',
  title: 'A machine sends frames that its switch drops',
  meaning:
    'An interface in `vlans` sends and takes tagged frames, any other frames without a tag. A port of a switch takes and sends those VLANs in the way that it lists them, and nothing else.',
  remedy: 'List the VLAN at the port of the switch, with tags or without as the machine has it.',
  ignored: 'The link is up, and nothing answers: a switch drops what is not of its VLANs without a word.',
  source: ['IEEE 802.1Q', LOWE_BLOG],
  examples: { fail: example('vlan: 20'), pass: example('tagged: [20]') },
  check: (fabric) => uplinksOf(fabric).flatMap(droppedFrames),
};

function droppedFrames({ station, at: end }: Uplink): Finding[] {
  const vlans = carriedVlans(end.port.vlans);
  const related = [{ at: end.port.at, message: 'the port of the switch' }];
  return station.nic.interfaces.flatMap((on): Finding[] => {
    const name = `${station.node}:${interfaceName(station.nic, on)}`;
    const place = { at: on.at, missingFrom: on.at, related, restsOn: vlansRestOn(end) };
    if (on.vlan === undefined) {
      if (!isUsed(on) || untaggedVlan(vlans) !== 0) return [];
      return [
        {
          ...place,
          message: `\`${name}\` sends frames without a tag, and \`${placeOf(end)}\` carries none.`,
          remedy: 'Put the addresses into `vlans`, or give the port of the switch a `native` or `untagged` VLAN that it carries.',
        },
      ];
    }
    if (carriesTagged(vlans, on.vlan)) return [];
    const how = vlans.members[on.vlan] === NOT_MEMBER ? 'does not carry it' : 'carries it without tags';
    return [
      {
        ...place,
        message: `\`${name}\` sends frames with the tag of VLAN ${on.vlan}, and \`${placeOf(end)}\` ${how}.`,
        remedy: `Add ${on.vlan} to \`trunk\` or \`tagged\` there.`,
      },
    ];
  });
}
