/** MAC addresses (IEEE 802 §8) as 48-bit whole numbers, exact in a JavaScript number: cheap to compare and to keep in tables. */
import { be48, putBe48 } from '../../base/bytes.ts';

export type Mac = number;

export const MAC_BYTES = 6;
export const BROADCAST_MAC: Mac = 0xffff_ffff_ffff;
/** Nearest bridge (IEEE 802.1Q table 8-1): LLDP goes here, and bridges don't forward it. */
export const NEAREST_BRIDGE_MAC: Mac = 0x0180_c200_000e;
/** Bridge group address (IEEE 802.1D-2004 table 7-10): spanning tree. */
export const BRIDGE_GROUP_MAC: Mac = 0x0180_c200_0000;

export const getMac = be48;
export const putMac = putBe48;

/** I/G bit of an address at an offset: broadcast is a group too (IEEE 802 §8.2). */
export const isGroupAt = (frame: Uint8Array, offset: number): boolean => (frame[offset]! & 1) !== 0;
export const isGroupMac = (mac: Mac): boolean => (Math.floor(mac / 0x100_0000_0000) & 1) !== 0;

/** 01-80-C2-00-00-00 to -0F: never forwarded by a bridge (IEEE 802.1Q §8.6.3). */
export const isReservedMac = (mac: Mac): boolean => mac >= BRIDGE_GROUP_MAC && mac <= BRIDGE_GROUP_MAC + 0xf;

export const formatMac = (mac: Mac): string =>
  mac
    .toString(16)
    .padStart(12, '0')
    .replace(/..(?=.)/g, '$&:');

/** `02:00:00:00:0a:01`, also with hyphens or as three dotted groups of four digits. Undefined: no MAC address. */
export function parseMac(text: string): Mac | undefined {
  if (!/^([0-9a-f]{2}([:-])[0-9a-f]{2}(\2[0-9a-f]{2}){4}|[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}|[0-9a-f]{12})$/i.test(text))
    return undefined;
  return Number.parseInt(text.replace(/[:.-]/g, ''), 16);
}
