/** Software iSCSI uses the interfaces of the operating system: an address of its own says nothing there. */
import type { Rule } from '../../rule.ts';
import { CHELSIO_GUIDE } from '../../sources.ts';
import { adaptersOf } from '../../walk.ts';
import { networkExample } from './examples.ts';

export const softwarePort: Rule = {
  id: 'SW-1226',
  name: 'software-port',
  severity: 'warning',
  title: 'A software iSCSI adapter has a port, a VLAN or an address of its own',
  meaning:
    'Only adapters in hardware have these. Software iSCSI leaves by whichever interface has a route there, or by those it is bound to.',
  remedy:
    'Write `kind: independent` if the adapter does iSCSI itself; otherwise put the address on an interface and name it in `bind` or `portBinding`.',
  ignored: 'Sessions leave by another interface than was meant, often the one for management, with its MTU and its VLAN.',
  source: [CHELSIO_GUIDE],
  examples: {
    fail: networkExample({ adapter: 'address: 192.0.2.12/24, discovery: [array1]' }),
    pass: networkExample({ adapter: 'bind: [192.0.2.11], discovery: [array1]' }),
  },
  check: (fabric) =>
    adaptersOf(fabric).flatMap(({ host, adapter }) =>
      adapter.kind !== 'software'
        ? []
        : (['nic', 'vlan', 'address'] as const)
            .filter((key) => adapter[key] !== undefined)
            .map((key) => ({
              at: [...adapter.at, key],
              message: `\`${host.name}:${adapter.name}\` is software iSCSI, and its \`${key}\` says nothing.`,
              remedy: `Take \`${key}\` away, or write \`kind: independent\`.`,
              restsOn: [[...adapter.at, 'kind']],
            })),
    ),
};
