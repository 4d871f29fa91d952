/** Each InfiniBand port has an IP network of its own. */
import type { Fabric } from '../../../fabric/model.ts';
import type { IpPrefix } from '../../../fabric/network/ip-prefix.ts';
import type { Placed } from '../../../fabric/model-parts.ts';
import { formatIp, inPrefix, isLinkLocal, prefixOf, sameAddress } from '../../../wire/ip/address.ts';
import { endpointsByNode } from '../../endpoints.ts';
import { fabricExample } from '../../example.ts';
import type { Finding, Rule } from '../../rule.ts';
import { WINOF_README } from '../../sources.ts';
import { stationsOf } from './subnets.ts';

const example = (second: string): string =>
  fabricExample(`hosts:
  lin1:
    os: linux
    nics:
      eth0: { addresses: [192.0.2.11/24] }
      ib0: { portType: infiniband, infiniband: { ipoib: { addresses: [${second}/24] } } }`);

export const ipoibSubnet: Rule = {
  id: 'SW-1213',
  name: 'ipoib-subnet',
  severity: 'warning',
  title: 'An InfiniBand port shares an IP network with another port of its machine',
  meaning: 'Which port a packet leaves by is decided by its network: with two ports in one network the first of them carries all.',
  remedy: 'Use a network for each InfiniBand port, none of them that of an Ethernet port.',
  ignored: 'Traffic meant for InfiniBand runs over the slow Ethernet port, and nobody notices before the backup takes three times as long.',
  source: [WINOF_README, 'RFC 1122 §3.3.4.2'],
  examples: { fail: example('192.0.2.12'), pass: example('198.51.100.12') },
  check(fabric) {
    const taken = new Map<string, Taken[]>();
    return stationsOf(fabric).flatMap((station): Finding[] => {
      const own: Taken[] = (station.infiniband.ipoib?.interface.addresses ?? []).map((one) => ({ ...one, place: station.place }));
      const before = taken.get(station.node) ?? othersOf(fabric, station.node);
      taken.set(station.node, [...before, ...own]);
      return own.flatMap((one) => {
        const bits = (other: Taken): number => Math.min(one.bits, other.bits);
        // That two have the very same address is told elsewhere.
        const isBeside = (each: Taken): boolean =>
          inPrefix(one.address, each.address, bits(each)) && !sameAddress(one.address, each.address) && !isLinkLocal(one.address);
        const other = before.find(isBeside);
        if (other === undefined) return [];
        return [
          {
            at: one.at,
            message: `\`${station.place}\` is in \`${formatIp(prefixOf(one.address, bits(other)))}/${bits(other)}\`, and so is \`${other.place}\`.`,
            remedy: 'Write an address of another network.',
            related: [{ at: other.at, message: `\`${other.place}\`` }],
          },
        ];
      });
    });
  },
};

type Taken = IpPrefix & Placed & { readonly place: string };

/** Of the machine itself: guests are others. */
const othersOf = (fabric: Fabric, node: string): Taken[] =>
  (endpointsByNode(fabric).get(node) ?? [])
    .filter(({ kind }) => kind === 'nic' || kind === 'team' || kind === 'virtual-nic')
    .flatMap(({ name, on }) => on.addresses.map((one) => ({ ...one, place: `${node}:${name}` })));
