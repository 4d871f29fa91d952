/** The VLANs of ports that are used as one are those of the aggregation. */
import { carriedVlans } from '../../../fabric/network/carried-vlans.ts';
import type { PortVlanChoice } from '../../../fabric/network/model.ts';
import { aggregationAt } from '../../bridge-ports.ts';
import { fabricExample } from '../../example.ts';
import { listedPortsOf, placeOf } from '../../network.ts';
import type { Finding, Rule } from '../../rule.ts';
import { LOWE_BLOG } from '../../sources.ts';

const example = (port: string, trunk: string): string =>
  fabricExample(
    `switches:\n  tor1:\n    ports:\n      1-2: { ${port} }\n    aggregations:\n      Trk1: { ports: [1, 2], mode: static, ${trunk} }`,
  );

export const memberVlans: Rule = {
  id: 'SW-1074',
  name: 'member-vlans',
  severity: 'error',
  title: 'A port of an aggregation lists other VLANs than the aggregation',
  meaning: 'Ports that join an aggregation carry its VLANs, and lose what they had: VLANs are set on the aggregation, after it was made.',
  remedy:
    'Write the VLANs at the aggregation, and leave them out at its ports. On ProCurve: `trunk 1-2 trk1 trunk` first, then `vlan 20`, `tagged trk1`.',
  ignored: 'On ProCurve the VLANs of the ports are gone, and the trunk is in VLAN 1; elsewhere the port is suspended.',
  source: [LOWE_BLOG, 'IEEE 802.1AX'],
  examples: {
    fail: example('tagged: [10, 20]', 'vlan: 10'),
    pass: example('description: to the host', 'tagged: [10, 20]'),
  },
  check: (fabric) =>
    listedPortsOf(fabric).flatMap((end): Finding[] => {
      const aggregation = aggregationAt(end);
      if (aggregation === undefined || !end.port.listsVlans || isSame(end.port.ownVlans, aggregation.vlans)) return [];
      return [
        {
          at: end.port.at,
          missingFrom: end.port.at,
          message: `\`${placeOf(end)}\` lists VLANs of its own, and it is part of \`${aggregation.name}\`, whose VLANs are others: those of the port are lost.`,
          remedy: `Write them at \`aggregations.${aggregation.name}\`, and leave them out here.`,
          related: [{ at: aggregation.at, message: 'the aggregation' }],
          cause: aggregation.at,
          restsOn: [aggregation.at],
        },
      ];
    }),
};

function isSame(one: PortVlanChoice, other: PortVlanChoice): boolean {
  const [a, b] = [carriedVlans(one), carriedVlans(other)];
  return a.untaggedVlan === b.untaggedVlan && a.members.every((how, vlan) => how === b.members[vlan]);
}
