/** A router is a neighbour. */
import { formatIp, inPrefix, isLinkLocal, sameAddress } from '../../../wire/ip/address.ts';
import { isTold, networksOf } from '../../../fabric/network/leads-to.ts';
import { machinesOf } from '../../../fabric/network/plan.ts';
import { machineExample } from '../../example.ts';
import type { Finding, Rule } from '../../rule.ts';

const example = (via: string): string =>
  machineExample(`nics:\n  nic0: { addresses: [192.0.2.11/24] }\nroutes:\n  - { to: 0.0.0.0/0, via: ${via} }`);

export const routeVia: Rule = {
  id: 'SW-1050',
  name: 'route-via',
  severity: 'error',
  title: 'A route leads by a router that is in no network of the machine',
  meaning: 'The machine can only ask for the MAC address of neighbours: packets along this route would never leave.',
  remedy: 'Write the address of a router in a network of `addresses`.',
  ignored: 'The operating system refuses the route, and everything beyond it is unreachable.',
  source: ['RFC 1122 §3.3.1.2'],
  examples: { fail: example('198.51.100.1'), pass: example('192.0.2.1') },
  check: (fabric) =>
    machinesOf(fabric).flatMap(({ name, machine }) => {
      const networks = networksOf(machine);
      const restsOn = [[...machine.at, 'nics']];
      return machine.routes.flatMap(({ at, via }): Finding[] => {
        const place = [...at, 'via'];
        const text = formatIp(via);
        if (networks.some(({ address }) => sameAddress(address, via)))
          return [{ at: place, message: `\`${text}\` is an address of \`${name}\` itself.`, remedy: 'Write that of the router.' }];
        if (isLinkLocal(via) || isTold(machine, via) || networks.some(({ address, bits }) => inPrefix(via, address, bits))) return [];
        return [
          { at: place, message: `\`${text}\` is in no network of \`${name}\`.`, remedy: 'Write the address of a neighbour.', restsOn },
        ];
      });
    }),
};
