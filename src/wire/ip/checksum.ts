/** The Internet checksum (RFC 1071): the ones' complement of the ones' complement sum of 16-bit words. */

/** From here on a view of 32-bit words pays. */
const LONG_BYTES = 192;
const isLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** Adds up `bytes[start..end)` as 16-bit words, going on from `sum`; an odd last byte counts as if a zero followed. */
export function sumWords(bytes: Uint8Array, start: number, end: number, sum = 0): number {
  let total = sum;
  let at = start;
  if (end - start >= LONG_BYTES && ((bytes.byteOffset + start) & 1) === 0) {
    at += -(bytes.byteOffset + start) & 2;
    if (at !== start) total += (bytes[start]! << 8) | bytes[start + 1]!;
    const words = (end - at) >>> 2;
    total += sumNative(new Uint32Array(bytes.buffer, bytes.byteOffset + at, words));
    at += words * 4;
  }
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

/**
 * RFC 1071 §2: words may be added two at a time, and in the machine's order of bytes, if those of the sum are put in order in the end. Nothing but zeros
 * adds up to zero.
 */
function sumNative(words: Uint32Array): number {
  const count = words.length;
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let at = 0;
  for (; at + 4 <= count; at += 4) {
    a += words[at]!;
    b += words[at + 1]!;
    c += words[at + 2]!;
    d += words[at + 3]!;
  }
  for (; at < count; at += 1) a += words[at]!;
  const sum = a + b + c + d;
  const folded = sum === 0 ? 0 : sum % 0xffff || 0xffff;
  return isLittleEndian ? ((folded & 0xff) << 8) | (folded >>> 8) : folded;
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
