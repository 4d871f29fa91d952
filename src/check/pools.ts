/** DHCP servers of the fabric, with the network that each gives addresses of. */
import { memoized } from '../base/memoized.ts';
import type { DhcpServerChoice } from '../fabric/network/interface-model.ts';
import type { IpPrefix } from '../fabric/network/ip-prefix.ts';
import type { Fabric } from '../fabric/model.ts';
import { inPrefix, type IpAddress, isIpv4 } from '../wire/ip/address.ts';
import { endpointsOf } from './endpoints.ts';

export interface Pool {
  readonly owner: string;
  readonly server: DhcpServerChoice;
  /** IPv4 networks of the interface. */
  readonly networks: readonly IpPrefix[];
  /** The one that the first address is in. */
  readonly network: IpPrefix | undefined;
}

export const poolsOf = memoized((fabric: Fabric): readonly Pool[] =>
  endpointsOf(fabric).flatMap(({ node, name, on }) => {
    const server = on.dhcpServer;
    if (server === undefined) return [];
    const networks = on.addresses.filter(({ address }) => isIpv4(address));
    const network = networks.find(({ address, bits }) => inPrefix(server.first, address, bits));
    return [{ owner: `${node}:${name}`, server, networks, network }];
  }),
);

const numberOf = (address: IpAddress): number => address.reduce((number, byte) => number * 256 + byte, 0);

/** Of IPv4 addresses: a is beyond b. */
export const isBeyond = (a: IpAddress, b: IpAddress): boolean => numberOf(a) > numberOf(b);

export const isWithin = (address: IpAddress, { first, last }: DhcpServerChoice): boolean =>
  isIpv4(address) && !isBeyond(first, address) && !isBeyond(address, last);
