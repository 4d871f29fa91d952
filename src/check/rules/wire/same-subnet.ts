/** A network leads out of a machine by one interface. */
import { formatIp, inPrefix, isLinkLocal, prefixOf, sameAddress } from '../../../wire/ip/address.ts';
import { machineExample } from '../../example.ts';
import { addressesOf, interfaceName, type StationAddress } from '../../network.ts';
import type { Finding, Rule } from '../../rule.ts';

const example = (second: string): string =>
  machineExample(`nics:\n  nic0: { addresses: [192.0.2.11/25] }\n  nic1: { addresses: [${second}/25] }`);

export const sameSubnet: Rule = {
  id: 'SW-1048',
  name: 'same-subnet',
  severity: 'warning',
  title: 'Two ports of a machine are in the same network',
  meaning: 'What the machine sends to that network, answers too, leaves by the first of them: the second carries nothing out.',
  remedy: 'Use a network for each port: two paths need two networks.',
  ignored: 'Both paths are up, one carries all the traffic, and when its cable is pulled the other does not help.',
  source: ['RFC 1122 §3.3.4.2'],
  examples: { fail: example('192.0.2.12'), pass: example('192.0.2.139') },
  check(fabric) {
    const findings: Finding[] = [];
    const earlier = new Map<string, StationAddress[]>();
    for (const one of addressesOf(fabric)) {
      if (isLinkLocal(one.address)) continue;
      const before = earlier.get(one.node) ?? [];
      earlier.set(one.node, [...before, one]);
      // That two have the very same address is told elsewhere.
      const first = before.find(
        (other) =>
          other.on !== one.on &&
          !sameAddress(one.address, other.address) &&
          inPrefix(one.address, other.address, Math.min(one.bits, other.bits)),
      );
      if (first === undefined) continue;
      const bits = Math.min(one.bits, first.bits);
      findings.push({
        at: one.at,
        message: `\`${interfaceName(first.nic, first.on)}\` is in \`${formatIp(prefixOf(one.address, bits))}/${bits}\` too.`,
        remedy: 'Write an address of another network.',
        related: [{ at: first.at, message: 'the first port in it' }],
      });
    }
    return findings;
  },
};
