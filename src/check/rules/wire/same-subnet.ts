/** A network leads out of a machine by one interface. */
import { formatIp, inPrefix, isLinkLocal, prefixOf, sameAddress } from '../../../wire/ip/address.ts';
import { addressesOf, type StationAddress } from '../../addresses.ts';
import { machineExample } from '../../example.ts';
import { machinesByName } from '../../network.ts';
import type { Finding, Rule } from '../../rule.ts';
import { adaptersOf } from '../../walk.ts';

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
    // Windows sends from where a connection is bound to, and so do sessions that ESXi binds to interfaces.
    const bound = new Set(
      adaptersOf(fabric).flatMap(({ host, adapter }) => adapter.portBinding?.map(({ text }) => `${host.name}:${text}`) ?? []),
    );
    const minded = (one: StationAddress): boolean =>
      one.on !== undefined && machinesByName(fabric).get(one.station)?.machine.os !== 'windows' && !bound.has(one.owner);
    for (const one of addressesOf(fabric)) {
      if (isLinkLocal(one.address) || !minded(one)) continue;
      const before = earlier.get(one.station) ?? [];
      if (before.length === 0) earlier.set(one.station, before);
      // That two have the very same address is told elsewhere.
      const first = before.find(
        (other) =>
          other.on !== one.on &&
          !sameAddress(one.address, other.address) &&
          inPrefix(one.address, other.address, Math.min(one.bits, other.bits)),
      );
      before.push(one);
      if (first === undefined) continue;
      const bits = Math.min(one.bits, first.bits);
      findings.push({
        at: one.at,
        message: `\`${first.owner.slice(first.owner.indexOf(':') + 1)}\` is in \`${formatIp(prefixOf(one.address, bits))}/${bits}\` too.`,
        remedy: 'Write an address of another network.',
        related: [{ at: first.at, message: 'the first port in it' }],
        restsOn: ['iscsi', 'os'].map((key) => ['hosts', one.station, key]),
      });
    }
    return findings;
  },
};
