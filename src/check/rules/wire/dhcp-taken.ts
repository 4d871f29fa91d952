/** What a DHCP server gives out nobody has yet. */
import { formatIp, sameAddress } from '../../../wire/ip/address.ts';
import { addressesOf } from '../../addresses.ts';
import { machineExample } from '../../example.ts';
import { isWithin, poolsOf } from '../../pools.ts';
import type { Rule } from '../../rule.ts';

const example = (first: string): string =>
  machineExample(`nics:\n  nic0:\n    addresses: [192.0.2.11/24]\n    dhcpServer: { first: ${first}, last: 192.0.2.199 }`);

export const dhcpTaken: Rule = {
  id: 'SW-1062',
  name: 'dhcp-taken',
  severity: 'warning',
  title: 'An address of the fabric is in the range of a DHCP server',
  meaning: 'The server may give it to somebody else; its own it never gives out, so that the range is smaller than it looks.',
  remedy: 'Write a range without it, or reserve it.',
  ignored: 'A machine that has worked for months loses its connections on the day that a new one is switched on.',
  source: ['RFC 2131 §2.2'],
  examples: { fail: example('192.0.2.10'), pass: example('192.0.2.100') },
  check(fabric) {
    const pools = poolsOf(fabric);
    return addressesOf(fabric).flatMap(({ at, address, owner }) => {
      const pool = pools.find(
        ({ server }) => isWithin(address, server) && !server.reservations.some((kept) => sameAddress(kept.address, address)),
      );
      if (pool === undefined) return [];
      const whose = owner === pool.owner ? 'its own range' : `the range that \`${pool.owner}\` gives out`;
      return [
        {
          at,
          message: `\`${formatIp(address)}\` of \`${owner}\` is in ${whose}.`,
          remedy: 'Write an address outside of the range, or another range.',
          related: [{ at: [...pool.server.at, 'first'], message: 'the range' }],
        },
      ];
    });
  },
};
