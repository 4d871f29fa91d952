/** An array with a network of its own is reached there. */
import { formatAddress, isLoopback } from '../../../fabric/address.ts';
import { isOwnAddress } from '../../../fabric/network/own-network.ts';
import { arrayExample } from '../../example.ts';
import type { Rule } from '../../rule.ts';
import { OWN } from '../../sources.ts';

const example = (portal: string): string =>
  arrayExample(
    `nics:\n  eth0: { addresses: [192.0.2.20/24] }\nportals: ["${portal}"]\ntargets:\n  iqn.2026-01.net.example:disk1:\n    luns: [{ store: memory, size: 64MiB }]\n    access: [iqn.1994-05.com.redhat:client1]`,
  );

export const outsidePortal: Rule = {
  id: 'SW-1051',
  name: 'outside-portal',
  severity: 'warning',
  title: 'An array in the network of the fabric has a portal outside of it',
  meaning: 'The address is none of its own: it listens there on the machine that Samewire runs on, and no host of the fabric reaches it.',
  remedy: 'Write an address of `nics`. To be reached from outside as well, let a portal listen on `127.0.0.1`, or `publish` one.',
  ignored: 'Hosts time out at a portal that answers when it is tried from the machine at the desk.',
  source: [OWN],
  examples: { fail: example('192.0.2.21:3260'), pass: example('192.0.2.20:3260') },
  check: (fabric) =>
    fabric.arrays
      .filter(({ machine }) => machine.nics.length > 0)
      .flatMap(({ name, machine, portals }) =>
        portals
          .filter(({ listen }) => !isOwnAddress(machine, listen) && !isLoopback(listen))
          .map(({ at, listen }) => ({
            at,
            message: `\`${formatAddress(listen.host, listen.port)}\` is no address of \`${name}\`: it listens on the machine that Samewire runs on.`,
            remedy: 'Write an address of `nics`.',
            related: [{ at: [...machine.at, 'nics'], message: 'its own network' }],
            restsOn: [[...machine.at, 'nics']],
          })),
      ),
};
