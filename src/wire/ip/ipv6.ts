/** Internet Protocol version 6 (RFC 8200) and its extension headers. Read at offsets; `ipv6Problem` says first whether that is safe. */
import { be16, be32, DecodeError, putBe16, putBe32 } from '../../base/bytes.ts';
import type { IpAddress } from './address.ts';

export const IPV6_HEADER_BYTES = 40;
/** RFC 8200 §5: what every link carries. */
export const IPV6_MTU_MIN = 1280;

export const NEXT_HOP_BY_HOP = 0;
export const NEXT_ROUTING = 43;
export const NEXT_FRAGMENT = 44;
export const NEXT_NONE = 59;
export const NEXT_DESTINATION = 60;

export const FRAGMENT_HEADER_BYTES = 8;

export const ipv6TrafficClass = (frame: Uint8Array, at: number): number => ((frame[at]! & 0x0f) << 4) | (frame[at + 1]! >>> 4);
export const ipv6FlowLabel = (frame: Uint8Array, at: number): number => be32(frame, at) & 0x000f_ffff;
export const ipv6PayloadBytes = (frame: Uint8Array, at: number): number => be16(frame, at + 4);
export const ipv6NextHeader = (frame: Uint8Array, at: number): number => frame[at + 6]!;
export const ipv6HopLimit = (frame: Uint8Array, at: number): number => frame[at + 7]!;
export const IPV6_SOURCE_AT = 8;
export const IPV6_DESTINATION_AT = 24;

/** Why what stands from `at` to `end` is no IPv6 packet; undefined: it is one, its extension headers apart. */
export function ipv6Problem(frame: Uint8Array, at: number, end: number): string | undefined {
  if (end - at < IPV6_HEADER_BYTES) return 'truncated header';
  if (frame[at]! >>> 4 !== 6) return 'bad version';
  if (IPV6_HEADER_BYTES + ipv6PayloadBytes(frame, at) > end - at) return 'bad payload length';
  // RFC 4291 §2.7: a multicast address is nobody's source.
  return frame[at + IPV6_SOURCE_AT] === 0xff ? 'a multicast source' : undefined;
}

export interface Ipv6Fragment {
  readonly identification: number;
  /** In bytes. */
  readonly offset: number;
  readonly more: boolean;
  /** Where the Fragment header stands. */
  readonly headerAt: number;
  /** Where the Next Header field stands that announces it. */
  readonly announcedAt: number;
}

/** What the extension headers lead to. */
export interface Ipv6Upper {
  /** Protocol of the payload, `NEXT_NONE` for none. */
  readonly protocol: number;
  readonly payloadAt: number;
  readonly fragment: Ipv6Fragment | undefined;
}

/** Why a packet can't be walked to its payload (RFC 8200 §4): what an ICMPv6 Parameter Problem would say of it. */
export interface Ipv6Problem {
  readonly reason: string;
  /** Code of the Parameter Problem (RFC 4443 §3.4); undefined: the packet is dropped without a word. */
  readonly code: number | undefined;
  readonly at: number;
}

const HEADERS_MAX = 8;

/** Walks the extension headers behind the header at `at`. What it returns is a problem if it has a `reason`. */
export function walkIpv6(frame: Uint8Array, at: number, packetEnd: number): Ipv6Upper | Ipv6Problem {
  let next = ipv6NextHeader(frame, at);
  let announcedAt = at + 6;
  let place = at + IPV6_HEADER_BYTES;
  let fragment: Ipv6Fragment | undefined;
  for (let headers = 0; ; headers += 1) {
    const optionsFollow = next === NEXT_HOP_BY_HOP || next === NEXT_DESTINATION;
    if (!optionsFollow && next !== NEXT_ROUTING && next !== NEXT_FRAGMENT) return { protocol: next, payloadAt: place, fragment };
    if (headers === HEADERS_MAX) return { reason: 'too many extension headers', code: undefined, at: place };
    if (place + 8 > packetEnd) return { reason: 'a truncated extension header', code: undefined, at: place };
    // RFC 8200 §4.1: Hop-by-Hop Options stand right behind the header, or not at all.
    if (next === NEXT_HOP_BY_HOP && headers !== 0) return { reason: 'Hop-by-Hop Options out of place', code: 1, at: announcedAt };
    if (next === NEXT_FRAGMENT) {
      const word = be16(frame, place + 2);
      fragment = { identification: be32(frame, place + 4), offset: word & 0xfff8, more: (word & 1) !== 0, headerAt: place, announcedAt };
      next = frame[place]!;
      announcedAt = place;
      place += FRAGMENT_HEADER_BYTES;
      // Behind the first fragment's header only its piece follows: the headers in it are another packet's part.
      if (fragment.offset !== 0) return { protocol: next, payloadAt: place, fragment };
      continue;
    }
    const bytes = (frame[place + 1]! + 1) * 8;
    if (place + bytes > packetEnd) return { reason: 'a truncated extension header', code: undefined, at: place };
    if (optionsFollow) {
      const wrong = optionsProblem(frame, place + 2, place + bytes);
      if (wrong !== undefined) return wrong;
    } else if (frame[place + 3] !== 0) {
      // RFC 8200 §4.4: with segments left, a routing header of a type unknown to us is an error; RFC 5095 makes type 0 one of these.
      return { reason: `a routing header of type ${frame[place + 2]}`, code: 0, at: place + 2 };
    }
    next = frame[place]!;
    announcedAt = place;
    place += bytes;
  }
}

