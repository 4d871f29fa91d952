/** An address is that of one station. */
import { formatMac } from '../../../wire/ethernet/mac.ts';
import { addressKey, formatIp, isLinkLocal } from '../../../wire/ip/address.ts';
import type { Fabric } from '../../../fabric/model.ts';
import type { Path } from '../../../fabric/problem.ts';
import { machineExample } from '../../example.ts';
import { addressesOf, interfaceName, machinePortsOf, placeOf } from '../../network.ts';
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
  check: (fabric) => [...repeated(macsOf(fabric)), ...repeated(ipsOf(fabric))],
};

interface Owned {
  readonly key: string | number;
  readonly at: Path;
  readonly text: string;
  readonly owner: string;
}

const macsOf = (fabric: Fabric): Owned[] => [
  ...machinePortsOf(fabric).map((port) => ({
    key: port.nic.mac,
    at: [...port.nic.at, 'mac'],
    text: formatMac(port.nic.mac),
    owner: placeOf(port),
  })),
  ...fabric.switches.map(({ at, name, mac }) => ({ key: mac, at: [...at, 'mac'], text: formatMac(mac), owner: name })),
];

/** Those that are good on one link alone may be met on each (RFC 3927 §1, RFC 4291 §2.5.6). */
const ipsOf = (fabric: Fabric): Owned[] =>
  addressesOf(fabric)
    .filter(({ address }) => !isLinkLocal(address))
    .map(({ at, address, node, nic, on }) => ({
      key: addressKey(address),
      at,
      text: formatIp(address),
      owner: `${node}:${interfaceName(nic, on)}`,
    }));

function repeated(all: readonly Owned[]): Finding[] {
  const seen = new Map<string | number, Owned>();
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
