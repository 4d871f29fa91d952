/** Ports that work in a split slot only. */
import type { Rule } from '../../rule.ts';
import { CHELSIO_GUIDE } from '../../sources.ts';
import { slotExample } from './examples.ts';
import { slotsOf } from '../../slots.ts';

export const slotSplit: Rule = {
  id: 'SW-1182',
  name: 'slot-split',
  severity: 'warning',
  title: 'Ports of an adapter are used that work in a split PCIe slot only',
  meaning:
    'This adapter is two devices on one card. Its second pair of ports is there only where the system can split its x8 slot into two of x4, and its BIOS is told to.',
  remedy: 'Look whether the system can split the slot, and set it in the BIOS; otherwise use the first two ports, or two adapters.',
  ignored: 'Two of the four ports are missing, with no message: the host boots with two vmnics.',
  source: [CHELSIO_GUIDE],
  examples: { fail: slotExample('chelsio-t6425-cr', ['', '', '']), pass: slotExample('chelsio-t6425-cr', ['', '']) },
  check: (fabric) =>
    slotsOf(fabric).flatMap(({ node, adapter }) => {
      const { portsUnsplit, key } = adapter.model;
      if (portsUnsplit === undefined || adapter.ports.length <= portsUnsplit) return [];
      const beyond = adapter.ports.slice(portsUnsplit);
      return [
        {
          at: beyond[0]!.at,
          message: `${beyond.map(({ text }) => `\`${node}:${text}\``).join(' and ')} of \`${key}\`: ${beyond.length === 1 ? 'this port works' : 'these ports work'} only in a PCIe slot that is split in two.`,
          remedy: `Turn on x4x4 bifurcation of the slot in the BIOS, or use the first ${portsUnsplit} ports.`,
          related: [{ at: [...adapter.at, 'model'], message: 'the adapter' }],
        },
      ];
    }),
};
