/**
 * Cisco NX-OS on Nexus 9000 switches, and configurations of the Nexus 5000 as far as they are written the same way.
 *
 * Written for NX-OS 9.3 and 10.x, from the Cisco Nexus 9000 Series NX-OS Quality of Service, Interfaces and Layer 2 Switching Configuration Guides
 * and from the configurations of Nexus 93180YC-FX switches in Microsoft's Azure Local documentation. Ports are called `1/17`; `Ethernet1/17` and `17`
 * mean the same; aggregations are the numbers of port channels. A traffic class is the QoS group and the queue of its number.
 */
import type { Dialect } from '../core/dialect.ts';
import { emitNxos } from './emit.ts';
import { readRunningConfig } from './read-running.ts';
import { says } from './says.ts';
import { readShowPfc } from './show-pfc.ts';

const RUNNING = [
  /^ *interface [Ee]thernet ?\d+\/\d+/m,
  /^ *feature [a-z-]+ *$/m,
  /^ *(class-map|policy-map) type (qos|queuing|network-qos) /m,
  /^ *interface port-channel ?\d+ *$/m,
  /^ *switchport trunk allowed vlan /m,
];

export const nxos: Dialect = {
  name: 'nxos',
  product: 'Cisco NX-OS 9.3 and 10.x on Nexus 9000',
  source: 'Cisco Nexus 9000 Series NX-OS Configuration Guides (Quality of Service, Interfaces, Layer 2 Switching)',
  kinds: ['switch'],
  says,
  emit: emitNxos,
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
      name: 'show interface priority-flow-control',
      recognise: (text) => (text.slice(0, 5000).includes('Oper(VL bmap)') ? 1 : 0),
      read: readShowPfc,
    },
  ],
};
