/** The first and the last address of an IPv4 network stand for the network and for everyone in it (RFC 1122 §3.2.1.3, RFC 919). */
import { formatIp, isIpv4, lastOf, prefixOf, sameAddress } from '../../../wire/ip/address.ts';
import { addressesOf } from '../../addresses.ts';
import { machineExample } from '../../example.ts';
import type { Finding, Rule } from '../../rule.ts';

const example = (address: string): string => machineExample(`nics:\n  nic0: { addresses: [${address}] }`);

export const edgeAddress: Rule = {
  id: 'SW-1049',
  name: 'edge-address',
  severity: 'error',
  title: 'A port has the first or the last address of its network',
  meaning: 'The first names the network, the last is its broadcast address: no machine is reached there.',
  remedy: 'Write an address between them. A network of two addresses has a length of 31 (RFC 3021).',
  ignored: 'The machine answers nobody, or is answered by everybody at once.',
  source: ['RFC 1122 §3.2.1.3', 'RFC 919', 'RFC 3021'],
  examples: { fail: example('192.0.2.127/25'), pass: example('192.0.2.126/25, 198.51.100.0/31') },
  check: (fabric) =>
    addressesOf(fabric).flatMap(({ at, address, bits }): Finding[] => {
      if (!isIpv4(address) || bits >= 31) return [];
      const isFirst = sameAddress(address, prefixOf(address, bits));
      if (!isFirst && !sameAddress(address, lastOf(address, bits))) return [];
      const what = isFirst ? 'the network itself' : 'the broadcast address of its network';
      return [{ at, message: `\`${formatIp(address)}/${bits}\` is ${what}.`, remedy: 'Write an address within the network.' }];
    }),
};
