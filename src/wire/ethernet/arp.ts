/** Address Resolution Protocol for IPv4 on Ethernet (RFC 826). */
import { be16, DecodeError, putBe16 } from '../../base/bytes.ts';
import { getMac, type Mac, putMac } from './mac.ts';

export const ARP_BYTES = 28;
export const ARP_REQUEST = 1;
export const ARP_REPLY = 2;

export interface Arp {
  readonly operation: number;
  readonly senderMac: Mac;
  /** Four bytes each: views into the frame. */
  readonly senderAddress: Uint8Array;
  readonly targetMac: Mac;
  readonly targetAddress: Uint8Array;
}

/** Throws DecodeError. */
export function decodeArp(frame: Uint8Array, at: number, end = frame.length): Arp {
  if (end - at < ARP_BYTES) throw new DecodeError('arp', at, 'truncated');
  if (be16(frame, at) !== 1) throw new DecodeError('arp', at, `hardware type ${be16(frame, at)} is not Ethernet`);
  if (be16(frame, at + 2) !== 0x0800) throw new DecodeError('arp', at + 2, 'the protocol is not IPv4');
  if (frame[at + 4] !== 6 || frame[at + 5] !== 4) throw new DecodeError('arp', at + 4, 'address lengths are not 6 and 4');
  return {
    operation: be16(frame, at + 6),
    senderMac: getMac(frame, at + 8),
    senderAddress: frame.subarray(at + 14, at + 18),
    targetMac: getMac(frame, at + 18),
    targetAddress: frame.subarray(at + 24, at + 28),
  };
}

/** Writes `ARP_BYTES` bytes. */
export function encodeArp(arp: Arp, out: Uint8Array, at: number): void {
  putBe16(out, at, 1);
  putBe16(out, at + 2, 0x0800);
  out[at + 4] = 6;
  out[at + 5] = 4;
  putBe16(out, at + 6, arp.operation);
  putMac(out, at + 8, arp.senderMac);
  out.set(arp.senderAddress, at + 14);
  putMac(out, at + 18, arp.targetMac);
  out.set(arp.targetAddress, at + 24);
}
