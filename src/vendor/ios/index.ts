/**
 * Cisco IOS 15 on Catalyst switches (2960-X, 3560-X, 3750-X).
 *
 * Written for IOS 15.2(4)E, from the Catalyst 2960-X and 3750-X Switch Software Configuration Guides. Ports have the kind in their names:
 * `GigabitEthernet1/0/17`, and `Gi1/0/17` means the same; aggregations are the numbers of port channels. These switches have no Data Center Bridging.
 */
import type { Dialect } from '../core/dialect.ts';
import { emitIos } from './emit.ts';
import { readRunningConfig } from './read-running.ts';
import { says } from './says.ts';
import { readShowVlan } from './show-vlan.ts';

const RUNNING = [
  /^ *interface (Fast|Gigabit|TenGigabit)Ethernet ?\d/m,
  /^ *interface Port-channel ?\d/m,
  /^ *(switchport trunk encapsulation dot1q|spanning-tree portfast|mls qos)/m,
  /^Building configuration\.\.\./m,
  /^ *interface (range )?(gi|fa|te)\w* ?\d/im,
];

export const ios: Dialect = {
  name: 'ios',
  product: 'Cisco IOS 15 on Catalyst 2960-X, 3560-X and 3750-X',
  source: 'Catalyst 2960-X and 3750-X Switch Software Configuration Guides, Cisco IOS 15.2(4)E',
  kinds: ['switch'],
  says,
  emit: emitIos,
  outputs: [
    {
      name: 'show running-config',
      recognise: (text) => {
        const start = text.slice(0, 20_000);
        return Math.min(RUNNING.filter((one) => one.test(start)).length * 0.35, 0.95);
      },
      read: readRunningConfig,
    },
    {
      name: 'show vlan brief',
      // NX-OS has the same table, with ports of trunks in it.
      recognise: (text) => {
        const start = text.slice(0, 5000);
        return /^VLAN +Name +Status +Ports/m.test(start) && !/Eth\d/.test(start) ? 0.9 : 0;
      },
      read: readShowVlan,
    },
  ],
};
