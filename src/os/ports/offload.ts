/**
 * Finishes what a kernel leaves to its network card (virtio 1.2 §5.1.6, struct virtio_net_hdr): checksums that are not computed yet, and
 * TCP or UDP data still to be cut into packets. A wire of ours carries frames as they would leave the card.
 */
import { be16, be32, putBe16, putBe32 } from '../../base/bytes.ts';
import { isTagType } from '../../wire/ethernet/frame.ts';
import { foldChecksum, internetChecksum, pseudoHeaderSum, sumWords } from '../../wire/ip/checksum.ts';
import type { ArrivalSlab } from './arrival-slab.ts';
import { le16 } from './messages.ts';

export const OFFLOAD_HEADER_BYTES = 10;

export const NEEDS_CHECKSUM = 1;
const SEGMENT_NONE = 0;
export const SEGMENT_TCP4 = 1;
export const SEGMENT_TCP6 = 4;
const SEGMENT_UDP = 5;
/** The data was sent with ECN; nothing is to be done about it but what is done anyway. */
const SEGMENT_ECN = 0x80;

const PROTOCOL_TCP = 6;
const PROTOCOL_UDP = 17;
const IPV6_HEADER_BYTES = 40;
const TCP_FIN_PSH = 0x09;
const TCP_CWR = 0x80;
/** The longest frame in the smallest pieces anybody cuts it to; more is nonsense. */
const SEGMENTS_MAX = 2048;

/**
 * The header stands at `at`, the frame behind it up to `end`; `bytes` may be written to. Gives every frame to `emit`, as memory of its own.
 * False: the header makes no sense.
 */
export function finishFrame(bytes: Uint8Array, at: number, end: number, slab: ArrivalSlab, emit: (frame: Uint8Array) => void): boolean {
  const start = at + OFFLOAD_HEADER_BYTES;
  if (end < start) return false;
  const flags = bytes[at]!;
  const segment = bytes[at + 1]! & ~SEGMENT_ECN;
  const sumFrom = start + le16(bytes, at + 6);
  const sumAt = sumFrom + le16(bytes, at + 8);
  if ((flags & NEEDS_CHECKSUM) !== 0 && sumAt + 2 > end) return false;
  if (segment !== SEGMENT_NONE) {
    if ((flags & NEEDS_CHECKSUM) === 0) return false;
    return cut(bytes, start, end, { kind: segment, pieceBytes: le16(bytes, at + 4), transportAt: sumFrom }, slab, emit);
  }
  // The field holds the pseudo header's sum already. Computed as zero it is sent as ones, which both TCP and UDP allow (RFC 768).
  if ((flags & NEEDS_CHECKSUM) !== 0) putBe16(bytes, sumAt, internetChecksum(bytes, sumFrom, end) || 0xffff);
  emit(slab.copy(bytes, start, end));
  return true;
}

interface Cut {
  readonly kind: number;
  readonly pieceBytes: number;
  readonly transportAt: number;
}

function cut(bytes: Uint8Array, start: number, end: number, how: Cut, slab: ArrivalSlab, emit: (frame: Uint8Array) => void): boolean {
  const { kind, pieceBytes, transportAt } = how;
  const networkAt = networkHeaderAt(bytes, start, end);
  const isTcp = kind === SEGMENT_TCP4 || kind === SEGMENT_TCP6;
  if ((!isTcp && kind !== SEGMENT_UDP) || pieceBytes === 0 || transportAt + (isTcp ? 20 : 8) > end) return false;
  const version = bytes[networkAt]! >>> 4;
  if (transportAt < networkAt + (version === 4 ? 20 : IPV6_HEADER_BYTES) || (version !== 4 && version !== 6)) return false;
  const payloadAt = transportAt + (isTcp ? (bytes[transportAt + 12]! >>> 4) * 4 : 8);
  const payloadBytes = end - payloadAt;
  if (payloadBytes <= 0 || payloadBytes > pieceBytes * SEGMENTS_MAX) return false;
  const headers = payloadAt - start;
  const [network, transport] = [networkAt - start, transportAt - start];
  for (let offset = 0, index = 0; offset < payloadBytes; offset += pieceBytes, index += 1) {
    const piece = Math.min(pieceBytes, payloadBytes - offset);
    const frame = slab.take(headers + piece);
    frame.set(bytes.subarray(start, payloadAt));
    frame.set(bytes.subarray(payloadAt + offset, payloadAt + offset + piece), headers);
    putNetworkLength(frame, network, transport, version, index);
    if (isTcp) {
      putBe32(frame, transport + 4, (be32(frame, transport + 4) + offset) >>> 0);
      // The end belongs to the last piece, the answer to a congestion mark to the first (RFC 3168 §6.1.2).
      if (offset + piece < payloadBytes) frame[transport + 13]! &= ~TCP_FIN_PSH;
      if (offset !== 0) frame[transport + 13]! &= ~TCP_CWR;
    } else putBe16(frame, transport + 4, 8 + piece);
    putTransportChecksum(frame, network, transport, version, isTcp);
    emit(frame);
  }
  return true;
}

function networkHeaderAt(bytes: Uint8Array, start: number, end: number): number {
  let typeAt = start + 12;
  while (typeAt + 4 < end && isTagType(be16(bytes, typeAt))) typeAt += 4;
  return typeAt + 2;
}

function putNetworkLength(frame: Uint8Array, network: number, transport: number, version: number, index: number): void {
  if (version === 6) return putBe16(frame, network + 4, frame.length - network - IPV6_HEADER_BYTES);
  putBe16(frame, network + 2, frame.length - network);
  putBe16(frame, network + 4, be16(frame, network + 4) + index);
  putBe16(frame, network + 10, 0);
  putBe16(frame, network + 10, internetChecksum(frame, network, transport));
}

function putTransportChecksum(frame: Uint8Array, network: number, transport: number, version: number, isTcp: boolean): void {
  const at = transport + (isTcp ? 16 : 6);
  putBe16(frame, at, 0);
  const [addressesAt, addressBytes] = version === 4 ? [network + 12, 4] : [network + 8, 16];
  const pseudo = pseudoHeaderSum(frame, addressesAt, addressBytes, isTcp ? PROTOCOL_TCP : PROTOCOL_UDP, frame.length - transport);
  putBe16(frame, at, foldChecksum(sumWords(frame, transport, frame.length, pseudo)) || 0xffff);
}
