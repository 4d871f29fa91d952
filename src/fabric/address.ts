/** Network portal addresses: IPv4, IPv6 (RFC 4291 §2.2) in brackets (RFC 3986 §3.2.2), and names where a name will do. */
import { formatIpv6, parseIpv4Text, parseIpv6Text } from '../wire/ip/address-text.ts';
import { mistake, type Parsed } from './parsed.ts';

/** RFC 7143 §13.8: the port of iSCSI where none is said. */
export const ISCSI_PORT = 3260;

/** `host` is canonical: equal addresses have equal text. An IPv6 address is without brackets here. */
export interface PortalAddress {
  readonly host: string;
  readonly family: 'ipv4' | 'ipv6' | 'name';
  /** Undefined where none was written; 0 picks a free one. */
  readonly port: number | undefined;
}

const EXAMPLES = 'Write an address and a port, such as `127.0.0.1:3260` or `[::1]:3260`.';

/** An address to listen on: an IP address, so that it is plain who can reach it. */
export function parseListenAddress(written: string): Parsed<PortalAddress> {
  const parsed = parseAddress(written);
  if (!('value' in parsed) || parsed.value.family !== 'name') return parsed;
  const port = parsed.value.port ?? ISCSI_PORT;
  if (parsed.value.host === 'localhost') {
    return mistake('A portal listens on an address, and `localhost` is a name.', `Write \`127.0.0.1:${port}\` or \`[::1]:${port}\`.`);
  }
  return mistake(`A portal listens on an IP address, and \`${parsed.value.host}\` is not one.`, EXAMPLES);
}

/** An address to announce: also a name that initiators resolve (RFC 7143 §13.8). */
export function parseAnnounceAddress(written: string): Parsed<PortalAddress> {
  const parsed = parseAddress(written);
  if (!('value' in parsed)) return parsed;
  if (parsed.value.port === 0) return mistake('Nobody can connect to port 0.', 'Announce the port that initiators reach.');
  if (isWildcard(parsed.value))
    return mistake(`Nobody can connect to \`${parsed.value.host}\`.`, 'Announce an address that initiators reach.');
  return parsed;
}

/** An address to connect to: an IP address, or a name to look up. */
export function parseConnectAddress(written: string): Parsed<PortalAddress> {
  const parsed = parseAddress(written);
  if (!('value' in parsed)) return parsed;
  if (parsed.value.port === 0) return mistake('Nobody can connect to port 0.', 'Write the port that is listened on.');
  if (isWildcard(parsed.value)) return mistake(`Nobody can connect to \`${parsed.value.host}\`.`, 'Write an address that can be reached.');
  return parsed;
}

/** An address to connect from: an IP address, without a port, and IPv6 without brackets or with. */
export function parseBindAddress(written: string): Parsed<PortalAddress> {
  const text = written.trim().replace(/^\[([^\]]*)\]$/, '$1');
  const ipv4 = canonicalIpv4(text);
  const host = ipv4 ?? canonicalIpv6(text);
  if (host === '0.0.0.0' || host === '::') return mistake(`\`${host}\` is no address to connect from.`, 'Leave `bind` out, or name one.');
  if (host !== undefined) return { value: { host, family: ipv4 === undefined ? 'ipv6' : 'ipv4', port: undefined } };
  return mistake(
    `\`${written}\` is not an address to connect from.`,
    'Write an IP address of this machine without a port, such as `192.0.2.7`.',
  );
}

function parseAddress(written: string): Parsed<PortalAddress> {
  const text = written.trim();
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(text);
  if (bracketed !== null) return ipv6(bracketed[1]!, bracketed[2]);
  const colons = text.split(':').length - 1;
  if (colons > 1) {
    const last = text.lastIndexOf(':');
    const separate = canonicalIpv6(text.slice(0, last)) !== undefined && /^\d{1,5}$/.test(text.slice(last + 1));
    const remedy = separate ? `Write \`[${text.slice(0, last)}]${text.slice(last)}\`.` : `Write \`[${text}]:${ISCSI_PORT}\`.`;
    return mistake('An IPv6 address stands in brackets, to tell its colons from that of the port.', remedy);
  }
  const colon = text.indexOf(':');
  const host = colon === -1 ? text : text.slice(0, colon);
  const port = parsePort(colon === -1 ? undefined : text.slice(colon + 1));
  if ('wrong' in port) return port;
  if (host === '' || host === '*') {
    return mistake(
      `\`${written}\` names no address.`,
      `For every address write \`0.0.0.0:${port.value ?? ISCSI_PORT}\`, for this machine only \`127.0.0.1:${port.value ?? ISCSI_PORT}\`.`,
    );
  }
  const ipv4 = canonicalIpv4(host);
  if (ipv4 !== undefined) return { value: { host: ipv4, family: 'ipv4', port: port.value } };
  if (/^[\d.]+$/.test(host) || !/^(?!-)[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){0,20}\.?$/.test(host)) {
    return mistake(`\`${host}\` is not an address.`, EXAMPLES);
  }
  return { value: { host: host.toLowerCase(), family: 'name', port: port.value } };
}

function ipv6(inside: string, portText: string | undefined): Parsed<PortalAddress> {
  const host = canonicalIpv6(inside);
  if (host === undefined) return mistake(`\`${inside}\` is not an IPv6 address.`, EXAMPLES);
  const port = parsePort(portText);
  return 'wrong' in port ? port : { value: { host, family: 'ipv6', port: port.value } };
}

function parsePort(text: string | undefined): Parsed<number | undefined> {
  if (text === undefined) return { value: undefined };
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65535) {
    return mistake(`\`${text}\` is not a port.`, 'Write a number from 0 to 65535 after the colon; 0 picks a free port.');
  }
  return { value: Number(text) };
}

function canonicalIpv4(text: string): string | undefined {
  return parseIpv4Text(text) === undefined ? undefined : text;
}

/** The form of RFC 5952 (lower case, the longest run of zeros shortened), with its zone if any; undefined if it isn't one. */
export function canonicalIpv6(text: string): string | undefined {
  const [address, zone, ...more] = text.split('%');
  if (more.length > 0 || (zone !== undefined && !/^[A-Za-z0-9._-]{1,32}$/.test(zone))) return undefined;
  const bytes = parseIpv6Text(address!);
  if (bytes === undefined) return undefined;
  return zone === undefined ? formatIpv6(bytes) : `${formatIpv6(bytes)}%${zone}`;
}

/** Reachable from this machine alone (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3). */
export function isLoopback(address: PortalAddress): boolean {
  if (address.family === 'ipv4') return address.host.startsWith('127.');
  if (address.family === 'name') return address.host === 'localhost';
  return address.host === '::1' || /^::ffff:7f[0-9a-f]{2}:/.test(address.host);
}

/** Stands for every address of the machine. */
export const isWildcard = (address: PortalAddress): boolean => address.host === '0.0.0.0' || address.host === '::';

export { formatHostPort as formatAddress } from '../wire/ip/address-text.ts';
