/**
 * Addresses and ports inside iSNS attributes: 16 bytes, IPv4 as an IPv4-mapped IPv6 address (RFC 4171 §6.3.1, RFC 4291 §2.5.5.2), and port
 * numbers with their transport (§6.3.2).
 */

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
  const groups = Array.from({ length: 8 }, (_, index) => (bytes[offset + index * 2]! << 8) | bytes[offset + index * 2 + 1]!);
  // RFC 5952 §4.2: the first of the longest runs of zeros is shortened, and a single zero is not.
  let start = -1;
  let length = 1;
  for (let at = 0; at < 8; at += 1) {
    let run = 0;
    while (at + run < 8 && groups[at + run] === 0) run += 1;
    if (run > length) [start, length] = [at, run];
  }
  const hexes = (from: number, to: number): string =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  return start === -1 ? hexes(0, 8) : `${hexes(0, start)}::${hexes(start + length, 8)}`;
}

/** Undefined for what is no address; a zone (`%eth0`) means nothing to others, and is none. */
export function addressBytes(text: string): Uint8Array | undefined {
  const out = new Uint8Array(ADDRESS_BYTES);
  const ipv4 = ipv4Octets(text);
  if (ipv4 !== undefined) {
    out.set([0xff, 0xff, ...ipv4], 10);
    return out;
  }
  const groups = ipv6Groups(text);
  if (groups === undefined) return undefined;
  for (const [index, group] of groups.entries()) out.set([group >>> 8, group & 0xff], index * 2);
  return out;
}

function ipv4Octets(text: string): number[] | undefined {
  const parts = text.split('.');
  const good = parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
  return good ? parts.map(Number) : undefined;
}

/** RFC 4291 §2.2; the last 32 bits may be written as an IPv4 address. */
function ipv6Groups(text: string): number[] | undefined {
  if (text.length > 45) return undefined;
  const dotted = /^(.*:)([0-9.]+\.[0-9.]+)$/.exec(text);
  if (dotted !== null) {
    const octets = ipv4Octets(dotted[2]!);
    if (octets === undefined) return undefined;
    const [a, b, c, d] = octets as [number, number, number, number];
    return ipv6Groups(`${dotted[1]!}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`);
  }
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const sides = halves.map((half) => (half === '' ? [] : half.split(':')));
  const written = sides.flat();
  if (!written.every((group) => /^[0-9A-Fa-f]{1,4}$/.test(group))) return undefined;
  if (halves.length === 1 ? written.length !== 8 : written.length > 7) return undefined;
  const zeros = Array.from({ length: 8 - written.length }, () => '0');
  return [...sides[0]!, ...zeros, ...(sides[1] ?? [])].map((group) => Number.parseInt(group, 16));
}

export interface PortNumber {
  readonly port: number;
  readonly transport: 'tcp' | 'udp';
}

/** RFC 4171 §6.3.2: bit 15 from the left says UDP. */
const UDP_BIT = 0x1_0000;

export const decodePort = (value: number): PortNumber => ({ port: value & 0xffff, transport: (value & UDP_BIT) !== 0 ? 'udp' : 'tcp' });

export const encodePort = ({ port, transport }: PortNumber): number => port + (transport === 'udp' ? UDP_BIT : 0);
