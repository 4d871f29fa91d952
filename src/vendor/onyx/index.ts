/**
 * NVIDIA Onyx (before: Mellanox MLNX-OS) on Spectrum switches.
 *
 * Written for Onyx 3.9 and 3.10, from the NVIDIA Onyx User Manual v3.10 and from running configurations of 3.9.3210; lines of MLNX-OS such as the
 * Demartek RoCE Deployment Guide has are read too. Ports are called `1/17` (`ethernet 1/17` in commands), and `17` means the same; aggregations by the number of
 * their port-channel, or of their mlag-port-channel where two switches share them. Thresholds of ECN are in kilobytes of 1000 bytes.
 */
import type { Dialect } from '../core/dialect.ts';
import { emitOnyx } from './emit.ts';
import { readRunningConfig } from './read-running.ts';
import { says } from './says.ts';
import { readShowPfc } from './show-pfc.ts';

/** Lines that no other switch prints. */
const RUNNING = [
  /^## Running database/m,
  /^## Product release: *3\./m,
  /^ *interface (ethernet|port-channel|mlag-port-channel) \S+ \S/m,
  /^ *(?:\S{1,80} ?#? *)?dcb priority-flow-control (enable|priority)/m,
  /allowed-vlan/,
];

export const onyx: Dialect = {
  name: 'onyx',
  product: 'NVIDIA Onyx 3.9 and 3.10 (Mellanox MLNX-OS)',
  source: 'NVIDIA Onyx User Manual v3.10',
  kinds: ['switch'],
  says,
  emit: emitOnyx,
  outputs: [
    {
      name: 'show running-config',
      recognise: (text) => {
        const start = text.slice(0, 20_000);
        const found = RUNNING.filter((one) => one.test(start)).length;
        return RUNNING[0]!.test(start) ? 1 : Math.min(found * 0.3, 0.9);
      },
      read: readRunningConfig,
    },
    {
      name: 'show dcb priority-flow-control',
      recognise: (text) => (/^ *Priority Enabled List *:/im.test(text.slice(0, 5000)) ? 0.95 : 0),
      read: readShowPfc,
    },
  ],
};
