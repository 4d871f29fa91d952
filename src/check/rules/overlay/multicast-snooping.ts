/** Switches know who wants the multicasts of an overlay. */
import type { Fabric } from '../../../fabric/model.ts';
import type { Path } from '../../../fabric/problem.ts';
import type { Switch, SwitchVlan } from '../../../fabric/network/model.ts';
import type { TransportZone } from '../../../fabric/virtual/model.ts';
import { replicationOf, zoneEnds } from '../../overlay.ts';
import type { Finding, Rule } from '../../rule.ts';
import { attachmentsOf, segmentsByEndpoint, vlanAt } from '../../segments.ts';
import { CHELSIO_GUIDE } from '../../sources.ts';
import { NSX_GUIDE } from './documents.ts';
import { MULTICAST, overlayExample } from './examples.ts';

const example = (vlan: string): string => overlayExample({ vxlan: MULTICAST, vlan });

export const multicastSnooping: Rule = {
  id: 'SW-1106',
  name: 'multicast-snooping',
  severity: 'warning',
  title: 'An overlay uses multicast in a VLAN without IGMP snooping or without a querier',
  meaning:
    'Without snooping a switch floods the multicasts of the tunnel ends to all ports of the VLAN; with snooping and nobody who asks, memberships run out and the multicasts stop.',
  remedy:
    'Write `igmpSnooping: true` for the VLAN at its switches, and `igmpQuerier: true` at one. On NX-OS: `ip igmp snooping querier 192.0.2.1`; on ProCurve: `ip igmp`.',
  ignored: 'ARP between guests works for some minutes after a change, and then no more; or every port carries every broadcast.',
  source: ['RFC 4541 §2.1', 'RFC 7348 §4.2', NSX_GUIDE, CHELSIO_GUIDE],
  examples: { fail: example('igmpSnooping: false'), pass: example('igmpSnooping: true, igmpQuerier: true') },
  check(fabric) {
    const zones = new Map<string, Path>();
    for (const network of fabric.vxlan?.networks ?? []) {
      const replication = replicationOf(fabric, network);
      if (replication !== undefined && replication !== 'unicast' && !zones.has(network.zone.text)) zones.set(network.zone.text, network.at);
    }
    const told = new Set<SwitchVlan>();
    return (fabric.vxlan?.zones ?? []).flatMap((zone) => {
      const network = zones.get(zone.name);
      return network === undefined ? [] : ofZone(fabric, zone, network, told);
    });
  },
};

function ofZone(fabric: Fabric, zone: TransportZone, network: Path, told: Set<SwitchVlan>): Finding[] {
  return zoneEnds(fabric, zone).flatMap(({ endpoint }) =>
    attachmentsOf(fabric, endpoint).flatMap(({ uplink }): Finding[] => {
      const { one } = uplink.at;
      const vlan = vlanAt(uplink, endpoint);
      const set = vlanOf(one, vlan);
      if (set === undefined || told.has(set)) return [];
      told.add(set);
      const related = [
        { at: network, message: 'a network with multicast' },
        { at: endpoint.at, message: `a tunnel end of \`${zone.name}\`` },
      ];
      if (set.igmpSnooping === false)
        return [
          {
            at: [...set.at, 'igmpSnooping'],
            message: `\`${one.name}\` does no IGMP snooping in VLAN ${vlan}, where tunnel ends of \`${zone.name}\` are, and the zone uses multicast.`,
            remedy: 'Write `igmpSnooping: true`, and `igmpQuerier: true` at one switch.',
            related,
          },
        ];
      if (set.igmpSnooping !== true || set.igmpQuerier !== false) return [];
      const around = (segmentsByEndpoint(fabric).get(endpoint) ?? []).flatMap(({ switches }) => switches);
      // Somebody else may ask where nothing is said.
      if (around.some((other) => vlanOf(other, vlan)?.igmpQuerier !== false)) return [];
      return [
        {
          at: [...set.at, 'igmpQuerier'],
          message: `No switch asks for memberships (IGMP querier) in VLAN ${vlan}, where tunnel ends of \`${zone.name}\` are, and the zone uses multicast.`,
          remedy: 'Write `igmpQuerier: true` at one of the switches.',
          related,
        },
      ];
    }),
  );
}

const vlanOf = (one: Switch, vlan: number): SwitchVlan | undefined => one.vlans?.find((set) => set.vlan === vlan);
