/** Sockets of the machine that Samewire runs on, and of machines in the fabric's own network, that take connections. */
import { memoized } from '../base/memoized.ts';
import type { Attach } from '../fabric/network/model.ts';
import { formatAddress, isWildcard, parseConnectAddress, type PortalAddress } from '../fabric/address.ts';
import type { Fabric, Placed } from '../fabric/model.ts';
import { isOwnAddress } from '../fabric/network/own-network.ts';
import { accepted } from '../fabric/parsed.ts';
import { isSocketPath } from '../fabric/schema/attach.ts';
import { portsByPlace } from './network.ts';

export interface ListeningSocket {
  readonly host: string;
  readonly port: number;
}

export interface Listening extends Placed {
  readonly what: 'portal' | 'publication' | 'port for QEMU';
  /** An array with a network of its own; undefined: the machine that Samewire runs on. */
  readonly machine: string | undefined;
  readonly socket: ListeningSocket;
}

/** Everything that listens for TCP connections, in the order of arrays, hosts and switches. */
export const listeningOf = memoized((fabric: Fabric): readonly Listening[] => [
  ...fabric.arrays.flatMap(({ name, machine, portals }) =>
    portals.map(({ at, listen }) => ({
      at,
      what: 'portal' as const,
      machine: isOwnAddress(machine, listen) ? name : undefined,
      socket: listen,
    })),
  ),
  ...fabric.hosts
    .flatMap((host) => host.publications)
    .map(({ at, listen }) => ({ at, what: 'publication' as const, machine: undefined, socket: listen })),
  ...attachesOf(fabric).flatMap(({ attach }) =>
    attach.kind !== 'qemu' || isSocketPath(attach.socket)
      ? []
      : [{ at: attach.at, what: 'port for QEMU' as const, machine: undefined, socket: socketOf(attach.socket) }],
  ),
]);

/** Every plug into the world, with the port it is in. */
export const attachesOf = memoized((fabric: Fabric): readonly { readonly place: string; readonly attach: Attach }[] =>
  [...portsByPlace(fabric)].flatMap(([place, port]) => {
    const attach = port.kind === 'machine' ? port.nic.attach : port.port.attach;
    return attach === undefined ? [] : [{ place, attach }];
  }),
);

/** Of an address that the schema accepted. */
export function socketOf(written: string): ListeningSocket {
  const { host, port } = accepted(parseConnectAddress(written));
  return { host, port: port! };
}

/** Only one of them can be open. */
export function collide(a: ListeningSocket, b: ListeningSocket): boolean {
  if (a.port !== b.port || a.port === 0) return false;
  if (a.host === b.host) return true;
  if (familyOf(a) === familyOf(b)) return isAnyHost(a) || isAnyHost(b);
  // A socket on [::] takes IPv4 connections too.
  return a.host === '::' || b.host === '::';
}

const familyOf = ({ host }: ListeningSocket): PortalAddress['family'] => (host.includes(':') ? 'ipv6' : 'ipv4');

const isAnyHost = (socket: ListeningSocket): boolean => isWildcard({ ...socket, family: familyOf(socket) });

export const socketText = ({ host, port }: ListeningSocket): string => formatAddress(host, port);
