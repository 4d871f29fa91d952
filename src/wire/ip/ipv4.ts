/** Internet Protocol version 4 (RFC 791; fields of RFC 2474 and RFC 3168). Read at offsets; `ipv4Problem` says first whether that is safe. */
import { be16, DecodeError, putBe16 } from '../../base/bytes.ts';
import type { IpAddress } from './address.ts';
import { internetChecksum } from './checksum.ts';

export const IPV4_HEADER_BYTES = 20;
export const IPV4_HEADER_BYTES_MAX = 60;
/** RFC 1122 §3.3.2: what every host takes. */
export const IPV4_MTU_MIN = 576;

export const PROTOCOL_ICMP = 1;
export const PROTOCOL_IGMP = 2;
export const PROTOCOL_TCP = 6;
export const PROTOCOL_UDP = 17;
export const PROTOCOL_ICMPV6 = 58;

export const DONT_FRAGMENT = 0x4000;
export const MORE_FRAGMENTS = 0x2000;

export const ipVersion = (frame: Uint8Array, at: number): number => frame[at]! >>> 4;
export const ipv4HeaderBytes = (frame: Uint8Array, at: number): number => (frame[at]! & 0x0f) << 2;
export const ipv4TotalBytes = (frame: Uint8Array, at: number): number => be16(frame, at + 2);
export const ipv4Identification = (frame: Uint8Array, at: number): number => be16(frame, at + 4);
export const ipv4Flags = (frame: Uint8Array, at: number): number => be16(frame, at + 6) & 0xe000;
/** In bytes. */
export const ipv4FragmentOffset = (frame: Uint8Array, at: number): number => (be16(frame, at + 6) & 0x1fff) << 3;
export const isIpv4Fragment = (frame: Uint8Array, at: number): boolean => (be16(frame, at + 6) & 0x3fff) !== 0;
export const ipv4TimeToLive = (frame: Uint8Array, at: number): number => frame[at + 8]!;
export const ipv4Protocol = (frame: Uint8Array, at: number): number => frame[at + 9]!;
export const IPV4_SOURCE_AT = 12;
export const IPV4_DESTINATION_AT = 16;

/** Explicit congestion notification: the two low bits of the traffic class (RFC 3168 §5). */
export const ECN_NOT_CAPABLE = 0;
export const ECN_CAPABLE_1 = 1;
export const ECN_CAPABLE_0 = 2;
export const ECN_CONGESTION = 3;

/** Why what stands from `at` to `end` is no IPv4 packet (RFC 1122 §3.2.1: such packets are dropped silently); undefined: it is one. */
export function ipv4Problem(frame: Uint8Array, at: number, end: number): string | undefined {
  if (end - at < IPV4_HEADER_BYTES) return 'truncated header';
  if (ipVersion(frame, at) !== 4) return 'bad version';
  const header = ipv4HeaderBytes(frame, at);
  if (header < IPV4_HEADER_BYTES || header > end - at) return 'bad header length';
  const total = ipv4TotalBytes(frame, at);
  if (total < header || total > end - at) return 'bad total length';
  if (internetChecksum(frame, at, at + header) !== 0) return 'bad header checksum';
  // RFC 791 §3.1: the largest packet has 65535 bytes, put together from its fragments too.
  if (ipv4FragmentOffset(frame, at) + total - header > 65535 - header) return 'a fragment beyond the largest packet';
  return undefined;
}

export interface Ipv4 {
  /** Traffic class: 6 bits DSCP, 2 bits ECN. */
  readonly trafficClass: number;
  readonly identification: number;
  readonly dontFragment: boolean;
  readonly moreFragments: boolean;
  readonly fragmentOffset: number;
  readonly timeToLive: number;
  readonly protocol: number;
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly options: Uint8Array;
  /** Views into the frame. */
  readonly payloadAt: number;
  readonly payloadEnd: number;
}

/** Throws DecodeError. */
export function decodeIpv4(frame: Uint8Array, at: number, end = frame.length): Ipv4 {
  const wrong = ipv4Problem(frame, at, end);
  if (wrong !== undefined) throw new DecodeError('ipv4', at, wrong);
  const header = ipv4HeaderBytes(frame, at);
  const flags = ipv4Flags(frame, at);
  return {
    trafficClass: frame[at + 1]!,
    identification: ipv4Identification(frame, at),
    dontFragment: (flags & DONT_FRAGMENT) !== 0,
    moreFragments: (flags & MORE_FRAGMENTS) !== 0,
    fragmentOffset: ipv4FragmentOffset(frame, at),
    timeToLive: ipv4TimeToLive(frame, at),
    protocol: ipv4Protocol(frame, at),
    source: frame.subarray(at + IPV4_SOURCE_AT, at + IPV4_SOURCE_AT + 4),
    destination: frame.subarray(at + IPV4_DESTINATION_AT, at + IPV4_DESTINATION_AT + 4),
    options: frame.subarray(at + IPV4_HEADER_BYTES, at + header),
    payloadAt: at + header,
    payloadEnd: at + ipv4TotalBytes(frame, at),
  };
}

export interface Ipv4Header {
  readonly trafficClass?: number;
  readonly identification?: number;
  /** `DONT_FRAGMENT`, `MORE_FRAGMENTS`, and the offset in units of 8 bytes. */
  readonly fragment?: number;
  readonly timeToLive: number;
  readonly protocol: number;
  readonly source: IpAddress;
  readonly destination: IpAddress;
  /** A multiple of 4 bytes. */
  readonly options?: Uint8Array;
}

export const ipv4HeaderBytesOf = (header: Ipv4Header): number => IPV4_HEADER_BYTES + (header.options?.length ?? 0);

/** Writes the header with its checksum. */
export function encodeIpv4(header: Ipv4Header, payloadBytes: number, out: Uint8Array, at: number): void {
  const bytes = ipv4HeaderBytesOf(header);
  out[at] = 0x40 | (bytes >>> 2);
  out[at + 1] = header.trafficClass ?? 0;
  putBe16(out, at + 2, bytes + payloadBytes);
  putBe16(out, at + 4, header.identification ?? 0);
  putBe16(out, at + 6, header.fragment ?? 0);
  out[at + 8] = header.timeToLive;
  out[at + 9] = header.protocol;
  putBe16(out, at + 10, 0);
  out.set(header.source, at + IPV4_SOURCE_AT);
  out.set(header.destination, at + IPV4_DESTINATION_AT);
  if (header.options !== undefined) out.set(header.options, at + IPV4_HEADER_BYTES);
  putBe16(out, at + 10, internetChecksum(out, at, at + bytes));
}
