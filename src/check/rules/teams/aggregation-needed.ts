/** A team that is an aggregation has one at the other end. */
import type { Fabric } from '../../../fabric/model.ts';
import { aggregates, aggregationKey, type Bundle, bundlesOf, linkedOf } from '../../bundles.ts';
import { vlansPlace, vlansRestOn } from '../../bridge-ports.ts';
import { placeOf } from '../../network.ts';
import type { Finding, Rule } from '../../rule.ts';
import { LOWE_BLOG } from '../../sources.ts';
import { LINUX_BONDING, VSPHERE_NETWORKING } from './documents.ts';
import { lag, oneSwitch, team } from './examples.ts';

const example = (tor: string): string => oneSwitch(team('mode: static, '), tor);

export const aggregationNeeded: Rule = {
  id: 'SW-1083',
  name: 'aggregation-needed',
  severity: 'error',
  title: 'A team needs an aggregation at the switch, and there is none',
  meaning:
    'With IP hash, static aggregation, round robin and LACP one MAC address comes in at several ports. A switch that takes them for separate ports learns it here and there in turn.',
  remedy:
    'Put the ports of the switch into one `aggregations` entry (over two switches only with `peer` and `peerGroup`), or choose a mode without. On ProCurve: `trunk 1-2 trk1 trunk`; on NX-OS: `channel-group 1 mode on`.',
  ignored: 'The switch logs that an address flaps between ports; packets get lost or come twice.',
  source: [LOWE_BLOG, VSPHERE_NETWORKING, LINUX_BONDING, 'IEEE 802.1AX'],
  examples: { fail: example('ports: { 1: {}, 2: {} }'), pass: example(lag('mode: static')) },
  check: (fabric) => bundlesOf(fabric).flatMap((bundle) => notOne(fabric, bundle)),
};

function notOne(fabric: Fabric, bundle: Bundle): Finding[] {
  const { at, name, kind, teaming } = bundle;
  const mode = teaming.mode;
  if (mode === undefined || aggregates(bundle, fabric) !== true) return [];
  const linked = linkedOf(fabric, bundle);
  if (linked.length < 2) return [];
  const keys = linked.map(({ uplink }) => aggregationKey(uplink.at));
  const apart = linked.some(({ uplink }) => uplink.at.one !== linked[0]!.uplink.at.one);
  // Round robin over networks that do not touch needs none, and LACP of a host keeps one of several aggregations in use.
  if (apart && (mode.value === 'round-robin' || (mode.value === 'lacp' && kind === 'team' && !keys.includes(undefined)))) return [];
  if (!keys.includes(undefined) && new Set(keys).size === 1) return [];
  const loose = linked.filter(({ aggregation }) => aggregation === undefined).map(({ uplink }) => `\`${placeOf(uplink.at)}\``);
  const what =
    loose.length > 0
      ? `${loose.join(' and ')} ${loose.length === 1 ? 'is' : 'are'} in none`
      : `its ports lead to ${new Set(keys).size}: ${linked.map(({ uplink, aggregation }) => `\`${uplink.at.node}:${aggregation!.name}\``).join(', ')}`;
  return [
    {
      at: mode.at,
      message: `\`${name}\` is in mode \`${mode.value}\`, which needs one aggregation at the switch, and ${what}.`,
      remedy: apart
        ? 'Lead all ports to one switch, or make the two switches peers (`peer`, `peerGroup`); or choose `port-id` or `active-backup`.'
        : 'Put the ports of the switch into one aggregation, or choose `port-id` or `active-backup`.',
      related: [
        ...linked.map(({ uplink }) => ({ at: vlansPlace(uplink.at), message: `\`${placeOf(uplink.at)}\`` })),
        { at, message: `\`${name}\`` },
      ],
      restsOn: linked.flatMap(({ uplink }) => vlansRestOn(uplink.at)),
    },
  ];
}
