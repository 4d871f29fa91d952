/** A guest's packet fits into a tunnel with its new headers. */
import type { Fabric } from '../../../fabric/model.ts';
import type { TransportZone } from '../../../fabric/virtual/model.ts';
import { isIpv4 } from '../../../wire/ip/address.ts';
import { fullName, isMtuKnown, mtuPlaces } from '../../networks.ts';
import { type Member, overlayMembersOf, zoneEnds } from '../../overlay.ts';
import type { Finding, Rule } from '../../rule.ts';
import { CHELSIO_GUIDE } from '../../sources.ts';
import { NSX_GUIDE } from './documents.ts';
import { overlayExample } from './examples.ts';

const example = (mtu: number): string => overlayExample({ guest: `, mtu: ${mtu}` });

/** Inner Ethernet header 14, VXLAN 8, UDP 8, and the outer IP header: 20, or 40 with IPv6 (RFC 7348 §5). */
const OVERHEAD_BYTES = 50;
const OVERHEAD_IPV6_BYTES = 70;

export const vtepMtu: Rule = {
  id: 'SW-1108',
  name: 'vtep-mtu',
  severity: 'error',
  title: 'A tunnel end is too narrow for what guests send',
  meaning:
    'VXLAN adds 50 bytes to each packet, 70 over IPv6, and tunnel ends do not fragment: an MTU that suffices for a guest does not for the tunnel that carries it.',
  remedy:
    'Raise the MTU of tunnel ends, their virtual switch and the physical network to 1600 or more; or lower that of the guests. On ESXi: `esxcli network ip interface set -i vmk3 -m 1600`.',
  ignored: 'Guests ping each other and open connections; large transfers between hosts stand still, those within one host do not.',
  source: ['RFC 7348 §4.3', 'RFC 7348 §5', NSX_GUIDE, CHELSIO_GUIDE],
  examples: { fail: example(1551), pass: example(1550) },
  check: (fabric) => (fabric.vxlan?.zones ?? []).flatMap((zone) => ofZone(fabric, zone)),
};

function ofZone(fabric: Fabric, zone: TransportZone): Finding[] {
  const networks = fabric.vxlan!.networks.filter((network) => network.zone.text === zone.name);
  let largest: Member | undefined;
  for (const { name } of networks)
    for (const member of overlayMembersOf(fabric).get(name) ?? [])
      if (largest === undefined || member.nic.mtuBytes > largest.nic.mtuBytes) largest = member;
  if (largest === undefined) return [];
  const { nic, node, name } = largest;
  return zoneEnds(fabric, zone).flatMap(({ endpoint }): Finding[] => {
    const { addresses, autoconfigure } = endpoint.on;
    const overIpv6 = addresses.length === 0 ? autoconfigure && !endpoint.on.dhcp : addresses.every(({ address }) => !isIpv4(address));
    const needed = nic.mtuBytes + (overIpv6 ? OVERHEAD_IPV6_BYTES : OVERHEAD_BYTES);
    if (endpoint.mtuBytes >= needed || !isMtuKnown(endpoint)) return [];
    return [
      {
        at: [...endpoint.on.at, 'mtu'],
        message: `\`${node}:${name}\` sends packets of up to ${nic.mtuBytes} bytes, which are ${needed} in a tunnel, and the tunnel end \`${fullName(endpoint)}\` has an MTU of ${endpoint.mtuBytes}.`,
        remedy: `Write \`mtu: ${Math.max(1600, needed)}\` for the tunnel end, and as much on its way.`,
        related: [
          { at: [...nic.at, 'mtu'], message: `\`${name}\`` },
          { at: zone.at, message: `the zone \`${zone.name}\`` },
        ],
        restsOn: [zone.at, nic.at, ...mtuPlaces(endpoint)],
      },
    ];
  });
}
