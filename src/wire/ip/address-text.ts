/** IP addresses in text: IPv4 as four decimal numbers, IPv6 as RFC 4291 §2.2 writes it, and the one form of RFC 5952 on the way out. */

const OCTET = /^(0|[1-9]\d{0,2})$/;

/** Undefined: no IPv4 address. Leading zeros are refused, since some read them as octal (RFC 6943 §3.1.1). */
export function parseIpv4Text(text: string): Uint8Array | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => OCTET.test(part) && Number(part) <= 255)) return undefined;
  return Uint8Array.from(parts, Number);
}

/** Undefined: no IPv6 address. Zones (`%eth0`) are none of its bytes, and are refused. */
export function parseIpv6Text(text: string): Uint8Array | undefined {
  if (text.length > 45) return undefined;
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = groups(halves[0]!, halves.length === 1);
  const tail = halves.length === 2 ? groups(halves[1]!, true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  // RFC 4291 §2.2: `::` stands for one group at least.
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const all = [...head, ...Array.from({ length: Math.max(0, missing) }, () => 0), ...tail];
  return Uint8Array.from(all.flatMap((group) => [group >>> 8, group & 0xff]));
}

/** `mayEndInIpv4`: the last 32 bits may be written as an IPv4 address. */
function groups(text: string, mayEndInIpv4: boolean): number[] | undefined {
  if (text === '') return [];
  const out: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (/^[0-9a-f]{1,4}$/i.test(part)) {
      out.push(Number.parseInt(part, 16));
      continue;
    }
    const four = mayEndInIpv4 && index === parts.length - 1 ? parseIpv4Text(part) : undefined;
    if (four === undefined) return undefined;
    out.push((four[0]! << 8) | four[1]!, (four[2]! << 8) | four[3]!);
  }
  return out;
}

/** RFC 5952 §4: lower case, the longest run of zero groups (the first of equals, two at least) as `::`. */
export function formatIpv6(bytes: Uint8Array, at = 0): string {
  const words = Array.from({ length: 8 }, (_, index) => (bytes[at + index * 2]! << 8) | bytes[at + index * 2 + 1]!);
  let best = { start: -1, length: 1 };
  for (let start = 0; start < 8; start += 1) {
    let length = 0;
    while (start + length < 8 && words[start + length] === 0) length += 1;
    if (length > best.length) best = { start, length };
  }
  if (best.start === -1) return text(words);
  return `${text(words.slice(0, best.start))}::${text(words.slice(best.start + best.length))}`;
}

/** The address for people: `192.0.2.1`, or RFC 5952, whose §5 shows the IPv4 address in IPv4-mapped ones. */
export function formatAddressBytes(address: Uint8Array, at = 0, bytes: number = address.length - at): string {
  if (bytes === 4) return `${address[at]}.${address[at + 1]}.${address[at + 2]}.${address[at + 3]}`;
  return isMapped(address, at) ? `::ffff:${formatAddressBytes(address, at + 12, 4)}` : formatIpv6(address, at);
}

function isMapped(address: Uint8Array, at: number): boolean {
  for (let index = 0; index < 12; index += 1) if (address[at + index] !== (index < 10 ? 0 : 0xff)) return false;
  return true;
}

/** `127.0.0.1:3260`, `[::1]:3260` (RFC 3986 §3.2.2): a host, IPv6 without brackets, and its port if there is one. */
export function formatHostPort(host: string, port: number | undefined): string {
  const shown = host.includes(':') ? `[${host}]` : host;
  return port === undefined ? shown : `${shown}:${port}`;
}

const text = (words: readonly number[]): string => words.map((word) => word.toString(16)).join(':');
