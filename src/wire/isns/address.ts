/**
 * Addresses and ports inside iSNS attributes: 16 bytes, IPv4 as an IPv4-mapped IPv6 address (RFC 4171 §6.3.1, RFC 4291 §2.5.5.2), and port
 * numbers with their transport (§6.3.2).
 */
import { formatIpv6, parseIpv4Text, parseIpv6Text } from '../ip/address-text.ts';

export const ADDRESS_BYTES = 16;

/**
 * IPv4 inside: mapped, as RFC 4171 wants it; or with zeros all before it (`::192.0.2.1`, IPv4-compatible, which RFC 4291 §2.5.5.1 has
 * given up), as Open-iSNS sends it. Nobody has an IPv6 address of that form, but for `::` and `::1`, whose first octet of the four is 0.
 */
const isIpv4 = (bytes: Uint8Array, offset: number): boolean => {
  for (let index = 0; index < 10; index += 1) if (bytes[offset + index] !== 0) return false;
  const [a, b] = [bytes[offset + 10], bytes[offset + 11]];
  return (a === 0xff && b === 0xff) || (a === 0 && b === 0 && bytes[offset + 12] !== 0);
};

/** `192.0.2.1`, or IPv6 in the form of RFC 5952. */
export function addressText(bytes: Uint8Array, offset: number): string {
  if (isIpv4(bytes, offset)) return bytes.subarray(offset + 12, offset + 16).join('.');
  return formatIpv6(bytes, offset);
}

/** Undefined for what is no address; a zone (`%eth0`) means nothing to others, and is none. */
export function addressBytes(text: string): Uint8Array | undefined {
  const ipv4 = parseIpv4Text(text);
  if (ipv4 === undefined) return parseIpv6Text(text);
  const out = new Uint8Array(ADDRESS_BYTES);
  out.set([0xff, 0xff, ...ipv4], 10);
  return out;
}

export interface PortNumber {
  readonly port: number;
  readonly transport: 'tcp' | 'udp';
}

/** RFC 4171 §6.3.2: bit 15 from the left says UDP. */
const UDP_BIT = 0x1_0000;

export const decodePort = (value: number): PortNumber => ({ port: value & 0xffff, transport: (value & UDP_BIT) !== 0 ? 'udp' : 'tcp' });

export const encodePort = ({ port, transport }: PortNumber): number => port + (transport === 'udp' ? UDP_BIT : 0);
