/** Frames that ask for neighbours and answer for oneself: ARP (RFC 826), neighbour and router discovery (RFC 4861 §4.1-4.4). */
import { ARP_BYTES, ARP_REPLY, ARP_REQUEST, encodeArp } from '../wire/ethernet/arp.ts';
import { FRAME_BYTES_MIN, TYPE_ARP, TYPE_IPV6 } from '../wire/ethernet/frame.ts';
import { BROADCAST_MAC, type Mac } from '../wire/ethernet/mac.ts';
import { ALL_NODES, type IpAddress, isAny, multicastMac, solicitedNode } from '../wire/ip/address.ts';
import { pseudoHeaderSum } from '../wire/ip/checksum.ts';
import { encodeIcmp, ICMP_HEADER_BYTES } from '../wire/ip/icmp.ts';
import { PROTOCOL_ICMPV6 } from '../wire/ip/ipv4.ts';
import { encodeIpv6, IPV6_HEADER_BYTES, IPV6_SOURCE_AT } from '../wire/ip/ipv6.ts';
import {
  NEIGHBOR_ADVERTISEMENT,
  NEIGHBOR_HOP_LIMIT,
  NEIGHBOR_SOLICITATION,
  neighborAdvertisementBody,
  neighborRest,
  neighborSolicitationBody,
  ROUTER_ADVERTISEMENT,
  ROUTER_SOLICITATION,
  type RouterAdvertisement,
  routerAdvertisementBody,
  routerRest,
  routerSolicitationBody,
} from '../wire/ip/neighbor.ts';

/** Writes the Ethernet header of an interface in front of a payload; gives back where the payload begins. */
export interface Framing {
  readonly linkBytes: number;
  putLinkHeader(frame: Uint8Array, destination: Mac, type: number): void;
}

/** Who has `target`? `mac`: the one who had it, asked directly. A sender of 0.0.0.0 only probes (RFC 5227 §1.1). */
export function arpRequest(framing: Framing, mac: Mac, sender: IpAddress, target: IpAddress, to: Mac | undefined): Uint8Array {
  const frame = new Uint8Array(Math.max(FRAME_BYTES_MIN, framing.linkBytes + ARP_BYTES));
  framing.putLinkHeader(frame, to ?? BROADCAST_MAC, TYPE_ARP);
  encodeArp(
    { operation: ARP_REQUEST, senderMac: mac, senderAddress: sender, targetMac: 0, targetAddress: target },
    frame,
    framing.linkBytes,
  );
  return frame;
}

export function arpReply(framing: Framing, mac: Mac, sender: IpAddress, to: Mac, target: IpAddress): Uint8Array {
  const frame = new Uint8Array(Math.max(FRAME_BYTES_MIN, framing.linkBytes + ARP_BYTES));
  framing.putLinkHeader(frame, to, TYPE_ARP);
  encodeArp(
    { operation: ARP_REPLY, senderMac: mac, senderAddress: sender, targetMac: to, targetAddress: target },
    frame,
    framing.linkBytes,
  );
  return frame;
}

function neighborFrame(
  framing: Framing,
  to: Mac,
  source: IpAddress,
  destination: IpAddress,
  type: number,
  rest: number,
  body: Uint8Array,
): Uint8Array {
  const at = framing.linkBytes;
  const bytes = ICMP_HEADER_BYTES + body.length;
  const frame = new Uint8Array(Math.max(FRAME_BYTES_MIN, at + IPV6_HEADER_BYTES + bytes));
  framing.putLinkHeader(frame, to, TYPE_IPV6);
  encodeIpv6({ hopLimit: NEIGHBOR_HOP_LIMIT, nextHeader: PROTOCOL_ICMPV6, source, destination }, bytes, frame, at);
  const sum = pseudoHeaderSum(frame, at + IPV6_SOURCE_AT, 16, PROTOCOL_ICMPV6, bytes);
  encodeIcmp(type, 0, rest, body, frame, at + IPV6_HEADER_BYTES, sum);
  return frame;
}

/** A solicitation; the unspecified source asks whether the address is taken (RFC 4862 §5.4). */
export function neighborSolicitation(framing: Framing, mac: Mac, source: IpAddress, target: IpAddress, to: Mac | undefined): Uint8Array {
  const destination = to === undefined ? solicitedNode(target) : target;
  const body = neighborSolicitationBody(target, isAny(source) ? undefined : mac);
  return neighborFrame(framing, to ?? multicastMac(destination), source, destination, NEIGHBOR_SOLICITATION, 0, body);
}

/** An advertisement of one of our addresses: to the one who asked, or to all (§7.2.4). */
export function neighborAdvertisement(
  framing: Framing,
  mac: Mac,
  target: IpAddress,
  asker: { readonly mac: Mac; readonly address: IpAddress } | undefined,
): Uint8Array {
  const solicited = asker !== undefined && !isAny(asker.address);
  const destination = solicited ? asker.address : ALL_NODES;
  const rest = neighborRest({ solicited, override: true });
  const to = solicited ? asker.mac : multicastMac(ALL_NODES);
  return neighborFrame(framing, to, target, destination, NEIGHBOR_ADVERTISEMENT, rest, neighborAdvertisementBody(target, mac));
}

export function routerSolicitation(framing: Framing, mac: Mac, source: IpAddress, routers: IpAddress): Uint8Array {
  const body = routerSolicitationBody(isAny(source) ? undefined : mac);
  return neighborFrame(framing, multicastMac(routers), source, routers, ROUTER_SOLICITATION, 0, body);
}

/** To all nodes, from a link-local address (RFC 4861 §4.2). */
export function routerAdvertisement(framing: Framing, source: IpAddress, advertisement: RouterAdvertisement): Uint8Array {
  const [rest, body] = [routerRest(advertisement), routerAdvertisementBody(advertisement)];
  return neighborFrame(framing, multicastMac(ALL_NODES), source, ALL_NODES, ROUTER_ADVERTISEMENT, rest, body);
}
