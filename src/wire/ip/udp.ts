/** User Datagram Protocol (RFC 768, RFC 8200 §8.1). */
import { be16, DecodeError, putBe16 } from '../../base/bytes.ts';
import { foldChecksum, internetChecksum, sumWords } from './checksum.ts';

export const UDP_HEADER_BYTES = 8;

export interface Udp {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly payloadAt: number;
  readonly payloadEnd: number;
}

/** `checksumRequired`: over IPv6, where a datagram without one is dropped (RFC 8200 §8.1). Throws DecodeError. */
export function decodeUdp(frame: Uint8Array, at: number, end: number, pseudoSum: number, checksumRequired = false): Udp {
  if (end - at < UDP_HEADER_BYTES) throw new DecodeError('udp', at, 'truncated header');
  const length = be16(frame, at + 4);
  if (length < UDP_HEADER_BYTES || length > end - at) throw new DecodeError('udp', at + 4, `bad length ${length}`);
  // RFC 768: all zero means that the sender computed none.
  if (be16(frame, at + 6) === 0) {
    if (checksumRequired) throw new DecodeError('udp', at + 6, 'no checksum');
  } else if (internetChecksum(frame, at, at + length, pseudoSum) !== 0) throw new DecodeError('udp', at + 6, 'bad checksum');
  return {
    sourcePort: be16(frame, at),
    destinationPort: be16(frame, at + 2),
    payloadAt: at + UDP_HEADER_BYTES,
    payloadEnd: at + length,
  };
}

/** Writes the header in front of `payloadBytes` bytes that stand behind it already. */
export function encodeUdp(
  sourcePort: number,
  destinationPort: number,
  payloadBytes: number,
  out: Uint8Array,
  at: number,
  pseudoSum: number,
): void {
  const length = UDP_HEADER_BYTES + payloadBytes;
  putBe16(out, at, sourcePort);
  putBe16(out, at + 2, destinationPort);
  putBe16(out, at + 4, length);
  putBe16(out, at + 6, 0);
  // RFC 768: a checksum that computes to zero is sent as all ones.
  putBe16(out, at + 6, foldChecksum(sumWords(out, at, at + length, pseudoSum)) || 0xffff);
}
