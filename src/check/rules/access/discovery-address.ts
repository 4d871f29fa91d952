/** An address that is asked for targets though nobody in the fabric has it, beside portals that somebody does. */
import { formatAddress, isWildcard } from '../../../fabric/address.ts';
import { addressesOf } from '../../addresses.ts';
import { endpointsOf } from '../../endpoints.ts';
import { formatIp, inPrefix, isLoopback, parseAddress } from '../../../wire/ip/address.ts';
import type { Fabric, Portal, StorageArray } from '../../../fabric/model.ts';
import type { IpPrefix } from '../../../fabric/network/ip-prefix.ts';
import { attachesOf } from '../../listening.ts';
import type { Finding, Rule } from '../../rule.ts';
import { DEMARTEK_GUIDE } from '../../sources.ts';
import { networkExample } from './examples.ts';
import { waysOf } from './transports.ts';

export const discoveryAddress: Rule = {
  id: 'SW-1224',
  name: 'discovery-address',
  severity: 'warning',
  title: 'A host asks for targets at an address that is no portal',
  meaning:
    'The address lies in the network where an array of this fabric has its portals, and no machine of the fabric has it. It is a slip of the pen, or a machine that is not declared.',
  remedy: 'Write the address of a portal, or better the name of the array.',
  ignored: 'Discovery times out. Where the address belongs to something else by chance, its targets show up instead.',
  source: ['RFC 7143 §4.3', DEMARTEK_GUIDE],
  examples: {
    fail: networkExample({ adapter: 'discovery: ["192.0.2.21:3260"]' }),
    pass: networkExample({ adapter: 'discovery: ["192.0.2.20:3260"]' }),
  },
  check(fabric) {
    // What is plugged in from outside may have any address.
    if (attachesOf(fabric).length > 0) return [];
    const known = new Set(addressesOf(fabric).map(({ address }) => formatIp(address)));
    const portals = portalNetworks(fabric);
    return waysOf(fabric).flatMap(({ host, adapter, by, to }): Finding[] => {
      const server = 'server' in by ? by.server : by.address;
      if (to !== undefined || server?.kind !== 'address' || server.address.family === 'name') return [];
      const address = parseAddress(server.address.host);
      if (address === undefined || isLoopback(address) || known.has(formatIp(address))) return [];
      const near = portals.filter(({ network }) => inPrefix(address, network.address, network.bits));
      if (near.length === 0) return [];
      const [{ array, portal }] = near as [PortalNetwork];
      return [
        {
          at: server.at,
          message: `\`${host.name}:${adapter.name}\` asks \`${server.text}\` for targets, and no machine of the fabric has that address: the portal of \`${array.name}\` is \`${formatAddress(portal.listen.host, portal.listen.port)}\`.`,
          remedy: `Write \`${array.name}\`, or the address of its portal.`,
          related: near.slice(0, 4).map((one) => ({ at: one.portal.at, message: `a portal of \`${one.array.name}\`` })),
          restsOn: [array.at],
        },
      ];
    });
  },
};

interface PortalNetwork {
  readonly array: StorageArray;
  readonly portal: Portal;
  readonly network: IpPrefix;
}

function portalNetworks(fabric: Fabric): PortalNetwork[] {
  const networks = new Map<string, IpPrefix>();
  for (const { on } of endpointsOf(fabric)) for (const one of on.addresses) networks.set(formatIp(one.address), one);
  return fabric.arrays.flatMap((array) =>
    array.portals.flatMap((portal) => {
      const network = isWildcard(portal.listen) ? undefined : networks.get(portal.listen.host);
      return network === undefined ? [] : [{ array, portal, network }];
    }),
  );
}
