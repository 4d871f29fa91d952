/** What a DHCP server gives out are addresses of machines in its network. */
import { formatIp, inPrefix, lastOf, prefixOf, sameAddress } from '../../../wire/ip/address.ts';
import { machineExample } from '../../example.ts';
import { isBeyond, isWithin, type Pool, poolsOf } from '../../pools.ts';
import type { Finding, Rule } from '../../rule.ts';

const example = (last: string): string =>
  machineExample(`nics:\n  nic0:\n    addresses: [192.0.2.11/24]\n    dhcpServer: { first: 192.0.2.100, last: ${last} }`);

export const dhcpRange: Rule = {
  id: 'SW-1061',
  name: 'dhcp-range',
  severity: 'error',
  title: 'A DHCP server would give out addresses that nobody can use',
  meaning: 'A client with an address of another network reaches nobody, and two servers with the same addresses give one to two clients.',
  remedy: 'Write a range, reservations and a router in a network of the interface, apart from the ranges of other servers.',
  ignored: 'Clients report an address conflict, or have an address and reach nobody.',
  source: ['RFC 2131 §3.1', 'RFC 2131 §2.2'],
  examples: { fail: example('198.51.100.199'), pass: example('192.0.2.199') },
  check: (fabric) =>
    poolsOf(fabric).flatMap((pool, index, all) => {
      const own = rangeFault(pool);
      if (own !== undefined) return [own];
      return [...outsiders(pool), ...overlaps(pool, all.slice(0, index))];
    }),
};

function rangeFault({ owner, server, networks, network }: Pool): Finding | undefined {
  const { at, first, last } = server;
  if (network === undefined) {
    const known = networks.map(({ address, bits }) => `\`${formatIp(prefixOf(address, bits))}/${bits}\``).join(' or ');
    return {
      at: [...at, 'first'],
      message: `\`${formatIp(first)}\` is in no network of \`${owner}\`.`,
      restsOn: [[...at.slice(0, -1), 'addresses']],
      remedy: known === '' ? 'Give the interface an IPv4 address in `addresses`.' : `Write an address of ${known}.`,
    };
  }
  const { address, bits } = network;
  const text = `\`${formatIp(prefixOf(address, bits))}/${bits}\``;
  if (!inPrefix(last, address, bits))
    return {
      at: [...at, 'last'],
      message: `\`${formatIp(last)}\` is not in ${text}, where the first is.`,
      remedy: 'Write an address of the same network.',
    };
  if (isBeyond(first, last))
    return {
      at: [...at, 'last'],
      message: `The last address, \`${formatIp(last)}\`, comes before the first.`,
      remedy: 'Write the higher one as `last`.',
      related: [{ at: [...at, 'first'], message: 'the first' }],
    };
  if (bits >= 31) return undefined;
  for (const [key, edge, end] of [
    ['first', prefixOf(address, bits), first],
    ['last', lastOf(address, bits), last],
  ] as const)
    if (sameAddress(edge, end))
      return {
        at: [...at, key],
        message: `\`${formatIp(end)}\` is the ${key} address of ${text}: no machine can have it.`,
        remedy: 'Leave it out of the range.',
      };
  return undefined;
}

function outsiders({ server: { at, router, reservations }, network }: Pool): Finding[] {
  const given = [...(router === undefined ? [] : [{ at: [...at, 'router'], address: router }]), ...reservations];
  return given
    .filter(({ address }) => !inPrefix(address, network!.address, network!.bits))
    .map((one) => ({
      at: one.at,
      message: `\`${formatIp(one.address)}\` is not in \`${formatIp(prefixOf(network!.address, network!.bits))}/${network!.bits}\`.`,
      remedy: 'Write an address of that network.',
      related: [{ at: [...at, 'first'], message: 'the range' }],
    }));
}

function overlaps({ server }: Pool, before: readonly Pool[]): Finding[] {
  const other = before.find(({ server: { first, last } }) => isWithin(first, server) || isWithin(server.first, { ...server, first, last }));
  if (other === undefined) return [];
  return [
    {
      at: [...server.at, 'first'],
      message: `\`${other.owner}\` gives out addresses of this range too.`,
      remedy: 'Write a range apart from it.',
      related: [{ at: [...other.server.at, 'first'], message: 'the other range' }],
    },
  ];
}
