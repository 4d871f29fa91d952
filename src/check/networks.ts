/** IP networks that endpoints are in, by broadcast domain: who is to hear whom. */
import { memoized } from '../base/memoized.ts';
import type { Fabric, Placed } from '../fabric/model.ts';
import type { Path } from '../fabric/problem.ts';
import { addressKey, formatIp, type IpAddress, isLinkLocal, prefixOf } from '../wire/ip/address.ts';
import { type Endpoint, endpointsOf } from './endpoints.ts';

export interface NetworkMember extends Placed {
  readonly endpoint: Endpoint;
  readonly address: IpAddress;
}

export interface IpNetwork {
  /** `192.0.2.0/24`. */
  readonly name: string;
  readonly bits: number;
  readonly members: readonly NetworkMember[];
}

/** In the order they were written. Link-local ones are good on one link alone, and stations of one address are no network. */
export const ipNetworksOf = memoized((fabric: Fabric): readonly IpNetwork[] => {
  const networks = new Map<string, { readonly name: string; readonly bits: number; readonly members: NetworkMember[] }>();
  for (const endpoint of endpointsOf(fabric))
    for (const { at, address, bits } of endpoint.on.addresses) {
      if (isLinkLocal(address) || bits === address.length * 8) continue;
      const prefix = prefixOf(address, bits);
      const key = `${addressKey(prefix)}/${bits}`;
      const network = networks.get(key) ?? { name: `${formatIp(prefix)}/${bits}`, bits, members: [] };
      network.members.push({ at, endpoint, address });
      networks.set(key, network);
    }
  return [...networks.values()];
});

/** `esx1:vmk1`. */
export const fullName = ({ node, name }: Endpoint): string => `${node}:${name}`;

/** A team that says no MTU may have that of its ports, or bring them down to 1500: nobody knows. */
export const isMtuKnown = ({ team, nics }: Endpoint): boolean =>
  team === undefined || team.mtuBytes !== undefined || nics.every(({ mtuBytes }) => mtuBytes === USUAL_MTU);

const USUAL_MTU = 1500;

/** Where its MTU may be said: at itself, or at the port or team that its VLAN is on. */
export const mtuPlaces = ({ on, kind }: Endpoint): Path[] =>
  on.vlan === undefined || (kind !== 'nic' && kind !== 'team')
    ? [[...on.at, 'mtu']]
    : [
        [...on.at, 'mtu'],
        [...on.at.slice(0, -2), 'mtu'],
      ];
