/** An address is that of one station. */
import { formatMac } from '../../../wire/ethernet/mac.ts';
import { addressKey, formatIp, isLinkLocal } from '../../../wire/ip/address.ts';
import type { Fabric } from '../../../fabric/model.ts';
import type { Path } from '../../../fabric/problem.ts';
import { addressesOf, bootAddressesOf, macsOf } from '../../addresses.ts';
import { machineExample } from '../../example.ts';
import type { Finding, Rule } from '../../rule.ts';

const example = (address: string): string =>
  machineExample(`nics:\n  nic0: { addresses: [192.0.2.11/24] }\n  nic1: { addresses: [${address}/24] }`);

export const duplicateAddress: Rule = {
  id: 'SW-1047',
  name: 'duplicate-address',
  severity: 'error',
  title: 'Two ports have the same address',
  meaning: 'Packets and frames to it would reach now the one, now the other. This goes for IP and for MAC addresses.',
  remedy: 'Give each its own; without `mac` a port makes one of its name.',
  ignored: "Connections break for seconds and come back, each time that a neighbour learns the other one's MAC address.",
  source: ['RFC 5227', 'RFC 826', 'IEEE 802-2014'],
  examples: { fail: example('192.0.2.11'), pass: example('198.51.100.11') },
  check: (fabric) => [...repeated(macs(fabric)), ...repeated(ips(fabric, false), ips(fabric, true)), ...booted(fabric)],
};

interface Owned {
  readonly key: string | number;
  readonly at: Path;
  readonly text: string;
  readonly owner: string;
}

const macs = (fabric: Fabric): Owned[] => macsOf(fabric).map(({ at, mac, owner }) => ({ key: mac, at, text: formatMac(mac), owner }));

/** Those that are good on one link alone may be met on each (RFC 3927 §1, RFC 4291 §2.5.6); two switches may be one router to all others. */
const ips = (fabric: Fabric, isSwitch: boolean): Owned[] =>
  addressesOf(fabric)
    .filter(({ address, kind }) => !isLinkLocal(address) && (kind === 'switch') === isSwitch)
    .map(({ at, address, owner }) => ({ key: addressKey(address), at, text: formatIp(address), owner }));

/** `others` may have what others of them have, and nothing of all. */
function repeated(all: readonly Owned[], others: readonly Owned[] = []): Finding[] {
  const seen = new Map(others.toReversed().map((one) => [one.key, one]));
  return all.flatMap((one) => {
    const first = seen.get(one.key);
    if (first === undefined) {
      seen.set(one.key, one);
      return [];
    }
    const related = [{ at: first.at, message: 'the other one' }];
    return [{ at: one.at, message: `\`${one.text}\` is the address of \`${first.owner}\` already.`, remedy: 'Write another.', related }];
  });
}

/** What a boot agent has is its machine's own, and nobody else's. */
function booted(fabric: Fabric): Finding[] {
  const boots = bootAddressesOf(fabric);
  if (boots.length === 0) return [];
  const owners = new Map<string, { readonly station: string; readonly owner: string; readonly at: Path }>();
  for (const { address, station, owner, at, on } of addressesOf(fabric))
    owners.set(addressKey(address), { station: on === undefined ? owner.split(':')[0]! : station, owner: `\`${owner}\``, at });
  return boots.flatMap(({ at, address, node, owner }): Finding[] => {
    const other = owners.get(addressKey(address));
    if (other === undefined) owners.set(addressKey(address), { station: node, owner, at });
    if (other === undefined || other.station === node) return [];
    return [
      {
        at,
        message: `\`${formatIp(address)}\` is the address of ${other.owner} already.`,
        remedy: 'Write another.',
        related: [{ at: other.at, message: 'the other one' }],
      },
    ];
  });
}
