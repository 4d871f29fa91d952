/** A route as `ip -j route show` prints it (iproute2 6.1: ip/iproute.c). */
import type { Found } from '../core/found.ts';
import { formatIp, parseAddress } from '../../wire/ip/address.ts';
import { entriesAt, type Entry, textAt } from './json-output.ts';
import { lineAt } from './link.ts';

/** Who made a route that nobody set: the kernel for networks of its addresses, router advertisements, DHCP. */
const OTHERS: ReadonlySet<string | undefined> = new Set(['kernel', 'ra', 'dhcp', 'redirect']);

/** Undefined: none that somebody set. */
export function routeFrom(entry: Entry, found: Found): string | undefined {
  const written = textAt(entry, 'dst')!;
  const gateway = textAt(entry, 'gateway');
  const type = textAt(entry, 'type');
  if (OTHERS.has(textAt(entry, 'protocol')) || ['local', 'broadcast', 'multicast', 'anycast'].includes(type ?? '')) return undefined;
  const via = gateway === undefined ? undefined : parseAddress(gateway);
  const to = via === undefined ? undefined : networkOf(written, via.length);
  if (to !== undefined) return `${to} via ${formatIp(via!)}`;
  const why = entriesAt(entry, 'nexthops').length > 0 ? 'The route has several routers.' : 'The route has no router.';
  found.unknown(lineAt(entry.line, `${type ?? ''} ${written}`.trim()), why);
  return undefined;
}

function networkOf(written: string, bytes: number): string | undefined {
  if (written === 'default') return bytes === 4 ? '0.0.0.0/0' : '::/0';
  const [text, bits] = written.split('/');
  const address = parseAddress(text!);
  return address === undefined ? undefined : `${formatIp(address)}/${bits ?? bytes * 8}`;
}
