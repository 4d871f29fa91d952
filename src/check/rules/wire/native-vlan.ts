/** A trunk carries its native VLAN. */
import { formatVlans, holdsVlan } from '../../../fabric/network/vlan-list.ts';
import { fabricExample } from '../../example.ts';
import { listedPortsOf } from '../../network.ts';
import type { Finding, Rule } from '../../rule.ts';
import { LOWE_BLOG } from '../../sources.ts';

const example = (native: string): string =>
  fabricExample(`switches:\n  tor1:\n    ports:\n      1: { trunk: [10, 20], native: ${native} }`);

export const nativeVlan: Rule = {
  id: 'SW-1055',
  name: 'native-vlan',
  severity: 'warning',
  title: 'The native VLAN of a trunk is not among its VLANs',
  meaning: 'Frames without a tag belong to a VLAN that the port does not carry: they are dropped. Without `native` it is VLAN 1.',
  remedy: 'Add it to `trunk`, or write `native: none`.',
  ignored: 'A host without tags gets a link and no answer, not even from DHCP.',
  source: ['IEEE 802.1Q', LOWE_BLOG],
  examples: { fail: example('30'), pass: example('none') },
  check: (fabric) =>
    [
      // Those of an aggregation carry what it does.
      ...listedPortsOf(fabric).flatMap(({ port }) => (port.aggregation === undefined ? [port] : [])),
      ...fabric.switches.flatMap(({ aggregations }) => aggregations),
    ].flatMap(({ at, vlans }): Finding[] => {
      if (vlans.mode !== 'trunk' || vlans.native === 0 || holdsVlan(vlans.allowed, vlans.native)) return [];
      return [
        {
          at: [...at, 'native'],
          message: `Frames without a tag are of VLAN ${vlans.native} here, and the trunk carries ${formatVlans(vlans.allowed)} only.`,
          remedy: `Add ${vlans.native} to \`trunk\`, or write \`native: none\`.`,
          restsOn: [at],
        },
      ];
    }),
};
