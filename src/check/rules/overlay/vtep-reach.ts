/** The tunnel ends of a zone reach one another. */
import type { Fabric } from '../../../fabric/model.ts';
import { leadsTo } from '../../../fabric/network/leads-to.ts';
import { addressKey, formatIp, inPrefix, prefixOf, type IpAddress } from '../../../wire/ip/address.ts';
import type { Endpoint } from '../../endpoints.ts';
import { fullName } from '../../networks.ts';
import { type TunnelEnd, zoneEnds } from '../../overlay.ts';
import type { Finding, Rule } from '../../rule.ts';
import { attachmentsOf, segmentsByEndpoint, vlanAt, type Segment } from '../../segments.ts';
import { leadsOutside } from '../../trunk-ways.ts';
import { overlayExample } from './examples.ts';

const example = (routes: string): string =>
  overlayExample({
    vtep2: 'addresses: [198.51.100.12/24]',
    port2: 'vlan: 20',
    routes: `\n    routes: [{ to: ${routes}, via: 192.0.2.1 }]`,
  }).replace('vms: { vm2', 'routes: [{ to: 0.0.0.0/0, via: 198.51.100.1 }]\n    vms: { vm2');

export const vtepReach: Rule = {
  id: 'SW-1107',
  name: 'vtep-reach',
  severity: 'error',
  title: 'Two tunnel ends of a zone have no way to one another',
  meaning: 'Each host sends the frames of a zone to the tunnel ends of the others: in the same network over the same VLAN, or by a route.',
  remedy: 'Put the tunnel ends into one VLAN and network, or give each host a route to the networks of the others.',
  ignored: 'Guests reach those of some hosts and not those of others, and it depends on where they run.',
  source: ['RFC 7348 §4', 'RFC 1122 §3.3.1'],
  examples: { fail: example('203.0.113.0/24'), pass: example('198.51.100.0/24') },
  check: (fabric) =>
    (fabric.vxlan?.zones ?? []).flatMap((zone) => [...unrouted(zoneEnds(fabric, zone)), ...apart(fabric, zoneEnds(fabric, zone))]),
};

interface Place {
  readonly end: TunnelEnd & { readonly endpoint: Endpoint };
  readonly address: IpAddress;
  readonly bits: number;
  readonly network: string;
}

const placesOf = (ends: readonly (TunnelEnd & { readonly endpoint: Endpoint })[]): Place[] =>
  ends.flatMap((end) =>
    end.endpoint.on.addresses.slice(0, 1).map(({ address, bits }) => ({
      end,
      address,
      bits,
      network: `${addressKey(prefixOf(address, bits))}/${bits}`,
    })),
  );

/** A host and the first tunnel end of a network that it has no way to. */
function unrouted(ends: readonly (TunnelEnd & { readonly endpoint: Endpoint })[]): Finding[] {
  const places = placesOf(ends);
  const networks = new Map<string, Place>();
  for (const place of places) if (!networks.has(place.network)) networks.set(place.network, place);
  if (networks.size < 2) return [];
  return places.flatMap(({ end, address, network }): Finding[] => {
    for (const [key, other] of networks) {
      if (key === network || other.address.length !== address.length || inPrefix(other.address, address, other.bits)) continue;
      if (leadsTo(end.machine, other.address)) continue;
      return [
        {
          at: end.reference.at,
          message: `\`${fullName(end.endpoint)}\` has no way to \`${formatIp(other.address)}\`, the tunnel end of \`${other.end.node}\` in the same zone.`,
          remedy: `Add a route to \`${formatIp(prefixOf(other.address, other.bits))}/${other.bits}\` to \`${end.node}\`.`,
          related: [
            { at: other.end.reference.at, message: 'the other tunnel end' },
            { at: end.endpoint.at, message: 'this one' },
          ],
          restsOn: [[...end.machine.at, 'routes'], end.endpoint.at, other.end.endpoint.at],
        },
      ];
    }
    return [];
  });
}

/** In one network and in different VLANs. That a trunk lacks the VLAN of both is told of the trunk. */
function apart(fabric: Fabric, ends: readonly (TunnelEnd & { readonly endpoint: Endpoint })[]): Finding[] {
  const firsts = new Map<string, { readonly place: Place; readonly segments: Set<Segment>; readonly vlan: number }>();
  return placesOf(ends).flatMap((place): Finding[] => {
    const { endpoint, reference } = place.end;
    const segments = segmentsByEndpoint(fabric).get(endpoint) ?? [];
    const [attached] = attachmentsOf(fabric, endpoint);
    if (segments.length === 0 || attached === undefined) return [];
    const vlan = vlanAt(attached.uplink, endpoint);
    const first = firsts.get(place.network);
    if (first === undefined) {
      firsts.set(place.network, { place, segments: new Set(segments), vlan });
      return [];
    }
    if (first.vlan === vlan || segments.some((one) => first.segments.has(one)) || [...segments, ...first.segments].some(leadsOutside))
      return [];
    return [
      {
        at: reference.at,
        message: `\`${fullName(endpoint)}\` is in VLAN ${vlan}, and \`${fullName(first.place.end.endpoint)}\`, a tunnel end of the same zone and network, in VLAN ${first.vlan}.`,
        remedy: 'Put both into one VLAN.',
        related: [
          { at: first.place.end.endpoint.at, message: 'the other tunnel end' },
          { at: attached.uplink.at.port.at, message: 'the port of the switch' },
        ],
        restsOn: [['links'], ['switches'], endpoint.at, first.place.end.endpoint.at],
      },
    ];
  });
}
