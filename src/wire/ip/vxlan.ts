/** Virtual eXtensible Local Area Network (RFC 7348 §5): an Ethernet frame in UDP, behind a header that names its segment. */
import { be24, DecodeError, putBe24 } from '../../base/bytes.ts';

export const VXLAN_HEADER_BYTES = 8;
/** IANA's port; Linux's own default is an older one. */
export const VXLAN_PORT = 4789;
/** Network identifiers have 24 bits. */
export const VXLAN_NETWORK_MAX = 0xff_ffff;

/** The I flag: the network identifier is valid. The other seven are reserved. */
const FLAG_NETWORK = 0x08;

export interface Vxlan {
  /** VXLAN network identifier (VNI). */
  readonly network: number;
  readonly frameAt: number;
}

/** Throws DecodeError. Reserved bits are ignored, as §5 says. */
export function decodeVxlan(bytes: Uint8Array, at: number, end: number): Vxlan {
  if (end - at < VXLAN_HEADER_BYTES) throw new DecodeError('vxlan', at, 'truncated header');
  if ((bytes[at]! & FLAG_NETWORK) === 0) throw new DecodeError('vxlan', at, 'no network identifier');
  return { network: be24(bytes, at + 4), frameAt: at + VXLAN_HEADER_BYTES };
}

export function encodeVxlan(network: number, out: Uint8Array, at: number): void {
  out.fill(0, at, at + VXLAN_HEADER_BYTES);
  out[at] = FLAG_NETWORK;
  putBe24(out, at + 4, network);
}
