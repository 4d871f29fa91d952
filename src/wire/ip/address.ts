/**
 * IPv4 and IPv6 addresses (RFC 791, RFC 4291) as their bytes, 4 or 16 of them: what stands in packets, so that both families go the same
 * ways. An address is never changed once made.
 */
import { parseIpv4Text, parseIpv6Text } from './address-text.ts';

export type IpAddress = Uint8Array;

export const IPV4_BYTES = 4;
export const IPV6_BYTES = 16;

export const isIpv4 = (address: IpAddress): boolean => address.length === IPV4_BYTES;

export const ANY_IPV4: IpAddress = new Uint8Array(4);
export const ANY_IPV6: IpAddress = new Uint8Array(16);
export const BROADCAST_IPV4: IpAddress = Uint8Array.of(255, 255, 255, 255);
/** ff02::1 and ff02::2 (RFC 4291 §2.7.1). */
export const ALL_NODES: IpAddress = parseIpv6Text('ff02::1')!;
export const ALL_ROUTERS: IpAddress = parseIpv6Text('ff02::2')!;

/** An address in text, of either family; undefined: none. */
export const parseAddress = (text: string): IpAddress | undefined => parseIpv4Text(text) ?? parseIpv6Text(text);

/** For constants and tests. Throws on what is no address. */
export function address(text: string): IpAddress {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new Error(`not an IP address: ${text}`);
  return parsed;
}

export function sameAddress(a: IpAddress, b: IpAddress): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index += 1) if (a[index] !== b[index]) return false;
  return true;
}

export const isAny = (address: IpAddress): boolean => address.every((byte) => byte === 0);

/** RFC 1112 §4: 224.0.0.0/4. RFC 4291 §2.7: ff00::/8. */
export const isMulticast = (address: IpAddress): boolean => (isIpv4(address) ? address[0]! >>> 4 === 0xe : address[0] === 0xff);

export const isLoopback = (address: IpAddress): boolean =>
  isIpv4(address) ? address[0] === 127 : address[15] === 1 && address.every((byte, index) => byte === 0 || index === 15);

/** 169.254.0.0/16 (RFC 3927), fe80::/10 (RFC 4291 §2.5.6). */
export const isLinkLocal = (address: IpAddress): boolean =>
  isIpv4(address) ? address[0] === 169 && address[1] === 254 : address[0] === 0xfe && (address[1]! & 0xc0) === 0x80;

export function inPrefix(address: IpAddress, prefix: IpAddress, bits: number): boolean {
  if (address.length !== prefix.length) return false;
  const whole = bits >>> 3;
  for (let index = 0; index < whole; index += 1) if (address[index] !== prefix[index]) return false;
  const rest = bits & 7;
  return rest === 0 || (address[whole]! ^ prefix[whole]!) >>> (8 - rest) === 0;
}

/** The address with all bits behind the prefix cleared. */
export function prefixOf(address: IpAddress, bits: number): IpAddress {
  return address.map((byte, index) => byte & (0xff00 >>> Math.min(8, Math.max(0, bits - index * 8))));
}

/** Its last address: the directed broadcast of an IPv4 prefix (RFC 919). */
export function lastOf(address: IpAddress, bits: number): IpAddress {
  return address.map((byte, index) => byte | (0xff >>> Math.min(8, Math.max(0, bits - index * 8))));
}

/** The MAC address a multicast packet goes to: RFC 1112 §6.4, RFC 2464 §7. */
export const multicastMac = (address: IpAddress): number =>
  isIpv4(address)
    ? 0x0100_5e00_0000 + (((address[1]! & 0x7f) << 16) | (address[2]! << 8) | address[3]!)
    : 0x3333_0000_0000 + (((address[12]! << 24) | (address[13]! << 16) | (address[14]! << 8) | address[15]!) >>> 0);

/** ff02::1:ffXX:XXXX (RFC 4291 §2.7.1): whom to ask for this address. */
export function solicitedNode(address: IpAddress): IpAddress {
  const group = parseIpv6Text('ff02::1:ff00:0')!;
  group.set(address.subarray(13), 13);
  return group;
}

/** fe80::/64 with the interface identifier made of the MAC address (RFC 4291 appendix A). */
export function linkLocalOf(mac: number): IpAddress {
  const out = new Uint8Array(16);
  out[0] = 0xfe;
  out[1] = 0x80;
  for (let index = 0; index < 6; index += 1) out[8 + (index < 3 ? index : index + 2)] = Math.floor(mac / 2 ** (40 - index * 8)) & 0xff;
  out[8]! ^= 2;
  out[11] = 0xff;
  out[12] = 0xfe;
  return out;
}

/** A short string that is the same for the same address: a key for maps. */
export function addressKey(address: IpAddress): string {
  let key = '';
  for (let index = 0; index < address.length; index += 2) key += String.fromCharCode((address[index]! << 8) | address[index + 1]!);
  return key;
}

export { formatAddressBytes as formatIp } from './address-text.ts';
