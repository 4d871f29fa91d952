/**
 * Where the headers of a frame end and what people sent begins, up to TCP (RFC 9293 §3.1) and UDP: for captures that shall hold nothing of what is on
 * disks. What has no user data in it (ARP, LLDP, BPDUs, neighbour discovery and the like) counts as a header; what is not known here, as data.
 */
import { be16 } from '../base/bytes.ts';
import {
  isTagType,
  LENGTH_MAX,
  TYPE_ARP,
  TYPE_FCOE,
  TYPE_FIP,
  TYPE_IPV4,
  TYPE_IPV6,
  TYPE_LLDP,
  TYPE_MAC_CONTROL,
  TYPE_ROCE,
} from './ethernet/frame.ts';

/** LACP and its like (IEEE 802.3 annex 57A). */
const TYPE_SLOW_PROTOCOLS = 0x8809;
const TAGS_MAX = 8;
/** Extension headers of IPv6; nobody sends as many. */
const EXTENSIONS_MAX = 16;

/** How many bytes of the frame are headers; all of them where there are too few to tell. */
export function headerBytes(frame: Uint8Array): number {
  return Math.min(frame.length, headersEnd(frame));
}

function headersEnd(frame: Uint8Array): number {
  let at = 12;
  for (let tags = 0; tags < TAGS_MAX && at + 2 <= frame.length && isTagType(be16(frame, at)); tags += 1) at += 4;
  if (at + 2 > frame.length) return frame.length;
  const type = be16(frame, at);
  const behind = at + 2;
  if (type <= LENGTH_MAX) return logicalLinkEnd(frame, behind, behind + type);
  switch (type) {
    case TYPE_IPV4:
      return ipv4End(frame, behind);
    case TYPE_IPV6:
      return ipv6End(frame, behind);
    case TYPE_ARP:
      // Padding may hold anything: it ends where its addresses do (RFC 826).
      return behind + 8 + 2 * (byteAt(frame, behind + 4) + byteAt(frame, behind + 5));
    case TYPE_LLDP:
    case TYPE_SLOW_PROTOCOLS:
    case TYPE_MAC_CONTROL:
    case TYPE_FIP:
      return frame.length;
    case TYPE_FCOE:
      // FC-BB-6 §7.7: version and start of frame; FC-FS-3 §9: the frame header.
      return behind + 14 + 24;
    case TYPE_ROCE:
      // IBTA 1.7 annex A16: the global route header and the base transport header.
      return behind + 40 + 12;
    default:
      return behind;
  }
}

/** 0 beyond the end: what is cut off there is found by whoever asks where that is. */
const byteAt = (frame: Uint8Array, at: number): number => frame[at] ?? 0;

/** LLC (IEEE 802.2), and SNAP (IEEE 802 §9.5) where it follows: spanning trees are kept whole, of others the headers. */
function logicalLinkEnd(frame: Uint8Array, at: number, end: number): number {
  const sap = byteAt(frame, at);
  if (sap === 0x42) return end;
  if (sap !== 0xaa) return at + 3;
  // Cisco's spanning tree for each VLAN.
  const isSpanningTree = byteAt(frame, at + 5) === 0x0c && byteAt(frame, at + 6) === 0x01 && byteAt(frame, at + 7) === 0x0b;
  return isSpanningTree ? end : at + 8;
}

/** RFC 791 §3.1. */
function ipv4End(frame: Uint8Array, at: number): number {
  const end = at + Math.max(20, (byteAt(frame, at) & 0x0f) * 4);
  if (end > frame.length) return frame.length;
  // Of a packet in pieces, only the first has the header of what is in it.
  if ((be16(frame, at + 6) & 0x1fff) !== 0) return end;
  return transportEnd(frame, frame[at + 9]!, end, at + be16(frame, at + 2));
}

/** RFC 8200 §4. */
function ipv6End(frame: Uint8Array, at: number): number {
  if (at + 40 > frame.length) return frame.length;
  const packetEnd = at + 40 + be16(frame, at + 4);
  let next = frame[at + 6]!;
  let end = at + 40;
  for (let headers = 0; headers < EXTENSIONS_MAX && end + 8 <= frame.length; headers += 1) {
    const length = frame[end + 1]!;
    if (next === FRAGMENT) {
      next = frame[end]!;
      const isFirst = (be16(frame, end + 2) & 0xfff8) === 0;
      end += 8;
      if (!isFirst) return end;
    } else if (EXTENSIONS.has(next)) {
      next = frame[end]!;
      end += (length + 1) * 8;
    } else if (next === AUTHENTICATION) {
      next = frame[end]!;
      end += (length + 2) * 4;
    } else break;
  }
  return transportEnd(frame, next, end, packetEnd);
}

const FRAGMENT = 44;
/** RFC 4302. */
const AUTHENTICATION = 51;
/** Hop-by-hop options, routing, destination options, mobility, HIP, Shim6 (IANA, IPv6 extension header types). */
const EXTENSIONS: ReadonlySet<number> = new Set([0, 43, 60, 135, 139, 140]);

function transportEnd(frame: Uint8Array, protocol: number, at: number, packetEnd: number): number {
  switch (protocol) {
    case 6:
      return at + Math.max(20, (byteAt(frame, at + 12) >>> 4) * 4);
    case 17:
      return at + 8;
    // ICMP: what an echo carries, or an error quotes, is somebody's data.
    case 1:
      return at + 8;
    case 58:
      return isNeighbourhood(byteAt(frame, at)) ? packetEnd : at + 8;
    // IGMP
    case 2:
      return packetEnd;
    // SCTP's common header.
    case 132:
      return at + 12;
    default:
      return at;
  }
}

/** Multicast listeners, routers and neighbours (RFC 2710, RFC 4861, RFC 3810). */
const isNeighbourhood = (type: number): boolean => (type >= 130 && type <= 137) || type === 143;
