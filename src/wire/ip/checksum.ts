/** The Internet checksum (RFC 1071): the ones' complement of the ones' complement sum of 16-bit words. */

/** Adds up `bytes[start..end)` as 16-bit words, going on from `sum`; an odd last byte counts as if a zero followed. */
export function sumWords(bytes: Uint8Array, start: number, end: number, sum = 0): number {
  let total = sum;
  let at = start;
  // A double holds 2^37 words before it gets inexact; the sum is folded once at the end.
  for (; at + 8 <= end; at += 8)
    total +=
      ((bytes[at]! << 8) | bytes[at + 1]!) +
      ((bytes[at + 2]! << 8) | bytes[at + 3]!) +
      ((bytes[at + 4]! << 8) | bytes[at + 5]!) +
      ((bytes[at + 6]! << 8) | bytes[at + 7]!);
  for (; at + 2 <= end; at += 2) total += (bytes[at]! << 8) | bytes[at + 1]!;
  if (at < end) total += bytes[at]! << 8;
  return total;
}

/** What goes into a checksum field. Over bytes that hold a right checksum the result is 0. */
export function foldChecksum(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x1_0000);
  return ~folded & 0xffff;
}

export const internetChecksum = (bytes: Uint8Array, start: number, end: number, sum = 0): number =>
  foldChecksum(sumWords(bytes, start, end, sum));

/**
 * The sum of the pseudo header of TCP, UDP and ICMPv6 (RFC 9293 §3.1, RFC 8200 §8.1) from addresses that stand in a packet, source first.
 * Both families add up the same words: addresses, length, protocol.
 */
export const pseudoHeaderSum = (
  packet: Uint8Array,
  addressesAt: number,
  addressBytes: number,
  protocol: number,
  lengthBytes: number,
): number =>
  sumWords(packet, addressesAt, addressesAt + 2 * addressBytes) + protocol + (lengthBytes & 0xffff) + Math.floor(lengthBytes / 0x1_0000);

/** A checksum after one of the words under it changed (RFC 1624 §3, equation 3). */
export function adjustChecksum(checksum: number, before: number, after: number): number {
  return foldChecksum((~checksum & 0xffff) + (~before & 0xffff) + after);
}
