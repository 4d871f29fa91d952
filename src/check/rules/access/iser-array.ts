/** A portal that takes iSER is at an address of a port that does RDMA (RFC 7145 §2). */
import { endpointsByNode } from '../../endpoints.ts';
import { formatAddress, isWildcard } from '../../../fabric/address.ts';
import { formatIp } from '../../../wire/ip/address.ts';
import type { Rule } from '../../rule.ts';
import { networkExample } from './examples.ts';

const both = { nic: 'rdma: iwarp', portal: 'iser: true', adapter: 'transport: iser, discovery: [array1]' };

export const iserArray: Rule = {
  id: 'SW-1222',
  name: 'iser-array',
  severity: 'error',
  title: 'A portal takes iSER at a port that does no RDMA',
  meaning: 'The RDMA connection arrives at the adapter port that has the address of the portal. That port has to do RDMA.',
  remedy: 'Write `rdma` at the port of the array, or move the portal to an address of a port that has it.',
  ignored: '`enable_iser` is refused, or the portal listens and nobody ever connects to it.',
  source: ['RFC 7145 §2'],
  examples: { fail: networkExample(both), pass: networkExample({ ...both, port: 'rdma: iwarp' }) },
  check: (fabric) =>
    fabric.arrays
      .filter(({ machine }) => machine.nics.length > 0)
      .flatMap((array) =>
        array.portals
          .filter(({ iser }) => iser)
          .flatMap((portal) => {
            const { host, port } = portal.listen;
            const endpoints = (endpointsByNode(fabric).get(array.name) ?? []).filter(({ on }) =>
              isWildcard(portal.listen) ? on.addresses.length > 0 : on.addresses.some(({ address }) => formatIp(address) === host),
            );
            const nics = endpoints.flatMap((one) => one.nics);
            if (nics.length === 0 || nics.some(({ rdma }) => rdma?.enabled === true)) return [];
            return [
              {
                at: [...portal.at, 'iser'],
                message: `\`${formatAddress(host, port)}\` of \`${array.name}\` takes iSER, and \`${nics.map(({ name }) => name).join('`, `')}\` does no RDMA.`,
                remedy: 'Write `rdma` at the port, or take `iser` away.',
                related: nics.map((nic) => ({ at: nic.rdma?.at ?? nic.at, message: 'the port that has the address' })),
                restsOn: [[...array.machine.at, 'nics']],
              },
            ];
          }),
      ),
};