/** RFC 8200 §4.2: the two high bits of an unknown option's type say what becomes of the packet. */
function optionsProblem(frame: Uint8Array, start: number, end: number): Ipv6Problem | undefined {
  for (let at = start; at < end; ) {
    const type = frame[at]!;
    if (type === 0) {
      at += 1;
      continue;
    }
    if (at + 2 > end || at + 2 + frame[at + 1]! > end) return { reason: 'a truncated option', code: undefined, at };
    // PadN, and Router Alert (RFC 2711), which asks nothing of a host.
    if (type !== 1 && type !== 5 && type >>> 6 !== 0)
      return { reason: `an unknown option ${type}`, code: type >>> 6 === 1 ? undefined : 2, at };
    at += 2 + frame[at + 1]!;
  }
  return undefined;
}

export interface Ipv6 {
  readonly trafficClass: number;
  readonly flowLabel: number;
  readonly hopLimit: number;
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly protocol: number;
  readonly fragment: Ipv6Fragment | undefined;
  readonly payloadAt: number;
  readonly payloadEnd: number;
}

/** Throws DecodeError. */
export function decodeIpv6(frame: Uint8Array, at: number, end = frame.length): Ipv6 {
  const wrong = ipv6Problem(frame, at, end);
  if (wrong !== undefined) throw new DecodeError('ipv6', at, wrong);
  const payloadEnd = at + IPV6_HEADER_BYTES + ipv6PayloadBytes(frame, at);
  const upper = walkIpv6(frame, at, payloadEnd);
  if ('reason' in upper) throw new DecodeError('ipv6', upper.at, upper.reason);
  return {
    trafficClass: ipv6TrafficClass(frame, at),
    flowLabel: ipv6FlowLabel(frame, at),
    hopLimit: ipv6HopLimit(frame, at),
    source: frame.subarray(at + IPV6_SOURCE_AT, at + IPV6_SOURCE_AT + 16),
    destination: frame.subarray(at + IPV6_DESTINATION_AT, at + IPV6_DESTINATION_AT + 16),
    protocol: upper.protocol,
    fragment: upper.fragment,
    payloadAt: upper.payloadAt,
    payloadEnd,
  };
}

export interface Ipv6Header {
  readonly trafficClass?: number;
  readonly flowLabel?: number;
  readonly hopLimit: number;
  readonly nextHeader: number;
  readonly source: IpAddress;
  readonly destination: IpAddress;
}

/** Writes `IPV6_HEADER_BYTES` bytes. `payloadBytes` counts extension headers too. */
export function encodeIpv6(header: Ipv6Header, payloadBytes: number, out: Uint8Array, at: number): void {
  const traffic = header.trafficClass ?? 0;
  putBe32(out, at, ((6 << 28) | (traffic << 20) | (header.flowLabel ?? 0)) >>> 0);
  putBe16(out, at + 4, payloadBytes);
  out[at + 6] = header.nextHeader;
  out[at + 7] = header.hopLimit;
  out.set(header.source, at + IPV6_SOURCE_AT);
  out.set(header.destination, at + IPV6_DESTINATION_AT);
}

/** Writes a Fragment header (RFC 8200 §4.5). */
export function encodeFragmentHeader(
  nextHeader: number,
  identification: number,
  offset: number,
  more: boolean,
  out: Uint8Array,
  at: number,
): void {
  out[at] = nextHeader;
  out[at + 1] = 0;
  putBe16(out, at + 2, offset | (more ? 1 : 0));
  putBe32(out, at + 4, identification);
}
