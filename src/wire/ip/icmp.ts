/** Internet Control Message Protocol (RFC 792, RFC 1122 §3.2.2) and its sibling for IPv6 (RFC 4443): the messages that both have. */
import { be32, DecodeError, putBe16, putBe32 } from '../../base/bytes.ts';
import { foldChecksum, internetChecksum, sumWords } from './checksum.ts';

export const ICMP_HEADER_BYTES = 8;

export const ICMP_ECHO_REPLY = 0;
export const ICMP_UNREACHABLE = 3;
export const ICMP_REDIRECT = 5;
export const ICMP_ECHO_REQUEST = 8;
export const ICMP_TIME_EXCEEDED = 11;
export const ICMP_PARAMETER_PROBLEM = 12;

export const UNREACHABLE_NETWORK = 0;
export const UNREACHABLE_HOST = 1;
export const UNREACHABLE_PROTOCOL = 2;
export const UNREACHABLE_PORT = 3;
/** RFC 1191 §4: the next hop's MTU stands in the second half of the word behind the checksum. */
export const FRAGMENTATION_NEEDED = 4;

/** Code of a Time Exceeded of either family: the fragments that came were not all. */
export const TIME_EXCEEDED_REASSEMBLY = 1;

export const ICMPV6_UNREACHABLE = 1;
export const ICMPV6_PACKET_TOO_BIG = 2;
export const ICMPV6_TIME_EXCEEDED = 3;
export const ICMPV6_PARAMETER_PROBLEM = 4;
export const ICMPV6_ECHO_REQUEST = 128;
export const ICMPV6_ECHO_REPLY = 129;

/** RFC 4443 §3.1. */
export const UNREACHABLE_NO_ROUTE = 0;
export const UNREACHABLE_PROHIBITED = 1;
export const UNREACHABLE_ADDRESS = 3;
export const UNREACHABLE_PORT_V6 = 4;

export interface Icmp {
  readonly type: number;
  readonly code: number;
  /** The word behind the checksum: identifier and sequence of an echo, MTU, pointer. */
  readonly rest: number;
  /** Echo data, or the start of the packet that the message is about: a view into the frame. */
  readonly bodyAt: number;
  readonly bodyEnd: number;
}

/** `pseudoSum`: of the pseudo header for ICMPv6 (RFC 4443 §2.3), 0 for ICMP, which has none. Throws DecodeError. */
export function decodeIcmp(frame: Uint8Array, at: number, end: number, pseudoSum = 0): Icmp {
  if (end - at < ICMP_HEADER_BYTES) throw new DecodeError('icmp', at, 'truncated');
  if (internetChecksum(frame, at, end, pseudoSum) !== 0) throw new DecodeError('icmp', at + 2, 'bad checksum');
  return { type: frame[at]!, code: frame[at + 1]!, rest: be32(frame, at + 4), bodyAt: at + ICMP_HEADER_BYTES, bodyEnd: end };
}

/** Writes header and body with the checksum. */
export function encodeIcmp(type: number, code: number, rest: number, body: Uint8Array, out: Uint8Array, at: number, pseudoSum = 0): void {
  out[at] = type;
  out[at + 1] = code;
  putBe16(out, at + 2, 0);
  putBe32(out, at + 4, rest);
  out.set(body, at + ICMP_HEADER_BYTES);
  putBe16(out, at + 2, foldChecksum(sumWords(out, at, at + ICMP_HEADER_BYTES + body.length, pseudoSum)));
}

export const echoIdentifier = (rest: number): number => rest >>> 16;
export const echoSequence = (rest: number): number => rest & 0xffff;
export const echoRest = (identifier: number, sequence: number): number => ((identifier << 16) | sequence) >>> 0;
export const nextHopMtu = (rest: number): number => rest & 0xffff;

/** RFC 1122 §3.2.2 and RFC 4443 §2.1: errors are about another packet, and nobody answers an error with an error. */
export const isIcmpError = (type: number): boolean =>
  type === ICMP_UNREACHABLE || type === 4 || type === ICMP_REDIRECT || type === ICMP_TIME_EXCEEDED || type === ICMP_PARAMETER_PROBLEM;
export const isIcmpv6Error = (type: number): boolean => type < 128;

/** As much of the packet as an error takes with it: RFC 1812 §4.3.2.3 (576 bytes in all), RFC 4443 §3.1 (the minimum MTU). */
export const ICMP_QUOTE_BYTES_MAX = 576 - 20 - ICMP_HEADER_BYTES;
export const ICMPV6_QUOTE_BYTES_MAX = 1280 - 40 - ICMP_HEADER_BYTES;
